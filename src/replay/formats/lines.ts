/**
 * Holds what all formats made of lines have in common: finding the lines and their edges, records
 * that span several lines, and lines too long to hold.
 *
 * CRs and NULs at a line's edges are not part of the text: serial consoles end lines in CR LF,
 * CR CR LF or LF CR, `dmesg -K` takes files with a NUL between records, and file systems fill with
 * NULs what a crash left unwritten. A byte order mark is removed, too.
 *
 * A record is pending from its first line until a line comes that is not its own, which shows that
 * it is complete. If the window ends first, the pending record is forgotten; its lines stay in the
 * window and are read again with what follows. So nothing may be decoded in place before `finish`,
 * and whatever counts or reports something must lie before `pendingStart`.
 */
import { BACKSLASH, ByteFinder, NEWLINE } from './bytes.js';
import type { Follows, LogHead, LogParser } from './format.js';
import { type Batch, type PooledRecord, RECORD_MAX_BYTES } from './record.js';

const TOO_LONG = `a line of more than ${RECORD_MAX_BYTES} bytes`;
const CR = 0x0d;
const BOM: readonly number[] = [0xef, 0xbb, 0xbf];

/** Reads a log whose records are made of lines; subclasses say what the lines mean. */
export abstract class LineParser implements LogParser {
  /** The record that is not complete yet, if there is one. */
  protected pending: PooledRecord | undefined;
  /** Where the bytes begin that are read again if the window ends before the record does. */
  protected pendingStart = 0;
  /** Tells whether a text has escapes. It must be asked in the order of the bytes. */
  protected readonly backslash: ByteFinder = new ByteFinder(BACKSLASH);
  readonly #separator: number;
  /** True while the rest of a line that was too long is skipped. */
  #skipping = false;
  #first = true;

  /** `head` tells what ends the lines; without it, a newline does. */
  constructor(head?: LogHead) {
    this.#separator = head?.separator ?? NEWLINE;
  }

  /** Reads one line, given without what ends it. */
  protected abstract line(bytes: Buffer, start: number, end: number, batch: Batch): void;
  /** Commits `record`, which was pending and is complete now. */
  protected abstract finish(bytes: Buffer, record: PooledRecord, batch: Batch): void;
  /** Is called when the log and the last pending record have ended. */
  protected ended(_batch: Batch): void {}

  parse(window: Uint8Array, at: number, end: number, follows: Follows, batch: Batch): number {
    const last = follows === 'nothing';
    const bytes = asBuffer(window);
    this.backslash.reset();
    let pos = this.#skipping ? this.#skip(bytes, at, end) : at;
    if (this.#first && (last || end - at >= BOM.length)) {
      this.#first = false;
      if (BOM.every((byte, i) => bytes[pos + i] === byte)) pos += BOM.length;
    }
    while (pos < end && !batch.full) {
      while (pos < end && (bytes[pos] === 0 || bytes[pos] === CR) && bytes[pos] !== this.#separator) pos++;
      if (pos >= end && !last) break;
      let stop = this.#find(bytes, pos, end);
      const whole = stop < end;
      if (!whole && !last) {
        if (end - pos <= RECORD_MAX_BYTES) break;
        this.complete(bytes, batch);
        batch.problems.add(++batch.line, TOO_LONG, bytes, pos, end);
        this.#skipping = true;
        return end;
      }
      if (!whole && pos >= end) {
        pos = end;
        break;
      }
      const next = whole ? stop + 1 : end;
      while (stop > pos && (bytes[stop - 1] === CR || bytes[stop - 1] === 0)) stop--;
      batch.line++;
      if (stop - pos > RECORD_MAX_BYTES) this.broken(bytes, pos, stop, TOO_LONG, batch);
      else this.line(bytes, pos, stop, batch);
      pos = next;
    }
    const done = last && pos >= end && !batch.full;
    if (this.pending === undefined || done) {
      this.complete(bytes, batch);
      if (done) this.ended(batch);
      return pos;
    }
    batch.line = this.pending.line - 1;
    this.pending = undefined;
    return this.pendingStart;
  }

  /** Takes a record for the current line. `start` is where it would be read from again. */
  protected begin(start: number, batch: Batch): PooledRecord {
    const record = batch.next();
    record.line = batch.line;
    this.pending = record;
    this.pendingStart = start;
    return record;
  }

  /** Finishes the pending record, if there is one. */
  protected complete(bytes: Buffer, batch: Batch): void {
    const record = this.pending;
    if (record === undefined) return;
    this.pending = undefined;
    this.finish(bytes, record, batch);
  }

  /** Reports the current line as no record's. The pending record ends before it. */
  protected broken(bytes: Uint8Array, start: number, end: number, reason: string, batch: Batch): void {
    this.complete(bytes as Buffer, batch);
    batch.problems.add(batch.line, reason, bytes, start, end);
  }

  /** Returns where the line ends, or `end` if the window does not hold its end. */
  #find(bytes: Buffer, pos: number, end: number): number {
    const found = bytes.indexOf(this.#separator, pos);
    return found < 0 || found > end ? end : found;
  }

  #skip(bytes: Buffer, at: number, end: number): number {
    const stop = this.#find(bytes, at, end);
    if (stop >= end) return end;
    this.#skipping = false;
    return stop + 1;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * The last array that a view was made of, with its memory. Reading `buffer` from an array is slow:
 * the call leaves V8's compiled code.
 */
let viewed: { readonly bytes: Uint8Array; readonly memory: ArrayBufferLike } | undefined;

/** Returns a view of `bytes[start..end)`, without copying. */
export function view(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (viewed?.bytes !== bytes) viewed = { bytes, memory: bytes.buffer };
  return new Uint8Array(viewed.memory, bytes.byteOffset + start, end - start);
}
