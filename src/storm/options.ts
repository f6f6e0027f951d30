/** The options of a run of a plan, and its summary. */
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

/** How a plan is run: how fast, which part of it, and who is told of what happens. */
export interface StormOptions {
  /** How many times as fast as planned. Default `max`: in virtual time, without waiting. */
  readonly speed?: number | 'max';
  /** The rate at which the frames of all hosts of this run leave together. */
  readonly pacing?: ShaperOptions;
  /** The part of the hosts that is run. Default: all of them. */
  readonly shard?: Shard;
  /** The number of threads. Default 1: the caller's own. */
  readonly workers?: number;
  /**
   * Called with the records that a perfect receiver must print, in order of time, several in one
   * call. The run waits for the promise that it returns.
   */
  readonly onRecords?: (records: readonly TrueRecord[]) => Promise<void> | void;
  /** Seconds to stay after the last frame, to answer the collector. Default 0. */
  readonly lingerSeconds?: number;
  /** `usec` is set to each frame's time before the frame is sent: the clock of a capture file. */
  readonly stamp?: { usec: number };
  /** The clock of the run. Default: the system's. */
  readonly clock?: Clock;
  /** Ends the run early when it aborts; the summary says what was sent by then. */
  readonly signal?: AbortSignal;
  /** Called ten times a second at most. */
  readonly onProgress?: (progress: StormProgress) => void;
}

/** What a storm came to. */
export interface StormSummary extends EngineCounts {
  /** The seed of the run. */
  readonly seed: number;
  /** The part of the hosts that was run; `index` counts from 0. */
  readonly shard: { readonly index: number; readonly count: number };
  /** Seconds of the plan that have passed. */
  readonly planSeconds: number;
  /** Seconds that the run took by the clock. */
  readonly seconds: number;
  /** Frames that the device took. */
  readonly frames: number;
  /** The bytes of those frames. */
  readonly bytes: number;
  /** Frames that the device took and lost. */
  readonly deviceLost: number;
  /** Frames that were ready when the run ended early, and were never offered. */
  readonly unsent: number;
  /** What happened in each interval, of the clock's time or, in virtual time, of the plan's. */
  readonly intervals: readonly RunInterval[];
  /** How late frames left; all 0 in virtual time. */
  readonly lateness: Lateness;
  /** A report of every host, those that lost most first. */
  readonly worst: readonly StormHostReport[];
  /** Why the run ended early; absent if it did not. */
  readonly stopped?: { readonly code: string; readonly message: string };
}

/** The rules that the options of a run are checked by. */
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
