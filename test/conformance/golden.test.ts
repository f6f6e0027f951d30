/** The recordings of real kernels, run on the emulator: outcomes, log and frames are the same. */
import { describe, expect, it } from 'vitest';
import { createKernel } from '../../src/kernel/index.js';
import { profileForRelease } from '../../src/profile/index.js';
import { KERNELS } from '../../src/profile/kernels.js';
import { decodeFrame } from '../../src/wire/decode.js';
import {
  capturedFrames,
  compare,
  type Golden,
  logRecords,
  type Run,
  readGolden,
  runGolden,
  threaded,
  wireFrames,
} from '../support/compare.js';
import { HELD, NOT_COMPARED, RECORDINGS, ROOTS } from '../support/recordings.js';

const folderOf = (name: string) => RECORDINGS.find((recording) => recording.name === name)!.folder;
const root = ROOTS[0]!;
const floods = RECORDINGS.filter(({ scenario }) => scenario in NOT_COMPARED).map(({ name }) => name);
const equal = HELD.map(({ name }) => name);

describe('the emulator does what the kernel did', () => {
  it('has recordings of every kernel that is said to be recorded', () => {
    const recorded = KERNELS.filter((kernel) => 'recorded' in kernel).map(({ name }) => name);
    expect([...new Set(HELD.map(({ profile }) => profile))].sort()).toEqual(recorded.sort());
  });

  it.each(equal)('%s', (name) => {
    const golden = readGolden(folderOf(name));
    const differences = compare(golden, runGolden(golden));
    expect(differences.map(({ kind, text }) => `${kind}: ${text}`).join('\n')).toBe('');
  });
});

describe('the comparison sees', () => {
  const golden = readGolden(`${root}/6.12/basic`);
  const run = runGolden(golden);
  const kinds = (g: Golden, r: Run) => new Set(compare(g, r).map(({ kind }) => kind));
  /** A copy with one bit of one byte turned. */
  const flipped = (bytes: Uint8Array, at: number) => {
    const copy = Buffer.from(bytes);
    copy[at]! ^= 1;
    return copy;
  };
  /** Offset in the capture of a byte of its third frame. */
  const inFrame = (at: number) => {
    const [first, second] = capturedFrames(run.pcap);
    return 24 + 16 + first!.length + 16 + second!.length + 16 + at;
  };

  it('no difference where there is none', () => expect(compare(golden, run)).toEqual([]));

  it.each([
    ['the payload', 60, 'frame'],
    ['the time to live', 22, 'frame'],
    ['the UDP checksum', 40, 'frame'],
    ['the destination', 30, 'count'],
    ['the IPv4 id', 19, 'id'],
  ] as const)('a bit of %s of one frame', (_, at, kind) => {
    expect(kinds(golden, { ...run, pcap: flipped(run.pcap, inFrame(at)) })).toContain(kind);
  });

  it('a bit of one frame of the recording', () => {
    expect(kinds({ ...golden, pcap: flipped(golden.pcap, golden.pcap.length - 5) }, run)).toContain('frame');
  });

  it('a frame that is missing, or too many', () => {
    const last = capturedFrames(run.pcap).at(-1)!;
    const packet = 16 + last.length;
    expect(kinds(golden, { ...run, pcap: run.pcap.subarray(0, run.pcap.length - packet) })).toEqual(new Set(['count']));
    const twice = Buffer.concat([run.pcap, run.pcap.subarray(run.pcap.length - packet)]);
    expect(kinds(golden, { ...run, pcap: twice })).toEqual(new Set(['count']));
  });

  it('two frames that change places', () => {
    const frames = capturedFrames(run.pcap);
    const at = run.pcap.length - frames.at(-1)!.length - 16 - frames.at(-2)!.length - 16;
    const end = run.pcap.subarray(at);
    const cut = 16 + frames.at(-2)!.length;
    const swapped = Buffer.concat([run.pcap.subarray(0, at), end.subarray(cut), end.subarray(0, cut)]);
    expect(kinds(golden, { ...run, pcap: swapped })).toContain('id');
  });

  it.each([
    ['the text', (log: Buffer) => log.lastIndexOf('klab') + 1],
    ['the stamp', (log: Buffer) => log.lastIndexOf(',-;') - 1],
    ['the level', (log: Buffer) => log.lastIndexOf('\n', log.length - 2) + 1],
  ])('a bit of %s of one record of the log', (_, at) => {
    const log = Buffer.from(run.kmsg);
    expect(kinds(golden, { ...run, kmsg: flipped(log, at(log)) })).toEqual(new Set(['log']));
  });

  it('a record that is missing', () => {
    const log = Buffer.from(run.kmsg);
    expect(kinds(golden, { ...run, kmsg: log.subarray(0, log.lastIndexOf('\n', log.length - 2) + 1) })).toEqual(
      new Set(['log']),
    );
  });

  it('another outcome', () => {
    const at = golden.scenario.ops.findIndex(({ outcome, op }) => outcome === 'ok' && op === 'mkdir');
    expect(at).toBeGreaterThanOrEqual(0);
    const outcomes = run.outcomes.map((outcome, i) => (i === at ? 'EEXIST' : outcome));
    expect(kinds(golden, { ...run, outcomes })).toEqual(new Set(['outcome']));
  });
});

describe('floods', () => {
  // Linux: one notice a message; its own datagram before 6.3, in front of the message later, never on extended targets.
  const OWN = /^\*\* [1-9]\d* printk messages dropped \*\*\n$/;
  const PREPENDED =
    /^\*\* [1-9]\d* printk messages dropped \*\*\n(\*\* replaying previous printk message \*\*\n)?\[ *\d+\.\d{6}\] /;
  const EXTENDED = /^(\*\* replaying previous printk message \*\*\n)?\d+,\d+,\d+,[-c]/;

  it.each(floods)('%s: every frame decodes, and the notices have their form', (name) => {
    const { pcap, release } = readGolden(folderOf(name));
    for (const frame of capturedFrames(pcap)) {
      const { odd, udp, ip } = decodeFrame(frame);
      expect([odd, udp?.checksum, ip?.checksum]).toEqual([[], 'good', 'good']);
    }
    const payloads = wireFrames(pcap).map(({ payload }) => payload);
    const plain = payloads.filter((payload) => !EXTENDED.test(payload));
    const notices = plain.filter((payload) => payload.includes(' printk messages dropped **'));
    // The writers of the newest kernels wait for their threads: there nothing was lost.
    expect(notices.length > 0).toBe(!threaded(release));
    expect(notices.filter((payload) => !(release.startsWith('6.1.') ? OWN : PREPENDED).test(payload))).toEqual([]);
    expect(payloads.filter((payload) => EXTENDED.test(payload) && payload.includes('messages dropped'))).toEqual([]);
  });

  it.each(floods)('%s: the ring holds as many of these records as the kernel had left', (name) => {
    const { kmsg, release } = readGolden(folderOf(name));
    const kernel = createKernel({ profile: profileForRelease(release), devkmsg: 'on' });
    const texts = [...logRecords(kmsg!).values()].map((record) => record.slice(record.indexOf(';') + 1));
    // The flood that they were the end of.
    for (let i = 0; i < 10; i++) for (const text of texts.slice(0, 100)) kernel.kmsg.write(`<6>${text}\n`);
    for (const text of texts) kernel.kmsg.write(`<6>${text}\n`);
    expect([...kernel.kmsg.records()].length).toBe(texts.length);
  });
});
