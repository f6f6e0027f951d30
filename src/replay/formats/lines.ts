/**
 * What the formats made of lines have in common: finding the lines, one record over several of them, and lines
 * too long to hold.
 *
 * A record is pending from its first line until a line comes that is not its own: only then is it complete. When the
 * window ends first, the pending record is forgotten and its lines stay in the window, to be read again with
 * what follows. So nothing is decoded in place before `finish`.
 */
import { BACKSLASH, NEWLINE } from './bytes.js';
import { type Batch, type LogParser, type PooledRecord, RECORD_MAX_BYTES } from './record.js';

const TOO_LONG = `a line of more than ${RECORD_MAX_BYTES} bytes`;

export abstract class LineParser implements LogParser {
  /** The record that is not complete yet. */
  protected pending: PooledRecord | undefined;
  /** Where its first line begins. */
  protected pendingStart = 0;
  /** The rest of a line that was too long is being skipped. */
  #skipping = false;
  /** Lines end in CR LF, as on a serial line: the first one did. */
  #crlf: boolean | undefined;
  /** The first backslash from somewhere on; before the text in question: to be looked for again. */
  #backslash = -1;

  /** One line, without its newline. */
  protected abstract line(bytes: Uint8Array, start: number, end: number, batch: Batch): void;
  /** `pending` is complete: commit it. */
  protected abstract finish(bytes: Uint8Array, record: PooledRecord, batch: Batch): void;

  parse(bytes: Uint8Array, at: number, end: number, last: boolean, batch: Batch): number {
    this.#backslash = -1;
    let pos = this.#skipping ? this.#skip(bytes, at, end) : at;
    while (pos < end && !batch.full) {
      let stop = findNewline(bytes, pos, end);
      const whole = stop < end;
      if (!whole && !last) {
        if (end - pos <= RECORD_MAX_BYTES) break;
        this.complete(bytes, batch);
        batch.problems.add(++batch.line, TOO_LONG, bytes, pos, end);
        this.#skipping = true;
        return end;
      }
      const next = whole ? stop + 1 : end;
      this.#crlf ??= stop > pos && bytes[stop - 1] === 0x0d;
      if (this.#crlf && stop > pos && bytes[stop - 1] === 0x0d) stop--;
      batch.line++;
      if (stop - pos > RECORD_MAX_BYTES) this.broken(bytes, pos, stop, TOO_LONG, batch);
      else this.line(bytes, pos, stop, batch);
      pos = next;
    }
    if (this.pending === undefined) return pos;
    if (last && pos >= end && !batch.full) {
      this.complete(bytes, batch);
      return pos;
    }
    batch.line = this.pending.line - 1;
    this.pending = undefined;
    return this.pendingStart;
  }

  /** Takes a record for the line at hand. */
  protected begin(start: number, batch: Batch): PooledRecord {
    const record = batch.next();
    record.line = batch.line;
    this.pending = record;
    this.pendingStart = start;
    return record;
  }

  /** Hands over the pending record, if there is one. */
  protected complete(bytes: Uint8Array, batch: Batch): void {
    const record = this.pending;
    if (record === undefined) return;
    this.pending = undefined;
    this.finish(bytes, record, batch);
  }

  /** The line at hand is no record's; what was pending ends before it. */
  protected broken(bytes: Uint8Array, start: number, end: number, reason: string, batch: Batch): void {
    this.complete(bytes, batch);
    batch.problems.add(batch.line, reason, bytes, start, end);
  }

  /** Whether there is a backslash in `bytes[start..end)`. Asked in ascending order it costs one pass over the window. */
  protected hasBackslash(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#backslash < start) {
      const found = bytes.indexOf(BACKSLASH, start);
      this.#backslash = found < 0 ? Number.MAX_SAFE_INTEGER : found;
    }
    return this.#backslash < end;
  }

  #skip(bytes: Uint8Array, at: number, end: number): number {
    const stop = findNewline(bytes, at, end);
    if (stop >= end) return end;
    this.#skipping = false;
    return stop + 1;
  }
}

/** Short lines are scanned faster than a native call begins. */
const NEAR_BYTES = 128;

/** Where the next newline is, `end` if there is none. */
function findNewline(bytes: Uint8Array, pos: number, end: number): number {
  const near = Math.min(end, pos + NEAR_BYTES);
  for (let i = pos; i < near; i++) if (bytes[i] === NEWLINE) return i;
  if (near === end) return end;
  const found = bytes.indexOf(NEWLINE, near);
  return found < 0 || found > end ? end : found;
}

/** The bytes of a text, where they lie. */
export function view(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}
