/**
 * What a bad network does to frames, one direction at a time, from a seed: one object of options
 * for tests, replays and fleets alike.
 *
 *   const link = new Link({ seed: 7, out: { loss: 0.01, duplicate: 0.001, delayUsec: 300, jitterUsec: 100 } });
 *   link.carry(frame, nowUsec, 'out', (copy, atUsec) => ...);      called for each copy that arrives
 *
 * A frame passes these in order: a partition, loss, duplication, and then each copy by itself
 * truncation, bit flips, delay. Every effect draws from a stream of its own, so that one that is
 * added does not change what the others do. Without `delayUsec`, `jitterUsec` and `reorder` frames
 * arrive at once and in order.
 */
import { KernelError } from '../errno.js';
import { checkOptions, either, having, listOf, number, type OptionRules, oneOf, wholeNumber } from '../options.js';
import { ETHERNET } from '../wire/ethernet.js';
import { createRandom } from './random.js';

/** Loss in bursts: at each frame the link may turn bad, or good again. Chances from 0 to 1. */
export interface GilbertElliott {
  /** The chance that a good link turns bad. */
  readonly toBad: number;
  /** The chance that a bad link turns good. */
  readonly toGood: number;
  /** Loss while the link is good. Default 0. */
  readonly lossGood?: number;
  /** Loss while the link is bad. Default 1. */
  readonly lossBad?: number;
}

/**
 * What happens to the frames of one direction. Chances are from 0 to 1, for each frame. By default
 * nothing happens.
 */
export interface Impairment {
  /** The chance that a frame is lost, or two states of the link, each with its own. */
  readonly loss?: number | GilbertElliott;
  /** The chance that a frame arrives twice. */
  readonly duplicate?: number;
  /**
   * The chance that a frame is held back for `reorderUsec` more, so that later ones overtake it.
   */
  readonly reorder?: number;
  /** Default 1000. */
  readonly reorderUsec?: number;
  /** How long every frame is on its way, in microseconds. Default 0. */
  readonly delayUsec?: number;
  /** Added to the delay, evenly drawn from 0 to this. Frames may overtake each other by it. */
  readonly jitterUsec?: number;
  /** The chance that the end of a frame is missing. */
  readonly truncate?: number;
  /** The chance that one bit is turned. */
  readonly corrupt?: number;
}

/** Nothing passes from one time until another, in one direction or both. */
export interface Partition {
  /** When it begins, in microseconds on the clock of the link's owner. */
  readonly fromUsec: number;
  /** When it has ended: a frame at that time passes. */
  readonly untilUsec: number;
  /** Default: both. */
  readonly direction?: LinkDirection;
}

/** A bad network: what happens to the frames of each direction, drawn from one seed. */
export interface Impairments {
  /** The same seed draws the same effects for the same frames. Default 1. */
  readonly seed?: number;
  /** What happens to the frames that the sender sends. Default: nothing. */
  readonly out?: Impairment;
  /** What happens to the frames that come back. Default: nothing. */
  readonly in?: Impairment;
  /** When nothing passes at all. Default: never. */
  readonly partitions?: readonly Partition[];
}

/** The direction as the sender sees it: `out` is what it sends, `in` is what comes back. */
export type LinkDirection = 'out' | 'in';

/**
 * Counts of frames in one direction. `carried` counts the frames that entered; the others may add
 * up to more.
 */
export interface LinkStats {
  /** Frames that entered the link. */
  carried: number;
  /** Frames lost by chance. */
  lost: number;
  /** Frames lost to a partition. */
  partitioned: number;
  /** Frames of which two copies arrived. */
  duplicated: number;
  /** Copies that were held back so that later ones overtake them. */
  reordered: number;
  /** Copies whose end was missing. */
  truncated: number;
  /** Copies of which one bit was turned. */
  corrupted: number;
}

const chance = number(0, 1);
const usec = wholeNumber(0);
const CHANCES_IN_BURSTS: OptionRules<GilbertElliott> = {
  toBad: chance,
  toGood: chance,
  lossGood: chance,
  lossBad: chance,
};
const IMPAIRMENT: OptionRules<Impairment> = {
  loss: either(chance, having('two states', 'toBad', 'toGood')),
  duplicate: chance,
  reorder: chance,
  reorderUsec: usec,
  delayUsec: usec,
  jitterUsec: usec,
  truncate: chance,
  corrupt: chance,
};
const PARTITION: OptionRules<Partition> = { fromUsec: usec, untilUsec: usec, direction: oneOf('out', 'in') };
const IMPAIRMENTS: OptionRules<Impairments> = {
  seed: wholeNumber(0),
  out: having('impairments'),
  in: having('impairments'),
  partitions: listOf(having('a partition', 'fromUsec', 'untilUsec')),
};

/**
 * Throws EINVAL, with the option's name, for values that make no sense. `op` begins the message.
 */
export function checkImpairments(op: string, impairments: Impairments): void {
  checkOptions(op, impairments, IMPAIRMENTS);
  for (const direction of ['out', 'in'] as const) {
    const one = impairments[direction];
    if (one === undefined) continue;
    checkOptions(`${op}.${direction}`, one, IMPAIRMENT);
    if (typeof one.loss === 'object') checkOptions(`${op}.${direction}.loss`, one.loss, CHANCES_IN_BURSTS);
  }
  for (const [i, partition] of (impairments.partitions ?? []).entries()) {
    const at = `${op}.partitions[${i}]`;
    checkOptions(at, partition, PARTITION);
    if (partition.untilUsec <= partition.fromUsec) {
      throw new KernelError('EINVAL', op, `${at}: it ends at ${partition.untilUsec}, before it begins`);
    }
  }
}

