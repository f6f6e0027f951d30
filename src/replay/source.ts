/**
 * Brings a log's bytes from a file, chunks, lines or a string, compressed or not.
 *
 *   readLog('boot.kmsg')                     a file, gzip and zstd unpacked on the way
 *   readLog({ text: '6,1,2,-;x\n' })         the log itself
 *   readLog(['6,1,2,-;x', '6,2,3,-;y'])      its lines, with or without their newlines
 *   readLog(stream)                          any async iterable of bytes or strings
 *
 * Strings are taken as their UTF-8 bytes.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { codeOf, KernelError } from '../errno.js';
import { isBytes, shown } from '../options.js';
import { NotALogError } from './formats/not-logs.js';
import { isPacked, MAGIC_BYTES, UnpackError, unpack } from './unpack.js';

/** What `readLog` reads. */
export type LogSource = string | { readonly text: string } | readonly string[] | AsyncIterable<Uint8Array | string>;

/** A stream of a log's bytes. Whoever opened it closes it. */
export interface ByteSource {
  /** Fills `into` from its start and returns how many bytes came; 0 means the end. */
  read(into: Uint8Array): Promise<number>;
  /** Closes what was opened for reading. */
  close(): Promise<void>;
  /** How many bytes have been read so far, before unpacking. */
  readonly bytesRead: number;
  /** Why the log ended early: the packed data is cut or damaged, or unpacks to too much. */
  readonly broken: string | undefined;
}

/** Makes a source. Throws EINVAL for what is none; opens nothing before the first `read`. */
export function openSource(source: LogSource, name: string): ByteSource {
  return typeof source === 'string' ? new FileSource(source, name) : new ChunkSource(chunksOf(source), name);
}

function chunksOf(source: Exclude<LogSource, string>): AsyncIterable<Uint8Array | string> {
  if (Array.isArray(source) && source.every((line) => typeof line === 'string')) return lines(source);
  if (typeof source === 'object' && source !== null) {
    if ('text' in source && typeof source.text === 'string') return lines([source.text]);
    if (Symbol.asyncIterator in source) return source;
  }
  const what = source === null ? 'null' : typeof source;
  throw new KernelError(
    'EINVAL',
    'readLog',
    `readLog: the log is ${what}, not a file's name, { text }, an array of lines or an async iterable of chunks`,
  );
}

async function* lines(array: readonly string[]): AsyncGenerator<string> {
  for (const line of array) yield array.length === 1 || line.endsWith('\n') ? line : `${line}\n`;
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EISDIR: 'it is a directory',
};
const FILE_CHUNK_BYTES = 256 * 1024;

/** A file, read straight into the caller's memory unless it is packed. */
class FileSource implements ByteSource {
  readonly #path: string;
  readonly #name: string;
  #handle: FileHandle | undefined;
  #bytesRead = 0;
  /** The file as chunks, set once its head has shown that it is packed. */
  #chunks: ChunkSource | undefined;

  constructor(path: string, name: string) {
    this.#path = path;
    this.#name = name;
  }

  get bytesRead(): number {
    return this.#chunks?.bytesRead ?? this.#bytesRead;
  }

  get broken(): string | undefined {
    return this.#chunks?.broken;
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.#chunks !== undefined) return await this.#chunks.read(into);
    const first = this.#handle === undefined;
    const count = await this.#read(into);
    if (first && (count < MAGIC_BYTES || isPacked(into))) {
      this.#chunks = new ChunkSource(this.#rest(into.slice(0, count)), this.#name);
      return await this.#chunks.read(into);
    }
    this.#bytesRead += count;
    return count;
  }

  async close(): Promise<void> {
    await this.#chunks?.close();
    await this.#handle?.close();
  }

  async *#rest(head: Uint8Array): AsyncGenerator<Uint8Array> {
    let chunk = head;
    while (chunk.length > 0) {
      yield chunk;
      const buffer = new Uint8Array(FILE_CHUNK_BYTES);
      chunk = buffer.subarray(0, await this.#read(buffer));
    }
  }

  async #read(into: Uint8Array): Promise<number> {
    try {
      this.#handle ??= await open(this.#path);
      return (await this.#handle.read(into, 0, into.length)).bytesRead;
    } catch (error) {
      const cause = error as NodeJS.ErrnoException;
      const code = codeOf(cause);
      throw new KernelError(code, 'open', `${this.#name} can't be read: ${WHY[code] ?? cause.message}`, { cause });
    }
  }
}

class ChunkSource implements ByteSource {
  bytesRead = 0;
  broken: string | undefined;
  readonly #source: AsyncIterable<Uint8Array | string>;
  readonly #name: string;
  #chunks: AsyncIterator<Uint8Array> | undefined;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array | string>, name: string) {
    this.#source = source;
    this.#name = name;
  }

  async read(into: Uint8Array): Promise<number> {
    this.#chunks ??= unpack(this.#counted());
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next().catch((error: unknown) => this.#ended(error));
      if (next.done === true) return 0;
      this.#chunk = next.value;
    }
    const part = this.#chunk.subarray(0, into.length);
    into.set(part);
    this.#chunk = this.#chunk.subarray(part.length);
    return part.length;
  }

  async close(): Promise<void> {
    await this.#chunks?.return?.();
  }

  /**
   * Ends the log at an error in packed data; for an unsupported packer, throws that it is no log.
   */
  #ended(error: unknown): IteratorResult<Uint8Array> {
    if (error instanceof UnpackError) this.broken = error.message;
    else if (error instanceof KernelError && error.op === 'unpack')
      throw new NotALogError(this.#name, error.message.replace(/^it /, ''));
    else throw error;
    return { done: true, value: undefined };
  }

  async *#counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      if (!isBytes(bytes))
        throw new KernelError('EINVAL', 'readLog', `readLog: a chunk is ${shown(bytes)}, not a string or a Uint8Array`);
      if (bytes.length === 0) continue;
      this.bytesRead += bytes.length;
      yield bytes;
    }
  }
}
