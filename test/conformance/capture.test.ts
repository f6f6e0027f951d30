/**
 * A capture, read as a log and replayed, is that capture again: for every target of every recording of a real kernel, extended ones
 * in bytes, plain ones in text.
 */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createMemoryDevice } from '../../src/net/memory.js';
import { readLog, replay } from '../../src/replay/index.js';
import { type Decoded, decodeFrame } from '../../src/wire/decode.js';
import { parseBody } from '../../src/wire/extended.js';
import { FragmentJoiner } from '../../src/wire/joiner.js';
import { PcapWriter } from '../../src/wire/pcap.js';
import { capturedFrames, readGolden } from '../support/compare.js';

const root = new URL('../golden', import.meta.url).pathname;

async function* chunks(bytes: Uint8Array) {
  yield bytes;
}

interface Target {
  readonly name: string;
  readonly first: Required<Decoded>;
  readonly frames: Uint8Array[];
}

/** The frames of each target of a recording. */
function targetsOf(pcap: Uint8Array): Target[] {
  const targets = new Map<string, Target>();
  for (const frame of capturedFrames(pcap)) {
    const first = decodeFrame(frame) as Required<Decoded>;
    if (first.udp === undefined) continue;
    const { ip, udp, ethernet } = first;
    const name = `${ethernet.src} ${ip.src} ${udp.srcPort} ${ip.dst} ${udp.dstPort} ${ethernet.dst}`;
    const target = targets.get(name) ?? { name, first, frames: [] };
    target.frames.push(frame);
    targets.set(name, target);
  }
  return [...targets.values()];
}

function capture(frames: readonly Uint8Array[]): Buffer {
  const writer = new PcapWriter();
  return Buffer.concat([writer.header(), ...frames.map((frame, i) => writer.record(frame, 1e6 + i))]);
}

async function again(target: Target, profile: string): Promise<Uint8Array[]> {
  const { ethernet, ip, udp } = target.first;
  const extended = target.first.message.kind === 'extended' ? '+' : '';
  const released = target.first.message.kind === 'extended' && target.first.message.release;
  const device = createMemoryDevice('eth0', {
    mac: Uint8Array.from(Buffer.from(ethernet.src.replaceAll(':', ''), 'hex')),
  });
  const summary = await replay(readLog(chunks(capture(target.frames))), device, {
    targets: [
      `${extended}${released ? 'r' : ''}${udp.srcPort}@${ip.src}/eth0,${udp.dstPort}@${ip.dst}/${ethernet.dst}`,
    ],
    profile,
    loglevel: 8,
    ...(released && { release: released }),
  });
  expect(summary.problems).toEqual([]);
  expect(summary).toMatchObject({ brokenLines: 0, cutRecords: 0, droppedRecords: 0, format: 'capture' });
  return device.frames;
}

const payload = (frame: Uint8Array) => Buffer.from(decodeFrame(frame).payload!).toString('latin1');

/** Each record's header, text and device, without what is the target's own: release, userdata, sysdata. */
function records(frames: readonly Uint8Array[]): string[] {
  const joiner = new FragmentJoiner();
  return frames.flatMap((frame) => {
    const { message, ip, udp } = decodeFrame(frame);
    if (message?.kind !== 'extended') throw new Error('not extended');
    const record = message.fragment === undefined ? message : joiner.push({ ...ip!, ...udp! }, message)?.record;
    if (record === undefined) return [];
    const { text, dictionary } = parseBody(record.body);
    const device = dictionary.filter(([key]) => key === 'SUBSYSTEM' || key === 'DEVICE');
    const { prio, seq, tsUsec, flag, caller } = record;
    return [JSON.stringify({ prio, seq, tsUsec, flag, caller, text, device })];
  });
}

/** What the target adds changes while the capture runs: userdata and sysdata come, a release goes. */
function changes({ frames, first }: Target): boolean {
  const release = first.message.kind === 'extended' && first.message.release;
  return frames.some((frame) => {
    const { message } = decodeFrame(frame);
    const entries = /\n (?!SUBSYSTEM=|DEVICE=)[^\n=]+=/.test(payload(frame));
    return entries || (message?.kind === 'extended' && message.release !== (release || undefined));
  });
}

/** Here the kernel sent two records of a crash as one line, without a stamp or with one in its middle; the reader parts them. */
const GLUED: ReadonlySet<string> = new Set(['4.9.0/panic', '4.9.0/panic-oops-only']);

const withoutStamps = (text: string) => text.replace(/\[ *\d+\.\d{6}\] |\n/g, '');

const recordings = readdirSync(root).flatMap((kernel) =>
  readdirSync(`${root}/${kernel}`)
    .filter((scenario) => existsSync(`${root}/${kernel}/${scenario}/wire.pcap`))
    .map((scenario) => [kernel, scenario] as const),
);

describe('a capture replayed is the capture', () => {
  it.each(recordings)('%s/%s', async (kernel, scenario) => {
    const golden = readGolden(`${root}/${kernel}/${scenario}`);
    for (const target of targetsOf(golden.pcap)) {
      const frames = await again(target, kernel);
      if (target.first.message.kind === 'plain') {
        const [got, sent] = [frames, target.frames].map((list) => list.map(payload).join('')) as [string, string];
        if (GLUED.has(`${kernel}/${scenario}`)) expect(withoutStamps(got)).toBe(withoutStamps(sent));
        else expect(got).toBe(sent);
      } else if (changes(target)) {
        expect(records(frames)).toEqual(records(target.frames));
      } else {
        expect(frames.map(payload)).toEqual(target.frames.map(payload));
      }
    }
  });
});
