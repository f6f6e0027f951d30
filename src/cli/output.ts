/**
 * Lines on their way out, gathered as bytes and written many at a time. A record without anything
 * odd about it is put there byte by byte, in the form that `recordLines` has; a test holds the two
 * together.
 */
import type { ReceivedRecord } from '../receiver/index.js';
import { BACKSLASH, SPACE } from '../wire/text.js';

const CHUNK_BYTES = 256 * 1024;
/** Of all but the text: prefixes and numbers. */
const LINE_ROOM = 512;

/** Bytes that are gathered until they are written. */
export class Output {
  #chunk: Buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #length = 0;

  /** Bytes that wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds a text as it is. */
  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#chunk.write(text, this.#length);
  }

  /**
   * Adds `PREFIX <PRIO>[SECONDS] TEXT` and a newline; false, and nothing is added, if the record
   * needs more than that.
   */
  record(prefix: string, record: ReceivedRecord): boolean {
    if (record.seqReset || record.skipped > 0 || record.oos || record.emergency || !record.complete) return false;
    const { dict, caller, text } = record;
    if ((dict !== undefined && dict.length > 0) || caller !== undefined) return false;
    this.#reserve(text.length + LINE_ROOM);
    const chunk = this.#chunk;
    let at = this.#length;
    for (let i = 0; i < prefix.length; i++) chunk[at++] = prefix.charCodeAt(i);
    chunk[at++] = 0x20;
    chunk[at++] = 0x3c;
    at = this.#decimal(at, record.facility * 8 + record.level, 0, 0);
    chunk[at++] = 0x3e;
    chunk[at++] = 0x5b;
    const seconds = Math.floor(record.tsUsec / 1e6);
    at = this.#decimal(at, seconds, 5, SPACE);
    chunk[at++] = 0x2e;
    at = this.#decimal(at, record.tsUsec - seconds * 1e6, 6, 0x30);
    chunk[at++] = 0x5d;
    chunk[at++] = 0x20;
    for (let i = 0; i < text.length; i++) {
      const byte = text[i]!;
      if (byte < SPACE || byte > 0x7e || byte === BACKSLASH) return false;
      chunk[at++] = byte;
    }
    chunk[at++] = 0x0a;
    this.#length = at;
    return true;
  }

  /** What has been gathered; the caller owns it. */
  take(): Buffer {
    const taken = this.#chunk.subarray(0, this.#length);
    this.#chunk = this.#chunk.subarray(this.#length);
    this.#length = 0;
    return taken;
  }

  #reserve(bytes: number): void {
    if (this.#chunk.length - this.#length >= bytes) return;
    const larger = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, this.#length + bytes));
    this.#chunk.copy(larger, 0, 0, this.#length);
    this.#chunk = larger;
  }

  /** Writes a whole number, at least `width` wide, at `at`; returns where it ends. */
  #decimal(at: number, value: number, width: number, fill: number): number {
    let digits = 1;
    for (let limit = 10; value >= limit; limit *= 10) digits++;
    let from = at;
    for (; from < at + width - digits; from++) this.#chunk[from] = fill;
    let rest = value;
    for (let i = from + digits - 1; i >= from; i--) {
      const next = Math.floor(rest / 10);
      this.#chunk[i] = 0x30 + (rest - next * 10);
      rest = next;
    }
    return from + digits;
  }
}
