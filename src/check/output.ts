/**
 * The output of a receiver as records: a file of lines, whose form is recognised or named, or a
 * capture.
 */

import { KernelError } from '../errno.js';
import { isCapture } from '../wire/capture.js';
import { captureRecords } from './capture.js';
import { bytesOf, lineBatches } from './lines.js';
import { type LineReader, type OutputFormat, outputFormat, type Printed, recogniseOutput } from './printed.js';

/** What one file was found to be. */
export interface OutputInfo {
  readonly path: string;
  format: string;
  records: number;
  /** Lines that are not of the form, and the first few of them. */
  strange: number;
  lastStrange?: number;
  readonly examples: { readonly line: number; readonly text: string }[];
  /** Records that were never sent, or with another text; and the line of the first. */
  amiss: number;
  firstAmiss?: number | undefined;
  /** The line at which the file ends, if that is in the middle of it. */
  cutAt?: number;
}

/** So many lines decide what form a file is of. */
const LOOKED_AT = 50;
const EXAMPLES = 5;
const SHOWN = 80;
/** What decoding puts in place of bytes that are not UTF-8. */
const REPLACED = '\ufffd';

/**
 * Reads an output. `format`: its name or a pattern; else it is recognised. Fills `info` as it goes.
 * EINVAL, with the path.
 */
export async function* readOutput(info: OutputInfo, format?: string): AsyncGenerator<Printed[]> {
  const { path } = info;
  const named = format === undefined || format === 'capture' ? undefined : outputFormat(format);
  const chunks = bytesOf(path)[Symbol.asyncIterator]();
  const first = await chunks.next();
  const head = first.done ? new Uint8Array(0) : first.value;
  const all = joined(head, chunks);
  if (format === 'capture' || (named === undefined && head.length >= 4 && isCapture(head))) {
    info.format = 'capture';
    for await (const records of captureRecords(path, all)) {
      info.records += records.length;
      yield records;
    }
    return;
  }
  let reader: LineReader | undefined;
  let number = 0;
  let waiting: string[] = [];
  const tail = { unfinished: false };
  for await (const lines of lineBatches(all, tail)) {
    waiting = waiting.length === 0 ? lines : [...waiting, ...lines];
    if (named === undefined && reader === undefined && waiting.length < LOOKED_AT) continue;
    reader ??= readerOf(named ?? recognised(waiting, info), info);
    yield parsed(waiting, reader, info, number);
    number += waiting.length;
    waiting = [];
  }
  const { length } = waiting;
  if (length > 0) {
    reader ??= readerOf(named ?? recognised(waiting, info), info);
    yield parsed(waiting, reader, info, number);
  }
  if (tail.unfinished && info.lastStrange === number + length) info.cutAt = number + length;
  const last = reader?.end();
  if (last === undefined) return;
  info.records++;
  yield [last];
}

function notUtf8(path: string, line: number): KernelError {
  const why = 'bytes that are not UTF-8; convert it, such as with iconv -f LATIN1 -t UTF-8';
  return new KernelError('EINVAL', 'check', `${path}:${line}: ${why}`);
}

function readerOf(format: OutputFormat, info: OutputInfo): LineReader {
  info.format = format.name;
  const { path } = info;
  if (format.open !== undefined) return format.open(path);
  return { line: (line) => (line === '' ? 'skip' : format.parse(line, path)), end: () => undefined };
}

function recognised(lines: readonly string[], { path }: OutputInfo): OutputFormat {
  const some = lines.filter((line) => line.trim() !== '').slice(0, LOOKED_AT);
  // The journal has lengths in binary.
  if (!some.some((line) => line.startsWith('__CURSOR=')) && some.some((line) => line.includes('\u0000'))) {
    throw new KernelError(
      'EINVAL',
      'check',
      `${path}: it has zero bytes: is it UTF-16? Convert it with iconv -t UTF-8`,
    );
  }
  return recogniseOutput(some, path);
}

function parsed(lines: readonly string[], reader: LineReader, info: OutputInfo, before: number): Printed[] {
  const records: Printed[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.includes(REPLACED)) throw notUtf8(info.path, before + i + 1);
    const record = reader.line(line);
    if (record === 'skip') continue;
    if (record !== undefined) {
      record.line = before + i + 1;
      records.push(record);
    } else {
      info.strange++;
      info.lastStrange = before + i + 1;
      if (info.examples.length < EXAMPLES) info.examples.push({ line: before + i + 1, text: line.slice(0, SHOWN) });
    }
  }
  info.records += records.length;
  return records;
}

async function* joined(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
