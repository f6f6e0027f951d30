/** The lines of a file, unpacked if it is packed; a line of any length in bounded memory. */
import { createReadStream } from 'node:fs';
import { KernelError } from '../errno.js';
import { UnpackError, unpack } from '../replay/unpack.js';

/** What is longer is cut there: no record is. */
const LINE_MAX = 1024 * 1024;

/** Few large reads: a promise for each costs more than the bytes. */
const CHUNK_BYTES = 512 * 1024;

/** Bytes of a file or of standard input (`-`), unpacked. ENOENT, EISDIR, EIO, with the path. */
export async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* unpack(path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES }));
  } catch (error) {
    if (error instanceof UnpackError) throw new KernelError('EINVAL', 'unpack', `${path}: ${error.message}`);
    if (error instanceof KernelError) throw new KernelError(error.code, error.op, `${path}: ${error.message}`);
    const { code, message } = error as NodeJS.ErrnoException;
    throw new KernelError(code === 'ENOENT' || code === 'EISDIR' ? code : 'EIO', 'open', `${path}: ${message}`);
  }
}

/** Lines without their ends: LF, or CR and LF. An empty line is one, too. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  for await (const lines of lineBatches(bytesOf(path))) yield* lines;
}

/**
 * The same of bytes, as many lines at once as a chunk has. `tail.unfinished` is set if the last one
 * has no end.
 */
export async function* lineBatches(
  chunks: AsyncIterable<Uint8Array>,
  tail: { unfinished: boolean } = { unfinished: false },
): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = (lines.pop() ?? '').slice(0, LINE_MAX);
    if (lines.length > 0) yield lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  }
  rest += decoder.decode();
  tail.unfinished = rest !== '';
  if (rest !== '') yield [rest];
}
