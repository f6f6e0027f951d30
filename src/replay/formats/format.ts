/**
 * What a log format is: a name, how sure it is of a log's head, and a parser.
 *
 *   head (the first 64 KiB) -> recognise of every format -> the surest one -> open -> parser -> records
 *
 * How sure a format is: the share, 0 to 1, of the head's lines that it reads as records, blank
 * lines left out. The highest share wins; of equal ones, the format that stands first in the list.
 * So a format must not claim lines of another one from whose texts it would not take everything
 * that is not the kernel's.
 *
 * Whoever adds a format needs `lineFormat` (line-format.ts) if a record is a line, and this
 * interface if it is not.
 */
import type { Batch } from './record.js';
import { COLOUR } from './terminal.js';

/** This much of a log is looked at to recognise it. */
export const HEAD_BYTES = 65536;

/**
 * What a record's `tsUsec` counts from. `boot`: the kernel's own stamps. `first record`: the log
 * has dates, and each boot begins at 0 with its first record. `none`: there are no stamps.
 */
export type StampOrigin = 'boot' | 'first record' | 'none';

/** Reads one format. */
export interface LogFormat {
  /** As `--format` takes it and the summary says it: `dmesg -r`. */
  readonly name: string;
  /** What writes such logs, in half a sentence. */
  readonly description: string;
  /**
   * The share of the head's lines that are records of this format, 0 to 1. Must not change the
   * head.
   */
  recognise(head: LogHead): number;
  /** A parser for one log that begins with `head`. */
  open(head: LogHead): LogParser;
}

/** What comes behind the bytes at hand: more of the log, or nothing, as it ends with them. */
export type Follows = 'more' | 'nothing';

/** Reads records out of a window of bytes. */
export interface LogParser {
  /** Default: `boot`. */
  readonly origin?: StampOrigin;
  /**
   * Reads the records that are complete in `bytes[at..end)` into `batch`, until it is full, and
   * returns where the first byte lies that it has not used up. It may change the bytes before that,
   * and texts may be views of them. It never throws: what is no record goes to `batch.problems`,
   * and `batch.line` counts all lines.
   */
  parse(bytes: Uint8Array, at: number, end: number, follows: Follows, batch: Batch): number;
}

/** The beginning of a log, for recognising it. */
export class LogHead {
  readonly bytes: Uint8Array;
  /** A character a byte. */
  readonly text: string;
  /** What ends a line: LF; CR or NUL where there is hardly an LF. */
  readonly separator: number;
  /**
   * Without CRs, NULs and a byte order mark at their edges, and without colours; blank ones left
   * out.
   */
  readonly lines: readonly string[];
  /** The same ones with their colours. */
  readonly rawLines: readonly string[];

  constructor(bytes: Uint8Array, follows: Follows) {
    this.bytes = bytes.subarray(0, HEAD_BYTES);
    this.text = Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length).toString('latin1');
    const separator = separatorOf(this.text);
    this.separator = separator.charCodeAt(0);
    const lines = this.text.split(separator);
    // The last line may be cut.
    if (follows === 'more' && lines.length > 1) lines.pop();
    this.rawLines = lines
      .map((line) => line.replace(/^(?:\xef\xbb\xbf)?[\r\0]+|^\xef\xbb\xbf|[\r\0]+$/g, ''))
      .filter((line) => line.trim() !== '');
    this.lines = this.rawLines.map((line) => line.replaceAll(COLOUR, ''));
  }

  /** The share of lines for which `holds` is true; 0 if there is none. */
  share(holds: (line: string) => boolean): number {
    if (this.lines.length === 0) return 0;
    let found = 0;
    for (const line of this.lines) if (holds(line)) found++;
    return found / this.lines.length;
  }
}

/** The ends of lines that stand together (CR LF, LF NUL) count as LF. */
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
