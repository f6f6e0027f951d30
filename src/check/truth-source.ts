/**
 * The truth to check against: a manifest, or the plan that it was made from, which gives the same
 * records again.
 */
import { KernelError } from '../errno.js';
import { checkPlan, compilePlan, type ManifestHead, readPlan, StormEngine, type TrueRecord } from '../storm/index.js';
import type { Shard } from '../storm/source.js';
import { hostsOfShard } from '../storm/source.js';
import { bytesOf, lineBatches, linesOf } from './lines.js';

/** Records in order of time, some at once. */
export type Truth = AsyncIterable<readonly TrueRecord[]>;

const LINES_AT_ONCE = 512;
const STEP_USEC = 250_000;

/**
 * The truth of a file: a manifest by its first line, else a plan. EINVAL, with path and line, for
 * what is neither.
 */
export async function* readTruth(path: string, shard?: Shard): Truth {
  if (await isManifest(path)) yield* readManifest(path);
  else yield* truthOfPlan(path, shard);
}

/** The records of a plan, made anew. */
async function* truthOfPlan(path: string, shard: Shard = { index: 0, count: 1 }): Truth {
  const plan = compilePlan(checkPlan(readPlan(path)));
  const engine = new StormEngine(plan, { hosts: hostsOfShard(plan, shard), truth: true });
  try {
    for (let at = 0; at < plan.durationUsec; at += STEP_USEC) {
      yield engine.runUntil(at).records.map(({ record }) => record);
    }
    yield engine.runUntil(Number.POSITIVE_INFINITY).records.map(({ record }) => record);
  } finally {
    engine.close();
  }
}

async function isManifest(path: string): Promise<boolean> {
  for await (const line of linesOf(path)) {
    const head = line.startsWith('{"manifest":');
    return head;
  }
  throw new KernelError('EINVAL', 'check', `${path} is empty: give the manifest or the plan of the run`);
}

async function* readManifest(path: string): Truth {
  let number = 0;
  let batch: TrueRecord[] = [];
  for await (const lines of lineBatches(bytesOf(path))) {
    for (const line of lines) {
      if (++number === 1) checkHead(path, line);
      else batch.push(recordOf(path, number, line));
      if (batch.length === LINES_AT_ONCE) {
        yield batch;
        batch = [];
      }
    }
  }
  yield batch;
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
