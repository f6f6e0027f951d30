/** Sums up what a scenario came to, as `run --json` prints it and its report shows it. */

import { tallyOf } from '../kernel/index.js';
import { defined } from '../options.js';
import { type RunInterval, runSeries } from '../run/observer.js';
import type { Outcome, Scenario, ScenarioOp, ScenarioResult } from '../scenario/index.js';
import { decodeFrame } from '../wire/decode.js';
import { PcapReader } from '../wire/pcap.js';

/** One operation, and what came of it. */
export interface OperationOutcome {
  /** The number of the operation in the scenario, from 0. */
  readonly number: number;
  /** The name of the operation. */
  readonly operation: string;
  /** The arguments of the operation, in words. */
  readonly with: string;
  /** What came of it: `ok`, an errno, or what it read; empty if it cannot fail. */
  readonly outcome: string;
}

/** What a scenario came to. */
export interface RunSummary {
  /** Says which kernel was emulated, and how well it is known. */
  readonly kernel: string;
  /** The name of the kernel's profile. */
  readonly profile: string;
  /** Set if the kernel that was asked for is newer than all known ones. */
  readonly warning?: string;
  /** How many operations were done. */
  readonly operations: number;
  /** Operations that ended with an errno. */
  readonly refused: number;
  /** Frames that left. */
  readonly frames: number;
  /** The bytes of these frames. */
  readonly bytes: number;
  /** Frames that carried a part of a record. */
  readonly fragments: number;
  /** Frames that the kernel gave up. */
  readonly notSent: number;
  /** Messages that found no room in the kernel's ring. */
  readonly noRoom: number;
  /** Responses of the reliable extension. */
  readonly acks: number;
  /** Records that were sent again on request. */
  readonly retransmits: number;
  /** Records that were sent again, as an emergency, because no ack came. */
  readonly emergencies: number;
  /** Seconds from the first frame to the last, in the kernel's time. */
  readonly seconds: number;
  /** What happened in each interval of the kernel's time. */
  readonly intervals: readonly RunInterval[];
  /** What came of each operation, in order. */
  readonly outcomes: readonly OperationOutcome[];
}

/** How many characters are shown of an operation's arguments. */
const SHOWN = 100;

/** Sums up a scenario's result: frames by its capture, the other counts by its kernel. */
export function runSummary({ ops }: Scenario, { kernel, choice, pcap, outcomes }: ScenarioResult): RunSummary {
  const series = runSeries();
  const packets = new PcapReader().push(pcap);
  const first = packets[0]?.tsUsec ?? 0;
  let [bytes, seconds] = [0, 0];
  for (const { frame, tsUsec } of packets) {
    const usec = Math.max(0, tsUsec - first);
    series.add('achieved', usec, 1);
    bytes += frame.length;
    seconds = Math.max(seconds, usec / 1e6);
    const { message } = decodeFrame(frame);
    if (message?.kind !== 'extended') continue;
    if (message.fragment !== undefined) series.add('fragments', usec, 1);
    if (message.emergency) series.add('emergencies', usec, 1);
  }
  const { fragments, notSent, noRoom, acks, retransmits, emergencies } = tallyOf(kernel);
  return {
    kernel: choice.said,
    profile: choice.profile.name,
    ...defined({ warning: choice.warning }),
    operations: outcomes.length,
    refused: outcomes.filter((outcome) => typeof outcome === 'string' && outcome !== 'ok').length,
    frames: packets.length,
    bytes,
    ...{ fragments, notSent, noRoom, acks, retransmits, emergencies },
    seconds,
    intervals: series.intervals,
    outcomes: outcomes.map((outcome, number) => ({
      number,
      operation: ops[number]!.op,
      with: told(ops[number]!),
      outcome: cameOf(outcome),
    })),
  };
}

function told({ op: _, ...rest }: ScenarioOp): string {
  // The operations of a recording also have what came of them on the real kernel: leave that out.
  const { outcome: __, ...given } = rest as ScenarioOp & { readonly outcome?: unknown };
  const text = Object.entries(given)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}

function cameOf(outcome: Outcome): string {
  if (outcome === null) return '';
  return typeof outcome === 'string' ? outcome : `read ${JSON.stringify(outcome.data)}`;
}
