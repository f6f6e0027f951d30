/**
 * Every privileged transport on a veth pair in namespaces of its own, read by real programs at the other end: dumpcap for the bytes,
 * tshark for the checksums, socat and rsyslog for the text.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EMULATED, makeVeth, PEER, SENDER } from '../../../bench/veth.js';
import { PcapReader } from '../../../src/wire/pcap.js';
import { naiveIp, naiveMac } from '../../support/naive.js';
import { ARMS, type Arm, armProblem, programProblem, REQUIRED, startAtPeer, startSender, vethProblem } from './arms.js';
import { headerBytes, PORT, SOURCE_PORT, testFrames } from './frames.js';

const noVeth = await vethProblem();
const veth = noVeth === undefined ? await makeVeth('ncet') : undefined;
const folder = await mkdtemp(join(tmpdir(), 'nce-veth-'));
const problems = new Map<string, string | undefined>();
for (const arm of ARMS) problems.set(arm.name, await armProblem(arm, veth, noVeth));
for (const program of ['dumpcap', 'tshark', 'socat', 'rsyslogd']) {
  problems.set(program, veth === undefined ? noVeth : await programProblem(program));
}

afterAll(async () => {
  await veth?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** A block of tests that needs arms: skipped with the reason, or failing when a missing one is required. */
function arms(names: readonly string[], title: string, tests: () => void): void {
  const missing = names.find((name) => problems.get(name) !== undefined);
  if (missing === undefined) {
    describe(title, tests);
  } else if (names.some((name) => REQUIRED.has(name))) {
    it(title, () => expect.fail(`required, but cannot run: ${missing}: ${problems.get(missing)}`));
  } else {
    it.skip(`${title} [skipped: ${missing}: ${problems.get(missing)}]`, () => undefined);
  }
}

async function capture(
  name: string,
  filter: string,
  count: number,
  during: () => Promise<void>,
): Promise<Uint8Array[]> {
  const file = join(folder, `${name}.pcap`);
  const argv = ['dumpcap', '-i', PEER.name, '-P', '-w', file, '-f', filter, '-c', String(count), '-a', 'duration:15'];
  const dumpcap = await startAtPeer(veth!, argv, /File: /);
  await during();
  // dumpcap ends by itself when it has them all; what it lacks after a second will not come.
  for (let ms = 0; ms < 1000 && read(file).length < count; ms += 50) await new Promise((r) => setTimeout(r, 50));
  await dumpcap.stop();
  return read(file);
}

function read(file: string): Uint8Array[] {
  return new PcapReader().push(readFileSync(file)).map((packet) => packet.frame);
}

const works = (name: string) => problems.has(name) && problems.get(name) === undefined;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function bytesArrive(arm: Arm): void {
  it('what arrives is what was sent, in order, with good checksums', async () => {
    const frames = testFrames(300, arm.ipv6);
    const order = { spec: arm.spec, count: frames.length, ipv6: arm.ipv6 };
    const got = await capture(arm.name, `udp and port ${PORT}`, frames.length, async () => {
      const outcome = await startSender(veth!, order).outcome;
      expect(outcome.stats).toMatchObject({ txPackets: frames.length, txErrors: 0, txDropped: 0 });
      const skipped = (frame: (typeof frames)[0]) => ({ ethernet: 0, ip: 14, udp: headerBytes(frame) - 8 })[arm.medium];
      expect(outcome.stats.txBytes).toBe(frames.reduce((sum, frame) => sum + frame.bytes.length - skipped(frame), 0));
    });
    expect(got.length).toBe(frames.length);
    for (const [i, frame] of frames.entries()) {
      if (arm.medium === 'udp') {
        // Ports and payload are ours; the rest, and a checksum left to the NIC, is the system's.
        expect(hex(got[i]!.subarray(34, 38))).toBe(hex(frame.bytes.subarray(34, 38)));
        expect(hex(got[i]!.subarray(42))).toBe(hex(frame.bytes.subarray(42)));
      } else {
        const from = arm.medium === 'ip' ? 14 : 0;
        expect(hex(got[i]!.subarray(from))).toBe(hex(frame.bytes.subarray(from)));
      }
    }
    if (problems.get('tshark') === undefined && arm.medium !== 'udp') {
      const bad = '(ip.checksum.status == 0) || (udp.checksum.status == 0)';
      const prefs = ['-o', 'ip.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE'];
      const text = await veth!.run('b', ['tshark', '-r', join(folder, `${arm.name}.pcap`), ...prefs, '-Y', bad]);
      expect(text).toBe('');
    }
  });
}

