/** What comes of a stretch of a fleet's time: frames that arrive, and records that have left. */
import type { TrueRecord } from './truth.js';

/** A frame that arrives at the collector's end. */
export interface Arrival {
  /** The bytes of the frame as they arrive; the caller of the engine owns them. */
  readonly frame: Uint8Array;
  /** When the frame arrives, in microseconds from the start of the run. */
  readonly atUsec: number;
  /** The number of the host in the plan. Arrivals of one moment are in order of host and number. */
  readonly host: number;
  /** The number of the frame among those of its host. */
  readonly number: number;
}

/** What comes of a stretch of time. The caller owns it. */
export interface Stretch {
  /** Frames that arrive in this time, in order of time and host. */
  readonly arrivals: readonly Arrival[];
  /** Records that left in this time, in order of time and host; with `truth` only. */
  readonly records: readonly PlacedRecord[];
}

/** A record of the truth, with the number of its host in the plan. */
export interface PlacedRecord {
  readonly record: TrueRecord;
  /** The number of the host in the plan. */
  readonly host: number;
}

const BLOCK_BYTES = 64 * 1024;

/** Copies frames into blocks that many frames share: memory of its own would cost each too much. */
export class FrameCopies {
  #block = new Uint8Array(0);
  #at = 0;

  /** Returns a copy of `frame`, which the caller owns. */
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

/** Compares frames by the order in which they arrive. */
export function byArrival(a: Arrival, b: Arrival): number {
  return a.atUsec - b.atUsec || a.host - b.host || a.number - b.number;
}

/**
 * Compares records by the order in which they left. The sort is stable, so those of one host stay
 * in order.
 */
export function byDeparture(a: PlacedRecord, b: PlacedRecord): number {
  return a.record.atUsec - b.record.atUsec || a.host - b.host;
}

/** Parts what is due from what is not. Both keep their order. */
export function takeDue<T>(all: readonly T[], isDue: (one: T) => boolean): { readonly due: T[]; readonly later: T[] } {
  const due: T[] = [];
  const later: T[] = [];
  for (const one of all) (isDue(one) ? due : later).push(one);
  return { due, later };
}
