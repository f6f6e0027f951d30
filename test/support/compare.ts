/**
 * Says when an emulator's run equals a recording: every operation has the same outcome, the log is
 * the same, record by record, and so are the frames of each target. If one thread printed to all
 * consoles, the order between targets and the IPv4 ids are the same, too.
 *
 * These are not compared: the outcomes of `sh`, `settle` and `ip`; the padding of short frames;
 * and, of kernels whose consoles have threads, the ids and what a new target still catches of its
 * own enabling, which is a race there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  parseScenario,
  recordsOfFrames,
  runScenario,
  type Scenario,
  type ScenarioOp,
} from '../../src/scenario/index.js';

/** An operation of a recording, with its outcome on the real kernel. */
export interface GoldenOp extends ScenarioOp {
  readonly outcome?: unknown;
}

/** A recording: operations, and what the real kernel made of them. */
export interface Golden {
  readonly folder: string;
  readonly release: string;
  /** The kernel's version, where the release does not say it. */
  readonly version?: string;
  readonly scenario: Omit<Scenario, 'ops'> & { readonly ops: readonly GoldenOp[] };
  /** The records of /dev/kmsg; absent if the kernel died. */
  readonly kmsg?: Buffer;
  /** The frames that left, as a capture file. */
  readonly pcap: Buffer;
}

/** What the emulator made of a recording's operations. */
export interface Run {
  readonly pcap: Uint8Array;
  readonly kmsg: Uint8Array;
  readonly outcomes: readonly unknown[];
}

/** One difference between a recording and a run. */
export interface Difference {
  readonly kind: 'outcome' | 'log' | 'count' | 'frame' | 'id';
  /** Where it is, and what the kernel and the emulator have there. */
  readonly text: string;
}

/** Reads a recording from its folder. */
export function readGolden(folder: string): Golden {
  const file = join(folder, 'scenario.json');
  const meta = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'));
  const scenario = parseScenario(readFileSync(file, 'utf8'), file) as Golden['scenario'];
  const log = join(folder, 'kmsg');
  return {
    folder,
    release: meta.release,
    ...(meta.version === undefined ? {} : { version: meta.version }),
    scenario: { ...scenario, cmdline: scenario.cmdline ?? meta.cmdline ?? '' },
    ...(existsSync(log) ? { kmsg: readFileSync(log) } : {}),
    pcap: readFileSync(join(folder, 'wire.pcap')),
  };
}

/**
 * Runs a recording's operations on the emulator, guided by its log, or by the records that a dying
 * kernel sent.
 */
export function runGolden(golden: Golden): Run {
  return runScenario(golden.scenario, {
    release: golden.release,
    ...(golden.version === undefined ? {} : { version: golden.version }),
    recorded: recordsOfFrames(golden.pcap, golden.kmsg ?? new Uint8Array(0)),
  });
}

/** Says whether the kernel's consoles have printer threads of their own. */
export function threaded(release: string): boolean {
  return Number.parseInt(release, 10) >= 7;
}

