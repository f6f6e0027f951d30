/**
 * A manifest: the records that a perfect receiver must print, one JSON object a line. The first
 * line says which run they are of.
 *
 *   {"manifest":1,"seed":7,"hosts":50,"seconds":60,"shard":"1/1"}
 *   {"host":"198.18.0.26","name":"rack4-25","boot":0,"seq":0,"tsUsec":0,"level":6,"facility":0,
 *       "text":"...","atUsec":50343}                              (in one line with the above)
 *
 * A name that ends in `.gz` or `.zst` makes the file compressed. A manifest is written as the run
 * goes on, and is never held in memory.
 */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { PassThrough, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { codeOf, KernelError } from '../errno.js';
import {
  checkArgument,
  checkOptions,
  number,
  type OptionRule,
  type OptionRules,
  text,
  wholeNumber,
} from '../options.js';
import type { CompiledPlan } from './compile.js';
import { COMPILED } from './plan.js';
import type { Shard } from './source.js';
import type { TrueRecord } from './truth.js';

/** The first line of a manifest: it says which run the manifest is of. */
export interface ManifestHead {
  /** The version of the form. */
  readonly manifest: 1;
  /** The seed of the run. */
  readonly seed: number;
  /** How many hosts the whole plan has, whatever the shard. */
  readonly hosts: number;
  /** How long the plan lasts. */
  readonly seconds: number;
  /** `I/N`: part I of N, from 1. */
  readonly shard: string;
}

const HEAD: OptionRules<ManifestHead> = {
  manifest: wholeNumber(1, 1),
  seed: number(0),
  hosts: wholeNumber(1),
  seconds: number(0),
  shard: text,
};
const SHARD: OptionRules<Shard> = { index: wholeNumber(0), count: wholeNumber(1) };

/** Returns the head of the manifest of a plan, or of a shard of it. */
export function manifestHead(plan: CompiledPlan, shard: Shard = { index: 0, count: 1 }): ManifestHead {
  checkArgument('manifestHead', 'plan', plan, COMPILED);
  checkOptions('manifestHead', shard, SHARD, ['index', 'count']);
  const { index, count } = shard;
  return {
    manifest: 1,
    seed: plan.seed,
    hosts: plan.hosts.length,
    seconds: plan.durationUsec / 1e6,
    shard: `${index + 1}/${count}`,
  };
}

const PATH: OptionRule = {
  expected: 'a path without zero bytes',
  holds: (value) => typeof value === 'string' && !value.includes('\0'),
};

/** Writes a manifest to a file, as its records come. */
export class ManifestWriter {
  readonly #in: PassThrough = new PassThrough();
  readonly #done: Promise<void>;
  /** Records written so far. */
  records = 0;

  /** Throws EINVAL for a compression that this version of Node does not have. */
  constructor(path: string, head: ManifestHead) {
    checkArgument('ManifestWriter', 'path', path, PATH);
    checkOptions('ManifestWriter', head, HEAD, ['manifest', 'seed', 'hosts', 'seconds', 'shard']);
    const packer = packerFor(path);
    const out = createWriteStream(path);
    const written = packer === undefined ? pipeline(this.#in, out) : pipeline(this.#in, packer, out);
    this.#done = written.catch((error) => {
      throw fileError(error, path);
    });
    // The next `write` or `close` rejects with the error; until then it must not be unhandled.
    this.#done.catch(() => {});
    this.#in.write(`${JSON.stringify(head)}\n`);
  }

  /** Writes records, and resolves when there is room for more. Rejects if the file has failed. */
  async write(records: readonly TrueRecord[]): Promise<void> {
    this.records += records.length;
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    if (!this.#in.write(text)) await Promise.race([once(this.#in, 'drain'), this.#done]);
  }

  /** Ends the file. Resolves when all of it is written; rejects if anything failed on the way. */
  async close(): Promise<void> {
    this.#in.end();
    await this.#done;
  }
}

/** Returns an error of the system as a `KernelError` with the same code, others unchanged. */
function fileError(error: unknown, path: string): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error;
  return new KernelError(codeOf(error), 'manifest', `${path}: ${error.message}`, { cause: error });
}

function packerFor(path: string): Transform | undefined {
  if (path.endsWith('.gz')) return zlib.createGzip();
  if (!path.endsWith('.zst')) return undefined;
  const { createZstdCompress } = zlib as { createZstdCompress?: () => Transform };
  if (createZstdCompress !== undefined) return createZstdCompress();
  throw new KernelError(
    'EINVAL',
    'manifest',
    `${path}: Node ${process.version} cannot write zstd; name it .gz, or use Node 22.15 or later`,
  );
}
