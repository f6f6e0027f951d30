/**
 * Kernel logs in, records out: the reading side of `replay`.
 *
 *   source (file, chunks, text; unpacked) -> window -> parser of the recognised format -> Sequence -> batch of records
 *
 * The window is one fixed run of memory. Parsers work on its bytes and decode in place, and a
 * record's text is a view into it. So a batch is valid until the next one is asked for, and the
 * memory needed does not depend on the log: neither on its length nor on that of its lines.
 *
 * States: not recognised (the head is collected); reading; ended. A log is read once.
 *
 * Invariants: every line ends up in a record, in `problems` or in `counts`; the same bytes give the
 * same records and problems however they arrive in chunks; nothing that the log contains makes it
 * throw once its format is recognised.
 *
 *   const log = readLog('boot.kmsg');
 *   for await (const batch of log) for (const record of batch) kernel.printk(record.text);
 *   console.error(log.format, log.problems.total);
 */
import { KernelError } from '../errno.js';
import { checkOptions, type OptionRule, text } from '../options.js';
import {
  type Follows,
  HEAD_BYTES,
  type LogFormat,
  LogHead,
  type LogParser,
  type StampOrigin,
} from './formats/format.js';
import { LOG_FORMATS } from './formats/index.js';
import { emptyLog, notALog } from './formats/not-logs.js';
import { LogProblems } from './formats/problems.js';
import { formatByName, recognise } from './formats/recognise.js';
import { Batch, type LogCounts, type LogRecord, RECORD_MAX_BYTES } from './formats/record.js';
import { Markup } from './markup.js';
import { type Paste, pasteOf } from './paste.js';
import { Sequence } from './sequence.js';
import { type ByteSource, type LogSource, openSource } from './source.js';

export type { Follows, LogFormat, LogHead, LogParser, StampOrigin } from './formats/format.js';
export { LOG_FORMATS } from './formats/index.js';
export { type LineFormatOptions, type LineMatch, lineFormat } from './formats/line-format.js';
export { NotALogError } from './formats/not-logs.js';
export { formatProblem, type LogProblem, type LogProblems } from './formats/problems.js';
export { type Batch, keepRecord, type LogCounts, type LogRecord, type PooledRecord } from './formats/record.js';
export type { LogSource } from './source.js';

/** How many bytes are skipped in search of something that looks like a log. */
const PASSED_BYTES = 8 * 1024 * 1024;
const NEWLINE = 0x0a;
const NO_FORMAT = 'no line of any log that is known';
/** Room for a record and a line of the largest size, and for the head. */
const WINDOW_BYTES: number = 4 * Math.max(RECORD_MAX_BYTES, HEAD_BYTES);

/** How a log is read: its name, and its format where that is known. */
export interface ReadLogOptions {
  /** How errors name the log. Default: its path, or "the log". */
  readonly name?: string | undefined;
  /** The name of the format that the log is in. Default: the one that is surest of its head. */
  readonly format?: string | undefined;
  /** Formats of one's own, tried before the built-in ones. */
  readonly formats?: readonly LogFormat[] | undefined;
}

const FORMATS: OptionRule = {
  expected: 'an array of log formats, each with name, description, recognise and open',
  holds: (value) => Array.isArray(value) && value.every(isFormat),
};

function isFormat(value: unknown): value is LogFormat {
  const { name, recognise, open } = (value ?? {}) as Partial<LogFormat>;
  return typeof name === 'string' && typeof recognise === 'function' && typeof open === 'function';
}

/**
 * A log being read. Iterate once; each batch and all in it are valid until the next is asked for.
 */
