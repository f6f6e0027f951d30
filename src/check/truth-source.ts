/**
 * Where the truth comes from: a manifest, or the plan that it was made from, which gives the same
 * records again.
 */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { invalid, KernelError } from '../errno.js';
import type { Schema } from '../schema.js';
import { type ManifestHead, readPlan, StormEngine, type TrueRecord } from '../storm/index.js';
import { compilePlanFile } from '../storm/plan-file.js';
import type { Shard } from '../storm/source.js';
import { hostsOfShard } from '../storm/source.js';
import { isCapture } from '../wire/capture.js';
import { decodeText, encodeText, NEWLINE } from '../wire/text.js';
import { NOT_KEPT } from './facts.js';
import { isManifest, NO_OBJECT, RECEIVED, readObject, TRUE_RECORD } from './json-record.js';
import { bytesOf, joined, lineBlocks, linesIn } from './lines.js';
import type { TruthListener, TruthPart } from './packed.js';
import { RecordScanner } from './scan.js';
import { truthAside } from './truth-thread.js';

/** Records in order of time, several at a time. */
export type Truth = AsyncIterable<Iterable<TrueRecord>>;

/** How many records are handed out at a time: the window of a host holds several times as many. */
export const RECORDS_AT_ONCE = 512;
const STEP_USEC = 250_000;
/** For a manifest of so many bytes or more, a thread of its own is worth its start. */
const LARGE_BYTES = 32 * 1024 * 1024;

/**
 * Returns the truth of a file, which is a manifest if its first line says so, else a plan. `check`
 * throws EINVAL, with path and line, if the file is neither. It reads a large manifest in a thread
 * of its own, if there are two processors.
 */
export function readTruth(path: string, shard?: Shard): Truth {
  return new TruthFile(path, shard);
}

/** The truth of a file, as records or in parts. */
export class TruthFile implements Truth {
  readonly #path: string;
  readonly #shard: Shard | undefined;

  /** `shard`, if given, is the part of a plan's hosts whose records are told. */
  constructor(path: string, shard: Shard | undefined) {
    this.#path = path;
    this.#shard = shard;
  }

