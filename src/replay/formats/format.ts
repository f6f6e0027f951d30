/**
 * Defines a log format: its name, how sure it is that a log's head is in it, and its parser.
 *
 *   head (the first 64 KiB) -> recognise of every format -> the surest one -> open -> parser -> records
 *
 * A format's sureness is the share, 0 to 1, of the head's lines that it reads as records; blank
 * lines do not count. The highest share wins, and among equal ones the format that stands first in
 * the list. So a format must not claim the lines of another one unless it takes off their texts
 * everything that did not come from the kernel.
 *
 * To add a format whose records are lines, use `lineFormat` (line-format.ts); for any other,
 * implement this interface.
 */
import type { Batch } from './record.js';
import { COLOUR } from './terminal.js';

/** How many bytes of a log are looked at to recognise its format. */
export const HEAD_BYTES = 65536;

/**
 * What a record's `tsUsec` counts from. `boot`: the stamps are the kernel's own. `first record`:
 * the log has dates, and each boot's first record is at 0. `none`: there are no stamps.
 */
export type StampOrigin = 'boot' | 'first record' | 'none';

/** A format that logs may be in. */
export interface LogFormat {
  /** The name that `--format` takes and the summary prints, such as `dmesg -r`. */
  readonly name: string;
  /** What writes such logs, as half a sentence. */
  readonly description: string;
  /**
   * Returns the share of the head's lines, 0 to 1, that are records of this format. It must not
   * change the head.
   */
  recognise(head: LogHead): number;
  /** Makes a parser for one log, which begins with `head`. */
  open(head: LogHead): LogParser;
}

/** What follows the bytes at hand: more of the log, or nothing because the log ends with them. */
export type Follows = 'more' | 'nothing';

/** Reads records out of a window of bytes. */
export interface LogParser {
  /** What the stamps of this log count from. Default: `boot`. */
  readonly origin?: StampOrigin;
  /**
   * Reads the records that are complete in `bytes[at..end)` into `batch`, until that is full, and
   * returns the position of the first byte that it has not used up. It may change the bytes before
   * that position, and the records' texts may be views of them. It never throws: it adds what is
   * not a record to `batch.problems`, and it counts every line in `batch.line`.
   */
  parse(bytes: Uint8Array, at: number, end: number, follows: Follows, batch: Batch): number;
}

/** The beginning of a log, from which its format is recognised. */
export class LogHead {
  /** The first bytes of the log, at most `HEAD_BYTES`; a view of the caller's. */
  readonly bytes: Uint8Array;
  /** The bytes as latin1: each byte is one character. */
  readonly text: string;
  /** The byte that ends a line: LF, or CR or NUL in a log that has hardly any LF. */
  readonly separator: number;
  /**
   * The lines that are not blank, without their colours and without CRs, NULs and byte order marks
   * at their edges.
   */
  readonly lines: readonly string[];
  /** The same lines with their colours. */
  readonly rawLines: readonly string[];

  /** Makes the head of `bytes`. If more follows, the last line may be cut and is left out. */
  constructor(bytes: Uint8Array, follows: Follows) {
    this.bytes = bytes.subarray(0, HEAD_BYTES);
    this.text = Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length).toString('latin1');
    const separator = separatorOf(this.text);
    this.separator = separator.charCodeAt(0);
    const lines = this.text.split(separator);
    // The head may end inside its last line.
    if (follows === 'more' && lines.length > 1) lines.pop();
    this.rawLines = lines
      .map((line) => line.replace(/^(?:\xef\xbb\xbf)?[\r\0]+|^\xef\xbb\xbf|[\r\0]+$/g, ''))
      .filter((line) => line.trim() !== '');
    this.lines = this.rawLines.map((line) => line.replaceAll(COLOUR, ''));
  }

  /** Returns the share of lines for which `holds` is true, or 0 if there are no lines. */
  share(holds: (line: string) => boolean): number {
    if (this.lines.length === 0) return 0;
    let found = 0;
    for (const line of this.lines) if (holds(line)) found++;
    return found / this.lines.length;
  }
}

/** Returns what ends the lines. Runs such as CR LF or LF NUL count as the LF in them. */
function separatorOf(text: string): string {
  const feeds = count(text, '\n');
  for (const other of ['\r', '\0']) {
    if (count(text.replaceAll(/[\0\r]{2,}/g, ''), other) > 8 * feeds) return other;
  }
  return '\n';
}

function count(text: string, char: string): number {
  let found = 0;
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) found++;
  return found;
}
