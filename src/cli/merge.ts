/** `merge SUMMARY...`: adds up the summaries of a storm's parts. */
import { readFileSync } from 'node:fs';
import { codeOf, KernelError } from '../errno.js';
import { openReport } from '../report/index.js';
import { mergeSummaries, type PrintedSummary } from '../storm/merge.js';
import { stormReport } from './storm.js';

/** Options of `merge`. */
export interface MergeCliOptions {
  /** Print the sum as one JSON object. */
  readonly json?: boolean;
  /** Write the sum as a page, too. */
  readonly report?: string;
}

/**
 * Prints the sum to `out`. Returns the exit code: 0, or 1 if a part is missing or ended early.
 * Throws for files that are not summaries.
 */
export function merge(files: readonly string[], options: MergeCliOptions, out: NodeJS.WritableStream): number {
  using page = options.report === undefined ? undefined : openReport(options.report, { files });
  const merged = mergeSummaries(files.map(readSummary));
  if (options.json) out.write(`${JSON.stringify(merged)}\n`);
  else {
    out.write(stormReport(merged.via, merged));
    if (merged.missingShards.length > 0) out.write(`missing: part ${merged.missingShards.join(', ')}\n`);
  }
  page?.write('storm', { ...merged });
  return merged.missingShards.length > 0 || merged.stopped !== undefined ? 1 : 0;
}

function readSummary(path: string): PrintedSummary {
  let value: Partial<PrintedSummary>;
  try {
    value = JSON.parse(readFileSync(path === '-' ? 0 : path, 'utf8')) as Partial<PrintedSummary>;
  } catch (error) {
    if ('code' in (error as object))
      throw new KernelError(codeOf(error), 'open', `${path}: ${(error as Error).message}`);
    throw new KernelError('EINVAL', 'merge', `${path}: not JSON; give what \`storm --json\` printed`);
  }
  if (!isSummary(value)) {
    throw new KernelError('EINVAL', 'merge', `${path}: not a summary; give what \`storm --json\` printed`);
  }
  return value;
}

/** Says whether a value has all that is added up, with numbers where numbers are needed. */
function isSummary(value: Partial<PrintedSummary> | null): value is PrintedSummary {
  if (typeof value !== 'object' || value === null) return false;
  const { shard, seed, hosts, frames, bytes, planSeconds, seconds, lateness, intervals, out, in: back } = value;
  const numbers = [seed, hosts, frames, bytes, planSeconds, seconds, shard?.index, shard?.count];
  const parts = [lateness?.buckets, intervals, out, back];
  return (
    numbers.every((one) => typeof one === 'number' && one >= 0) &&
    parts.every((one) => typeof one === 'object' && one !== null) &&
    shard!.index < shard!.count
  );
}
