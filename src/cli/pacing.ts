/** Reads `--rate`, `--burst` and `--ramp`, for `storm` and `replay`; reports how they were kept. */

import type { Lateness } from '../net/meter.js';
import { parseRamp, type ShaperOptions } from '../net/shaper.js';
import { defined } from '../options.js';
import type { RunInterval } from '../run/observer.js';
import { plural } from '../wire/text.js';
import { UsageError } from './errors.js';

/** Options that say how fast frames leave. */
export interface PacingCliOptions {
  /** Frames a second. */
  readonly rate?: number;
  /** How many frames may leave at once after a pause. Default: the frames of a millisecond. */
  readonly burst?: number;
  /** `FROM:TO:SECONDS`: from one rate to another, evenly; both in frames a second. */
  readonly ramp?: string;
}

/**
 * Reads the options. Throws EINVAL for a ramp that does not parse, and UsageError for a burst
 * without a rate.
 */
export function pacingOf({ rate, burst, ramp }: PacingCliOptions): ShaperOptions {
  if (burst !== undefined && rate === undefined && ramp === undefined) {
    throw new UsageError(`--burst ${burst}: without a rate there is no burst: give --rate or --ramp, too`);
  }
  return {
    ...defined({ rate, burst }),
    ...(ramp !== undefined && { ramp: parseRamp(ramp) }),
  };
}

/** How many intervals are shown one by one; the JSON has the others. */
const SHOWN = 10;
/** A rate counts as kept if it differs by no more than this share of what was asked for. */
const TOLERANCE = 0.01;

/** What a run reports about its times. */
export interface KeptTimes {
  /** What happened in each interval of the clock. */
  readonly intervals: readonly RunInterval[];
  /** How late frames were, in milliseconds. */
  readonly lateness: Lateness;
  /** For how long the schedule stood still because the sender did. Default 0. */
  readonly stalledSeconds?: number;
}

/** Reports in lines for people how well the times were kept; none if there is nothing to say. */
export function pacingReport({ intervals, lateness, stalledSeconds = 0 }: KeptTimes): string[] {
  const lines: string[] = [];
  if (lateness.max > 0) {
    const { p50, p99, max } = lateness;
    lines.push(
      `late: half of the frames by at most ${p50} ms, 99 of 100 by at most ${p99} ms, the latest by ${max.toFixed(1)} ms`,
    );
  }
  // Without a schedule no rate was asked for.
  const off = intervals.filter(({ asked, achieved }) => asked > 0 && Math.abs(achieved - asked) > TOLERANCE * asked);
  for (const { from, seconds, asked, achieved } of off.slice(0, SHOWN)) {
    lines.push(`  from ${from} s on, for ${plural(seconds, 'second')}: ${asked} frames asked for, ${achieved} left`);
  }
  if (off.length > SHOWN) lines.push(`  and ${off.length - SHOWN} more intervals`);
  if (stalledSeconds > 0)
    lines.push(`the sender stood still for ${stalledSeconds.toFixed(3)} s, which no burst made up for`);
  return lines;
}
