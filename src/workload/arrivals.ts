/**
 * When events happen: streams of times in microseconds, from which a workload's starts are taken.
 *
 *   periodic({ everyUsec: 60e6 })            once a minute
 *   poisson({ meanUsec: 60e6 }, draw)        once a minute on average, independent of one another
 *   bursts({ size: 5, gapUsec: 1e3, everyUsec: 60e6 })
 */
import { checkArgument, checkOptions, having, number, type OptionRule, wholeNumber } from '../options.js';
import type { Draw } from './draw.js';

/** A period: at less than a microsecond, events would never end. */
const PERIOD: OptionRule = number(1);
/** Of any time: events may have begun before the run. */
const FROM: OptionRule = number(-Number.MAX_SAFE_INTEGER);
const GAP: OptionRule = number(0);

/** When `periodic` has its events. */
export interface PeriodicOptions {
  readonly everyUsec: number;
  /** Default 0. */
  readonly fromUsec?: number;
}

/** When `poisson` has its events. */
export interface PoissonOptions {
  readonly meanUsec: number;
  /** Default 0. */
  readonly fromUsec?: number;
}

/** When `bursts` has its events. */
export interface BurstOptions extends PeriodicOptions {
  /** Events in a burst. */
  readonly size: number;
  readonly gapUsec: number;
}

/**
 * Endless, one period apart; the first comes after one period. EINVAL for a wrong option, by its
 * name.
 */
export function periodic(options: PeriodicOptions): Generator<number> {
  const { everyUsec, fromUsec = 0 } = options;
  checkOptions<PeriodicOptions>('periodic', options, { everyUsec: PERIOD, fromUsec: FROM }, ['everyUsec']);
  return (function* () {
    // Multiplied, not added up: an absolute schedule has no drift.
    for (let n = 1; ; n++) yield fromUsec + n * everyUsec;
  })();
}

/** Events that know nothing of one another, `meanUsec` apart on average. EINVAL as `periodic`. */
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

/** `size` events, `gapUsec` apart, every `everyUsec`. EINVAL as `periodic`. */
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
