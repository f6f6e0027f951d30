/**
 * The output of a receiver as records: a file of lines, whose form is recognised or named, or a
 * capture.
 */

import { KernelError } from '../errno.js';
import { isCapture } from '../wire/capture.js';
import { NEWLINE } from '../wire/text.js';
import { captureRecords } from './capture.js';
import { bytesOf, joined, latin1LinesIn, lineBlocks, linesIn } from './lines.js';
import type { Printed } from './payload.js';
import { type LineReader, type OutputFormat, outputFormat, recogniseOutput } from './printed.js';
import { RecordScanner } from './scan.js';

/** What is known about one file. */
export interface OutputInfo {
  readonly path: string;
  format: string;
  records: number;
  /** How many lines are not of the form, and the first few of them. */
  strange: number;
  lastStrange?: number;
  readonly examples: { readonly line: number; readonly text: string }[];
  /**
   * How many records were never sent, or were sent with another text; and the line of the first.
   */
  amiss: number;
  firstAmiss?: number | undefined;
  /** The line at which the file ends, if that is in the middle of it. */
  cutAt?: number;
}

/** So many lines decide what form a file is of. */
const LOOKED_AT = 50;
const LOOKED_AT_BYTES = 1024 * 1024;
const EXAMPLES = 5;
const SHOWN = 80;
/** What decoding puts in place of bytes that are not UTF-8. */
const REPLACED = '\ufffd';

/** Records that were printed one after another. */
export type Batch = readonly Printed[] | JsonLines;

/**
 * Reads an output. `format`: its name or a pattern; else it is recognised. Fills `info` as it goes.
 * EINVAL, with the path.
 */
export async function* readOutput(info: OutputInfo, format?: string): AsyncGenerator<Batch> {
  const { path } = info;
  const named = format === undefined || format === 'capture' ? undefined : outputFormat(format);
  const chunks = bytesOf(path);
  const head = await chunks.next();
  const all = joined(head.value ?? undefined, chunks);
  if (format === 'capture' || (named === undefined && !head.done && isCapture(head.value))) {
    info.format = 'capture';
    for await (const records of captureRecords(path, all)) {
      info.records += records.length;
      yield records;
    }
    return;
  }
  const tail = { unfinished: false };
  const blocks = lineBlocks(all, tail);
  const first = await firstLines(blocks, named === undefined ? LOOKED_AT : 1);
  if (first === undefined) return;
  const form = named ?? recognised(linesIn(first.subarray(0, LOOKED_AT_BYTES)), info);
  const reader = readerOf(form, info);
  let number = 0;
  const scanner = new RecordScanner();
  for await (const block of joined(first, blocks)) {
    if (form.name === 'receive-json') {
      const lines = new JsonLines({ info, reader, scanner, block, number });
      yield lines;
      number = lines.number;
    } else {
      const lines = form.binary ? latin1LinesIn(block) : linesIn(block);
      const records = parsed(lines, reader, info, number);
      number += lines.length;
      const last = records.at(-1);
      if (tail.unfinished && last?.line === number) last.cut = true;
      yield records;
    }
  }
  if (tail.unfinished && info.lastStrange === number) info.cutAt = number;
  const last = reader.end();
  if (last === undefined) return;
  if (tail.unfinished) Object.assign(last, { cut: true, line: number });
  info.records++;
  yield [last];
}

/** The first blocks as one, until there are so many lines; undefined: the file is empty. */
async function firstLines(blocks: AsyncGenerator<Uint8Array>, enough: number): Promise<Uint8Array | undefined> {
  const some: Uint8Array[] = [];
  let lines = 0;
  while (lines < enough) {
    const { value, done } = await blocks.next();
    if (done) break;
    some.push(value);
    for (let at = value.indexOf(NEWLINE); at >= 0 && lines < enough; at = value.indexOf(NEWLINE, at + 1)) lines++;
  }
  return some.length === 0 ? undefined : Buffer.concat(some);
}

/** Lines of `receive --json`, read as they are asked for: without an object for most records. */
export class JsonLines {
  /** Lines of the file that come before what is read next. */
  number: number;
  readonly #info: OutputInfo;
  readonly #reader: LineReader;
  readonly #scanner: RecordScanner;
  readonly #block: Uint8Array;
  #at = 0;

  constructor(lines: {
    info: OutputInfo;
    reader: LineReader;
    scanner: RecordScanner;
    block: Uint8Array;
    number: number;
  }) {
    this.#info = lines.info;
    this.#reader = lines.reader;
    this.#scanner = lines.scanner;
    this.#block = lines.block;
    this.number = lines.number;
  }

  /** Reads on while each record is the next of its host, of which `inTurn` is told. */
  skip(inTurn: (record: RecordScanner) => boolean): void {
    const scanner = this.#scanner;
    while (this.#at < this.#block.length && scanner.scan(this.#block, this.#at) && inTurn(scanner)) {
      this.#at = scanner.next;
      this.number++;
      this.#info.records++;
    }
  }

  /** The record of the next line that has one; undefined: the block is read. */
  next(): Printed | undefined {
    while (this.#at < this.#block.length) {
      const end = this.#block.indexOf(NEWLINE, this.#at) + 1;
      const [record] = parsed(linesIn(this.#block.subarray(this.#at, end)), this.#reader, this.#info, this.number);
      this.#at = end;
      this.number++;
      if (record !== undefined) return record;
    }
    return undefined;
  }
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
  if (!some.some((line) => /^__[A-Z_]+=/.test(line)) && some.some((line) => line.includes('\u0000'))) {
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
