/**
 * Joins texts of several lines as dmesg and journalctl print them. The further lines are indented
 * to the column of the text or, by dmesg before 2.40, to the one behind the stamp. Blank lines
 * between them belong to the text. A blank line that no further line follows belongs to no record.
 */
import { NEWLINE, SPACE, unescapeDmesg } from './bytes.js';
import { LineParser, view } from './lines.js';
import { type Batch, RECORD_MAX_BYTES } from './record.js';

const TAB = 0x09;
const TOO_LONG = `the record grows over ${RECORD_MAX_BYTES} bytes`;
const STRAY_BLANK = 'a blank line without a record before it';

/**
 * What a line was: more of the pending record; a line that has been reported; or something else.
 */
export type Continuation = 'joined' | 'named' | 'other';

/** Reads lines whose records' texts may go on in indented lines. */
export abstract class WrappedLines extends LineParser {
  /** Where the pending record's text lies: the memory, and its limits in that. */
  protected textBytes: Buffer = Buffer.alloc(0);
  protected textStart = 0;
  protected textEnd = 0;
  /** True if the last line was a record's or a blank one behind it. */
  protected afterRecord = false;
  /** The column behind the stamp, and the column of the text. */
  #stampColumn = 0;
  #textColumn = 0;
  /** Further lines of the text without indentation, and how many blank ones may belong to it. */
  readonly #more: Uint8Array[] = [];
  #blanks = 0;

  /**
   * Begins the pending record's text at `text`, in a line that begins at `start`. `stamp` is the
   * position behind the stamp.
   */
  protected beginText(bytes: Buffer, line: { start: number; stamp: number; text: number; end: number }): void {
    this.textBytes = bytes;
    this.textStart = line.text;
    this.textEnd = line.end;
    this.#stampColumn = line.stamp - line.start;
    this.#textColumn = line.text - line.start;
    this.#more.length = 0;
    this.#blanks = 0;
    this.afterRecord = true;
  }

  /** Reads a blank line. */
  protected blank(bytes: Buffer, start: number, end: number, batch: Batch): void {
    if (!this.afterRecord) this.broken(bytes, start, end, STRAY_BLANK, batch);
    else if (end - this.pendingStart > RECORD_MAX_BYTES) this.complete(bytes, batch);
    else this.#blanks++;
  }

  /** Reads a line that begins with a blank: more of the text if it is indented far enough. */
  protected continueText(bytes: Buffer, start: number, end: number, batch: Batch): Continuation {
    if (this.pending === undefined) return 'other';
    if (end - this.pendingStart > RECORD_MAX_BYTES) {
      this.broken(bytes, start, end, TOO_LONG, batch);
      return 'named';
    }
    let indent = 0;
    while (start + indent < end && indent < this.#textColumn && bytes[start + indent] === SPACE) indent++;
    if (indent < this.#textColumn) {
      if (indent < this.#stampColumn) return 'other';
      indent = this.#stampColumn;
    }
    for (; this.#blanks > 0; this.#blanks--) this.#more.push(view(bytes, start, start));
    this.#more.push(view(bytes, start + indent, end));
    return 'joined';
  }

  /** True if the log writes bytes as `\xNN`, as dmesg does. */
  protected readonly escaped: boolean = true;

  /** Returns the pending record's whole text, in place or in the batch's memory. */
  protected wholeText(window: Buffer, batch: Batch): Uint8Array {
    const more = this.#more;
    const { escaped } = this;
    const bytes = this.textBytes;
    const { textStart: start, textEnd: end } = this;
    if (more.length > 0) {
      const joined = joinLines([view(bytes, start, end), ...more], batch);
      more.length = 0;
      return view(joined, 0, escaped ? unescapeDmesg(joined, 0, joined.length) : joined.length);
    }
    const decode = escaped && (bytes.buffer !== window.buffer || this.backslash.within(bytes, start, end));
    return view(bytes, start, decode ? unescapeDmesg(bytes, start, end) : end);
  }
}

/** Says whether a byte is a space or a tab; `undefined` is neither. */
export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/** Joins `parts` with newlines, in the batch's memory. */
export function joinLines(parts: readonly Uint8Array[], batch: Batch): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length + 1, -1);
  const joined = batch.allocate(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
    if (at < length) joined[at++] = NEWLINE;
  }
  return joined;
}
