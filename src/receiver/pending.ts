/**
 * A record on its way to being whole, and what it is delivered as.
 *
 * The body of a record that comes in pieces is gathered in a buffer of the record's own; which of
 * its bytes have come is kept as a sorted list of intervals, so pieces may be late, doubled or
 * overlap. Records are reused (`RecordPool`), so that none is allocated for each datagram.
 *
 * Differs: libncrx takes a zero byte for one that has not come, so a NUL in a text would never
 * complete.
 */
import { CARRIAGE_RETURN, isWord, latin1Text, NEWLINE } from '../wire/text.js';
import { flagText, NCRX_TEXT_MAX, type PacketFields } from './parse.js';
import type { ReceivedRecord } from './record.js';

const NOTHING: Uint8Array = new Uint8Array(0);
/** Bytes of a text that `fingerprint` looks at. */
const SAMPLES = 48;
/** A header that is longer than the body by more than this is not copied with it. */
const HEADER_ROOM = 256;
/** A buffer that is larger is not kept for the next record. */
const KEPT_BYTES = 2048;

/** Returns a number that tells texts with one seq and stamp apart, made from samples of them. */
export function fingerprint(bytes: Uint8Array, at: number, end: number): number {
  const limit = end - at > SAMPLES ? at + SAMPLES : end;
  let hash = limit - at;
  for (let i = at; i < limit; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
  return hash;
}

/** A record being assembled, waiting for its turn, or delivered and lent out. */
export class PendingRecord implements ReceivedRecord {
  boot = 0;
  seq = 0;
  tsUsec = 0;
  /** Facility * 8 + level. */
  priority = 0;
  receivedMs = 0;
  complete = false;
  missingBytes = 0;
  emergency = false;
  oos = false;
  seqReset = false;
  skipped = 0;
  release: string | undefined;
  caller: string | undefined;
  #flag = 0;
  /** Where the body lies, from `#at`; kept from record to record. */
  #bytes: Uint8Array = NOTHING;
  #at = 0;
  /** Bytes of the whole body; -1: the last piece has not come. */
  #total = 0;
  #count = 0;
  /** Bytes of the text; -1: not looked for yet. */
  #textLength = -1;
  /** What has come: start, end, start, end, ... ascending, neither touching nor overlapping. */
  readonly #have: number[] = [];

  /** Begins the record with a packet, whole or a piece of one; the packet's body is copied. */
  begin(bytes: Uint8Array, fields: PacketFields, nowMs: number): void {
    this.#header(bytes, fields, nowMs);
    this.#have.length = 0;
    this.complete = !fields.fragment;
    if (fields.fragment) {
      const room = fields.total < 0 ? fields.offset + fields.bodyEnd - fields.bodyAt : fields.total;
      this.#reserve(room);
      this.#bytes.fill(0, 0, room);
      this.#at = 0;
      this.#count = fields.count;
      this.#total = fields.total;
      this.#textLength = -1;
      this.#put(fields.offset, bytes, fields.bodyAt, fields.bodyEnd);
      return;
    }
    this.#total = fields.bodyEnd - fields.bodyAt;
    this.#textLength = fields.textEnd - fields.bodyAt;
    if (bytes.length === fields.bodyEnd && fields.bodyAt <= this.#total + HEADER_ROOM) {
      // The whole datagram: that needs no view of a part of it, which would have to be allocated.
      this.#reserve(bytes.length);
      this.#bytes.set(bytes);
      this.#at = fields.bodyAt;
    } else {
      this.#reserve(this.#total);
      copy(bytes, fields.bodyAt, fields.bodyEnd, this.#bytes, 0);
      this.#at = 0;
    }
  }

  #reserve(room: number): void {
    if (this.#bytes.length < room) this.#bytes = new Uint8Array((room + 255) & ~255);
  }

  #header(bytes: Uint8Array, fields: PacketFields, nowMs: number): void {
    this.seq = fields.seq;
    this.tsUsec = fields.tsUsec;
    this.priority = fields.priority;
    this.#flag = fields.flag;
    this.receivedMs = nowMs;
    this.emergency = fields.emergency;
    this.oos = false;
    this.seqReset = false;
    this.skipped = 0;
    this.missingBytes = 0;
    const { releaseAt, releaseEnd, callerAt, callerEnd } = fields;
    // A record reused has often the same strings as the one before.
    if (releaseEnd < 0) this.release = undefined;
    else if (this.release === undefined || !isWord(bytes, releaseAt, releaseEnd, this.release))
      this.release = latin1Text(bytes, releaseAt, releaseEnd);
    if (callerEnd < 0) this.caller = undefined;
    else if (this.caller === undefined || !isWord(bytes, callerAt, callerEnd, this.caller))
      this.caller = latin1Text(bytes, callerAt, callerEnd);
  }

  /** Drops a large buffer, before the record goes back to the pool. */
  clear(): void {
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = NOTHING;
  }

  get facility(): number {
    return this.priority >> 3;
  }

  get level(): number {
    return this.priority & 7;
  }

  get flag(): ReceivedRecord['flag'] {
    return flagText(this.#flag);
  }

  get text(): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#at + this.textLength - (this.endsInReturn ? 1 : 0));
  }

  /** Whether a raw CR ends the text. A relay put it there; kernels send a CR as `\x0d`. */
  get endsInReturn(): boolean {
    const { textLength } = this;
    return textLength > 0 && this.#bytes[this.#at + textLength - 1] === CARRIAGE_RETURN;
  }

  get dict(): Uint8Array | undefined {
    const { textLength } = this;
    const length = this.#length();
    return textLength === length ? undefined : this.#bytes.subarray(this.#at + textLength + 1, this.#at + length);
  }

  /** The bytes that text and dictionary lie in; they begin at `bodyAt`. */
  get body(): Uint8Array {
    return this.#bytes;
  }

  /** Where in `body` the text begins. */
  get bodyAt(): number {
    return this.#at;
  }

  /** Bytes of the body, as far as it is known. */
  get bodyLength(): number {
    return this.#length();
  }

  /** Bytes up to the first newline. */
  get textLength(): number {
    if (this.#textLength >= 0) return this.#textLength;
    const length = this.#length();
    const newline = this.#bytes.indexOf(NEWLINE, this.#at);
    const end = newline < 0 || newline - this.#at > length ? length : newline - this.#at;
    if (this.complete) this.#textLength = end;
    return end;
  }

  /** The fingerprint of the text, once it is whole. */
  get print(): number {
    return fingerprint(this.#bytes, this.#at, this.#at + this.textLength);
  }

  /** Bytes of the body that are held. */
  get size(): number {
    return this.#length();
  }

  /** Adds another packet of the same seq. */
  merge(bytes: Uint8Array, fields: PacketFields): 'merged' | 'duplicate' | 'ncfrag-mismatch' {
    if (this.complete) return 'duplicate';
    const length = fields.bodyEnd - fields.bodyAt;
    if (!fields.fragment) {
      // Differs: libncrx drops the whole record when pieces of it have come, though an emergency
      // may split what first went out, and is sent again, in one datagram.
      this.#reserve(length);
      copy(bytes, fields.bodyAt, fields.bodyEnd, this.#bytes, 0);
      this.#total = length;
      this.#textLength = -1;
      this.complete = true;
    } else {
      if (!this.#agrees(fields, length)) return 'ncfrag-mismatch';
      if (fields.total >= 0) this.#total = fields.total;
      if (!this.#put(fields.offset, bytes, fields.bodyAt, fields.bodyEnd)) return 'duplicate';
    }
    if (fields.emergency) this.emergency = true;
    return 'merged';
  }

  /** Differs: libncrx checks the bounds only, and mixes pieces of different texts. */
  #agrees(fields: PacketFields, length: number): boolean {
    if (fields.count !== this.#count) return false;
    if (fields.total < 0) return this.#total < 0 || fields.offset + length <= this.#total;
    return this.#total < 0 ? this.#end() <= fields.total : this.#total === fields.total;
  }

  #end(): number {
    return this.#have.length === 0 ? 0 : this.#have[this.#have.length - 1]!;
  }

  #length(): number {
    return this.#total < 0 ? this.#end() : this.#total;
  }

  /** Copies what has not come yet; false if nothing was new. What came first stays. */
  #put(offset: number, bytes: Uint8Array, from: number, to: number): boolean {
    const end = offset + to - from;
    if (end > this.#bytes.length) this.#grow(end);
    const have = this.#have;
    let fresh = false;
    if (have.length === 2 && have[1] === offset) {
      // The usual case: the next piece.
      copy(bytes, from, to, this.#bytes, offset);
      have[1] = end;
      fresh = true;
    } else {
      fresh = this.#fill(offset, end, bytes, from);
    }
    this.complete = have.length === 2 && have[0] === 0 && have[1] === this.#total;
    return fresh;
  }

  #fill(offset: number, end: number, bytes: Uint8Array, from: number): boolean {
    const have = this.#have;
    let first = 0;
    while (first < have.length && have[first + 1]! < offset) first += 2;
    let last = first;
    let at = offset;
    let fresh = false;
    while (last < have.length && have[last]! <= end) {
      if (at < have[last]!) {
        copy(bytes, from + at - offset, from + have[last]! - offset, this.#bytes, at);
        fresh = true;
      }
      at = Math.max(at, have[last + 1]!);
      last += 2;
    }
    if (at < end) {
      copy(bytes, from + at - offset, from + end - offset, this.#bytes, at);
      fresh = true;
    }
    if (fresh) {
      const begin = last > first ? Math.min(offset, have[first]!) : offset;
      have.splice(first, last - first, begin, Math.max(end, at));
    }
    return fresh;
  }

  #grow(end: number): void {
    const bytes = new Uint8Array(Math.min(NCRX_TEXT_MAX, Math.max(end, this.#bytes.length * 2)));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }

  /**
   * Ends the record, whole or given up, and counts the bytes known to be missing. `skipped` is the
   * number of seqs given up before it.
   */
  settle(oos: boolean, skipped: number): void {
    this.oos = oos;
    this.skipped = skipped;
    if (this.complete) return;
    const length = this.#length();
    if (this.#bytes.length < length) this.#grow(length);
    this.missingBytes = length;
    for (let i = 0; i < this.#have.length; i += 2) this.missingBytes -= this.#have[i + 1]! - this.#have[i]!;
  }

  /** Returns a copy for a caller to keep. */
  owned(): ReceivedRecord {
    const { release, facility, level, boot, seq, tsUsec, flag, caller, receivedMs, complete, missingBytes } = this;
    const { emergency, oos, seqReset, skipped } = this;
    const text = this.text.slice();
    const dict = this.dict?.slice();
    const fate = { complete, missingBytes, emergency, oos, seqReset, skipped };
    return { release, facility, level, boot, seq, tsUsec, flag, caller, text, dict, receivedMs, ...fate };
  }
}

/** Below this a loop is faster than making the view that `set` wants. */
const LOOP_BYTES = 96;

function copy(bytes: Uint8Array, from: number, to: number, target: Uint8Array, at: number): void {
  if (to - from > LOOP_BYTES) target.set(bytes.subarray(from, to), at);
  else for (let i = from; i < to; i++) target[at + i - from] = bytes[i]!;
}
