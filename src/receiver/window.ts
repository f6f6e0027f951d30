/**
 * The reorder window: a ring of slots, one a seq, from the oldest not yet retired (tail) to the next expected (head).
 *
 *      tail                       head
 *       |                          |
 *   ... [hole] [whole] [part] ...  (free)        headSeq - occupied = tailSeq
 *
 * States of a slot: free; hole (nothing or not everything has come); whole. A slot leaves the window at the tail only,
 * in order, whole or given up. One stride of slots always stays free, so that what is sent again for a slot
 * just retired is still recognised by the time stamp that slot keeps.
 *
 * Follows libncrx get_seq_slot(), make_room(), retire_tail().
 */
import type { PendingRecord } from './record.js';

/** The seq belongs to no slot: out of sequence. */
export const OUT_OF_SEQUENCE = -1;
/** The seq has left the window. */
export const RETIRED = -2;

export interface WindowOptions {
  readonly nrSlots: number;
  readonly retxStride: number;
  readonly oosIntvMs: number;
}

export class Window {
  readonly #nrSlots: number;
  readonly #busyMax: number;
  readonly #oosIntvMs: number;
  readonly #retire: (record: PendingRecord) => void;
  readonly #records: (PendingRecord | undefined)[];
  /** 1: the slot is in use and not whole. */
  readonly #hole: Uint8Array;
  /** When something last came for the slot; -Infinity: never. Kept when the slot is retired. */
  readonly #timestamp: Float64Array;
  /** When it was last asked for; -Infinity: never since it was opened. */
  readonly #retxTimestamp: Float64Array;
  #head = 0;
  #tail = 0;
  /** A stream has begun. */
  started = false;
  /** The next seq expected. */
  headSeq = 0;
  /** Slots from tail to head. */
  occupied = 0;
  /** How many of them are not whole. */
  holes = 0;
  /** Slots opened since the beginning, also by a stream before this one. */
  opened = 0;
  /** Bytes of text held. */
  bytes = 0;

  /** `retire` is given every record that leaves, whole or not. */
  constructor(options: WindowOptions, retire: (record: PendingRecord) => void) {
    this.#nrSlots = options.nrSlots;
    this.#busyMax = options.nrSlots - options.retxStride;
    this.#oosIntvMs = options.oosIntvMs;
    this.#retire = retire;
    this.#records = new Array<PendingRecord | undefined>(options.nrSlots).fill(undefined);
    this.#hole = new Uint8Array(options.nrSlots);
    this.#timestamp = new Float64Array(options.nrSlots).fill(Number.NEGATIVE_INFINITY);
    this.#retxTimestamp = new Float64Array(options.nrSlots);
  }

  get tailSeq(): number {
    return this.headSeq - this.occupied;
  }

  /** When something last came for the oldest slot, milliseconds. */
  get tailTimestamp(): number {
    return this.#timestamp[this.#tail]!;
  }

  get tailWhole(): boolean {
    return this.#hole[this.#tail] === 0;
  }

  /** The slot for `seq`, opening the ones up to it; OUT_OF_SEQUENCE or RETIRED if there is none. */
  slotFor(seq: number, emergency: boolean, nowMs: number): number {
    if (!this.started) {
      this.started = true;
      this.headSeq = seq;
    }
    const delta = seq - this.headSeq;
    if (delta > this.#nrSlots || -delta > this.#nrSlots) return OUT_OF_SEQUENCE;
    const slot = this.#slot(delta);
    if (-delta > this.occupied) {
      // An emergency repeats for as long as nobody acks, so its age says nothing.
      if (!emergency && this.#timestamp[slot]! + this.#oosIntvMs < nowMs) return OUT_OF_SEQUENCE;
      this.#timestamp[slot] = nowMs;
      return RETIRED;
    }
    for (let i = 0; i <= delta; i++) this.#open(nowMs);
    this.#timestamp[slot] = nowMs;
    return slot;
  }

  /** The slot of seq `headSeq + delta`, |delta| at most the number of slots. */
  #slot(delta: number): number {
    const slot = this.#head + delta;
    return slot < 0 ? slot + this.#nrSlots : slot >= this.#nrSlots ? slot - this.#nrSlots : slot;
  }

  /** Makes the head slot a hole and moves on; what overflows leaves at the tail. */
  #open(nowMs: number): void {
    const slot = this.#head;
    this.#hole[slot] = 1;
    this.holes++;
    this.#timestamp[slot] = nowMs;
    this.#retxTimestamp[slot] = Number.NEGATIVE_INFINITY;
    this.#head = slot + 1 === this.#nrSlots ? 0 : slot + 1;
    this.headSeq++;
    this.occupied++;
    this.opened++;
    if (this.occupied > this.#busyMax) this.retireTail();
  }

  recordAt(slot: number): PendingRecord | undefined {
    return this.#records[slot];
  }

  /** Puts a record into a slot of `slotFor` that has none. */
  store(slot: number, record: PendingRecord): void {
    this.#records[slot] = record;
    this.bytes += record.size;
    this.settle(slot, 0);
  }

  /** After a record may have become whole. `grown`: bytes by which it grew. */
  settle(slot: number, grown: number): void {
    this.bytes += grown;
    if (this.#hole[slot] === 1 && this.#records[slot]!.complete) {
      this.#hole[slot] = 0;
      this.holes--;
    }
  }

  retireTail(): void {
    const slot = this.#tail;
    const next = slot + 1 === this.#nrSlots ? 0 : slot + 1;
    if (this.#hole[slot] === 1) {
      this.#hole[slot] = 0;
      this.holes--;
    }
    this.#tail = next;
    this.occupied--;
    // What is old stays old: without this the verdict on a late seq would flip as the stream moves on.
    this.#timestamp[next] = Math.max(this.#timestamp[slot]!, this.#timestamp[next]!);
    const record = this.#records[slot];
    if (record === undefined) return;
    this.#records[slot] = undefined;
    this.bytes -= record.size;
    this.#retire(record);
  }

  /** Retires everything; the next seq begins a new stream. */
  reset(): void {
    while (this.occupied > 0) this.retireTail();
    this.started = false;
    this.headSeq = 0;
  }

  /**
   * Offers holes to `request`, oldest first: those not heard of or asked for in `retxIntvMs`, and, when `crossed`, those
   * more than `stride` behind the head. `request` returns false when it has no room; the rest is not offered then.
   * Returns the time at which the next hole is due, milliseconds.
   *
   * Differs: libncrx also counts what found no room as asked for, so that the oldest holes, which may never be
   * filled, keep the others from being asked for at all.
   */
  requestHoles(
    nowMs: number,
    retxIntvMs: number,
    stride: number,
    crossed: boolean,
    request: (seq: number) => boolean,
  ): number {
    let due = Number.POSITIVE_INFINITY;
    let slot = this.#tail;
    for (let distance = this.occupied; distance > 0; distance--) {
      if (this.#hole[slot] === 1) {
        const last = Math.max(this.#timestamp[slot]!, this.#retxTimestamp[slot]!);
        let next = last + retxIntvMs;
        const isDue = next <= nowMs;
        if (isDue || (crossed && distance > stride)) {
          if (!request(this.headSeq - distance)) return nowMs;
          if (isDue) {
            this.#retxTimestamp[slot] = nowMs;
            next = nowMs + retxIntvMs;
          }
        }
        if (next < due) due = next;
      }
      slot = slot + 1 === this.#nrSlots ? 0 : slot + 1;
    }
    return due;
  }
}
