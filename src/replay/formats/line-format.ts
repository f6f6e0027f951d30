/**
 * Makes a format whose records are lines. A function tells what stands in front of the kernel's own
 * words, and the rest is done here. Most formats are made so, and a user's own can be, too:
 *
 *   const mine = lineFormat({
 *     name: 'our relay',
 *     description: 'what the relay in rack 4 writes',
 *     match(line) {
 *       const m = /^relay (\S+) (\d)\| /.exec(line);
 *       return m === null ? undefined : { at: m[0].length, host: m[1], level: Number(m[2]) };
 *     },
 *   });
 *   const log = readLog('relay.log', { formats: [mine] });
 *
 * Behind `at` stands what the kernel wrote: its stamp and caller, if it put them there, and the
 * text. If the lines of the head have the kernel's stamps, a line without one did not come from the
 * kernel and is reported. If they have none, all of the rest is text.
 */
import { callback, checkOptions, flag, type OptionRule, type OptionRules, oneOf, text } from '../../options.js';
import { Cursor, SPACE } from './bytes.js';
import type { LogFormat, LogHead, LogParser, StampOrigin } from './format.js';
import type { Batch, PooledRecord } from './record.js';
import { findStamp, latin1, STAMP_TEXT, takeCaller, takePriority, takeStamp } from './stamp.js';
import { COLOUR } from './terminal.js';
import { type Traits, traitsOf } from './traits.js';
import { isBlank, WrappedLines } from './wrapped-lines.js';

/** What a line has in front of the kernel's own words, as `match` returns it. */
export interface LineMatch {
  /** Where in the line the kernel's stamp or text begins. */
  readonly at: number;
  /** The level, 0 to 7, if the line tells it. */
  readonly level?: number | undefined;
  /** The facility, 0 to 255, if the line tells it. */
  readonly facility?: number | undefined;
  /** The host that the record comes from, if the line names it. */
  readonly host?: string | undefined;
  /** Microseconds since boot, if the line has the kernel's stamp in front of `at`. */
  readonly tsUsec?: number | undefined;
  /** Microseconds since 1970 by the clock of the writer. */
  readonly timeUsec?: number | undefined;
}

/** A format of lines: how one line is read, and what is true of all of them. */
export interface LineFormatOptions {
  /** The name that `--format` takes and the summary prints. */
  readonly name: string;
  /** What writes such logs, as half a sentence. */
  readonly description: string;
  /** What `tsUsec` counts from if the lines do not keep the kernel's stamps. Default: `none`. */
  readonly dates?: Exclude<StampOrigin, 'boot'>;
  /** True if texts go on in indented lines, as dmesg and journalctl print them. Default: false. */
  readonly wraps?: boolean;
  /** True if texts have bytes written as `\xNN`, as dmesg prints them. Default: false. */
  readonly escaped?: boolean;
  /**
   * Reads a line, of which it gets the first 1024 bytes as latin1. Returns a string, the reason, if
   * the line is the format's but not a record, and `undefined` if it is not the format's.
   */
  match(line: string): LineMatch | string | undefined;
  /** Matches an entry of the dictionary on a line behind the record. Its groups: key and value. */
  readonly dictionary?: RegExp;
  /** Matches a line between records that says that a boot ends. */
  readonly reboot?: RegExp;
  /** Returns how sure the format is of a head. Default: the share of lines that match. */
  recognise?(head: LogHead): number;
}

const PATTERN: OptionRule = { expected: 'a RegExp', holds: (value) => value instanceof RegExp };
const RULES: OptionRules<LineFormatOptions> = {
  name: text,
  description: text,
  dates: oneOf('first record', 'none'),
  wraps: flag,
  escaped: flag,
  dictionary: PATTERN,
  match: callback,
  reboot: PATTERN,
  recognise: callback,
};
/** Nothing that stands in front of a text is longer than this. */
const FRONT_MAX_BYTES = 1024;
const STAMP = new RegExp(STAMP_TEXT, 'y');
/**
 * If at least this share of the matching lines has the kernel's stamp, all records must have it.
 */
const STAMPED_SHARE = 1 / 3;

const NO_STAMP = "no stamp of the kernel's, which the log's records have";

/** A log format for `readLog({ formats })`, made of a function that reads one line. */
export function lineFormat(options: LineFormatOptions): LogFormat {
  checkOptions('lineFormat', options, RULES, ['name', 'description', 'match']);
  const matches = (line: string): boolean => typeof options.match(line) === 'object';
  return {
    name: options.name,
    description: options.description,
    recognise: (head) => options.recognise?.(head) ?? head.share(matches),
    open: (head) => new LineFormatParser(head, options),
  };
}

class LineFormatParser extends WrappedLines implements LogParser {
  readonly origin: StampOrigin;
  protected override readonly escaped: boolean;
  readonly #options: LineFormatOptions;
  readonly #traits: Traits;
  readonly #cursor = new Cursor();
  readonly #stamped: boolean;
  readonly #coloured: boolean;
  #reboot = false;