const EFFECTS = ['loss', 'state', 'duplicate', 'reorder', 'jitter', 'truncate', 'corrupt'] as const;
type Effect = (typeof EFFECTS)[number];

interface Way {
  readonly impairment: Impairment;
  readonly random: Readonly<Record<Effect, () => number>>;
  bad: boolean;
}

/**
 * A link with a state of its own. Each host has one, so that one host's losses never depend on
 * another's frames.
 */
export class Link {
  /** Counted since the link was made. The objects are the link's own. */
  readonly stats: Readonly<Record<LinkDirection, LinkStats>> = { out: linkStats(), in: linkStats() };
  readonly #ways: Readonly<Record<LinkDirection, Way>>;
  readonly #partitions: readonly Partition[];
  readonly #headerBytes: number;

  /**
   * `headerBytes` bytes at the front of a frame stay whole, so that its owner can still be told; by
   * default these are an Ethernet header's. Throws EINVAL for impairments that make no sense.
   */
  constructor(impairments: Impairments = {}, headerBytes: number = ETHERNET.length) {
    checkImpairments('impairments', impairments);
    this.#headerBytes = headerBytes;
    const seed = impairments.seed ?? 1;
    this.#ways = { out: way(impairments.out, seed), in: way(impairments.in, seed ^ 0x5bd1e995) };
    this.#partitions = impairments.partitions ?? [];
  }

  /**
   * Carries a frame that enters the link at `nowUsec`. `deliver` is called for each copy that
   * arrives, with the time; an unchanged copy is `frame` itself. Returns whether an unchanged copy
   * arrives.
   */
  carry(
    frame: Uint8Array,
    nowUsec: number,
    direction: LinkDirection,
    deliver: (frame: Uint8Array, atUsec: number) => void,
  ): boolean {
    const stats = this.stats[direction];
    const way = this.#ways[direction];
    stats.carried++;
    for (const { fromUsec, untilUsec, direction: only } of this.#partitions) {
      if (nowUsec >= fromUsec && nowUsec < untilUsec && (only === undefined || only === direction)) {
        stats.partitioned++;
        return false;
      }
    }
    if (loses(way)) {
      stats.lost++;
      return false;
    }
    const twice = draws(way, 'duplicate', way.impairment.duplicate);
    if (twice) stats.duplicated++;
    let whole = false;
    for (let copy = 0; copy < (twice ? 2 : 1); copy++) {
      const arrives = this.#changed(way, frame, stats);
      if (arrives === frame) whole = true;
      deliver(arrives, nowUsec + delay(way, stats));
    }
    return whole;
  }

  /** Returns `frame`, or a copy of it with its end missing or a bit turned. */
  #changed(way: Way, frame: Uint8Array, stats: LinkStats): Uint8Array {
    const header = this.#headerBytes;
    let out = frame;
    const body = Math.max(0, frame.length - header);
    // What is drawn does not depend on what is left of the frame.
    if (draws(way, 'truncate', way.impairment.truncate)) {
      const left = Math.floor(way.random.truncate() * body);
      if (body > 0) {
        stats.truncated++;
        out = out.slice(0, header + left);
      }
    }
    if (draws(way, 'corrupt', way.impairment.corrupt)) {
      const place = way.random.corrupt();
      if (out.length > header) {
        stats.corrupted++;
        if (out === frame) out = frame.slice();
        const bit = Math.floor(place * (out.length - header) * 8);
        const at = header + (bit >> 3);
        out[at] = out[at]! ^ (1 << (bit & 7));
      }
    }
    return out;
  }
}

/** Makes counts that are all 0. */
export function linkStats(): LinkStats {
  return { carried: 0, lost: 0, partitioned: 0, duplicated: 0, reordered: 0, truncated: 0, corrupted: 0 };
}

function way(impairment: Impairment = {}, seed: number): Way {
  const random = Object.fromEntries(
    EFFECTS.map((effect, i) => [effect, createRandom(seed + Math.imul(i + 1, 0x9e3779b1))]),
  ) as Record<Effect, () => number>;
  return { impairment, random, bad: false };
}

function draws(way: Way, effect: Effect, chanceOfIt = 0): boolean {
  return chanceOfIt > 0 && way.random[effect]() < chanceOfIt;
}

function loses(way: Way): boolean {
  const { loss = 0 } = way.impairment;
  if (typeof loss === 'number') return draws(way, 'loss', loss);
  if (draws(way, 'state', way.bad ? loss.toGood : loss.toBad)) way.bad = !way.bad;
  return draws(way, 'loss', way.bad ? (loss.lossBad ?? 1) : (loss.lossGood ?? 0));
}

function delay(way: Way, stats: LinkStats): number {
  const { delayUsec = 0, jitterUsec = 0, reorder, reorderUsec = 1000 } = way.impairment;
  const held = draws(way, 'reorder', reorder);
  if (held) stats.reordered++;
  return delayUsec + (jitterUsec > 0 ? Math.round(way.random.jitter() * jitterUsec) : 0) + (held ? reorderUsec : 0);
}