const UNCOMPARED = new Set(['sh', 'settle', 'ip']);
const RACY = /netconsole: netconsole: |netpoll: netconsole: |console \[netcon|netconsole: network logging (re)?st/;

/** Returns every difference; of the frames, the first one of each target. */
export function compare(golden: Golden, run: Run): Difference[] {
  return [...outcomes(golden, run), ...logs(golden, run), ...wire(golden, run)];
}

function* outcomes({ scenario }: Golden, run: Run): Generator<Difference> {
  for (const [i, op] of scenario.ops.entries()) {
    if (op.outcome === undefined || UNCOMPARED.has(op.op)) continue;
    const [wanted, made] = [JSON.stringify(op.outcome), JSON.stringify(run.outcomes[i])];
    const { outcome: _, ...rest } = op;
    if (wanted !== made)
      yield { kind: 'outcome', text: `op ${i} ${JSON.stringify(rest)}: kernel ${wanted}, emulator ${made}` };
  }
}

/**
 * Returns the records of a log by seq: a line, with the lines behind it that begin with a blank.
 */
export function logRecords(log: Uint8Array): Map<number, string> {
  const records = new Map<number, string>();
  let seq = Number.NaN;
  for (const line of Buffer.from(log).toString('latin1').split('\n')) {
    if (line === '') continue;
    if (!line.startsWith(' ')) seq = Number(line.split(',')[1]);
    records.set(seq, line.startsWith(' ') ? `${records.get(seq)}\n${line}` : line);
  }
  return records;
}

function* logs(golden: Golden, run: Run): Generator<Difference> {
  if (golden.kmsg === undefined) return;
  const made = logRecords(run.kmsg);
  for (const [seq, record] of logRecords(golden.kmsg)) {
    const own = made.get(seq);
    if (own !== record) yield { kind: 'log', text: `seq ${seq}\n  kernel   ${record}\n  emulator ${own}` };
  }
}

/** Returns the frames of a capture file, in order. */
export function capturedFrames(pcap: Uint8Array): Buffer[] {
  const bytes = Buffer.from(pcap);
  const magic = bytes.readUInt32LE(0);
  const u32 = (at: number) =>
    magic === 0xa1b2c3d4 || magic === 0xa1b23c4d ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  const frames: Buffer[] = [];
  for (let at = 24; at + 16 <= bytes.length; at += 16 + u32(at + 8))
    frames.push(bytes.subarray(at + 16, at + 16 + u32(at + 8)));
  return frames;
}

/** A frame, as far as it is compared. */
export interface WireFrame {
  /** The identification, which only IPv4 has. */
  readonly id: number | undefined;
  /** Where it goes: hardware addresses, a VLAN's tag, IP addresses and ports, in hexadecimal. */
  readonly target: string;
  /** The frame, one character for each byte, without padding and without what the id changes. */
  readonly same: string;
  /** The UDP payload, one character for each byte. */
  readonly payload: string;
}

function wireFrame(captured: Buffer): WireFrame {
  // A VLAN's tag is a part of where a frame goes.
  const tag = captured.readUInt16BE(12) === 0x8100 ? captured.subarray(12, 16) : captured.subarray(0, 0);
  const padded = tag.length > 0 ? Buffer.concat([captured.subarray(0, 12), captured.subarray(16)]) : captured;
  const v6 = padded.readUInt16BE(12) === 0x86dd;
  const frame = Buffer.from(padded.subarray(0, v6 ? 54 + padded.readUInt16BE(18) : 14 + padded.readUInt16BE(16)));
  const udp = v6 ? 54 : 34;
  const id = v6 ? undefined : frame.readUInt16BE(18);
  const addresses = v6 ? frame.subarray(22, 54) : frame.subarray(26, 34);
  const target = Buffer.concat([frame.subarray(0, 12), tag, addresses, frame.subarray(udp, udp + 4)]).toString('hex');
  if (!v6) {
    frame.writeUInt16BE(0, 18);
    frame.writeUInt16BE(0, 24);
  }
  return { id, target, same: frame.toString('latin1'), payload: frame.toString('latin1', udp + 8) };
}

/** Returns the frames of a capture file as they are compared. */
export function wireFrames(pcap: Uint8Array): WireFrame[] {
  return capturedFrames(pcap).map(wireFrame);
}

function byTarget(frames: readonly WireFrame[]): Map<string, WireFrame[]> {
  const map = new Map<string, WireFrame[]>();
  for (const frame of frames) {
    const list = map.get(frame.target);
    if (list === undefined) map.set(frame.target, [frame]);
    else list.push(frame);
  }
  return map;
}

function* wire(golden: Golden, run: Run): Generator<Difference> {
  const kernel = wireFrames(golden.pcap);
  const emulator = wireFrames(run.pcap);
  const threads = threaded(golden.release);
  const keep = ({ payload }: WireFrame) => !threads || !RACY.test(payload);
  const a = byTarget(kernel.filter(keep));
  const b = byTarget(emulator.filter(keep));
  for (const target of new Set([...a.keys(), ...b.keys()])) {
    const wanted = a.get(target) ?? [];
    const made = b.get(target) ?? [];
    if (wanted.length !== made.length) {
      yield { kind: 'count', text: `target ${target}: kernel ${wanted.length} frames, emulator ${made.length}` };
    }
    const first = wanted.findIndex((frame, i) => made[i] !== undefined && made[i].same !== frame.same);
    if (first >= 0) {
      const show = ({ payload, same }: WireFrame) =>
        `${JSON.stringify(payload.slice(0, 160))} ${Buffer.from(same.slice(0, 62), 'latin1').toString('hex')}`;
      const text = `target ${target}, frame ${first}\n  kernel   ${show(wanted[first]!)}\n  emulator ${show(made[first]!)}`;
      yield { kind: 'frame', text };
    }
  }
  if (threads) return;
  for (const [i, { id }] of kernel.entries()) {
    const own = emulator[i];
    if (own !== undefined && own.id !== id) yield { kind: 'id', text: `frame ${i}: kernel ${id}, emulator ${own.id}` };
  }
}
