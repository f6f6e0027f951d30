/**
 * A bad network with a fixed seed is the same on every transport: what arrives at the peer of a veth pair, as dumpcap has it there, is
 * what is written to a capture file without any network. A storm decides in virtual time, so its frames are the same in the same
 * order, partitions included; a replay's frames are the same, but when one overtakes another depends on when they left. Where the
 * machine makes headers itself a damaged frame is damaged elsewhere; which frames are lost, doubled and damaged is the same.
 */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EMULATED, makeVeth, NOBODY, PEER } from '../../../bench/veth.js';
import type { Medium } from '../../../src/net/device.js';
import type { LinkStats } from '../../../src/net/impair.js';
import { CaptureReader } from '../../../src/wire/capture.js';
import { decodeFrame } from '../../../src/wire/decode.js';
import { ARMS, armProblem, onOneCpu, programProblem, REQUIRED, vethProblem } from './arms.js';

const main = new URL('../../../dist/cli/main.js', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'nce-impair-'));
const noVeth = (await vethProblem()) ?? (await programProblem('dumpcap'));
const veth = noVeth === undefined ? await makeVeth('ncimp', { ipv6: false }) : undefined;
afterAll(async () => {
  await veth?.remove();
  await rm(folder, { recursive: true, force: true });
});
const at = (name: string) => join(folder, name);

const EFFECTS = {
  loss: { toBad: 0.1, toGood: 0.3, lossGood: 0.05 },
  duplicate: 0.1,
  reorder: 0.1,
  delayUsec: 300,
  jitterUsec: 2000,
  truncate: 0.1,
  corrupt: 0.1,
};
const RECORDS = 400;
const LOG = Array.from({ length: RECORDS }, (_, i) => `6,${i + 1},${i + 1}000,-;record ${i + 1} of it\n`).join('');
const PLAN = {
  seed: 4,
  duration: 2,
  collector: { ip: NOBODY.ip, port: 6666, mac: NOBODY.mac },
  groups: [{ name: 'a', hosts: 8, workloads: [{ workload: 'chatter', parameters: { messages: 30, meanMs: 50 } }] }],
  impair: { out: EFFECTS, partitions: [{ fromUsec: 600_000, untilUsec: 900_000 }] },
};
await writeFile(at('log'), LOG);
await writeFile(at('plan.json'), JSON.stringify(PLAN));

const STORM = ['storm', at('plan.json'), '--json', '--quiet'];
const REPLAY = (ip: string, more: readonly string[] = []) => [
  ...[
    'replay',
    at('log'),
    '--json',
    '--quiet',
    '--rate',
    '2000',
    '--impair',
    JSON.stringify({ seed: 9, out: EFFECTS }),
  ],
  ...['-t', `+6665@${ip}/eth0,6666@${NOBODY.ip}/${NOBODY.mac}`, ...more],
];

interface Impaired {
  readonly frames: readonly Uint8Array[];
  readonly network: LinkStats;
}

async function framesOf(file: string): Promise<Uint8Array[]> {
  const frames = new CaptureReader().push(await readFile(file));
  return Array.from(frames, ({ frame }) => frame.slice());
}

/** What the command sends at `spec`, as it arrives at the peer; without a spec, as a capture file has it. */
async function impaired(name: string, argv: readonly string[], spec?: string): Promise<Impaired> {
  const file = at(`${name}.pcap`);
  const command = [process.execPath, main, ...argv];
  const run = (side: 'a' | 'b', all: readonly string[]) => veth!.run(side, all);
  if (spec === undefined) {
    const { network, out } = JSON.parse(await run('a', [...command, '--via', `pcap:${file}`]));
    return { frames: await framesOf(file), network: network?.out ?? out };
  }
  const dumpcap = veth!.spawn('b', ['dumpcap', '-q', '-P', '-i', PEER.name, '-w', file], {
    stdio: 'ignore',
  });
  const captures = await expect.poll(
    async () => (await run('b', ['cat', '/proc/net/packet'])).trim().split('\n').length,
  );
  await captures.toBeGreaterThan(1);
  const summary = JSON.parse(await run('a', [...onOneCpu(command), '--via', spec]));
  // dumpcap writes what it has several times a second.
  const { frames } = summary as { frames: number };
  await expect.poll(async () => (await framesOf(file)).length).toBeGreaterThanOrEqual(frames);
  const closed = once(dumpcap, 'close');
  dumpcap.kill('SIGINT');
  await closed;
  return { frames: await framesOf(file), network: summary.network?.out ?? summary.out };
}

/** Behind the source's hardware address: a capture file has none of the interface's. */
const bytes = (frames: readonly Uint8Array[]) => frames.map((frame) => Buffer.from(frame.subarray(12)).toString('hex'));
/** The records that are whole, in order of text. The checksum of the machine's own datagrams its veth leaves out. */
function whole(frames: readonly Uint8Array[], medium: Medium = 'ethernet'): string[] {
  return frames
    .map((frame) => decodeFrame(frame))
    .filter(({ ip, udp }) => ip?.checksum !== 'bad' && (udp?.checksum === 'good' || medium === 'udp'))
    .map(({ payload }) => Buffer.from(payload!).toString())
    .filter((text) => /^6,(\d+),(?:\1)000,-;record \1 of it\n$/.test(text))
    .sort();
}

describe('a bad network with a fixed seed', async () => {
  for (const arm of ARMS) {
    const problem = noVeth ?? (await armProblem(arm, veth, noVeth));
    const test = async () => {
      if (arm.medium === 'ethernet') {
        const file = await impaired('storm', STORM);
        const wire = await impaired(`storm-${arm.name}`, STORM, arm.spec);
        expect(file.network).toMatchObject({ lost: expect.any(Number), partitioned: expect.any(Number) });
        for (const count of Object.values(file.network)) expect(count).toBeGreaterThan(3);
        expect(wire.network).toEqual(file.network);
        expect(bytes(wire.frames)).toEqual(bytes(file.frames));
      }
      const ip = arm.medium === 'ethernet' ? EMULATED.ip : '10.77.0.1';
      const file = await impaired('replay', REPLAY(ip));
      const wire = await impaired(`replay-${arm.name}`, REPLAY(ip), arm.spec);
      expect(file.network).toMatchObject({ carried: RECORDS });
      expect(wire.network).toEqual(file.network);
      expect(wire.frames.length).toBe(file.frames.length);
      if (arm.medium === 'ethernet') expect(bytes(wire.frames).sort()).toEqual(bytes(file.frames).sort());
      expect(whole(wire.frames, arm.medium)).toEqual(whole(file.frames));
      expect(whole(file.frames).length).toBeGreaterThan(200);
    };
    const title = `is the same on ${arm.name}`;
    if (problem === undefined) it(title, test, 120_000);
    else if (REQUIRED.has(arm.name)) it(title, () => expect.fail(`required, but cannot run: ${problem}`));
    else it.skip(`${title} [skipped: ${problem}]`, () => undefined);
  }
});
