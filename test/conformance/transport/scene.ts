/** Runs in the sender's namespace: one named scene of a spec and the peer's namespace, whose result is one line of JSON. Over 300 lines: many scenes. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { EMULATED, SENDER } from '../../../bench/veth.js';
import { doctor } from '../../../src/cli/doctor.js';
import type { KernelError } from '../../../src/errno.js';
import type { NetDevice } from '../../../src/net/device.js';
import { dropCapabilities } from '../../../src/transport/capabilities.js';
import { type OpenOptions, openDevice } from '../../../src/transport/open.js';
import { PORT, payloadFrame, SOURCE_PORT } from './frames.js';

const [, file, name, spec = '', peer = ''] = process.argv;
const ip = (...argv: string[]) => execFileSync('ip', argv, { stdio: 'pipe', encoding: 'utf8' });
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const moment = () => sleep(30);
let down: string | undefined;
/** What `down` said. */
let reason: string | undefined;
/** Payloads. */
const received: string[] = [];

async function open(spec: string, options: OpenOptions = {}): Promise<NetDevice> {
  const device = await openDevice(spec, { receive: false, ...options });
  const headers = { ethernet: 42, ip: 28, udp: 8 }[device.caps.medium];
  device.attach({
    txWake: () => undefined,
    receive: (packet) => received.push(Buffer.from(packet.subarray(headers)).toString()),
    down: (error) => {
      down = error.code;
      reason = error.message;
    },
  });
  return device;
}

async function code(spec: string, options: OpenOptions = {}): Promise<string> {
  try {
    const device = await open(spec, options);
    const name = device.constructor.name;
    await device.close();
    return name;
  } catch (error) {
    const { code, message } = error as KernelError;
    return `${code}: ${message}`;
  }
}

/** Offers frames, which the device may hold back. */
function offer(device: NetDevice, count: number, length = 60): void {
  const frame = payloadFrame(new Uint8Array(length - 42));
  for (let i = 0; i < count; i++) {
    const slot = device.slab.alloc();
    const at = device.slab.payloadAt(slot) - 42;
    device.slab.bytes.set(frame, at);
    device.slab.start[slot] = at;
    device.slab.end[slot] = at + frame.length;
    if (device.startXmit(slot) !== 0) throw new Error('busy');
  }
}

/** Offers frames and pushes them out. */
function send(device: NetDevice, count: number, length = 60): void {
  offer(device, count, length);
  device.poll();
}