  constructor(head: LogHead, options: LineFormatOptions) {
    super(head);
    this.#options = options;
    this.escaped = options.escaped ?? false;
    this.#traits = traitsOf(head);
    this.#coloured = head.rawLines.filter((line) => line.includes('\x1b[')).length > head.lines.length / 2;
    let matched = 0;
    let stamped = 0;
    let front = false;
    for (const line of head.lines) {
      const match = options.match(line);
      if (typeof match !== 'object') continue;
      matched++;
      if (match.tsUsec !== undefined) front = true;
      if (stampAt(line, match.at)) stamped++;
    }
    this.#stamped = matched > 0 && stamped >= STAMPED_SHARE * matched;
    this.origin = this.#stamped || front ? 'boot' : (options.dates ?? 'none');
  }

  protected line(window: Buffer, from: number, to: number, batch: Batch): void {
    let [bytes, start, end] = [window, from, to];
    if (end === start) {
      this.blank(bytes, start, end, batch);
      return;
    }
    if (this.#entry(bytes, start, end)) return;
    if (this.#options.wraps && isBlank(bytes[start]) && this.continueText(bytes, start, end, batch) !== 'other') return;
    let text = latin1(bytes, start, Math.min(end, start + FRONT_MAX_BYTES));
    if (this.#coloured && text.includes('\x1b')) {
      const plain = latin1(bytes, start, end).replaceAll(COLOUR, '');
      const copy = batch.allocate(plain.length);
      bytes = Buffer.from(copy.buffer, copy.byteOffset, copy.length);
      bytes.write(plain, 'latin1');
      [text, start, end] = [plain, 0, plain.length];
    }
    const match = this.#options.match(text);
    if (typeof match !== 'object') {
      this.complete(window, batch);
      if (this.#options.reboot?.test(text)) this.#reboot = true;
      this.afterRecord = false;
      this.broken(bytes, start, end, match ?? `no line of ${this.#options.name}`, batch);
      return;
    }
    this.complete(window, batch);
    const record = this.begin(from, batch);
    record.level = match.level ?? -1;
    record.facility = match.facility ?? 0;
    record.host = match.host;
    record.timeUsec = match.timeUsec;
    record.tsUsec = match.tsUsec;
    const at = this.#kernelText(bytes, start + match.at, end, record);
    if (at < 0) {
      this.pending = undefined;
      this.afterRecord = false;
      this.broken(bytes, start, end, NO_STAMP, batch);
      return;
    }
    this.beginText(bytes, { start, stamp: start + match.at, text: at, end });
  }

  /** Reads an entry of the pending record's dictionary; says whether the line is one. */
  #entry(bytes: Buffer, start: number, end: number): boolean {
    const record = this.pending;
    if (record === undefined || this.#options.dictionary === undefined) return false;
    const entry = this.#options.dictionary.exec(latin1(bytes, start, Math.min(end, start + FRONT_MAX_BYTES)));
    if (entry === null) return false;
    const [, key = '', value = ''] = entry;
    if (key === 'SUBSYSTEM') record.subsystem = value;
    else if (key === 'DEVICE') record.device = value;
    else record.dictionary = { ...record.dictionary, [key]: value };
    return true;
  }

  protected finish(window: Buffer, record: PooledRecord, batch: Batch): void {
    record.reboot = this.#reboot;
    this.#reboot = false;
    batch.commit(record, this.wholeText(window, batch));
  }

  /**
   * Returns where the text begins, behind the kernel's stamp and caller; -1: the stamp is missing.
   */
  #kernelText(bytes: Buffer, at: number, end: number, record: PooledRecord): number {
    const cursor = this.#cursor;
    cursor.set(bytes, at, end);
    const { tsUsec } = record;
    takePriority(cursor, record);
    while (cursor.peek() === SPACE) cursor.pos++;
    const from = cursor.pos;
    if (!takeStamp(cursor, record)) {
      if (this.#stamped) return -1;
      cursor.pos = at;
      takeCaller(cursor, record);
      return cursor.pos;
    }
    if (!this.#stamped && !(this.origin === 'none' && findStamp(bytes, from, end) === from)) {
      // Few lines of the head have a stamp, or none. This text looks like one, unless it is padded
      // as the kernel's is: then printk.time may have been turned on.
      record.tsUsec = tsUsec;
      return at;
    }
    cursor.take(SPACE);
    takeCaller(cursor, record);
    for (const pattern of this.#traits.behind) {
      cursor.pos += pattern.exec(latin1(bytes, cursor.pos, Math.min(end, cursor.pos + 64)))?.[0].length ?? 0;
    }
    return cursor.pos;
  }
}

function stampAt(line: string, at: number): boolean {
  const from = /^(?:<\d{1,4}>)? */.exec(line.slice(at, at + 32))![0].length;
  STAMP.lastIndex = at + from;
  return STAMP.test(line);
}
