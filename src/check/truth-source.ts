/**
 * The truth to check against: a manifest, or the plan that it was made from, which gives the same
 * records again.
 */
import { KernelError } from '../errno.js';
import { type ManifestHead, readPlan, StormEngine, type TrueRecord } from '../storm/index.js';
import { compilePlanFile } from '../storm/plan-file.js';
import type { Shard } from '../storm/source.js';
import { hostsOfShard } from '../storm/source.js';
import { decodeText, NEWLINE } from '../wire/text.js';
import type { Checker } from './checker.js';
import { NOT_KEPT } from './facts.js';
import { bytesOf, joined, lineBlocks } from './lines.js';
import { RecordScanner } from './scan.js';

/** Records in order of time, some at once. */
export type Truth = AsyncIterable<Iterable<TrueRecord>>;

/** A window has room for some batches of one host. */
const RECORDS_AT_ONCE = 512;
const STEP_USEC = 250_000;
/** What a manifest begins with. */
const MANIFEST = '{"manifest":';

/**
 * The truth of a file: a manifest by its first line, else a plan. EINVAL, with path and line, for
 * what is neither.
 */
export async function* readTruth(path: string, shard?: Shard): Truth {
  const blocks = lineBlocks(bytesOf(path));
  const first = await blocks.next();
  if (first.done) {
    throw new KernelError('EINVAL', 'check', `${path} is empty: give the manifest or the plan of the run`);
  }
  if (decodeText(first.value.subarray(0, MANIFEST.length)) === MANIFEST) {
    yield* readManifest(path, first.value, blocks);
    return;
  }
  await blocks.return(undefined);
  yield* truthOfPlan(path, shard);
}

/** The records of a plan, made anew. */
async function* truthOfPlan(path: string, shard: Shard = { index: 0, count: 1 }): Truth {
  const plan = compilePlanFile(path, readPlan(path));
  const engine = new StormEngine(plan, { hosts: hostsOfShard(plan, shard), truth: true });
  try {
    for (let at = 0; at < plan.durationUsec; at += STEP_USEC) yield* batches(engine.runUntil(at).records);
    yield* batches(engine.runUntil(Number.POSITIVE_INFINITY).records);
  } finally {
    engine.close();
  }
}

async function* readManifest(path: string, first: Uint8Array, others: AsyncIterable<Uint8Array>): Truth {
  const scanner = new RecordScanner();
  let from = first.indexOf(NEWLINE) + 1;
  checkHead(path, decodeText(first.subarray(0, from)));
  let number = 1;
  for await (const block of joined(first, others)) {
    while (from < block.length) {
      const lines = new ManifestLines({ path, number, block, from, scanner });
      yield lines;
      ({ number, next: from } = lines);
    }
    from = 0;
  }
}

/** Some lines of a manifest. They are read once: by `expectedBy`, or one by one. */
export class ManifestLines implements Iterable<TrueRecord> {
  /** Lines of the file that come before what is read next, and where in the block that begins. */
  number: number;
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

  /** Tells the checker of all of them. Returns how many they were. */
  expectedBy(checker: Checker): number {
    const before = this.number;
    const scanner = this.#scanner;
    while (this.#left > 0 && this.next < this.#block.length) {
      if (!scanner.scan(this.#block, this.next) || !scanner.named) {
        checker.expect(this.#record());
        continue;
      }
      if (scanner.tsUsec < 0) scanner.tsUsec = scanner.stamp;
      if (scanner.dict === NOT_KEPT) scanner.dict = 0;
      checker.expectFacts(scanner, scanner);
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

function checkHead(path: string, line: string): void {
  const { manifest } = parsed(path, 1, line) as ManifestHead;
  if (manifest !== 1) {
    throw new KernelError('EINVAL', 'check', `${path}:1: a manifest of version ${manifest}; this reads version 1`);
  }
}

function recordOf(path: string, number: number, line: string): TrueRecord {
  const record = parsed(path, number, line) as TrueRecord;
  if (typeof record.host !== 'string' || typeof record.text !== 'string') {
    throw new KernelError('EINVAL', 'check', `${path}:${number}: a record without host or text; is the file whole?`);
  }
  return record;
}

function parsed(path: string, number: number, line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new KernelError('EINVAL', 'check', `${path}:${number}: not a line of a manifest; was its end cut off?`);
}
