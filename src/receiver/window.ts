/**
 * The reorder window: a ring of slots, one a seq, from the oldest not yet retired (tail) to the
 * next expected (head).
 *
 *      history        tail                       head
 *         |            |                          |
 *   ... [whole] [lost] [hole] [whole] [part] ...  (free)        headSeq - occupied = tailSeq
 *
 * A slot leaves the window at the tail only, in order, whole or given up. It keeps its stamp and
 * the fingerprint of its text until the ring comes round to it, so that what comes for it again is
 * known: a duplicate, a record that was given up too early, or another boot's. One stride of slots
 * always stays free.
 *
 * The ring grows with the stream, up to `nrSlots`: a source that sends little costs little.
 *
 * Follows libncrx get_seq_slot(), make_room(), retire_tail().
 */
import type { PendingRecord } from './pending.js';
import { HOLE, LOST, PART, SLOT_BYTES, SlotRing, WHOLE } from './slots.js';

/** The seq belongs to no slot: out of sequence. */
export const OUT_OF_SEQUENCE = -1;
/** The seq has left the window, and what came for it was delivered. */
export const RETIRED = -2;
/** The seq has left the window without anything having come for it. */
export const GIVEN_UP = -3;

/** The options that a window goes by; as in `ReceiverOptions`. */
export interface WindowOptions {
  readonly nrSlots: number;
  readonly retxStride: number;
  readonly oosIntvMs: number;
}

/** The seq, and what else decides the place of a packet, or of a record that was held. */
export interface Arrived {
  readonly seq: number;
  readonly emergency: boolean;
}

/** The window of one stream. */
export class Window {
  readonly #options: WindowOptions;
  readonly #retire: (record: PendingRecord) => void;
  /** Made with the first record: most of what a flood of false senders costs. */
  #ring!: SlotRing;
  #head = 0;
  #tail = 0;
  /** Whether a record has come. */
  started = false;
  /** The next seq expected. */
  headSeq = 0;
  /** Slots from tail to head. */
  occupied = 0;
  /** How many of them are not whole. */
  holes = 0;
  /** Slots opened since the beginning. */
  opened = 0;
  /** Bytes of text held. */
  bytes = 0;
  /** The stamp of the first record. */
  firstStamp = 0;
  /** The latest stamp of those records that moved the head. */
  headStamp = 0;

  /** `retire` is given every record that leaves, whole or not. */
  constructor(options: WindowOptions, retire: (record: PendingRecord) => void) {
    this.#options = options;
    this.#retire = retire;
  }

  /** Bytes of the ring of slots; 0 while no record has come. */
  get ringBytes(): number {
    return this.started ? this.#ring.slots * SLOT_BYTES : 0;
  }

  /** The seq of the oldest slot in the window; `headSeq` if the window is empty. */
  get tailSeq(): number {
    return this.headSeq - this.occupied;
  }

  /** When something last came for the oldest slot, milliseconds. */
  get tailTimestamp(): number {
    return this.#ring.heard[this.#tail]!;
  }

  /** Whether the oldest slot's record is whole. */
  get tailWhole(): boolean {
    return this.#ring.state[this.#tail] === WHOLE;
  }

  /** Whether the stamps of this stream move, so that they tell one boot from another. */
  get live(): boolean {
    return this.headStamp > this.firstStamp;
  }

