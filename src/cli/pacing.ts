/** What `--rate`, `--burst` and `--ramp` ask `storm` and `replay` for, and how well it was kept. */

import type { Lateness } from '../net/meter.js';
import { parseRamp, type ShaperOptions } from '../net/shaper.js';
import { defined } from '../options.js';
import type { RunInterval } from '../run/observer.js';
import { plural } from '../wire/text.js';

export interface PacingCliOptions {
  /** Frames a second. */
  readonly rate?: number;
  readonly burst?: number;
  /** `FROM:TO:SECONDS`. */
  readonly ramp?: string;
}

/** Reads the options. Throws EINVAL for a ramp that does not parse. */
export function pacingOf({ rate, burst, ramp }: PacingCliOptions): ShaperOptions {
  return {
    ...defined({ rate, burst }),
    ...(ramp !== undefined && { ramp: parseRamp(ramp) }),
  };
}

/** Intervals that are shown one by one; the others stand in the JSON. */
const SHOWN = 10;
/** A smaller difference counts as none. */
const TOLERANCE = 0.01;

/** What a run reports about its times. */
export interface KeptTimes {
  readonly intervals: readonly RunInterval[];
  readonly lateness: Lateness;
  readonly stalledSeconds?: number;
}

/** Lines for people; none if nothing was late. */
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
