/** What a run asked for and what it achieved, frame by frame, and how late frames were. */

/** Where frames are counted by time: a `Series` that has these columns. */
export interface RateColumns {
  /** Adds `count` frames at `usec` microseconds from the start of the run. */
  add(column: 'asked' | 'achieved', usec: number, count: number): void;
}

/** How late frames left, against the schedule. */
export interface Lateness {
  /** Half of the frames were at most this many milliseconds late. */
  readonly p50: number;
  /** 99 frames of a hundred were at most this many milliseconds late. */
  readonly p99: number;
  /** The latest frame was this many milliseconds late. */
  readonly max: number;
  /** How many frames were late by less than `belowMs`, and by no less than the bucket before it. */
  readonly buckets: readonly { readonly belowMs: number; readonly frames: number }[];
}

/** Buckets of lateness, each twice as wide as the one before, from 1/16 of a millisecond. */
const BUCKETS = 32;
const FIRST_USEC = 62.5;

/** Counts the frames of a run by time, and how late they were. */
export class Meter {
  readonly #series: RateColumns;
  readonly #buckets: number[] = new Array<number>(BUCKETS).fill(0);
  #frames = 0;
  #maxUsec = 0;

  constructor(series: RateColumns) {
    this.#series = series;
  }

  /**
   * Counts a frame, or `frames` that were due together: they were to leave at `dueUsec` and have
   * left at `sentUsec`, both counted from the start of the run.
   */
  sent(dueUsec: number, sentUsec: number, frames = 1): void {
    this.#series.add('asked', dueUsec, frames);
    this.#series.add('achieved', sentUsec, frames);
    const late = Math.max(0, sentUsec - dueUsec);
    this.#maxUsec = Math.max(this.#maxUsec, late);
    this.#frames += frames;
    const bucket = late < FIRST_USEC ? 0 : Math.min(BUCKETS - 1, 1 + Math.floor(Math.log2(late / FIRST_USEC)));
    this.#buckets[bucket]! += frames;
  }

  /** How many frames have left. */
  get frames(): number {
    return this.#frames;
  }

  /** How late the frames were that have left so far. */
  get lateness(): Lateness {
    return latenessOf(this.#buckets, this.#maxUsec / 1000);
  }
}

/** Sums up the frames of each bucket, of which the latest was `max` milliseconds late. */
function latenessOf(frames: readonly number[], max: number): Lateness {
  const total = frames.reduce((sum, count) => sum + count, 0);
  const last = frames.findLastIndex((count) => count > 0);
  const buckets = frames
    .slice(0, last + 1)
    .map((count, i) => ({ belowMs: (FIRST_USEC * 2 ** i) / 1000, frames: count }));
  /** The upper end of the bucket that the quantile lies in, but no more than the latest frame. */
  const quantile = (share: number) => {
    let seen = 0;
    for (const { belowMs, frames: count } of buckets) {
      seen += count;
      if (seen >= share * total) return Math.min(belowMs, max);
    }
    return 0;
  };
  return { p50: quantile(0.5), p99: quantile(0.99), max, buckets };
}

/** Joins the lateness of several runs. */
export function mergeLateness(all: readonly Lateness[]): Lateness {
  const longest = Math.max(...all.map(({ buckets }) => buckets.length));
  const frames = Array.from({ length: longest }, (_, i) =>
    all.reduce((sum, { buckets }) => sum + (buckets[i]?.frames ?? 0), 0),
  );
  return latenessOf(frames, Math.max(...all.map(({ max }) => max)));
}