const scenes: Record<string, () => Promise<unknown>> = {
  rename,
  restart,
  kill,
  two,
  burst,
  'two of a kind': twoOfAKind,
  codes: async () => [await code(spec), await code('tx0')],
  drop,
  'drop udp:514': dropLowPort,
  /** One socket for each queue; the queue is free again after `close`. */
  queue: async () => {
    const first = await open('af-xdp:tx0');
    const second = await code('af-xdp:tx0');
    const redirecting = await open('xdp:tx0');
    const best = await code('tx0');
    await redirecting.close();
    await first.close();
    return {
      second,
      best,
      again: await code('af-xdp:tx0'),
      fresh: await code('tx0'),
      nosuch: await code('af-xdp:tx0:7'),
    };
  },
  'down af-packet': () => downAndUp('af-packet:tx0'),
  'down xdp': () => downAndUp('xdp:tx0'),
  'down af-xdp': () => downAndUp('af-xdp:tx0'),
  'down libpcap': () => downAndUp('libpcap:tx0'),
  /** Opening needs the interface up. */
  closed: async () => {
    ip('link', 'set', 'tx0', 'down');
    const codes = await Promise.all(['tx0', 'af-packet:tx0', 'libpcap:tx0'].map((spec) => code(spec)));
    ip('link', 'set', 'tx0', 'up');
    return codes;
  },
  route: async () => {
    ip('route', 'add', 'default', 'via', '10.77.0.2', 'dev', 'tx0');
    const refused = [await code('tx0'), await code('af-packet:tx0'), await code('raw-socket')];
    const allowed = await code('af-packet:tx0', { yes: true });
    ip('route', 'del', 'default');
    ip('-6', 'route', 'add', 'default', 'dev', 'tx0');
    refused.push(await code('af-packet:tx0'));
    ip('-6', 'route', 'del', 'default');
    return { refused, allowed, after: await code('af-packet:tx0') };
  },
  capabilities: async () => {
    const device = await open('af-packet:tx0');
    await dropCapabilities();
    send(device, 3);
    const status = readFileSync('/proc/self/status', 'utf8');
    const result = {
      effective: /CapEff:\s*(\w+)/.exec(status)![1],
      permitted: /CapPrm:\s*(\w+)/.exec(status)![1],
      sent: device.stats.txPackets,
      another: await code('af-packet:tx0'),
    };
    await device.close();
    return result;
  },
  long: async () => {
    const result: Record<string, unknown> = {};
    for (const spec of ['xdp:tx0', 'af-packet:tx0', 'af-xdp:tx0', 'libpcap:tx0']) {
      const device = await open(spec);
      send(device, 1, 1515);
      send(device, 1, 1514);
      const { slab, stats } = device;
      result[spec] = [stats.txErrors, slab.inUse];
      await device.close();
      result[spec] = [...(result[spec] as number[]), stats.txPackets];
    }
    return result;
  },
  /** What was held back leaves at `close`. */
  held: async () => {
    const result: Record<string, unknown> = {};
    for (const spec of ['xdp:tx0', 'af-packet:tx0', 'af-xdp:tx0']) {
      const device = await open(spec);
      offer(device, 5, 60);
      const before = device.stats.txPackets;
      await device.close();
      result[spec] = [before, device.stats.txPackets, device.stats.txDropped];
    }
    return result;
  },
  /** Nobody polls: the device itself sends on what it had to keep. */
  alone: async () => {
    const counts: number[] = [];
    const xdp = await open('af-xdp:tx0');
    ip('link', 'set', 'tx0', 'down');
    send(xdp, 3);
    await moment();
    counts.push(xdp.stats.txPackets);
    ip('link', 'set', 'tx0', 'up');
    for (let ms = 0; ms < 3000 && xdp.stats.txPackets < 3; ms += 10) await sleep(10);
    counts.push(xdp.stats.txPackets);
    await xdp.close();
    const packet = await open('af-packet:tx0');
    execFileSync('tc', 'qdisc add dev tx0 root tbf rate 8mbit burst 2kb limit 2kb'.split(' '));
    offer(packet, 64, 1000);
    counts.push(packet.stats.txPackets);
    for (let ms = 0; ms < 3000 && packet.stats.txPackets < 64; ms += 10) await sleep(10);
    counts.push(packet.stats.txPackets);
    execFileSync('tc', 'qdisc del dev tx0 root'.split(' '));
    await packet.close();
    return counts;
  },
  'gro off': groOff,
  mtu: shrink,
  'peer mtu': peerMtu,
  'peer down': peerDown,
  killed,
  'hold on': async () => {
    const device = await open(spec);
    send(device, 3);
    process.stdout.write('open\n');
    await sleep(10_000);
    return device.stats;
  },
  doctor: async () => {
    let text = '';
    await doctor({ json: true }, { write: (part: string) => (text += part) });
    let report = '';
    await doctor({}, { write: (part: string) => (report += part) });
    return { findings: JSON.parse(text), report };
  },
};

let accepted = 0;

/** Lines `from` to `to`, a datagram each, one after the other as a console has them. */
async function say(device: NetDevice, from: number, to: number, ipv6 = false, port = SOURCE_PORT): Promise<void> {
  const { slab, caps } = device;
  const headers = ipv6 ? 62 : 42;
  for (let i = from; i <= to; i++) {
    const frame = payloadFrame(Buffer.from(`${i}\n`), ipv6, i);
    new DataView(frame.buffer, frame.byteOffset).setUint16(headers - 8, port);
    const slot = slab.alloc();
    const at = slab.payloadAt(slot) - headers;
    slab.bytes.set(frame, at);
    slab.start[slot] = at + { ethernet: 0, ip: 14, udp: headers - 8 }[caps.medium];
    slab.end[slot] = at + frame.length;
    if (device.startXmit(slot) !== 0) throw new Error('busy');
    device.poll();
    accepted++;
    await sleep(2);
  }
}

interface Listener {
  readonly child: ChildProcess;
  /** The numbers of the lines that came, in numeric order. */
  heard(): number[];
}

