/**
 * Texts of several lines, as dmesg and journalctl print them: the further lines are indented to the
 * column of the text, or to the one behind the stamp (dmesg before 2.40). They are joined again,
 * with the blank lines between them. A blank line that no further line follows is nobody's.
 */
import { NEWLINE, SPACE, unescapeDmesg } from './bytes.js';
import { LineParser, view } from './lines.js';
import { type Batch, RECORD_MAX_BYTES } from './record.js';

const TAB = 0x09;
const TOO_LONG = `the record grows over ${RECORD_MAX_BYTES} bytes`;
const STRAY_BLANK = 'a blank line without a record before it';

/**
 * What became of a line: it belongs to the pending record; it has been named; it is something else.
 */
export type Continuation = 'joined' | 'named' | 'other';

export abstract class WrappedLines extends LineParser {
  /** The pending record's text: the memory it lies in, and where. */
  protected textBytes: Buffer = Buffer.alloc(0);
  protected textStart = 0;
  protected textEnd = 0;
  /** The last line was a record's, or a blank one behind it. */
  protected afterRecord = false;
  /** Columns of what follows the stamp and of the text. */
  #stampColumn = 0;
  #textColumn = 0;
  /** Further lines of the text, indentation left out, and blank ones that may turn out to be. */
  readonly #more: Uint8Array[] = [];
  #blanks = 0;

  /**
   * The pending record's text begins at `text`, in a line that begins at `start`; `stamp`: behind
   * the stamp.
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

  /** A line that is blank. */
  protected blank(bytes: Buffer, start: number, end: number, batch: Batch): void {
    if (!this.afterRecord) this.broken(bytes, start, end, STRAY_BLANK, batch);
    else if (end - this.pendingStart > RECORD_MAX_BYTES) this.complete(bytes, batch);
    else this.#blanks++;
  }

  /** A line that begins with a blank: the pending text goes on if it is indented far enough. */
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

  /** Whether bytes stand in the log as dmesg prints them. */
  protected readonly escaped: boolean = true;

  /** The whole text of the pending record, in place or in the batch's memory. */
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

export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/** `parts` with newlines between them. */
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
