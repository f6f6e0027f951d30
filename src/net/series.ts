/**
 * Adds up a run interval by interval, in bounded memory: when there are too many intervals, they
 * are joined two by two and are twice as long from then on.
 *
 *   const series = new Series({ sums: ['frames'], levels: ['emergencyMs'] });
 *   series.add('frames', 1_200_000, 1);                      one frame, 1.2 s after the start
 *   series.sample(2_500_000, { frames: 40 }, { emergencyMs: 800 });
 *   series.intervals          [{ from: 0, seconds: 1, frames: 16, emergencyMs: 0 }, ...]
 *
 * Within an interval, sums are added up, and of levels the highest is kept. Times are microseconds
 * since the start of the run.
 */

/** One interval of a run, and the value of each column in it. */
export type SeriesInterval<Column extends string> = {
  /** Seconds from the start of the run to the start of the interval. */
  readonly from: number;
  /** The length of the interval, in seconds. */
  readonly seconds: number;
} & { readonly [column in Column]: number };

/** The names of the columns: those that are summed, and those of which the highest counts. */
export interface SeriesColumns<Sum extends string, Level extends string> {
  /** Columns whose values are added up. */
  readonly sums: readonly Sum[];
  /** Columns of which the highest value is kept. */
  readonly levels?: readonly Level[];
}

/** More intervals than this are joined two by two. */
const INTERVALS_MAX = 3600;
const FIRST_USEC = 1e6;

/** The intervals of one run. */
export class Series<Sum extends string, Level extends string = never> {
  readonly #sums: readonly Sum[];
  readonly #levels: readonly Level[];
  readonly #columns: Record<Sum | Level, number[]>;
  readonly #last: Record<Sum, number>;
  #sampledUsec = 0;
  #usec = FIRST_USEC;
  #length = 0;

  constructor({ sums, levels = [] }: SeriesColumns<Sum, Level>) {
    this.#sums = sums;
    this.#levels = levels;
    this.#columns = Object.fromEntries([...sums, ...levels].map((name) => [name, []])) as never;
    this.#last = Object.fromEntries(sums.map((name) => [name, 0])) as Record<Sum, number>;
  }

  /** Adds `count` at one moment. */
  add(column: Sum, usec: number, count: number): void {
    const at = this.#at(usec);
    this.#columns[column][at]! += count;
  }

  /** Notes that a level was as high as `value` at one moment. */
  raise(level: Level, usec: number, value: number): void {
    const at = this.#at(usec);
    const column = this.#columns[level];
    column[at] = Math.max(column[at]!, value);
  }

  /**
   * Takes in totals as they are at `usec`. The growth since the sample before is spread evenly over
   * the time between. A total that went back, as that of a host that booted anew, counts as no
   * growth.
   */
  sample(
    usec: number,
    totals: Readonly<Partial<Record<Sum, number>>>,
    levels?: Readonly<Partial<Record<Level, number>>>,
  ): void {
    const from = Math.min(this.#sampledUsec, usec);
    // The moment itself belongs to the interval that it ends.
    const within = Math.max(0, Math.ceil(usec / this.#usec) - 1) * this.#usec;
    this.#at(within);
    for (const name of this.#sums) {
      const total = totals[name];
      if (total === undefined) continue;
      const count = total - this.#last[name];
      this.#last[name] = total;
      if (count > 0) this.#spread(this.#columns[name], from, usec, count);
    }
    for (const name of this.#levels) this.raise(name, within, levels?.[name] ?? 0);
    this.#sampledUsec = usec;
  }

  /** All intervals so far, in order and without a gap; the caller owns the list. */
  get intervals(): SeriesInterval<Sum | Level>[] {
    const seconds = this.#usec / 1e6;
    const names = [...this.#sums, ...this.#levels];
    return Array.from({ length: this.#length }, (_, i) => {
      const values = Object.fromEntries(names.map((name) => [name, this.#columns[name][i]!]));
      return { from: i * seconds, seconds, ...values } as SeriesInterval<Sum | Level>;
    });
  }

  /** Spreads `count` over the intervals between, in whole numbers. */
  #spread(column: number[], from: number, until: number, count: number): void {
    const first = Math.floor(from / this.#usec);
    const last = Math.max(first, Math.ceil(until / this.#usec) - 1);
    let given = 0;
    for (let i = first; i <= last; i++) {
      const share = i === last ? 1 : ((i + 1) * this.#usec - from) / (until - from);
      const due = Math.round(count * share);
      column[i]! += due - given;
      given = due;
    }
  }

  /** Returns the number of the interval at `usec`, and makes it if it is new. */
  #at(usec: number): number {
    while (Math.floor(usec / this.#usec) >= INTERVALS_MAX) this.#join();
    const at = Math.max(0, Math.floor(usec / this.#usec));
    if (at >= this.#length) {
      for (const name of [...this.#sums, ...this.#levels]) {
        const column = this.#columns[name];
        while (column.length <= at) column.push(0);
      }
      this.#length = at + 1;
    }
    return at;
  }

  #join(): void {
    const pairs = Math.ceil(this.#length / 2);
    const joined = (column: number[], join: (a: number, b: number) => number) =>
      Array.from({ length: pairs }, (_, i) => join(column[2 * i]!, column[2 * i + 1] ?? 0));
    for (const name of this.#sums) this.#columns[name] = joined(this.#columns[name], (a, b) => a + b);
    for (const name of this.#levels) this.#columns[name] = joined(this.#columns[name], Math.max);
    this.#length = pairs;
    this.#usec *= 2;
  }
}
