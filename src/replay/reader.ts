/**
 * Reads kernel logs: a log goes in, its records come out. This is the reading side of `replay`.
 *
 *   source (file, chunks, text; unpacked) -> window -> parser of the recognised format -> Sequence -> batch of records
 *
 * The window is one fixed block of memory. Parsers decode its bytes in place, and a record's text
 * is a view into it. So a batch is valid only until the next one is asked for, and the memory
 * needed depends neither on the length of the log nor on that of its lines.
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

/** How many bytes are skipped in the search for something that looks like a log. */
const PASSED_BYTES = 8 * 1024 * 1024;
const NEWLINE = 0x0a;
const NO_FORMAT = 'no line of any log that is known';
/**
 * The size of the window: it has room for a record and a line of the largest size, and the head.
 */
const WINDOW_BYTES: number = 4 * Math.max(RECORD_MAX_BYTES, HEAD_BYTES);

/** How a log is read: its name, and its format if that is known. */
export interface ReadLogOptions {
  /** The name that errors give the log. Default: its path, or "the log". */
  readonly name?: string | undefined;
  /** The name of the format that the log is in. Default: the one that is surest of its head. */
  readonly format?: string | undefined;
  /** The caller's own formats, tried before the built-in ones. */
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
 * A log that is being read. It can be iterated once. A batch and all that is in it are valid until
 * the next one is asked for.
 */
export interface LogReader extends AsyncIterable<readonly LogRecord[]> {
  /**
   * Ends the iteration before its next batch, even while it waits for a source that is silent or
   * that brings bytes without end and no record. Records that were not handed out never will be.
   */
  stop(): void;
  /** The name of the log's format. Known with the first batch, or when the iteration has ended. */
  readonly format: string | undefined;
  /** What stamps count from. Known with `format`. */
  readonly origin: StampOrigin | undefined;
  /** The lines so far that gave no record. */
  readonly problems: LogProblems;
  /** What the log has told so far beside its records: boots, copies, losses. */
  readonly counts: Readonly<LogCounts>;
  /** What is taken off every line because a paste put it there, in words. Known with `format`. */
  readonly removed: readonly string[];
  /** How many bytes have been read so far, before unpacking. */
  readonly bytesRead: number;
  /** How many records have been handed out so far. */
  readonly records: number;
}

/**
 * Reads a kernel log. Chunks are copied and are neither kept nor changed. Throws EINVAL at once for
 * wrong options and an unknown format. Iterating throws `NotALogError` for what is not a log, and
 * `KernelError` with the system's code for a file that cannot be read.
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
  /** The bytes that have not been used up are `#window[#at..#end)`. */
  #at = 0;
  #end = 0;
  #ended = false;
  #used = false;
  #stopped = false;
  /** Ends the wait for the current read. */
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
      // A read that was given up is still under way. The source is closed after it, unawaited.
      if (this.#stopped) closed.catch(() => {});
      else await closed;
    }
  }

  /**
   * Collects the head and finds the parser; returns `undefined` if stopped. Heads in which nothing
   * looks like a log are skipped and their lines reported, because a log may follow a long report.
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

  /** Takes the markup around the log off the texts of the batch. */
  #takeMarkup(): void {
    const markup = this.#markup;
    const { records } = this.#batch;
    if (markup?.present === true) for (const record of records) markup.take(record, this.problems);
    if (this.#ended && !this.#batch.full) markup?.takeLast(records.at(-1)!, this.problems);
  }

  /** Begins to take off what a paste has put around every line. */
  #unpaste(paste: Paste): void {
    this.removed = paste.removed;
    const { to, kept } = paste.take(this.#window, this.#at, this.#end, this.#follows);
    this.#source = paste.wrap(this.#source, Uint8Array.from(this.#window.subarray(kept, this.#end)));
    this.#end = to;
  }

  /** Reports the head's whole lines as belonging to no log, and skips them. */
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

  /** Reports and skips a line longer than the head. */
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

  /** Makes room and reads more bytes; notes it if the log has ended or was stopped. */
  async #fill(): Promise<void> {
    this.#window.copyWithin(0, this.#at, this.#end);
    this.#end -= this.#at;
    this.#at = 0;
    const count = this.#stopped ? 0 : await this.#read(this.#window.subarray(this.#end));
    this.#end += count;
    this.#ended = count === 0;
  }

  /** Reads from the source. Gives 0 as soon as `stop` ends the wait. */
  #read(into: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#giveUp = () => resolve(0);
      this.#source.read(into).then(resolve, reject);
    });
  }
}
