/**
 * Counts which of a kernel's records receivers acked, and what they asked for in vain: the account
 * of reliable netconsole.
 */
import type { Kernel } from '../kernel/index.js';

/** Counts of all targets that are acked. */
export interface AckCounts {
  /** Answers that came, and datagrams that were no answer. */
  heard: number;
  malformed: number;
  /** Records sent again: asked for, and in an emergency session, when no ack came for long. */
  resent: number;
  emergencies: number;
  /** Records asked for that the ring no longer had: they are lost. */
  gone: number;
  /** Records that nobody had acked when their kernel ended, counted for each target. */
  unacked: number;
}

export function ackCounts(): AckCounts {
  return { heard: 0, malformed: 0, resent: 0, emergencies: 0, gone: 0, unacked: 0 };
}

/** How many gaps are kept before those behind the ack are forgotten. */
const GAPS_KEPT = 4096;

export class AckTally {
  /** Seqs that no record has: the first of each gap and the one that follows it. */
  #gaps: { readonly from: number; readonly to: number }[] = [];
  readonly #firstSeq: number;

  /** Of one kernel, whose first record has `firstSeq`. */
  constructor(firstSeq: number) {
    this.#firstSeq = firstSeq;
  }

  /** The log has no records of these seqs. */
  skipped(from: number, to: number): void {
    this.#gaps.push({ from, to });
    // A record thousands of gaps back is not waited for any more.
    if (this.#gaps.length > 2 * GAPS_KEPT) this.#gaps = this.#gaps.slice(-GAPS_KEPT);
  }

  /** So far, of `kernel`, whose next record has `nextSeq`. */
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

  /** Records with a seq above the ack; an ack of 0 is none. */
  #unacked(ackSeq: number, nextSeq: number): number {
    const from = ackSeq === 0 ? this.#firstSeq : ackSeq + 1;
    let records = Math.max(0, nextSeq - from);
    for (const gap of this.#gaps) records -= Math.max(0, Math.min(gap.to, nextSeq) - Math.max(gap.from, from));
    return records;
  }
}

/** Adds `more` to `to`. */
export function addAcks(to: AckCounts, more: AckCounts): void {
  for (const key of Object.keys(to) as (keyof AckCounts)[]) to[key] += more[key];
}
