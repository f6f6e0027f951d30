/** Adds up the summaries of the parts of a plan that ran on several machines. */

import { invalid } from '../errno.js';
import { mergeLateness } from '../net/meter.js';
import { added } from '../net/sums.js';
import { defined } from '../options.js';
import { joinIntervals } from '../run/observer.js';
import { worstFirst } from './host-report.js';
import type { StormSummary } from './options.js';

/** A summary as `storm --json` prints it. */
export type PrintedSummary = StormSummary & { readonly via: string };

/** Throws EINVAL for parts that no plan can have together: of other numbers of hosts or lengths. */
function refuseOthers(parts: readonly PrintedSummary[]): void {
  // So many hosts at least, and at most, has a plan of which this is a part.
  const least = Math.max(...parts.map(({ hosts, shard }) => (hosts - 1) * shard.count + shard.index + 1));
  const most = Math.min(...parts.map(({ hosts, shard }) => hosts * shard.count + shard.index));
  if (least > most) throw invalid('merge', 'the numbers of hosts do not fit: these are parts of different plans');
  const [length, other] = new Set(parts.filter(({ stopped }) => !stopped).map(({ planSeconds }) => planSeconds));
  if (other === undefined) return;
  throw invalid('merge', `plans of ${length} and of ${other} seconds: these are parts of different plans`);
}

/**
 * Returns the sum of the parts, and the numbers, from 1, of the parts that are missing. Throws
 * EINVAL if they are not parts of one run: the seeds or the counts differ, or a part is there
 * twice.
 */
export function mergeSummaries(
  parts: readonly PrintedSummary[],
): PrintedSummary & { readonly missingShards: number[] } {
  const [first, ...rest] = parts;
  if (first === undefined) throw invalid('merge', 'no summaries: give the files that `storm --json` was written to');
  const seen = new Set<number>();
  const { count } = first.shard;
  for (const { seed, shard } of parts) {
    if (seed !== first.seed)
      throw invalid('merge', `seeds ${first.seed} and ${seed}: these are parts of different runs`);
    if (shard.count !== first.shard.count) {
      throw invalid('merge', `parts of ${first.shard.count} and of ${shard.count}: these are parts of different runs`);
    }
    if (shard.index >= count) throw invalid('merge', `there is no part ${shard.index + 1} of ${count}`);
    if (seen.has(shard.index))
      throw invalid('merge', `part ${shard.index + 1} of ${shard.count} is there twice: give each part once`);
    seen.add(shard.index);
  }
  refuseOthers(parts);
  const missingShards = Array.from({ length: count }, (_, i) => i + 1).filter((i) => !seen.has(i - 1));
  const sums = rest.reduce((total, part) => added(total, part), first);
  const stopped = parts.find((part) => part.stopped !== undefined)?.stopped;
  return {
    ...sums,
    via: [...new Set(parts.map(({ via }) => via))].join(', '),
    seed: first.seed,
    shard: { index: 0, count: 1 },
    planSeconds: Math.max(...parts.map(({ planSeconds }) => planSeconds)),
    seconds: Math.max(...parts.map(({ seconds }) => seconds)),
    intervals: joinIntervals(parts.map(({ intervals }) => intervals)),
    lateness: mergeLateness(parts.map(({ lateness }) => lateness)),
    worst: worstFirst(parts.flatMap(({ worst = [] }) => worst)),
    missingShards,
    ...defined({ stopped }),
  };
}