/** socat at the peer; it ends by itself when nothing comes any more. */
async function listen(version: 4 | 6 = 4): Promise<Listener> {
  const address = version === 4 ? `UDP4-RECV:${PORT}` : `UDP6-RECV:${PORT},ipv6only=1`;
  const argv = ['netns', 'exec', peer, 'socat', '-u', '-d', '-d', '-T', '10', address, 'STDOUT'];
  const child = spawn('ip', argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let log = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      log += chunk;
      if (log.includes('starting data transfer')) resolve();
    });
    child.on('exit', () => reject(new Error(log)));
  });
  return { child, heard: () => (text.match(/\d+/g) ?? []).map(Number).sort((a, b) => a - b) };
}

/** A datagram from the peer to the host that the device sends as, after so long. */
async function answer(device: NetDevice, seconds = 0): Promise<void> {
  const to = device.caps.medium === 'ethernet' ? EMULATED.ip : SENDER.ip;
  const socat = `sleep ${seconds}; printf ack | socat -u STDIN UDP4-SENDTO:${to}:${SOURCE_PORT}`;
  await once(spawn('ip', ['netns', 'exec', peer, 'sh', '-c', socat], { stdio: 'ignore' }), 'close');
}

/** Closes the device and tells what became of every frame. */
async function account(device: NetDevice, listener?: Listener): Promise<object> {
  await sleep(100);
  await device.close();
  const { txPackets, txErrors, txDropped } = device.stats;
  // All that was sent arrives, at once or not at all.
  await sleep(100);
  listener?.child.kill();
  return { accepted, txPackets, txErrors, txDropped, received, down, reason, heard: listener?.heard() };
}

/** The interface gets another name while it is up; `live` false: this kernel does not let it. */
async function rename(): Promise<unknown> {
  const listener = await listen();
  const device = await open(spec, { receive: true });
  await say(device, 1, 5);
  let live = true;
  try {
    ip('link', 'set', 'tx0', 'name', 'tx9');
  } catch {
    live = false;
  }
  await say(device, 6, 10);
  await answer(device);
  return { live, ...(await account(device, listener)) };
}

/** The interface goes down, gets another name, and comes up. */
async function restart(): Promise<unknown> {
  const listener = await listen();
  const device = await open(spec, { receive: true });
  await say(device, 1, 5);
  ip('link', 'set', 'tx0', 'down');
  await say(device, 6, 10);
  ip('link', 'set', 'tx0', 'name', 'tx9');
  ip('link', 'set', 'tx9', 'up');
  for (let ms = 0; ms < 3000 && !ip('link', 'show', 'tx9').includes('state UP'); ms += 10) await sleep(10);
  await say(device, 11, 15);
  await answer(device);
  return await account(device, listener);
}

/** The receiver is killed; later another one takes its place. `refused`: "port unreachable" messages that the peer sent meanwhile. */
async function kill(): Promise<unknown> {
  const first = await listen();
  const device = await open(spec, { receive: true });
  await say(device, 1, 20);
  await sleep(100);
  const before = refusals();
  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  await say(device, 21, 80);
  await sleep(100);
  const refused = refusals() - before;
  const second = await listen();
  await say(device, 81, 100);
  return { first: first.heard(), refused, ...(await account(device, second)) };
}

function refusals(): number {
  const text = ip('netns', 'exec', peer, 'cat', '/proc/net/snmp');
  const [names, values] = text.split('\n').filter((line) => line.startsWith('Icmp:'));
  return Number(values!.split(' ')[names!.split(' ').indexOf('OutDestUnreachs')]);
}

/** Another process that plays `scene`: resolves when it has opened its device, or ended, and with what it says. */
async function another(scene: string): Promise<{ result: Promise<unknown> }> {
  const argv = ['--import', 'tsx', file!, scene, spec, peer];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const result = once(child, 'close').then(() => JSON.parse(text.split('\n').at(-2)!));
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.startsWith('open\n')) resolve();
    });
    child.on('close', () => resolve());
  });
  return { result };
}

/** Two processes send at the same time. */
async function two(): Promise<unknown> {
  const listener = await listen();
  const device = await open(spec, { receive: true });
  await say(device, 1, 10);
  const { result } = await another('burst');
  const from = Date.now();
  await say(device, 11, 100);
  const to = Date.now();
  const other = await result;
  return { from, to, other, ...(await account(device, listener)) };
}

async function burst(): Promise<unknown> {
  const device = await open(spec, { receive: true });
  process.stdout.write('open\n');
  const from = Date.now();
  await say(device, 1001, 1100);
  return { from, to: Date.now(), ...(await account(device)) };
}

