/** The lines of a file, unpacked if it is packed; a line of any length in bounded memory. */
import { createReadStream } from 'node:fs';
import { codeOf, KernelError } from '../errno.js';
import { UnpackError, unpack } from '../replay/unpack.js';
import { decodeText, NEWLINE } from '../wire/text.js';

/** A longer line is cut here; no record is so long. */
const LINE_MAX = 1024 * 1024;

/** Few large reads: a promise for each costs more than the bytes. */
const CHUNK_BYTES = 512 * 1024;

const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

/** Bytes of a file or of standard input (`-`), unpacked. Errors are the system's, with the path. */
export async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* unpack(path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES }));
  } catch (error) {
    if (error instanceof UnpackError) throw new KernelError('EINVAL', 'unpack', `${path}: ${error.message}`);
    if (error instanceof KernelError) throw new KernelError(error.code, error.op, `${path}: ${error.message}`);
    throw new KernelError(codeOf(error), 'open', `${path}: ${(error as Error).message}`);
  }
}

/** First the value that was read already, then the others. */
export async function* joined(
  first: Uint8Array | undefined,
  others: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (first !== undefined) yield first;
  yield* others;
}

/** Whether a file ends in the middle of a line. */
export interface Tail {
  unfinished: boolean;
}

/** The lines of a block as Latin-1, a character a byte, without the LF at their end. */
export function latin1LinesIn(block: Uint8Array): string[] {
  const lines = Buffer.from(block.buffer, block.byteOffset, block.byteLength).toString('latin1').split('\n');
  lines.pop();
  return lines;
}

/** The lines of a block without their ends, LF or CR and LF. An empty line is one, too. */
export function linesIn(block: Uint8Array): string[] {
  const lines = decodeText(block).split('\n');
  lines.pop();
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

/**
 * Bytes in blocks of whole lines, each with its newline, the last one too; `tail` says if that one
 * had none. A byte order mark in front is left out.
 */
export async function* lineBlocks(
  chunks: AsyncIterable<Uint8Array>,
  tail: Tail = { unfinished: false },
): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  let begun = false;
  for await (const chunk of chunks) {
    let bytes = chunk;
    if (!begun) {
      bytes = Buffer.concat([rest, chunk]);
      rest = bytes;
      if (bytes.length < BYTE_ORDER_MARK.length) continue;
      begun = true;
      bytes = withoutMark(bytes);
      rest = new Uint8Array(0);
    }
    const first = rest.length === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    // The line that began in the chunk before is a block of its own: nothing else is copied.
    if (first > 0) yield Buffer.concat([rest, bytes.subarray(0, first)]);
    if (end > first) yield bytes.subarray(first, end);
    const begin = bytes.subarray(end, end + LINE_MAX);
    rest = end > 0 ? Buffer.from(begin) : Buffer.concat([rest, begin]).subarray(0, LINE_MAX);
  }
  if (!begun) rest = withoutMark(rest);
  tail.unfinished = rest.length > 0;
  if (tail.unfinished) yield Buffer.concat([rest, Uint8Array.of(NEWLINE)]);
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
}
