/**
 * Counts, for reliable netconsole, which of a kernel's records receivers have acked, and which they
 * asked for in vain.
 */
import type { Kernel } from '../kernel/index.js';

/** The counts of all targets whose receivers ack. */
export interface AckCounts {
  /** How many answers came from receivers. */
  heard: number;
  /** How many datagrams came that were not answers. */
  malformed: number;
  /** How many records were sent again because a receiver asked for them. */
  resent: number;
  /** How many records were sent again, in an emergency session, because no ack came for long. */
  emergencies: number;
  /** How many records were asked for that the ring no longer held: they are lost. */
  gone: number;
  /** How many records were not acked when their kernel ended, counted for each target. */
  unacked: number;
}

/** Makes counts that are all 0. */
export function ackCounts(): AckCounts {
  return { heard: 0, malformed: 0, resent: 0, emergencies: 0, gone: 0, unacked: 0 };
}

/** How many of the latest gaps are kept. */
const GAPS_KEPT = 4096;

/** Keeps the account of one kernel. */
export class AckTally {
  /** The seqs that no record has: for each gap its first seq, and the one that follows it. */
  #gaps: { readonly from: number; readonly to: number }[] = [];
  readonly #firstSeq: number;

  /** `firstSeq` is the seq of the kernel's first record. */
  constructor(firstSeq: number) {
    this.#firstSeq = firstSeq;
  }

  /** Notes that the log has no records with the seqs `[from, to)`. */
  skipped(from: number, to: number): void {
    this.#gaps.push({ from, to });
    // A record that is thousands of gaps back is not expected to be acked any more.
    if (this.#gaps.length > 2 * GAPS_KEPT) this.#gaps = this.#gaps.slice(-GAPS_KEPT);
  }

  /** Returns the counts of `kernel` so far. `nextSeq` is the seq of its next record. */
  counts(kernel: Kernel, nextSeq: number): AckCounts {
    const counts = ackCounts();
    for (const { reliable, stats } of kernel.inspect().targets) {
      if (reliable === undefined) continue;
      counts.heard += reliable.responses;
      counts.malformed += reliable.malformed;
      counts.gone += reliable.unavailable;
      counts.resent += stats.retransmits;
      counts.emergencies += stats.emergencies;
      counts.unacked += this.#unacked(reliable.ackSeq, nextSeq);
    }
    return counts;
  }

  /** Returns how many records have a seq above the ack. An ack of 0 means that none has come. */
  #unacked(ackSeq: number, nextSeq: number): number {
    const from = ackSeq === 0 ? this.#firstSeq : ackSeq + 1;
    let records = Math.max(0, nextSeq - from);
    for (const gap of this.#gaps) records -= Math.max(0, Math.min(gap.to, nextSeq) - Math.max(gap.from, from));
    return records;
  }
}

/** Adds the counts of `more` to `to`. */
export function addAcks(to: AckCounts, more: AckCounts): void {
  for (const key of Object.keys(to) as (keyof AckCounts)[]) to[key] += more[key];
}