function datagramsArrive(arm: Arm): void {
  it('a datagram reaches the host, its checksum complete', async () => {
    // Systems that own the address receive themselves; the others see what is meant for the emulated host.
    const target = arm.medium === 'ethernet' ? EMULATED.ip : SENDER.ip;
    const sender = startSender(veth!, { spec: arm.spec, ipv6: false, count: 1, receive: 1 });
    await sender.sent;
    const text = `ack ${arm.name}`;
    const socat = `printf '${text}' | socat -u STDIN UDP4-SENDTO:${target}:${SOURCE_PORT},bind=${PEER.ip}:${PORT}`;
    await veth!.run('b', ['sh', '-c', socat]);
    const { received, stats } = await sender.outcome;
    expect(received.length).toBe(1);
    expect(stats.rxPackets).toBe(1);
    const packet = Buffer.from(received[0]!.hex, 'hex');
    const udp = { ethernet: 34, ip: 20, udp: 0 }[arm.medium];
    expect(packet.readUInt16BE(udp)).toBe(PORT);
    expect(packet.readUInt16BE(udp + 2)).toBe(SOURCE_PORT);
    expect(packet.subarray(udp + 8, udp + 8 + text.length).toString()).toBe(text);
    if (arm.medium === 'udp') {
      expect(received[0]!.from).toEqual({ ip: PEER.ip, port: PORT });
      return;
    }
    // RFC 1071, the long way round.
    const datagram = packet.subarray(udp, udp + 8 + text.length);
    const pseudo = Buffer.concat([
      naiveIp(PEER.ip),
      naiveIp(target),
      Buffer.from([0, 17, 0, datagram.length]),
      datagram,
    ]);
    let sum = 0;
    for (let i = 0; i < pseudo.length; i += 2) sum += (pseudo[i]! << 8) | (pseudo[i + 1] ?? 0);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    expect(sum).toBe(0xffff);
  });
}

function arpArrives(arm: Arm): void {
  it('an ARP request for the emulated address reaches the host', async () => {
    const sender = startSender(veth!, { spec: arm.spec, ipv6: false, count: 1, receive: 1 });
    await sender.sent;
    await veth!.run('b', ['ip', 'neigh', 'del', EMULATED.ip, 'dev', PEER.name]);
    await veth!.run('b', ['sh', '-c', `printf x | socat -u STDIN UDP4-SENDTO:${EMULATED.ip}:${SOURCE_PORT}`]);
    const { received } = await sender.outcome;
    const mac = ['lladdr', EMULATED.mac, 'dev', PEER.name, 'nud', 'permanent'];
    await veth!.run('b', ['ip', 'neigh', 'replace', EMULATED.ip, ...mac]);
    const frame = received[0]!.hex;
    const macHex = naiveMac(PEER.mac).toString('hex');
    expect(frame.slice(0, 44)).toBe(`ffffffffffff${macHex}08060001080006040001`);
    expect(frame.slice(76, 84)).toBe(naiveIp(EMULATED.ip).toString('hex'));
  });
}

for (const arm of ARMS) {
  arms([arm.name, 'dumpcap', 'socat'], `${arm.name} on a veth`, () => {
    bytesArrive(arm);
    datagramsArrive(arm);
    if (arm.medium === 'ethernet') arpArrives(arm);
  });
}

arms(['af-packet', 'socat'], 'af-packet to socat', () => {
  it('lines arrive as lines', async () => {
    const file = join(folder, 'socat.txt');
    const socat = await startAtPeer(veth!, ['socat', '-u', `UDP4-RECV:${PORT}`, `OPEN:${file},creat`]);
    const lines = ['[    0.000000] Linux version 6.18.0\n', '[    1.000000] eth0: link up\n'];
    await startSender(veth!, { spec: 'af-packet:tx0', ipv6: false, lines }).outcome;
    await new Promise((resolve) => setTimeout(resolve, 200));
    await socat.stop();
    expect(readFileSync(file, 'utf8')).toBe(lines.join(''));
  });
});

