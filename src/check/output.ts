/**
 * The output of a receiver as records: a file of lines, whose form is recognised or named, or a
 * capture.
 */

import { KernelError } from '../errno.js';
import { isCapture } from '../wire/capture.js';
import { captureRecords } from './capture.js';
import { bytesOf, lineBatches } from './lines.js';
import { type OutputFormat, outputFormat, type Printed, recogniseOutput } from './printed.js';

/** What one file was found to be. */
export interface OutputInfo {
  readonly path: string;
  format: string;
  records: number;
  /** Lines that are not of the form, and the first few of them. */
  strange: number;
  readonly examples: { readonly line: number; readonly text: string }[];
}

/** So many lines decide what form a file is of. */
const LOOKED_AT = 50;
const EXAMPLES = 5;
const SHOWN = 80;

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
  let known: OutputFormat | undefined = named;
  let number = 0;
  let waiting: string[] = [];
  for await (const lines of lineBatches(all)) {
    waiting = waiting.length === 0 ? lines : [...waiting, ...lines];
    if (known === undefined && waiting.length < LOOKED_AT) continue;
    known ??= recognised(waiting, info);
    yield parsed(waiting, known, info, number);
    number += waiting.length;
    waiting = [];
  }
  if (waiting.length === 0) return;
  known ??= recognised(waiting, info);
  yield parsed(waiting, known, info, number);
}

function recognised(lines: readonly string[], { path }: OutputInfo): OutputFormat {
  const some = lines.filter((line) => line.trim() !== '').slice(0, LOOKED_AT);
  if (some.some((line) => line.includes('\u0000'))) {
    throw new KernelError(
      'EINVAL',
      'check',
      `${path}: it has zero bytes: is it UTF-16? Convert it with iconv -t UTF-8`,
    );
  }
  return recogniseOutput(some, path);
}

function parsed(lines: readonly string[], format: OutputFormat, info: OutputInfo, before: number): Printed[] {
  info.format = format.name;
  const records: Printed[] = [];
  for (const [i, line] of lines.entries()) {
    if (line === '') continue;
    const record = format.parse(line, info.path);
    if (record === 'skip') continue;
    if (record !== undefined) records.push(record);
    else {
      info.strange++;
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