  /** Yields the records, several at a time. */
  [Symbol.asyncIterator](): AsyncIterator<Iterable<TrueRecord>> {
    return recordsOf(this.#path, this.#shard);
  }

  /** Yields the same records in the fastest way. */
  async *parts(): AsyncGenerator<TruthPart | Iterable<TrueRecord>, void, void> {
    const aside = this.#shard === undefined && availableParallelism() > 1 && isLarge(this.#path);
    if (aside) yield* truthAside(this.#path, RECORDS_AT_ONCE);
    else yield* recordsOf(this.#path, this.#shard);
  }
}

/** Says whether a file is so large that it must be a manifest. One that cannot be read is not. */
function isLarge(path: string): boolean {
  const stats = path === '-' ? undefined : statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size >= LARGE_BYTES;
}

async function* recordsOf(path: string, shard?: Shard): AsyncGenerator<Iterable<TrueRecord>, void, void> {
  const opened = await open(path);
  if (opened.isManifest) yield* readManifest(path, opened, shard);
  else {
    await opened.blocks.return(undefined);
    refuseOutput(path, opened.first);
    if (path === '-') throw invalid('check', '-: no manifest; a plan is read from a file: give its path');
    yield* truthOfPlan(path, shard);
  }
}

/** Yields the parts of a manifest. Throws EINVAL for a file that is none. */
export async function* manifestParts(path: string): AsyncGenerator<TruthPart, void, void> {
  const opened = await open(path);
  if (!opened.isManifest) {
    refuseOutput(path, opened.first);
    throw invalid('check', `${path}:1: not the first line of a manifest, and the file is too large for a plan`);
  }
  yield* readManifest(path, opened);
}

interface Opened {
  readonly first: Uint8Array;
  readonly blocks: AsyncGenerator<Uint8Array>;
  readonly isManifest: boolean;
}

async function open(path: string): Promise<Opened> {
  const blocks = lineBlocks(bytesOf(path));
  const { value: first, done } = await blocks.next();
  if (done) throw new KernelError('EINVAL', 'check', `${path} is empty: give the manifest or the plan of the run`);
  return { first, blocks, isManifest: isManifest(first) };
}

/** Throws EINVAL for what a receiver has: it is no truth, and comes behind the truth. */
function refuseOutput(path: string, first: Uint8Array): void {
  const [line = ''] = linesIn(first.subarray(0, first.indexOf(NEWLINE) + 1));
  const what = isCapture(first)
    ? 'it is a capture'
    : typeof readObject(line, RECEIVED) === 'object'
      ? 'it has records, without the first line of a manifest'
      : undefined;
  if (what === undefined) return;
  throw invalid(
    'check',
    `${path}: ${what}: give first the manifest or the plan, and then what the receiver has printed`,
  );
}

/** Yields the records of a plan, which an engine makes anew. */
async function* truthOfPlan(
  path: string,
  shard: Shard = { index: 0, count: 1 },
): AsyncGenerator<TrueRecord[], void, void> {
  const plan = compilePlanFile(path, readPlan(path));
  const engine = new StormEngine(plan, { hosts: hostsOfShard(plan, shard), truth: true, arrivals: false });
  try {
    for (let at = 0; at < plan.durationUsec; at += STEP_USEC) yield* batches(engine.runUntil(at).records);
    yield* batches(engine.runUntil(Number.POSITIVE_INFINITY).records);
  } finally {
    engine.close();
  }
}

async function* readManifest(
  path: string,
  { first, blocks }: Opened,
  shard?: Shard,
): AsyncGenerator<ManifestLines, void, void> {
  const scanner = new RecordScanner();
  let from = first.indexOf(NEWLINE) + 1;
  const head = readHead(path, decodeText(first.subarray(0, from)));
  if (shard !== undefined && head.shard !== `${shard.index + 1}/${shard.count}`) {
    const why = `this manifest is of part ${head.shard}: leave the shard out, which is for plans`;
    throw invalid('check', `${path}:1: shard ${shard.index + 1}/${shard.count} is asked for, but ${why}`);
  }
  let number = 1;
  for await (const block of joined(first, blocks)) {
    while (from < block.length) {
      const lines = new ManifestLines({ path, number, block, from, scanner });
      yield lines;
      ({ number, next: from } = lines);
    }
    from = 0;
  }
}

/** Some lines of a manifest. They can be read once: by `tell`, or one by one. */
export class ManifestLines implements Iterable<TrueRecord>, TruthPart {
  /** How many lines of the file were read. */
  number: number;
  /** Where in the block the next line begins. */
  next: number;
  readonly #path: string;
  readonly #block: Uint8Array;
  readonly #scanner: RecordScanner;
  #left = RECORDS_AT_ONCE;

  constructor(lines: { path: string; number: number; block: Uint8Array; from: number; scanner: RecordScanner }) {
    this.#path = lines.path;
    this.number = lines.number;
    this.#block = lines.block;
    this.next = lines.from;
    this.#scanner = lines.scanner;
  }

  /** Hands all records to `listener`, without an object for those that can be scanned. */
  tell(listener: TruthListener): number {
    const before = this.number;
    const scanner = this.#scanner;
    while (this.#left > 0 && this.next < this.#block.length) {
      if (!scanner.scan(this.#block, this.next) || !scanner.named) {
        listener.expect(this.#record());
        continue;
      }
      if (scanner.tsUsec < 0) scanner.tsUsec = scanner.stamp;
      if (scanner.dict === NOT_KEPT) scanner.dict = 0;
      listener.expectFacts(scanner, scanner);
      this.next = scanner.next;
      this.number++;
      this.#left--;
    }
    return this.number - before;
  }

  *[Symbol.iterator](): Iterator<TrueRecord> {
    while (this.#left > 0 && this.next < this.#block.length) yield this.#record();
  }

  #record(): TrueRecord {
    const end = this.#block.indexOf(NEWLINE, this.next);
    const line = decodeText(this.#block.subarray(this.next, end));
    this.next = end + 1;
    this.#left--;
    return recordOf(this.#path, ++this.number, line);
  }
}

function* batches(records: readonly { readonly record: TrueRecord }[]): Generator<TrueRecord[]> {
  for (let i = 0; i < records.length; i += RECORDS_AT_ONCE) {
    yield records.slice(i, i + RECORDS_AT_ONCE).map(({ record }) => record);
  }
}

/** The first line of a manifest. */
const HEAD: Schema = {
  type: 'object',
  properties: {
    manifest: { enum: [1] },
    seed: { type: 'integer', minimum: 0 },
    hosts: { type: 'integer', minimum: 1 },
    seconds: { type: 'number', minimum: 0 },
    shard: { type: 'string' },
  },
  required: ['seed', 'hosts', 'seconds', 'shard'],
};

function readHead(path: string, line: string): ManifestHead {
  const head = readObject(line, HEAD);
  if (typeof head === 'object') return head as unknown as ManifestHead;
  const version = /^\{"manifest":(\d+)[,}]/.exec(line)?.[1];
  if (version === undefined || version === '1') throw wrong(path, 1, head);
  throw new KernelError('EINVAL', 'check', `${path}:1: a manifest of version ${version}; this reads version 1`);
}

function recordOf(path: string, number: number, line: string): TrueRecord {
  const record = readObject(line, TRUE_RECORD);
  if (typeof record === 'object') return record as unknown as TrueRecord;
  if (!isManifest(encodeText(line))) throw wrong(path, number, record);
  const why = 'a second manifest begins here; give that of one run, or for the parts of one run their plan';
  throw new KernelError('EINVAL', 'check', `${path}:${number}: ${why}`);
}

function wrong(path: string, number: number, fault: string): KernelError {
  const what = `${path}:${number}: not a line of a manifest`;
  const why = `: ${fault}; give the manifest as storm wrote it, or the plan`;
  return new KernelError('EINVAL', 'check', `${what}${fault === NO_OBJECT ? '; was its end cut off?' : why}`);
}
