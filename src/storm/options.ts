/** What a run of a plan is told, and what it comes to. */
import type { Lateness } from '../net/meter.js';
import type { ShaperOptions } from '../net/shaper.js';
import { callback, either, having, number, type OptionRules, oneOf, positive, wholeNumber } from '../options.js';
import type { Clock } from '../run/clock.js';
import type { RunInterval } from '../run/observer.js';
import type { EngineCounts } from './engine.js';
import type { StormHostReport } from './host-report.js';
import type { StormProgress } from './progress.js';
import type { Shard } from './source.js';
import type { TrueRecord } from './truth.js';

/** How a plan is run: how fast, which part, who hears of it. */
export interface StormOptions {
  /** Times as fast as planned; `max`, the default: without waiting, in virtual time. */
  readonly speed?: number | 'max';
  /** Over all hosts of this run. */
  readonly pacing?: ShaperOptions;
  /** Run a part of the hosts. */
  readonly shard?: Shard;
  readonly workers?: number;
  /**
   * Hears what a perfect receiver must print, in order of time, some at once. What it returns is
   * waited for.
   */
  readonly onRecords?: (records: readonly TrueRecord[]) => Promise<void> | void;
  /** Stay for so many seconds after the last frame, to answer the collector. Default 0. */
  readonly lingerSeconds?: number;
  /** Set to each frame's time before it is sent: for a capture file's clock. */
  readonly stamp?: { usec: number };
  readonly clock?: Clock;
  /** Ends the run early; what was sent stands in the summary. */
  readonly signal?: AbortSignal;
  /** Called now and then, ten times a second at most. */
  readonly onProgress?: (progress: StormProgress) => void;
}

/** What a storm came to. */
export interface StormSummary extends EngineCounts {
  readonly seed: number;
  readonly shard: { readonly index: number; readonly count: number };
  /** Of the plan's time that passed. */
  readonly planSeconds: number;
  /** Of the clock. */
  readonly seconds: number;
  /** What the device took, and their bytes. */
  readonly frames: number;
  readonly bytes: number;
  /** Frames that the device took and lost. */
  readonly deviceLost: number;
  /** Frames that were ready when the run ended early, and were never offered. */
  readonly unsent: number;
  readonly intervals: readonly RunInterval[];
  readonly lateness: Lateness;
  /** Every host, those that lost most first. */
  readonly worst: readonly StormHostReport[];
  /** Why it ended early. */
  readonly stopped?: { readonly code: string; readonly message: string };
}

export const STORM_RULES: OptionRules<StormOptions> = {
  speed: either(oneOf('max'), positive),
  pacing: having('an object'),
  shard: having('a shard', 'index', 'count'),
  workers: wholeNumber(1),
  onRecords: callback,
  lingerSeconds: number(0),
  stamp: having('an object', 'usec'),
  clock: having('a clock', 'now', 'at'),
  signal: having('an AbortSignal', 'aborted', 'addEventListener'),
  onProgress: callback,
};
