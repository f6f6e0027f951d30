/**
 * Puts the records of one sender in the order of their seqs, whatever order the network and
 * retransmission delivered them in.
 *
 *   push -> a copy of an earlier record: dropped and counted
 *        -> the next seq: handed out, and so are the held records that follow it
 *        -> a later seq: held until the gap is filled, for 256 records or 10 s of capture time
 *        -> an earlier seq whose stamp fits between its neighbours': too late, counted
 *        -> an earlier seq whose stamp does not fit: the first record of another boot
 *
 * Memory is bounded by the held records and by 4,096 remembered ones.
 */
import { sameBytes } from '../../wire/text.js';

const HELD_MAX = 256;
const HELD_USEC = 10e6;
const REMEMBERED = 4096;
/** The clocks of a machine's CPUs differ by less than this. */
const SLACK_USEC = 1e6;

/** A record as the capture has it. */
export interface CapturedRecord {
  /** The number of the frame that the record begins in. */
  readonly frame: number;
  /** When the frame was captured, in microseconds. */
  readonly capturedUsec: number;
  readonly seq: number;
  /** The record's stamp, in microseconds. */
  readonly tsUsec: number;
  /** The text, with escapes decoded; it tells copies from other records with the same seq. */
  readonly text: Uint8Array;
}

interface Remembered {
  readonly tsUsec: number;
  readonly text: Uint8Array;
}

/** Orders records; memory is bounded as the head of this file says. */
export class CaptureOrder<Record extends CapturedRecord> {
  /** How many records were copies of earlier ones. */
  copies = 0;
  /** How many records came too late for their place, and were left out. */
  late = 0;
  #next = -1;
  #latestUsec = 0;
  /** The records that wait for a gap to be filled, in order of seq. */
  #held: Record[] = [];
  readonly #remembered = new Map<number, Remembered>();
  readonly #emit: (record: Record, reboot: boolean) => void;

  /**
   * `emit` gets every record once and in order. `reboot` is true for the first one of a new boot.
   */
  constructor(emit: (record: Record, reboot: boolean) => void) {
    this.#emit = emit;
  }

  /** Takes the next record of the capture; hands out all that are in order now. */
  push(record: Record): void {
    const { seq, tsUsec } = record;
    const known = this.#remembered.get(seq) ?? this.#held.find((held) => held.seq === seq);
    if (known !== undefined && known.tsUsec === tsUsec && sameBytes(known.text, record.text)) {
      this.copies++;
      return;
    }
    if (this.#next < 0) this.#out(record);
    else if (known !== undefined || this.#isBoot(record)) this.#boot(record);
    else if (seq < this.#next) this.late++;
    else if (seq === this.#next) this.#out(record);
    else this.#hold(record);
    this.#release(record.capturedUsec);
  }

  /** Ends the input: hands out all records that are still held. */
  end(): void {
    for (const record of this.#held.splice(0)) this.#out(record);
  }

  #isBoot({ seq, tsUsec }: Record): boolean {
    if (seq >= this.#next) return tsUsec < this.#latestUsec - SLACK_USEC;
    let before = Number.NEGATIVE_INFINITY;
    let after = Number.POSITIVE_INFINITY;
    for (const [at, { tsUsec: usec }] of this.#remembered) {
      if (at < seq) before = Math.max(before, usec);
      else after = Math.min(after, usec);
    }
    // A seq below all remembered ones has no neighbour that could show how late it is.
    return before === Number.NEGATIVE_INFINITY || tsUsec < before - SLACK_USEC || tsUsec > after + SLACK_USEC;
  }

  #boot(record: Record): void {
    this.end();
    this.#remembered.clear();
    this.#next = -1;
    this.#latestUsec = 0;
    this.#out(record, true);
  }

  #hold(record: Record): void {
    let at = this.#held.length;
    while (at > 0 && this.#held[at - 1]!.seq > record.seq) at--;
    this.#held.splice(at, 0, record);
  }

  /** Hands out the held records that follow without a gap or have waited long enough. */
  #release(nowUsec: number): void {
    const held = this.#held;
    while (held.length > 0) {
      const first = held[0]!;
      const waited = held.length > HELD_MAX || Math.abs(nowUsec - first.capturedUsec) > HELD_USEC;
      if (first.seq > this.#next && !waited) return;
      held.shift();
      this.#out(first);
    }
  }

  #out(record: Record, reboot = false): void {
    this.#next = record.seq + 1;
    this.#latestUsec = Math.max(this.#latestUsec, record.tsUsec);
    this.#remembered.set(record.seq, { tsUsec: record.tsUsec, text: record.text });
    if (this.#remembered.size > REMEMBERED) this.#remembered.delete(this.#remembered.keys().next().value!);
    this.#emit(record, reboot);
  }
}