export interface LogReader extends AsyncIterable<readonly LogRecord[]> {
  /**
   * Ends the iteration before its next batch, also one that waits for a source that is silent, or
   * that brings bytes without end and no record among them. What was not handed out never is.
   */
  stop(): void;
  /** The name of its format. Known with the first batch, or when the iteration has ended. */
  readonly format: string | undefined;
  /** What stamps count from. Known with `format`. */
  readonly origin: StampOrigin | undefined;
  /** Lines that gave no record, so far. */
  readonly problems: LogProblems;
  /** Boots, copies, losses: what the log told beside its records, so far. */
  readonly counts: Readonly<LogCounts>;
  /** What a paste had put around every line, and is taken off, in words. Known with `format`. */
  readonly removed: readonly string[];
  /** Bytes taken in so far, as they come; records handed out so far. */
  readonly bytesRead: number;
  readonly records: number;
}

/**
 * Reads a kernel log. Chunks are copied, and never kept or changed. Iterating throws `NotALogError`
 * for a log that is none, and `KernelError` with the system's code for a file that can't be read.
 * EINVAL at once for wrong options and an unknown format.
 */
export function readLog(source: LogSource, options: ReadLogOptions = {}): LogReader {
  checkOptions('readLog', options, { name: text, format: text, formats: FORMATS });
  const { format, formats = [] } = options;
  if (format !== undefined) formatByName(format, [...formats, ...LOG_FORMATS]);
  const name = options.name ?? (typeof source === 'string' ? source : 'the log');
  return new Reader(openSource(source, name), { name, format, formats });
}

interface ReaderSettings {
  readonly name: string;
  readonly format: string | undefined;
  readonly formats: readonly LogFormat[];
}

class Reader implements LogReader {
  format: string | undefined;
  origin: StampOrigin | undefined;
  removed: readonly string[] = [];
  records = 0;
  readonly problems: LogProblems = new LogProblems();
  readonly #batch = new Batch(this.problems);
  #source: ByteSource;
  readonly #settings: ReaderSettings;
  readonly #window = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  /** What has not been used up lies in `#window[#at..#end)`. */
  #at = 0;
  #end = 0;
  #ended = false;
  #used = false;
  #stopped = false;
  /** Gives up the read that is waited for. */
  #giveUp: () => void = () => {};
  #markup: Markup | undefined;

  constructor(source: ByteSource, settings: ReaderSettings) {
    this.#source = source;
    this.#settings = settings;
  }

  get bytesRead(): number {
    return this.#source.bytesRead;
  }

  get counts(): LogCounts {
    return this.#batch.counts;
  }

  stop(): void {
    this.#stopped = true;
    this.#giveUp();
  }