  /**
   * Takes the shortest way, for a whole record that is the next one and finds the window empty: its
   * slot is opened and retired in one. The caller delivers it.
   */
  pass(seq: number, stamp: number, print: number, nowMs: number): void {
    if (this.opened >= this.#ring.slots && this.#ring.slots < this.#options.nrSlots) this.#grow();
    const slot = this.#head;
    const next = slot + 1 === this.#ring.slots ? 0 : slot + 1;
    this.#ring.state[slot] = WHOLE;
    this.#ring.heard[slot] = nowMs;
    this.#ring.stamp[slot] = stamp;
    this.#ring.print[slot] = print;
    this.#head = next;
    this.#tail = next;
    this.headSeq = seq + 1;
    this.opened++;
    if (stamp > this.headStamp) this.headStamp = stamp;
    if (this.#ring.heard[next]! < nowMs) this.#ring.heard[next] = nowMs;
  }

  /** Opens the slots up to `seq` and returns its; or OUT_OF_SEQUENCE, RETIRED or GIVEN_UP. */
  slotFor({ seq, emergency }: Arrived, nowMs: number): number {
    if (!this.started) {
      this.#ring = new SlotRing(this.#options.nrSlots);
      this.started = true;
      this.headSeq = seq;
    }
    const { nrSlots, oosIntvMs } = this.#options;
    const delta = seq - this.headSeq;
    if (delta > nrSlots || -delta > nrSlots) return OUT_OF_SEQUENCE;
    if (-delta > this.occupied) {
      // An emergency repeats for as long as nobody acks, so its age says nothing.
      while (emergency && -delta > this.#ring.slots) this.#grow();
      const slot = this.#slotBehind(-delta);
      if (slot >= 0 && this.#ring.state[slot] === LOST) return GIVEN_UP;
      const unheard = slot < 0 || -delta > this.opened || this.#ring.heard[slot]! + oosIntvMs < nowMs;
      if (slot < 0 || (unheard && !emergency)) return OUT_OF_SEQUENCE;
      this.#ring.heard[slot] = nowMs;
      return RETIRED;
    }
    for (let i = 0; i <= delta; i++) this.#open(nowMs);
    const slot = this.#slotBehind(this.headSeq - seq);
    this.#ring.heard[slot] = nowMs;
    return slot;
  }

  /**
   * Returns the slot of the seq `distance` before the head; -1 if the ring does not reach so far.
   */
  #slotBehind(distance: number): number {
    if (distance > this.#ring.slots) return -1;
    const slot = this.#head - distance;
    return slot < 0 ? slot + this.#ring.slots : slot;
  }

  /** Makes the head slot a hole and moves on; what overflows leaves at the tail. */
  #open(nowMs: number): void {
    if (this.opened >= this.#ring.slots && this.#ring.slots < this.#options.nrSlots) this.#grow();
    const slot = this.#head;
    this.#ring.state[slot] = HOLE;
    this.holes++;
    this.#ring.heard[slot] = nowMs;
    this.#ring.asked[slot] = Number.NEGATIVE_INFINITY;
    this.#head = slot + 1 === this.#ring.slots ? 0 : slot + 1;
    this.headSeq++;
    this.occupied++;
    this.opened++;
    if (this.occupied > this.#options.nrSlots - this.#options.retxStride) this.retireTail();
  }

  #grow(): void {
    this.#head = this.#ring.grow(this.#head);
    this.#tail = this.#head - this.occupied;
  }

  /** Returns the record that waits in a slot; undefined if nothing has come. */
  recordAt(slot: number): PendingRecord | undefined {
    return this.#ring.records[slot];
  }

  /** Puts a record into a slot of `slotFor` that has none. */
  store(slot: number, record: PendingRecord): void {
    if (this.opened === 1) this.firstStamp = record.tsUsec;
    if (record.seq === this.headSeq - 1 && record.tsUsec > this.headStamp) this.headStamp = record.tsUsec;
    this.#ring.records[slot] = record;
    this.#ring.stamp[slot] = record.tsUsec;
    this.bytes += record.size;
    this.settle(slot, 0);
  }

  /** Notes that a record grew by `grown` bytes, so that it may be whole now. */
  settle(slot: number, grown: number): void {
    this.bytes += grown;
    const record = this.#ring.records[slot]!;
    if (this.#ring.state[slot] !== HOLE || !record.complete) return;
    this.#ring.state[slot] = WHOLE;
    this.#ring.print[slot] = record.print;
    this.holes--;
  }

  /** Notes that a record that was given up has come after all, whole. */
  regain(seq: number, stamp: number, print: number): void {
    const slot = this.#slotBehind(this.headSeq - seq);
    this.#ring.state[slot] = WHOLE;
    this.#ring.stamp[slot] = stamp;
    this.#ring.print[slot] = print;
  }

  /** Takes the oldest slot out of the window, and hands its record on, whole or not. */
  retireTail(): void {
    const slot = this.#tail;
    const next = slot + 1 === this.#ring.slots ? 0 : slot + 1;
    const record = this.#ring.records[slot];
    if (this.#ring.state[slot] === HOLE) {
      this.#ring.state[slot] = record === undefined ? LOST : PART;
      this.holes--;
    }
    this.#tail = next;
    this.occupied--;
    // Once a seq counts as old it stays old; otherwise a late packet would be judged differently
    // over time.
    this.#ring.heard[next] = Math.max(this.#ring.heard[slot]!, this.#ring.heard[next]!);
    if (record === undefined) return;
    this.#ring.records[slot] = undefined;
    this.bytes -= record.size;
    this.#retire(record);
  }

  /** Retires every record of the window. */
  drain(): void {
    while (this.occupied > 0) this.retireTail();
  }

  /**
   * How a record fits what is known of its seq: `same` was heard, in all that is compared; `other`
   * contradicts it; `fits` an open or lost seq between the stamps of its neighbours; `next` is the
   * one expected, and not older than the last; `unknown` is all else. `print` is compared where it
   * is not NaN.
   */
  judge(
    seq: number,
    stamp: number,
    print: number,
    toleranceUsec: number,
  ): 'same' | 'other' | 'fits' | 'next' | 'unknown' {
    const distance = this.headSeq - seq;
    if (distance === 0) return stamp >= this.headStamp ? 'next' : 'unknown';
    if (distance < 0) {
      const back = this.live && -distance <= this.#options.nrSlots && stamp + toleranceUsec < this.headStamp;
      return back ? 'other' : 'unknown';
    }
    const slot = distance <= this.opened ? this.#slotBehind(distance) : -1;
    if (slot < 0) return 'unknown';
    const state = this.#ring.state[slot];
    if (state === WHOLE || (state === HOLE && this.#ring.records[slot] !== undefined) || state === PART) {
      if (stamp !== this.#ring.stamp[slot]) return 'other';
      return state === WHOLE && !Number.isNaN(print) && print !== this.#ring.print[slot] ? 'other' : 'same';
    }
    if (!this.live) return 'unknown';
    const [before, after] = [this.#neighbour(distance, 1), this.#neighbour(distance, -1)];
    return before - toleranceUsec <= stamp && stamp <= after + toleranceUsec ? 'fits' : 'other';
  }

  /** The stamp of the nearest record before (`step` 1) or behind (-1) the seq at `distance`. */
  #neighbour(distance: number, step: 1 | -1): number {
    const most = Math.min(this.opened, this.#ring.slots);
    for (let d = distance + step; d > 0 && d <= most; d += step) {
      const slot = this.#slotBehind(d);
      if (this.#ring.state[slot] === WHOLE || this.#ring.records[slot] !== undefined) return this.#ring.stamp[slot]!;
    }
    return step === 1 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }

  /**
   * Offers holes to `request`, oldest first: those not heard of or asked for in `retxIntvMs`, and
   * those more than `stride` seqs behind the head. `request` returns false when it has no room; the
   * rest is not offered then. Returns the time at which the next hole is due, milliseconds.
   *
   * Differs: libncrx also counts what found no room as asked for, so that the oldest holes, which
   * may never be filled, keep the others from being asked for at all.
   */
  requestHoles(nowMs: number, retxIntvMs: number, stride: number, request: (seq: number) => boolean): number {
    let due = Number.POSITIVE_INFINITY;
    let slot = this.#tail;
    for (let distance = this.occupied; distance > 0; distance--) {
      if (this.#ring.state[slot] === HOLE) {
        const last = Math.max(this.#ring.heard[slot]!, this.#ring.asked[slot]!);
        let next = last + retxIntvMs;
        const isDue = next <= nowMs;
        if (isDue || distance > stride) {
          if (!request(this.headSeq - distance)) return nowMs;
          if (isDue) {
            this.#ring.asked[slot] = nowMs;
            next = nowMs + retxIntvMs;
          }
        }
        if (next < due) due = next;
      }
      slot = slot + 1 === this.#ring.slots ? 0 : slot + 1;
    }
    return due;
  }
}
