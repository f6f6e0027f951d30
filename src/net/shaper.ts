/**
 * Says when frames may leave: a token bucket over a whole fleet, on an absolute schedule.
 *
 *   const shaper = new Shaper({ rate: 20_000 });
 *   shaper.next(dueUsec)                 when a frame that is due then may leave
 *
 * The bucket is empty at the start and holds `burst` frames, a millisecond's by default, so that
 * there is no burst that was not asked for. While frames wait, the n-th of them leaves n / rate
 * after the first: the times are multiplied, not added up, so that they do not drift. A ramp goes
 * evenly from one rate to another.
 */

import { invalid } from '../errno.js';
import {
  checkArgument,
  checkOptions,
  having,
  type OptionRule,
  type OptionRules,
  positive,
  text as string,
  wholeNumber,
} from '../options.js';

/** How fast frames may leave. */
export interface ShaperOptions {
  /** Frames a second. */
  readonly rate?: number;
  /**
   * How many frames may leave at once after a pause. Default: the frames of a millisecond, at least
   * 1.
   */
  readonly burst?: number;
  /** From `from` to `to` frames a second within `seconds`, and `to` from then on. */
  readonly ramp?: { readonly from: number; readonly to: number; readonly seconds: number };
}

/** The highest rate, in frames a second. */
export const MAX_RATE = 1e9;
const RATE: OptionRule = {
  expected: `frames a second, above 0 and at most ${MAX_RATE}`,
  holds: (value) => positive.holds(value) && (value as number) <= MAX_RATE,
};
const RULES: OptionRules<ShaperOptions> = {
  rate: RATE,
  burst: wholeNumber(1),
  ramp: having('a ramp', 'from', 'to', 'seconds'),
};
const RAMP: OptionRules<NonNullable<ShaperOptions['ramp']>> = { from: RATE, to: RATE, seconds: positive };

/** A token bucket for all hosts together: when the next frame may leave. */
export class Shaper {
  readonly #from: number;
  readonly #to: number;
  readonly #rampUsec: number;
  readonly #burst: number;
  /** Tokens that had been used or lost when the bucket was last full. */
  #base = 0;
  /** Frames that have left since then. */
  #count = 0;
  readonly #free: boolean;

  /** Throws EINVAL for a rate that is not positive. */
  constructor(options: ShaperOptions) {
    checkPacing(options);
    const { rate, burst, ramp } = options;
    this.#free = rate === undefined && ramp === undefined;
    this.#from = rate ?? ramp?.from ?? MAX_RATE;
    this.#to = rate ?? ramp?.to ?? MAX_RATE;
    this.#rampUsec = (ramp?.seconds ?? 0) * 1e6;
    this.#burst = burst ?? Math.max(1, Math.floor(Math.min(this.#from, this.#to) / 1000));
  }

  /**
   * Returns when a frame that is due at `dueUsec` may leave, in microseconds; if several `frames`
   * are due together, when the last one may. Due times must not go back.
   */
  next(dueUsec: number, frames = 1): number {
    if (this.#free) return dueUsec;
    // Tokens that have come by then, all in all; those over the bucket's size are lost.
    const filled = this.#tokensAt(dueUsec);
    if (filled - this.#base - this.#count > this.#burst) {
      this.#base = filled - this.#burst;
      this.#count = 0;
    }
    this.#count += frames;
    const needed = this.#base + this.#count;
    return needed <= filled ? dueUsec : this.#timeOf(needed);
  }

  /** Tokens that come from the start to `usec`: the integral of the rate. */
  #tokensAt(usec: number): number {
    const ramp = this.#rampUsec;
    const inRamp = Math.min(usec, ramp);
    const slope = ramp > 0 ? (this.#to - this.#from) / ramp : 0;
    const ramped = ramp > 0 ? (this.#from + (slope * inRamp) / 2) * inRamp : 0;
    return (ramped + this.#to * Math.max(0, usec - ramp)) / 1e6;
  }

  /** When that many tokens have come. */
  #timeOf(tokens: number): number {
    const ramp = this.#rampUsec;
    const atEnd = this.#tokensAt(ramp);
    if (ramp === 0 || tokens >= atEnd) return ramp + ((tokens - atEnd) * 1e6) / this.#to;
    const slope = (this.#to - this.#from) / ramp;
    if (slope === 0) return (tokens * 1e6) / this.#from;
    // from * t + slope / 2 * t^2 = tokens * 1e6
    const root = Math.sqrt(this.#from * this.#from + 2 * slope * tokens * 1e6);
    return (root - this.#from) / slope;
  }
}

/** Throws EINVAL, with the option's name, for a rate, a burst or a ramp that makes no sense. */
export function checkPacing(options: ShaperOptions = {}): void {
  checkOptions('Shaper', options, RULES);
  const { rate, ramp } = options;
  if (rate !== undefined && ramp !== undefined) throw invalid('pacing', 'give --rate or --ramp, not both');
  if (ramp !== undefined) checkOptions('Shaper', ramp, RAMP);
}

/** Returns the pacing for the part of a run that has `share` of its hosts. */
export function shareOfPacing({ rate, burst, ramp }: ShaperOptions, share: number): ShaperOptions {
  return {
    ...(rate !== undefined && { rate: rate * share }),
    ...(burst !== undefined && { burst: Math.max(1, Math.floor(burst * share)) }),
    ...(ramp !== undefined && { ramp: { ...ramp, from: ramp.from * share, to: ramp.to * share } }),
  };
}

/** Reads `A:B:T` of `--ramp`. Throws EINVAL if it does not parse. */
export function parseRamp(text: string): NonNullable<ShaperOptions['ramp']> {
  checkArgument('parseRamp', 'text', text, string);
  const parts = text.split(':').map((part) => (/^\d+(\.\d+)?$/.test(part) ? Number(part) : Number.NaN));
  if (parts.length !== 3 || parts.some(Number.isNaN)) {
    throw invalid('pacing', `ramp "${text}": write FROM:TO:SECONDS, such as 100:20000:60`);
  }
  const [from, to, seconds] = parts as [number, number, number];
  return { from, to, seconds };
}