arms(['af-packet', 'rsyslogd'], 'af-packet to rsyslog', () => {
  it('imudp takes each datagram as a message from the emulated host', async () => {
    const file = join(folder, 'rsyslog.txt');
    const config = join(folder, 'rsyslog.conf');
    await writeFile(
      config,
      `global(workDirectory="${folder}")
module(load="imudp")
template(name="raw" type="string" string="%fromhost-ip% %rawmsg%\\n")
ruleset(name="net") { action(type="omfile" file="${file}" template="raw") }
input(type="imudp" port="${PORT}" ruleset="net")
`,
    );
    const rsyslog = await startAtPeer(veth!, ['rsyslogd', '-n', '-f', config, '-i', join(folder, 'rsyslog.pid')]);
    const lines = ['<6>[    0.000000] Linux version 6.18.0\n', '<4>[    1.000000] eth0: link up\n'];
    await startSender(veth!, { spec: 'af-packet:tx0', ipv6: false, lines }).outcome;
    await new Promise((resolve) => setTimeout(resolve, 500));
    await rsyslog.stop();
    expect(readFileSync(file, 'utf8')).toBe(lines.map((line) => `${EMULATED.ip} ${line}`).join(''));
  });
});

describe.runIf(veth !== undefined)('an interface that is slower than its sender', () => {
  // Raw frames are dropped by the queue with ENOBUFS, which the caller is told; AF_XDP goes past the queue.
  for (const arm of ARMS.filter(({ name }) => ['af-packet', 'libpcap', 'cap'].includes(name) && works(name))) {
    it(`${arm.name}: nothing is lost and nothing overtakes`, async () => {
      await veth!.run('a', `tc qdisc add dev ${SENDER.name} root tbf rate 20mbit burst 4kb limit 8kb`.split(' '));
      try {
        const frames = testFrames(300, true);
        const got = await capture(`slow-${arm.name}`, `udp and port ${PORT}`, frames.length, async () => {
          const outcome = await startSender(veth!, { spec: arm.spec, ipv6: true, count: frames.length }).outcome;
          expect(outcome.stats).toMatchObject({ txPackets: frames.length, txErrors: 0, txDropped: 0 });
          expect(outcome.busy).toBeGreaterThan(0);
        });
        expect(got.map(hex)).toEqual(frames.map((frame) => hex(frame.bytes)));
      } finally {
        await veth!.run('a', ['tc', 'qdisc', 'del', 'dev', SENDER.name, 'root']);
      }
    });
  }
});

arms(['xdp', 'xdp-overlap', 'dumpcap'], 'a peer that is slower than its sender', () => {
  it.each(['xdp:tx0', 'xdp:tx0:overlap'])('%s: nothing is lost and nothing overtakes', async (spec) => {
    // The peer takes frames from its ring, which has room for 256, in a thread that gets the one CPU only when the sender sleeps.
    const threaded = `/sys/class/net/${PEER.name}/threaded`;
    await veth!.run('b', ['sh', '-c', `echo 1 > ${threaded}`]);
    try {
      const frames = testFrames(1000, true);
      const order = { spec, ipv6: true, count: frames.length, burst: true };
      const got = await capture('slow-xdp', `udp and port ${PORT}`, frames.length, async () => {
        const outcome = await startSender(veth!, order).outcome;
        expect(outcome.stats).toMatchObject({ txPackets: frames.length, txErrors: 0, txDropped: 0 });
      });
      expect(got.map(hex)).toEqual(frames.map((frame) => hex(frame.bytes)));
    } finally {
      await veth!.run('b', ['sh', '-c', `echo 0 > ${threaded}`]);
    }
  });
});

describe.runIf(veth !== undefined)('an interface removed while frames are sent', () => {
  // npm cap 0.2.1 aborts the process when its interface goes (an assertion in its cb_packets).
  const told = ARMS.filter(
    ({ name, medium }) => medium === 'ethernet' && name !== 'cap' && problems.get(name) === undefined,
  );
  for (const arm of told) {
    it(`${arm.name}: the host is told, and every frame is counted`, async () => {
      const own = await makeVeth('ncev');
      try {
        const sender = startSender(own, { spec: arm.spec, ipv6: false, count: 10, untilDown: true });
        await sender.sent;
        await new Promise((resolve) => setTimeout(resolve, 50));
        await own.run('a', ['ip', 'link', 'del', SENDER.name]);
        const { stats, accepted, down } = await sender.outcome;
        expect(down?.code).toMatch(/ENXIO|ENODEV/);
        expect(down?.message).toMatch(/gone|no such interface/);
        expect(stats.txPackets + stats.txErrors + stats.txDropped).toBe(accepted);
        expect(stats.txPackets).toBeGreaterThanOrEqual(10);
        expect(stats.txDropped).toBeGreaterThanOrEqual(1);
      } finally {
        await own.remove();
      }
    });
  }
});
