/**
 * Reads the output of a receiver as records. It is a file of lines, whose form is recognised or
 * named, or a capture.
 */

import { KernelError } from '../errno.js';
import { defined } from '../options.js';
import { isCapture } from '../wire/capture.js';
import { NEWLINE } from '../wire/text.js';
import { captureRecords } from './capture.js';
import type { LineReader, OutputFormat } from './format.js';
import { isManifest } from './json-record.js';
import { bytesOf, joined, latin1LinesIn, lineBlocks, linesIn } from './lines.js';
import type { Printed } from './payload.js';
import { LOOKED_AT, outputFormat, recogniseOutput } from './printed.js';
import { RecordScanner } from './scan.js';

/** What is known about one file. */
export interface OutputInfo {
  /** The path of the file; `-` is standard input. */
  readonly path: string;
  /** The name of the form; `pattern` for a pattern; empty for a file that is empty. */
  format: string;
  /** How many lines were read; 0 for a capture. */
  lines: number;
  /** How many records were read. */
  records: number;
  /** How many lines are not of the form. They are left out. */
  strange: number;
  /** The number of the last such line. */
  lastStrange?: number;
  /** The first few such lines, and what is wrong with each, where that can be said. */
  readonly examples: { readonly line: number; readonly text: string; readonly fault?: string }[];
  /** How many records were never sent, or had another text, level or dictionary. */
  amiss: number;
  /** How many records that were never sent are at the end, behind all that were sent. */
  amissAtEnd: number;
  /** The line of the first such record. */
  firstAmiss?: number | undefined;
  /** The number of the last line, if the file ends in the middle of it. */
  cutAt?: number;
}

/** The first lines, in so many bytes at most, decide which form a file has. */
const LOOKED_AT_BYTES = 1024 * 1024;
/** How many strange lines are kept as examples. */
const EXAMPLES = 5;
/** How many characters of such a line are kept. */
const SHOWN = 80;
/** The character that decoding puts in place of bytes that are not UTF-8. */
const REPLACED = '\ufffd';

/** Records that were printed one after another. */
export type Batch = readonly Printed[] | JsonLines;

/**
 * Reads an output, and fills `info` as it goes. `format` is the name of a form or a pattern;
 * without it the form is recognised. Throws EINVAL, with the path, for what cannot be read so.
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
  if (isManifest(first)) {
    const why = 'it is a manifest, which says what had to be printed; give the output of the receiver';
    throw new KernelError('EINVAL', 'check', `${path}: ${why}`);
  }
  if (named !== undefined && isCapture(first)) {
    throw new KernelError(
      'EINVAL',
      'check',
      `${path}: it is a capture, not of the form ${named.name}: leave the format out`,
    );
  }
  const form = named ?? recognised(linesIn(first.subarray(0, LOOKED_AT_BYTES)), info);
  const reader = readerOf(form, info);
  const scanner = new RecordScanner();
  for await (const block of joined(first, blocks)) {
    if (form.name === 'receive-json') {
      yield new JsonLines({ info, reader, scanner, block });
    } else {
      const lines = form.binary ? latin1LinesIn(block) : linesIn(block);
      const records = parsed(lines, reader, info);
      const last = records.at(-1);
      if (tail.unfinished && last?.line === info.lines) last.cut = true;
      yield records;
    }
  }
  if (tail.unfinished && info.lastStrange === info.lines) info.cutAt = info.lines;
  const last = reader.end();
  if (last === undefined) return;
  if (tail.unfinished) Object.assign(last, { cut: true, line: info.lines });
  info.records++;
  yield [last];
}

/** Returns the first blocks, of so many lines if there are, as one; undefined for an empty file. */
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

/** Lines of `receive --json` that are read when they are asked for: most need no object. */
export class JsonLines {
  readonly #info: OutputInfo;
  readonly #reader: LineReader;
  readonly #scanner: RecordScanner;
  readonly #block: Uint8Array;
  #at = 0;

  /** `block` holds the lines and is not changed. */
  constructor(lines: {
    info: OutputInfo;
    reader: LineReader;
    scanner: RecordScanner;
    block: Uint8Array;
  }) {
    this.#info = lines.info;
    this.#reader = lines.reader;
    this.#scanner = lines.scanner;
    this.#block = lines.block;
  }

  /** Reads on while `inTurn` says of each record that it is the next of its host. */
  skip(inTurn: (record: RecordScanner) => boolean): void {
    const scanner = this.#scanner;
    while (this.#at < this.#block.length && scanner.scan(this.#block, this.#at) && inTurn(scanner)) {
      this.#at = scanner.next;
      this.#info.lines++;
      this.#info.records++;
    }
  }

  /** Returns the record of the next line that has one; undefined at the end of the block. */
  next(): Printed | undefined {
    while (this.#at < this.#block.length) {
      const end = this.#block.indexOf(NEWLINE, this.#at) + 1;
      const [record] = parsed(linesIn(this.#block.subarray(this.#at, end)), this.#reader, this.#info);
      this.#at = end;
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
  return {
    line: (line) => (line === '' ? 'skip' : format.parse(line, path)),
    end: () => undefined,
    fault: (line) => format.fault?.(line),
  };
}

function recognised(lines: readonly string[], { path }: OutputInfo): OutputFormat {
  // A journal may have zero bytes: its lengths are binary.
  if (!lines.some((line) => /^__[A-Z_]+=/.test(line)) && lines.some((line) => line.includes('\u0000'))) {
    throw new KernelError(
      'EINVAL',
      'check',
      `${path}: it has zero bytes: is it UTF-16? Convert it with iconv -t UTF-8; if not, it is no text`,
    );
  }
  return recogniseOutput(lines, path);
}

/** Reads the next lines of a file. */
function parsed(lines: readonly string[], reader: LineReader, info: OutputInfo): Printed[] {
  const records: Printed[] = [];
  for (const line of lines) {
    const number = ++info.lines;
    if (line.includes(REPLACED)) throw notUtf8(info.path, number);
    const record = reader.line(line);
    if (record === 'skip') continue;
    if (record !== undefined) {
      record.line = number;
      records.push(record);
      continue;
    }
    info.strange++;
    info.lastStrange = number;
    if (info.examples.length === EXAMPLES) continue;
    info.examples.push({ line: number, text: line.slice(0, SHOWN), ...defined({ fault: reader.fault?.(line) }) });
  }
  info.records += records.length;
  return records;
}
