/**
 * What the formats made of lines have in common: finding the lines, one record over several of them, and lines
 * too long to hold.
 *
 * A record is pending from its first line until a line comes that is not its own: only then is it complete. When the
 * window ends first, the pending record is forgotten and its lines stay in the window, to be read again with
 * what follows. So nothing is decoded in place before `finish`.
 */
import { BACKSLASH, ByteFinder, NEWLINE } from './bytes.js';
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
  /** Says whether a text has escapes. To be asked in the order of the bytes. */
  protected readonly backslash: ByteFinder = new ByteFinder(BACKSLASH);

  /** One line, without its newline. */
  protected abstract line(bytes: Buffer, start: number, end: number, batch: Batch): void;
  /** `pending` is complete: commit it. */
  protected abstract finish(bytes: Buffer, record: PooledRecord, batch: Batch): void;

  parse(bytes: Buffer, at: number, end: number, last: boolean, batch: Batch): number {
    this.backslash.reset();
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
  protected complete(bytes: Buffer, batch: Batch): void {
    const record = this.pending;
    if (record === undefined) return;
    this.pending = undefined;
    this.finish(bytes, record, batch);
  }

  /** The line at hand is no record's; what was pending ends before it. */
  protected broken(bytes: Buffer, start: number, end: number, reason: string, batch: Batch): void {
    this.complete(bytes, batch);
    batch.problems.add(batch.line, reason, bytes, start, end);
  }

  #skip(bytes: Buffer, at: number, end: number): number {
    const stop = findNewline(bytes, at, end);
    if (stop >= end) return end;
    this.#skipping = false;
    return stop + 1;
  }
}

/** Where the next newline is, `end` if there is none. */
function findNewline(bytes: Buffer, pos: number, end: number): number {
  const found = bytes.indexOf(NEWLINE, pos);
  return found < 0 || found > end ? end : found;
}

/** The bytes of a text, where they lie. */
export function view(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}