  get #follows(): Follows {
    return this.#ended ? 'nothing' : 'more';
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly LogRecord[], void, void> {
    const { name } = this.#settings;
    if (this.#used) throw new KernelError('EBUSY', 'readLog', `${name} is being read already: read it anew`);
    this.#used = true;
    try {
      const parser = await this.#recognise();
      if (parser === undefined) return;
      const batch = this.#batch;
      const sequence = new Sequence(batch.counts, this.origin!);
      for (;;) {
        this.#at = parser.parse(this.#window, this.#at, this.#end, this.#follows, batch);
        const { full } = batch;
        if (batch.records.length > 0) {
          this.#takeMarkup();
          const records = sequence.pass(batch.records);
          this.records += records.length;
          if (records.length > 0) yield records;
          batch.clear();
        }
        if (full) continue;
        if (this.#ended) break;
        await this.#fill();
        if (this.#stopped) return;
      }
      const { broken } = this.#source;
      if (broken !== undefined) {
        this.problems.add(batch.line + 1, `the log ends here: ${broken}`, this.#window, 0, 0);
      }
      const rest = sequence.end();
      this.records += rest.length;
      if (rest.length > 0) yield rest;
    } finally {
      const closed = this.#source.close();
      // A read that was given up is still under way, and the source is closed behind it.
      if (this.#stopped) closed.catch(() => {});
      else await closed;
    }
  }

  /**
   * Collects the head and finds the parser; undefined: stopped. Heads in which nothing looks like a
   * log are passed over, and their lines named: a log may come behind a long report.
   */
  async #recognise(): Promise<LogParser | undefined> {
    let passed = 0;
    for (;;) {
      while (!this.#ended && this.#end - this.#at < HEAD_BYTES) await this.#fill();
      if (this.#stopped) return undefined;
      if (this.#skipZeros()) continue;
      if (this.#end === this.#at) throw (this.bytesRead === 0 ? emptyLog : notALog)(this.#settings.name);
      const bytes = this.#window.subarray(this.#at, this.#end);
      const paste = pasteOf(bytes.subarray(0, HEAD_BYTES));
      const head = new LogHead(paste?.preview(bytes.subarray(0, HEAD_BYTES)) ?? bytes, this.#follows);
      const format = recognise({ head, ...this.#settings });
      if (format !== undefined) {
        if (paste !== undefined) this.#unpaste(paste);
        const parser = format.open(head);
        this.#markup = head.bytes.includes(0) ? undefined : new Markup(head);
        this.removed = [...this.removed, ...(this.#markup?.removed ?? [])];
        this.format = format.name;
        this.origin = parser.origin ?? 'boot';
        return parser;
      }
      passed += HEAD_BYTES;
      if (this.#ended || passed > PASSED_BYTES) throw notALog(this.#settings.name);
      await this.#passOver();
    }
  }

  /** Takes off what markup around the log has left behind the texts of the batch. */
  #takeMarkup(): void {
    const markup = this.#markup;
    const { records } = this.#batch;
    if (markup?.present === true) for (const record of records) markup.take(record, this.problems);
    if (this.#ended && !this.#batch.full) markup?.takeLast(records.at(-1)!, this.problems);
  }

  /** Takes off what a paste has put around every line, from here on. */
  #unpaste(paste: Paste): void {
    this.removed = paste.removed;
    const { to, kept } = paste.take(this.#window, this.#at, this.#end, this.#follows);
    this.#source = paste.wrap(this.#source, Uint8Array.from(this.#window.subarray(kept, this.#end)));
    this.#end = to;
  }

  /** Names the whole lines of the head, which are no log's, and goes behind them. */
  async #passOver(): Promise<void> {
    const bytes = this.#window.subarray(this.#at, Math.min(this.#end, this.#at + HEAD_BYTES));
    const stop = bytes.lastIndexOf(NEWLINE) + 1;
    if (stop === 0) return await this.#skipLine();
    for (let from = 0; from < stop; ) {
      const newline = bytes.indexOf(NEWLINE, from);
      this.problems.add(++this.#batch.line, NO_FORMAT, bytes, from, newline);
      from = newline + 1;
    }
    this.#at += stop;
  }

  /** Skips NULs that a crash has left in a file, which would hide what is behind them. */
  #skipZeros(): boolean {
    const from = this.#at;
    while (this.#at < this.#end && this.#window[this.#at] === 0) this.#at++;
    return this.#at > from;
  }

  /** Skips a line longer than the head. */
  async #skipLine(): Promise<void> {
    const reason = `a line of more than ${RECORD_MAX_BYTES} bytes`;
    this.problems.add(++this.#batch.line, reason, this.#window, this.#at, this.#end);
    for (;;) {
      const newline = this.#window.subarray(0, this.#end).indexOf(NEWLINE, this.#at);
      this.#at = newline < 0 ? this.#end : newline + 1;
      if (newline >= 0 || this.#ended) return;
      await this.#fill();
    }
  }

  /** Makes room and takes in more bytes, or notes the end of the log, or that it was stopped. */
  async #fill(): Promise<void> {
    this.#window.copyWithin(0, this.#at, this.#end);
    this.#end -= this.#at;
    this.#at = 0;
    const count = this.#stopped ? 0 : await this.#read(this.#window.subarray(this.#end));
    this.#end += count;
    this.#ended = count === 0;
  }

  /** What the source brings, or 0 as soon as `stop` gives it up. */
  #read(into: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#giveUp = () => resolve(0);
      this.#source.read(into).then(resolve, reject);
    });
  }
}
