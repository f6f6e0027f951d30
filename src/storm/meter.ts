/** What a run asked for and what it achieved, by interval, and how late frames were. */

/** Frames of one stretch of the run. */
export interface Interval {
  /** Seconds from the start. */
  readonly from: number;
  readonly seconds: number;
  /** Frames that were to leave in it, and those that left. */
  readonly asked: number;
  readonly achieved: number;
}

/** How late frames left, against the schedule. */
export interface Lateness {
  /** Milliseconds behind the schedule: half of the frames, 99 of a hundred, and the latest. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** How many frames were late by less than `belowMs`, and by no less than the bucket before it. */
  readonly buckets: readonly { readonly belowMs: number; readonly frames: number }[];
}

/** More intervals than this are joined two by two. */
const INTERVALS_MAX = 3600;
/** Buckets of lateness, each twice as wide as the one before, from 1/16 of a millisecond. */
const BUCKETS = 32;
const FIRST_USEC = 62.5;

export class Meter {
  #counts: Readonly<Record<'asked' | 'achieved', number[]>> = { asked: [], achieved: [] };
  #usec = 1e6;
  readonly #buckets: number[] = new Array<number>(BUCKETS).fill(0);
  #frames = 0;
  #maxUsec = 0;

  /**
   * A frame that was to leave at `dueUsec` has left at `sentUsec`, both from the start of the run.
   */
  sent(dueUsec: number, sentUsec: number): void {
    this.#count('asked', dueUsec);
    this.#count('achieved', sentUsec);
    const late = Math.max(0, sentUsec - dueUsec);
    this.#maxUsec = Math.max(this.#maxUsec, late);
    this.#frames++;
    const bucket = late < FIRST_USEC ? 0 : Math.min(BUCKETS - 1, 1 + Math.floor(Math.log2(late / FIRST_USEC)));
    this.#buckets[bucket]!++;
  }

  get intervals(): Interval[] {
    const seconds = this.#usec / 1e6;
    const { asked, achieved } = this.#counts;
    const length = Math.max(asked.length, achieved.length);
    return Array.from({ length }, (_, i) => ({
      from: i * seconds,
      seconds,
      asked: asked[i] ?? 0,
      achieved: achieved[i] ?? 0,
    }));
  }

  get lateness(): Lateness {
    const last = this.#buckets.findLastIndex((frames) => frames > 0);
    return {
      p50: this.#quantile(0.5),
      p99: this.#quantile(0.99),
      max: this.#maxUsec / 1000,
      buckets: this.#buckets.slice(0, last + 1).map((frames, i) => ({ belowMs: (FIRST_USEC * 2 ** i) / 1000, frames })),
    };
  }

  /** The upper end of the bucket that it lies in, the latest frame at most. */
  #quantile(share: number): number {
    let seen = 0;
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.#buckets[i]!;
      if (seen >= share * this.#frames) return Math.min(FIRST_USEC * 2 ** i, this.#maxUsec) / 1000;
    }
    return 0;
  }

  #count(counts: 'asked' | 'achieved', usec: number): void {
    while (Math.floor(usec / this.#usec) >= INTERVALS_MAX) {
      this.#counts = { asked: joined(this.#counts.asked), achieved: joined(this.#counts.achieved) };
      this.#usec *= 2;
    }
    const at = Math.floor(Math.max(0, usec) / this.#usec);
    const list = this.#counts[counts];
    while (list.length <= at) list.push(0);
    list[at]!++;
  }
}

function joined(counts: readonly number[]): number[] {
  return Array.from({ length: Math.ceil(counts.length / 2) }, (_, i) => counts[2 * i]! + (counts[2 * i + 1] ?? 0));
}
