/**
 * A record on its way to being whole, and what it is delivered as.
 *
 * The text of a record that comes in pieces is gathered in `bytes`; which of them have come is kept as a sorted
 * list of intervals, so pieces may be late, doubled or overlap.
 *
 * Differs: libncrx takes a zero byte for one that has not come, so a NUL in a text would never complete.
 */
import { type Fragment, NCRX_TEXT_MAX, type Packet } from './parse.js';

/** A record as the receiver delivers it. The caller owns it. */
export interface ReceivedRecord {
  /** What `uname -r` prints, where the sender prepends it. */
  readonly release: string | undefined;
  readonly facility: number;
  readonly level: number;
  readonly seq: number;
  /** Microseconds on the sender's clock. */
  readonly tsUsec: number;
  /** `c` and `+`: the start and the rest of a continued line. */
  readonly flag: '-' | 'c' | '+';
  /** The value of `caller=`: `T` and a thread id, or `C` and a processor. */
  readonly caller: string | undefined;
  /** Up to the first newline, escaped as it came; zero bytes where something is missing. `unescapeText()` undoes it. */
  readonly text: Uint8Array;
  /** What follows that newline: ` KEY=VALUE` lines. Undefined without a newline. `dictionary()` reads it. */
  readonly dict: Uint8Array | undefined;
  /** When its first piece came, in the receiver's milliseconds. */
  readonly receivedMs: number;
  /** All of it came. False: given up after the timeout. */
  readonly complete: boolean;
  /** Bytes known not to have come. There may be more when the last piece is among them. */
  readonly missingBytes: number;
  /** Some of it came as an emergency transmission. */
  readonly emergency: boolean;
  /** Out of sequence: it fitted no place in the stream, and its order among the others means nothing. */
  readonly oos: boolean;
  /** The first of a stream: the first ever, or the first after the sender started anew. */
  readonly seqReset: boolean;
  /** Seqs given up between the previous in-order record and this one. */
  readonly skipped: number;
}

const NEWLINE = 0x0a;

const NOTHING: Uint8Array = new Uint8Array(0);

/** A record being assembled. */
export class PendingRecord {
  /** The header of its first packet; the text is in `#bytes`, so that no payload is kept alive. */
  readonly packet: Packet;
  readonly receivedMs: number;
  emergency: boolean;
  /** First record of a stream. */
  seqReset: boolean;
  complete: boolean;
  #bytes: Uint8Array;
  /** Bytes of the whole text; -1: the last piece has not come. */
  #total: number;
  /** What has come: start, end, start, end, ... ascending, neither touching nor overlapping. */
  readonly #have: number[] = [];

  constructor(packet: Packet, nowMs: number, seqReset: boolean) {
    this.packet = { ...packet, text: NOTHING };
    this.receivedMs = nowMs;
    this.seqReset = seqReset;
    this.emergency = packet.emergency;
    this.complete = packet.fragment === undefined;
    if (packet.fragment === undefined) {
      this.#bytes = packet.text.slice();
      this.#total = this.#bytes.length;
    } else {
      this.#total = packet.fragment.total;
      this.#bytes = new Uint8Array(this.#total < 0 ? packet.fragment.offset + packet.text.length : this.#total);
      this.#put(packet.fragment.offset, packet.text);
    }
  }

  get seq(): number {
    return this.packet.seq;
  }

  /** Bytes of memory the text takes. */
  get size(): number {
    return this.#bytes.length;
  }

  /** Adds another packet of the same seq. */
  merge(packet: Packet): 'merged' | 'duplicate' | 'ncfrag-mismatch' {
    if (this.complete) return 'duplicate';
    const { fragment, text } = packet;
    if (fragment === undefined) {
      // Differs: libncrx drops the whole record when pieces of it have come, though an emergency may split what
      // first went out, and is sent again, in one datagram.
      this.#bytes = text.slice();
      this.#total = text.length;
      this.complete = true;
    } else {
      if (!this.#agrees(fragment, text.length)) return 'ncfrag-mismatch';
      if (fragment.total >= 0) this.#total = fragment.total;
      if (!this.#put(fragment.offset, text)) return 'duplicate';
    }
    if (packet.emergency) this.emergency = true;
    return 'merged';
  }

  /** Differs: libncrx checks the bounds only, and mixes pieces of different texts. */
  #agrees(fragment: Fragment, length: number): boolean {
    if (fragment.count !== this.packet.fragment!.count) return false;
    if (fragment.total < 0) return this.#total < 0 || fragment.offset + length <= this.#total;
    return this.#total < 0 ? this.#end() <= fragment.total : this.#total === fragment.total;
  }

  #end(): number {
    return this.#have.length === 0 ? 0 : this.#have[this.#have.length - 1]!;
  }

  /** Copies what has not come yet; false if nothing was new. What came first stays. */
  #put(offset: number, text: Uint8Array): boolean {
    const end = offset + text.length;
    if (end > this.#bytes.length) this.#grow(end);
    const have = this.#have;
    let first = 0;
    while (first < have.length && have[first + 1]! < offset) first += 2;
    let last = first;
    let at = offset;
    let fresh = false;
    while (last < have.length && have[last]! <= end) {
      if (at < have[last]!) {
        this.#bytes.set(text.subarray(at - offset, have[last]! - offset), at);
        fresh = true;
      }
      at = Math.max(at, have[last + 1]!);
      last += 2;
    }
    if (at < end) {
      this.#bytes.set(text.subarray(at - offset), at);
      fresh = true;
    }
    if (fresh) {
      const from = last > first ? Math.min(offset, have[first]!) : offset;
      have.splice(first, last - first, from, Math.max(end, at));
    }
    this.complete = have.length === 2 && have[0] === 0 && have[1] === this.#total;
    return fresh;
  }

  #grow(end: number): void {
    const bytes = new Uint8Array(Math.min(NCRX_TEXT_MAX, Math.max(end, this.#bytes.length * 2)));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }

  /** The record as it is now. `skipped`: seqs given up before it. */
  deliver(oos: boolean, skipped: number): ReceivedRecord {
    const { release, priority, seq, tsUsec, flag, caller } = this.packet;
    const length = this.#total < 0 ? this.#end() : this.#total;
    const bytes = this.#bytes.subarray(0, length);
    let missingBytes = this.complete ? 0 : length;
    if (!this.complete) {
      for (let i = 0; i < this.#have.length; i += 2) missingBytes -= this.#have[i + 1]! - this.#have[i]!;
    }
    const newline = bytes.indexOf(NEWLINE);
    return {
      release,
      facility: priority >> 3,
      level: priority & 7,
      seq,
      tsUsec,
      flag,
      caller,
      text: newline < 0 ? bytes : bytes.subarray(0, newline),
      dict: newline < 0 ? undefined : bytes.subarray(newline + 1),
      receivedMs: this.receivedMs,
      complete: this.complete,
      missingBytes,
      emergency: this.emergency,
      oos,
      seqReset: this.seqReset,
      skipped,
    };
  }
}
