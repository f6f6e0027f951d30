/** What a stretch of a fleet's time has come to: frames that arrive, and records that have left. */
import type { TrueRecord } from './truth.js';

/** A frame that arrives at the collector's end. */
export interface Arrival {
  readonly frame: Uint8Array;
  readonly atUsec: number;
  /** Of the plan's hosts; of this host's frames. Arrivals of one moment are in this order. */
  readonly host: number;
  readonly number: number;
}

/** What a stretch of time has come to. The caller owns it. */
export interface Stretch {
  readonly arrivals: readonly Arrival[];
  /** Records that left in it, in order of time and host; with `truth` only. */
  readonly records: readonly PlacedRecord[];
}

/** A record of the truth, with the number of its host in the plan. */
export interface PlacedRecord {
  readonly record: TrueRecord;
  readonly host: number;
}

const BLOCK_BYTES = 64 * 1024;

/** Copies of frames, in blocks that many share: memory of its own would cost each frame much. */
export class FrameCopies {
  #block = new Uint8Array(0);
  #at = 0;

  of(frame: Uint8Array): Uint8Array {
    if (this.#at + frame.length > this.#block.length) {
      this.#block = new Uint8Array(Math.max(BLOCK_BYTES, frame.length));
      this.#at = 0;
    }
    const copy = this.#block.subarray(this.#at, this.#at + frame.length);
    copy.set(frame);
    this.#at += frame.length;
    return copy;
  }
}

/** Frames in the order in which they arrive. */
export function byArrival(a: Arrival, b: Arrival): number {
  return a.atUsec - b.atUsec || a.host - b.host || a.number - b.number;
}

/**
 * Records in the order in which they left; the sort is stable, so those of one host stay in order.
 */
export function byDeparture(a: PlacedRecord, b: PlacedRecord): number {
  return a.record.atUsec - b.record.atUsec || a.host - b.host;
}

/** What is due, and what is not, both in the order in which they were. */
export function takeDue<T>(all: readonly T[], isDue: (one: T) => boolean): { readonly due: T[]; readonly later: T[] } {
  const due: T[] = [];
  const later: T[] = [];
  for (const one of all) (isDue(one) ? due : later).push(one);
  return { due, later };
}
