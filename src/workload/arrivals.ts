/**
 * When events happen: streams of times in microseconds, at which the starts of a workload are put.
 *
 *   periodic({ everyUsec: 60e6 })            once a minute
 *   poisson({ meanUsec: 60e6 }, draw)        once a minute on average, independent of one another
 *   bursts({ size: 5, gapUsec: 1e3, everyUsec: 60e6 })
 */
import { checkArgument, checkOptions, having, number, type OptionRule, wholeNumber } from '../options.js';
import type { Draw } from './draw.js';

/** The rule for a period: a microsecond at least, or events would have no end within a second. */
const PERIOD: OptionRule = number(1);
/** The rule for where times begin: it may be before the run. */
const FROM: OptionRule = number(-Number.MAX_SAFE_INTEGER);
const GAP: OptionRule = number(0);

/** When `periodic` has its events. */
export interface PeriodicOptions {
  /** The time between two events, in microseconds. */
  readonly everyUsec: number;
  /** The time of the start, in microseconds. Default 0. */
  readonly fromUsec?: number;
}

/** When `poisson` has its events. */
export interface PoissonOptions {
  /** The time between two events on average, in microseconds. */
  readonly meanUsec: number;
  /** The time of the start, in microseconds. Default 0. */
  readonly fromUsec?: number;
}

/** When `bursts` has its events. */
export interface BurstOptions extends PeriodicOptions {
  /** Events in a burst. */
  readonly size: number;
  /** The time between two events of a burst, in microseconds. */
  readonly gapUsec: number;
}

/**
 * Returns an endless stream of times, one period apart. The first comes one period after the start.
 * Throws EINVAL, naming the option, for a wrong one.
 */
export function periodic(options: PeriodicOptions): Generator<number> {
  const { everyUsec, fromUsec = 0 } = options;
  checkOptions<PeriodicOptions>('periodic', options, { everyUsec: PERIOD, fromUsec: FROM }, ['everyUsec']);
  return (function* () {
    // Each time is a product, not a sum, so that errors do not add up.
    for (let n = 1; ; n++) yield fromUsec + n * everyUsec;
  })();
}

/**
 * Returns times that are independent of each other, `meanUsec` apart on average. Throws EINVAL as
 * `periodic` does.
 */
export function poisson(options: PoissonOptions, draw: Draw): Generator<number> {
  checkOptions<PoissonOptions>('poisson', options, { meanUsec: PERIOD, fromUsec: FROM }, ['meanUsec']);
  checkArgument('poisson', 'draw', draw, having('a Draw', 'exponential'));
  return (function* () {
    for (let at = options.fromUsec ?? 0; ; ) {
      at += draw.exponential(options.meanUsec);
      yield Math.round(at);
    }
  })();
}

/** Returns `size` times, `gapUsec` apart, every `everyUsec`. Throws EINVAL as `periodic` does. */
export function bursts(options: BurstOptions): Generator<number> {
  const rules = { everyUsec: PERIOD, fromUsec: FROM, size: wholeNumber(1), gapUsec: GAP };
  checkOptions<BurstOptions>('bursts', options, rules, ['everyUsec', 'size', 'gapUsec']);
  const { size, gapUsec, everyUsec, fromUsec = 0 } = options;
  return (function* () {
    for (const at of periodic({ everyUsec, fromUsec })) {
      for (let i = 0; i < size; i++) yield at + i * gapUsec;
    }
  })();
}
