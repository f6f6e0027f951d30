/** Draws random values from a seed: the same seed gives a machine the same bad day. */

import { createRandom } from '../net/random.js';
import { checkArgument, wholeNumber } from '../options.js';

/** A stream of random values, which the seed determines. */
export class Draw {
  readonly #random: () => number;

  /** Throws EINVAL unless the seed is a whole number from 0 on. */
  constructor(seed: number) {
    checkArgument('Draw', 'seed', seed, wholeNumber(0));
    this.#random = createRandom(seed);
  }

  /** Returns a fraction from 0 to below 1. */
  fraction(): number {
    return this.#random();
  }

  /** Returns a whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.#random() * (max - min + 1));
  }

  /** Returns `digits` hexadecimal digits in lower case. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.int(0, 15).toString(16);
    return text;
  }

  /** Returns one element of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)]!;
  }

  /**
   * Returns an exponentially distributed value with this mean: the pause between two events of a
   * Poisson process.
   */
  exponential(mean: number): number {
    return -Math.log(1 - this.#random()) * mean;
  }

  /** Returns a seed for another stream, whose values do not depend on those of this one. */
  seed(): number {
    return this.int(0, 2 ** 31 - 1);
  }
}

/** Makes one seed of several numbers, such as those of a run, a host and an event. */
export function mixSeed(...parts: readonly number[]): number {
  let h = 0x811c9dc5;
  for (const part of parts) {
    for (const word of [part >>> 0, Math.floor(part / 2 ** 32) >>> 0]) {
      h = Math.imul(h ^ word, 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
      h ^= h >>> 16;
    }
  }
  return h >>> 0;
}
