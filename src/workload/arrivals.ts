/**
 * When events happen: streams of times in microseconds, from which a workload's starts are taken.
 *
 *   periodic({ everyUsec: 60e6 })            once a minute
 *   poisson({ meanUsec: 60e6 }, draw)        once a minute on average, independent of one another
 *   bursts({ size: 5, gapUsec: 1e3, everyUsec: 60e6 })
 */
import type { Draw } from './draw.js';

/** Endless, unless `untilUsec` is given. The first one comes after one period. */
export function* periodic(options: { readonly everyUsec: number; readonly fromUsec?: number }): Generator<number> {
  const { everyUsec, fromUsec = 0 } = options;
  // Multiplied, not added up: an absolute schedule has no drift.
  for (let n = 1; ; n++) yield fromUsec + n * everyUsec;
}

/** Events that know nothing of one another, `meanUsec` apart on average. */
export function* poisson(
  options: { readonly meanUsec: number; readonly fromUsec?: number },
  draw: Draw,
): Generator<number> {
  for (let at = options.fromUsec ?? 0; ; ) {
    at += draw.exponential(options.meanUsec);
    yield Math.round(at);
  }
}

/** `size` events, `gapUsec` apart, every `everyUsec`. */
export function* bursts(options: {
  readonly size: number;
  readonly gapUsec: number;
  readonly everyUsec: number;
  readonly fromUsec?: number;
}): Generator<number> {
  for (const at of periodic(options)) {
    for (let i = 0; i < options.size; i++) yield at + i * options.gapUsec;
  }
}
