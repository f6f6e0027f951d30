/** Runs in the sender's namespace: one named scene, whose result is one line of JSON. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { doctor } from '../../../src/cli/doctor.js';
import type { KernelError } from '../../../src/errno.js';
import type { NetDevice } from '../../../src/net/device.js';
import { dropCapabilities } from '../../../src/transport/capabilities.js';
import { type OpenOptions, openDevice } from '../../../src/transport/open.js';
import { payloadFrame } from './frames.js';

const ip = (...argv: string[]) => execFileSync('ip', argv);
const moment = () => new Promise((resolve) => setTimeout(resolve, 30));
let down: string | undefined;

async function open(spec: string, options: OpenOptions = {}): Promise<NetDevice> {
  const device = await openDevice(spec, { receive: false, ...options });
  device.attach({
    txWake: () => undefined,
    receive: () => undefined,
    down: (reason) => {
      down = reason.code;
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

function send(device: NetDevice, count: number, length = 60, more = false): void {
  const frame = payloadFrame(new Uint8Array(length - 42));
  for (let i = 0; i < count; i++) {
    const slot = device.slab.alloc();
    const at = device.slab.payloadAt(slot) - 42;
    device.slab.bytes.set(frame, at);
    device.slab.start[slot] = at;
    device.slab.end[slot] = at + frame.length;
    if (device.startXmit(slot, more) !== 0) throw new Error('busy');
  }
}

const scenes: Record<string, () => Promise<unknown>> = {
  /** One socket for each queue; the queue is free again after `close`. */
  queue: async () => {
    const first = await open('af-xdp:tx0');
    const second = await code('af-xdp:tx0');
    const best = await code('tx0');
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
    for (const spec of ['af-packet:tx0', 'af-xdp:tx0', 'libpcap:tx0']) {
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
  /** What was held back because more was to come leaves at `close`. */
  held: async () => {
    const result: Record<string, unknown> = {};
    for (const spec of ['af-packet:tx0', 'af-xdp:tx0']) {
      const device = await open(spec);
      send(device, 5, 60, true);
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
    for (let ms = 0; ms < 3000 && xdp.stats.txPackets < 3; ms += 10) await new Promise((r) => setTimeout(r, 10));
    counts.push(xdp.stats.txPackets);
    await xdp.close();
    const packet = await open('af-packet:tx0');
    execFileSync('tc', 'qdisc add dev tx0 root tbf rate 8mbit burst 2kb limit 2kb'.split(' '));
    send(packet, 64, 1000, true);
    counts.push(packet.stats.txPackets);
    for (let ms = 0; ms < 3000 && packet.stats.txPackets < 64; ms += 10) await new Promise((r) => setTimeout(r, 10));
    counts.push(packet.stats.txPackets);
    execFileSync('tc', 'qdisc del dev tx0 root'.split(' '));
    await packet.close();
    return counts;
  },
  doctor: async () => {
    let text = '';
    await doctor({ json: true }, { write: (part: string) => (text += part) });
    let report = '';
    await doctor({}, { write: (part: string) => (report += part) });
    return { findings: JSON.parse(text), report };
  },
};

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

const result = await scenes[process.argv[2]!]!();
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