/** What another process can open beside this one, which is the only one of its kind, and when this one is done. */
async function twoOfAKind(): Promise<unknown> {
  const listener = await listen();
  const device = await open(spec, { receive: true });
  await say(device, 1, 5);
  const [same, best] = (await (await another('codes')).result) as string[];
  await say(device, 6, 10);
  const counts = await account(device, listener);
  const [later] = (await (await another('codes')).result) as string[];
  return { same, best, later, ...counts };
}

/** Every capability goes before the first frame, of IPv4 or IPv6. */
async function drop(): Promise<unknown> {
  const listener = await listen();
  const listener6 = await listen(6);
  const device = await open(spec, { receive: true });
  // Started now: nobody may enter the peer's namespace afterwards.
  const answered = answer(device, 0.5);
  await dropCapabilities();
  await say(device, 1, 5);
  await say(device, 6, 10, true);
  await answered;
  const counts = await account(device, listener);
  listener6.child.kill();
  return { ...counts, heard6: listener6.heard() };
}

/** A socket that is not open yet, of a port that needs privilege. */
async function dropLowPort(): Promise<unknown> {
  const device = await open('udp');
  await dropCapabilities();
  await say(device, 1, 5, false, 514);
  return await account(device);
}

const atPeer = (...argv: string[]) => ip('netns', 'exec', peer, ...argv);

/** The peer turns GRO off while frames are sent. */
async function groOff(): Promise<unknown> {
  const device = await open(spec);
  await say(device, 1, 5);
  atPeer('ethtool', '-K', 'rx0', 'gro', 'off');
  await say(device, 6, 10);
  return await account(device);
}

/** The MTU becomes smaller than frames that wait. */
async function shrink(): Promise<unknown> {
  const device = await open(spec);
  offer(device, 3, 60);
  offer(device, 2, 1000);
  offer(device, 3, 60);
  ip('link', 'set', 'tx0', 'mtu', '200');
  device.poll();
  const { txPackets, txErrors, txDropped } = device.stats;
  const inUse = device.slab.inUse;
  await device.close();
  return { txPackets, txErrors, txDropped, inUse, down };
}

/** The peer takes shorter frames than the interface allows, and does not say so. */
async function peerMtu(): Promise<unknown> {
  const device = await open(spec);
  ip('-n', peer, 'link', 'set', 'rx0', 'mtu', '500');
  offer(device, 2, 60);
  offer(device, 1, 1000);
  offer(device, 2, 60);
  device.poll();
  const atOnce = device.stats.txPackets;
  for (let ms = 0; ms < 5000 && device.stats.txPackets < 4; ms += 10) await sleep(10);
  const { txPackets, txErrors, txDropped } = device.stats;
  await device.close();
  return { atOnce, txPackets, txErrors, txDropped, down };
}

/** The other end of the cable goes down, and up again. */
async function peerDown(): Promise<unknown> {
  const listener = await listen();
  const device = await open(spec);
  await say(device, 1, 5);
  ip('-n', peer, 'link', 'set', 'rx0', 'down');
  await say(device, 6, 10);
  const meanwhile = device.stats.txPackets;
  ip('-n', peer, 'link', 'set', 'rx0', 'up');
  for (let ms = 0; ms < 3000 && device.stats.txPackets < 10; ms += 10) await sleep(10);
  return { meanwhile, ...(await account(device, listener)) };
}

/** Another process is killed while it sends: what the interface shows, and what can be opened, before and after. */
async function killed(): Promise<unknown> {
  const argv = ['--import', 'tsx', file!, 'hold on', spec, peer];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const attached = () => /\bxdp/.test(ip('-d', 'link', 'show', 'tx0'));
  const before = { attached: attached(), opens: await code(spec) };
  child.kill('SIGKILL');
  await once(child, 'close');
  await moment();
  return { before, after: { attached: attached(), opens: await code(spec) }, end: attached() };
}

async function downAndUp(spec: string): Promise<unknown> {
  const device = await open(spec);
  ip('link', 'set', 'tx0', 'down');
  send(device, 3);
  await moment();
  const whileDown = { ...device.stats };
  ip('link', 'set', 'tx0', 'up');
  device.poll();
  send(device, 2);
  device.poll();
  await device.close();
  const { txPackets, txErrors, txDropped } = device.stats;
  return { down, lost: whileDown.txErrors, counted: txPackets + txErrors + txDropped, txPackets, txDropped };
}

const result = await scenes[name!]!();
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
