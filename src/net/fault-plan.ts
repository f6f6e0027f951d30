/** Decides what becomes of a frame on a bad wire, by rules and chances. See `fault.ts`. */

import { KernelError } from '../errno.js';
import { callback, listOf, number, type OptionRules, oneOf, wholeNumber } from '../options.js';
import { createRandom } from './random.js';

/** `tx`: frames that leave; `rx`: frames that come in. */
export type Direction = 'tx' | 'rx';
/** What becomes of a frame: see the head of `fault.ts`. */
export type Verdict = 'pass' | 'drop' | 'duplicate' | 'reorder' | 'corrupt' | { readonly delayUsec: number };
/** Judges a frame, from where the device's medium begins. `frame` is valid during the call only. */
export type FaultRule = (frame: Uint8Array, direction: Direction) => Verdict;

/** How often frames meet with each fault, and rules that decide before chance does. */
export interface Chances {
  /** The same seed draws the same faults for the same frames. Default 1. */
  readonly seed?: number;
  /**
   * The chance that a frame is lost. Each chance is from 0 to 1, for each frame and direction, and
   * 0 by default; together they are 1 at most.
   */
  readonly drop?: number;
  /** The chance that a frame passes twice, back to back. */
  readonly duplicate?: number;
  /** The chance that a frame is kept until the next one has passed. */
  readonly reorder?: number;
  /** The chance that one bit of a frame is another. */
  readonly corrupt?: number;
  /** The chance that a frame is kept for some time, while others overtake it. */
  readonly delay?: number;
  /** A delay drawn from the chance lasts up to this many microseconds. Default 10,000. */
  readonly delayMaxUsec?: number;
  /** Directions that the chances are for. Default both. */
  readonly directions?: readonly Direction[];
  /** Asked before the chances are drawn. */
  readonly rules?: readonly FaultRule[];
}

const CHANCE = number(0, 1);
/** The rules for those options that are chances. */
export const CHANCE_RULES: OptionRules<Chances> = {
  seed: wholeNumber(0),
  drop: CHANCE,
  duplicate: CHANCE,
  reorder: CHANCE,
  corrupt: CHANCE,
  delay: CHANCE,
  delayMaxUsec: number(0),
  directions: listOf(oneOf('tx', 'rx')),
  rules: listOf(callback),
};
const CHANCES = ['drop', 'duplicate', 'reorder', 'corrupt', 'delay'] as const;

/** Decides what becomes of each frame of one device. */
export class FaultPlan {
  readonly #options: Chances;
  /**
   * A stream of numbers for each direction, so that what comes in does not change what becomes of
   * what leaves.
   */
  readonly #random: Readonly<Record<Direction, () => number>>;

  /** Throws EINVAL for chances that add up to more than 1. */
  constructor(options: Chances) {
    let sum = 0;
    for (const name of CHANCES) {
      sum += options[name] ?? 0;
    }
    if (sum > 1 + 1e-9) throw new KernelError('EINVAL', 'faultDevice', `the chances add up to ${sum}: 1 is the most`);
    this.#options = options;
    const seed = options.seed ?? 1;
    this.#random = { tx: createRandom(seed), rx: createRandom(seed ^ 0x9e3779b9) };
  }

  /**
   * Returns what becomes of a frame: what the first rule says that does not let it pass, else what
   * is drawn from the chances.
   */
  judge(frame: Uint8Array, direction: Direction): Verdict {
    const { rules, directions, delayMaxUsec } = this.#options;
    for (const rule of rules ?? []) {
      const verdict = rule(frame, direction);
      if (verdict !== 'pass') return verdict;
    }
    if (directions !== undefined && !directions.includes(direction)) return 'pass';
    const random = this.#random[direction];
    let draw = random();
    for (const name of CHANCES) {
      const chance = this.#options[name] ?? 0;
      if (draw < chance)
        return name === 'delay' ? { delayUsec: Math.floor(random() * (delayMaxUsec ?? 10_000)) } : name;
      draw -= chance;
    }
    return 'pass';
  }

  /**
   * Draws the bit to damage, counted from the start of a frame of `length` bytes; the first `skip`
   * bytes are spared.
   */
  bit(length: number, skip: number, direction: Direction): number {
    const first = length > skip ? skip : 0;
    return first * 8 + Math.floor(this.#random[direction]() * (length - first) * 8);
  }
}

/** Flips one bit of a frame, counted from the frame's start. */
export function flip(frame: Uint8Array, bit: number): void {
  const at = bit >> 3;
  if (at < frame.length) frame[at] = frame[at]! ^ (1 << (bit & 7));
}
