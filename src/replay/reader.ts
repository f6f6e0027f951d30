/**
 * Kernel logs in, records out: the reading side of `replay`.
 *
 *   file or chunks -> window -> parser of the recognised format -> batch of records -> caller
 *
 * The window is one fixed run of memory. Parsers work on its bytes and decode in place; a record's text is a view into it.
 * So a batch is valid until the next one is asked for, and the memory needed does not depend on
 * the log: neither on its length nor on that of its lines.
 *
 * States: not recognised (the head is collected); reading; ended. A log is read once.
 *
 * Invariants: every line ends up in a record or in `problems`; the same bytes give the same records and
 * problems however they arrive in chunks; nothing the log contains makes it throw once its format is recognised.
 *
 *   const log = readLog('boot.kmsg');
 *   for await (const batch of log) for (const record of batch) kernel.printk(record.text);
 *   console.error(log.format, log.problems.total);
 */
import { type FileHandle, open } from 'node:fs/promises';
import { ERRNO, type Errno, KernelError } from '../errno.js';
import { CaptureParser } from './formats/capture.js';
import { DmesgParser } from './formats/dmesg.js';
import { JsonParser } from './formats/json.js';
import { KmsgParser } from './formats/kmsg.js';
import { LogProblems } from './formats/problems.js';
import { HEAD_BYTES, notALog, recognise } from './formats/recognise.js';
import { Batch, type LogFormat, type LogParser, type LogRecord, RECORD_MAX_BYTES } from './formats/record.js';

export { formatProblem, type LogProblem, type LogProblems } from './formats/problems.js';
export { NotALogError } from './formats/recognise.js';
export { keepRecord, type LogFormat, type LogRecord } from './formats/record.js';

/** Room for a record and a line of the largest size, and for the head. */
const WINDOW_BYTES: number = 4 * Math.max(RECORD_MAX_BYTES, HEAD_BYTES);

export interface ReadLogOptions {
  /** What errors call the log. Default: its path, or "the log". */
  readonly name?: string;
}

/** A log being read. Iterate once; each batch and all in it are valid until the next is asked for. */
export interface LogReader extends AsyncIterable<readonly LogRecord[]> {
  /** Known with the first batch, or when the iteration has ended. */
  readonly format: LogFormat | undefined;
  /** Lines that gave no record, so far. */
  readonly problems: LogProblems;
  /** Bytes taken in so far, records handed out so far. */
  readonly bytesRead: number;
  readonly records: number;
}

/**
 * Reads a kernel log from a file or from chunks, which are copied and never kept or changed. Iterating throws `NotALogError`
 * for a log that is none, and `KernelError` with the system's code for a file that can't be read.
 */
export function readLog(source: string | AsyncIterable<Uint8Array>, options: ReadLogOptions = {}): LogReader {
  const name = options.name ?? (typeof source === 'string' ? source : 'the log');
  return new Reader(typeof source === 'string' ? new FileSource(source, name) : new ChunkSource(source), name);
}

class Reader implements LogReader {
  format: LogFormat | undefined;
  bytesRead = 0;
  records = 0;
  readonly problems: LogProblems = new LogProblems();
  readonly #batch = new Batch(this.problems);
  readonly #source: ByteSource;
  readonly #name: string;
  readonly #window = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  /** What has not been used up lies in `#window[#at..#end)`. */
  #at = 0;
  #end = 0;
  #ended = false;
  #used = false;

  constructor(source: ByteSource, name: string) {
    this.#source = source;
    this.#name = name;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly LogRecord[], void, void> {
    if (this.#used) throw new KernelError('EBUSY', 'readLog', `${this.#name} is being read already: read it anew`);
    this.#used = true;
    try {
      const parser = await this.#recognise();
      const batch = this.#batch;
      for (;;) {
        this.#at = parser.parse(this.#window, this.#at, this.#end, this.#ended, batch);
        const { full } = batch;
        if (batch.records.length > 0) {
          this.records += batch.records.length;
          yield batch.records;
          batch.clear();
        }
        if (full) continue;
        if (this.#ended) return;
        await this.#fill();
      }
    } finally {
      await this.#source.close();
    }
  }

  /** Collects the head and finds the parser. Lines without end in front of a log are skipped, and reported. */
  async #recognise(): Promise<LogParser> {
    for (;;) {
      while (!this.#ended && this.#end - this.#at < HEAD_BYTES) await this.#fill();
      if (this.bytesRead === 0) throw notALog(this.#name, true);
      const head = this.#window.subarray(this.#at, Math.min(this.#end, this.#at + HEAD_BYTES));
      this.format = recognise(head, this.#name);
      if (this.format !== undefined) return parserOf(this.format);
      if (this.#ended || head.includes(0x0a)) throw notALog(this.#name, false);
      await this.#skipLine();
    }
  }

  /** Skips a line longer than the head. */
  async #skipLine(): Promise<void> {
    this.problems.add(
      ++this.#batch.line,
      `a line of more than ${RECORD_MAX_BYTES} bytes`,
      this.#window,
      this.#at,
      this.#end,
    );
    for (;;) {
      const newline = this.#window.subarray(0, this.#end).indexOf(0x0a, this.#at);
      this.#at = newline < 0 ? this.#end : newline + 1;
      if (newline >= 0 || this.#ended) return;
      await this.#fill();
    }
  }

  /** Makes room and takes in more, or finds that there is none. */
  async #fill(): Promise<void> {
    this.#window.copyWithin(0, this.#at, this.#end);
    this.#end -= this.#at;
    this.#at = 0;
    const count = await this.#source.read(this.#window.subarray(this.#end));
    this.#end += count;
    this.bytesRead += count;
    this.#ended = count === 0;
  }
}

function parserOf(format: LogFormat): LogParser {
  if (format === 'capture') return new CaptureParser();
  if (format === '/dev/kmsg') return new KmsgParser();
  return format === 'dmesg --json' ? new JsonParser() : new DmesgParser(format);
}

interface ByteSource {
  /** Fills `into` from its start and returns how many bytes came; 0: the end. */
  read(into: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

class FileSource implements ByteSource {
  readonly #path: string;
  readonly #name: string;
  #handle: FileHandle | undefined;

  constructor(path: string, name: string) {
    this.#path = path;
    this.#name = name;
  }

  async read(into: Uint8Array): Promise<number> {
    try {
      this.#handle ??= await open(this.#path);
      return (await this.#handle.read(into, 0, into.length)).bytesRead;
    } catch (error) {
      throw cannotRead(this.#name, error as NodeJS.ErrnoException);
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EISDIR: 'it is a directory',
};

function cannotRead(name: string, error: NodeJS.ErrnoException): KernelError {
  const code = error.code !== undefined && error.code in ERRNO ? (error.code as Errno) : 'EIO';
  return new KernelError(code, 'open', `${name} can't be read: ${WHY[code] ?? error.message}`, { cause: error });
}

class ChunkSource implements ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return 0;
      this.#chunk = next.value;
    }
    const part = this.#chunk.subarray(0, into.length);
    into.set(part);
    this.#chunk = this.#chunk.subarray(part.length);
    return part.length;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
