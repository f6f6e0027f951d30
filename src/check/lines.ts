/** Reads lines of files, unpacked if they are packed. A line of any length takes bounded memory. */
import { createReadStream } from 'node:fs';
import { codeOf, KernelError } from '../errno.js';
import { UnpackError, unpack } from '../replay/unpack.js';
import { decodeText, NEWLINE } from '../wire/text.js';

/** A longer line is cut at so many bytes. No record is that long. */
const LINE_MAX = 1024 * 1024;

/** Reads are large and few: a promise for each costs more than its bytes. */
const CHUNK_BYTES = 512 * 1024;

const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

/** Yields the bytes of a file or of standard input (`-`), unpacked. Errors name the path. */
export async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* unpack(path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES }));
  } catch (error) {
    if (error instanceof UnpackError) throw new KernelError('EINVAL', 'unpack', `${path}: ${error.message}`);
    if (error instanceof KernelError) throw new KernelError(error.code, error.op, `${path}: ${error.message}`);
    throw new KernelError(codeOf(error), 'open', `${path}: ${(error as Error).message}`);
  }
}

/** Yields `first`, which was read already, and then the others. */
export async function* joined(
  first: Uint8Array | undefined,
  others: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (first !== undefined) yield first;
  yield* others;
}

/** Says, at the end of a file, whether it ends in the middle of a line. */
export interface Tail {
  /** Set to true at the end of the file if its last line has no newline. */
  unfinished: boolean;
}

/** Returns the lines of a block as Latin-1, a character for each byte, without their LF. */
export function latin1LinesIn(block: Uint8Array): string[] {
  const lines = Buffer.from(block.buffer, block.byteOffset, block.byteLength).toString('latin1').split('\n');
  lines.pop();
  return lines;
}

/** Returns the lines of a block, empty ones too, without their LF or CR LF. */
export function linesIn(block: Uint8Array): string[] {
  const lines = decodeText(block).split('\n');
  lines.pop();
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

/**
 * Yields bytes in blocks of whole lines. Each line ends in a newline; if the last one has none it
 * gets one, and `tail` says so. A byte order mark at the beginning is left out.
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
    // The line that began in the chunk before is a block of its own, so nothing else is copied.
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
