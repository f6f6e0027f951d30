/**
 * Watches a run: tells whoever asked where it is, now and then, and keeps what it came to by
 * interval.
 *
 *   const observer = new RunObserver({ clock, onProgress });
 *   const meter = new Meter(observer.series);              asked and achieved, frame by frame
 *   if (observer.isDue(runUsec)) observer.take(runUsec, progress());
 *   observer.intervals
 *
 * `runUsec` is the run's own time: that of the clock since its start, or that of a plan.
 */
import { Series, type SeriesInterval } from '../net/series.js';
import type { Clock } from './clock.js';
import { LOSS_PLACES, type RunProgress } from './progress.js';

const SUMS = ['asked', 'achieved', 'fragments', 'acks', 'retransmits', 'emergencies', 'lost', 'skipped'] as const;
const LEVELS = ['emergencyMs'] as const;

/**
 * Frames that were to leave and those that left, frames with a part of a record, acks, records sent
 * again (on request, or as an emergency), losses anywhere, seqs that a receiver has passed over;
 * and the longest interval, in milliseconds, to which emergency transmission backed off.
 */
export type RunInterval = SeriesInterval<(typeof SUMS)[number] | (typeof LEVELS)[number]>;
export type RunSeries = Series<(typeof SUMS)[number], (typeof LEVELS)[number]>;

export interface RunObserverOptions<Progress> {
  readonly clock: Clock;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

const INTERVAL_USEC = 1e6;
/** A look at many hosts takes longer, so there are fewer. */
const LOOK_USEC = 100_000;
const LOOK_USEC_OF_HOST = 100;

export class RunObserver<Progress extends RunProgress = RunProgress> {
  readonly series: RunSeries = runSeries();
  readonly #clock: Clock;
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  /** When the next look is due, of the clock and of the run. */
  #nextUsec = 0;
  #nextRunUsec = INTERVAL_USEC;

  constructor({ clock, onProgress }: RunObserverOptions<Progress>) {
    this.#clock = clock;
    this.#onProgress = onProgress;
  }

  /** Whether it is time for a look: ten times a second, less often for many hosts. */
  isDue(runUsec: number): boolean {
    return this.#clock.now() >= this.#nextUsec || runUsec >= this.#nextRunUsec;
  }

  /**
   * Takes in where the run is. Call it once more at the end. `counted`: totals of what is not
   * counted in `series` one by one.
   */
  take(runUsec: number, progress: Progress, counted: { readonly achieved?: number } = {}): void {
    const { fragments, acks, retransmits, emergencies, emergencyMs, skipped } = progress;
    const lost = LOSS_PLACES.reduce((sum, place) => sum + (progress.lost[place] ?? 0), 0);
    const totals = { fragments: fragments ?? 0, acks: acks ?? 0, retransmits: retransmits ?? 0 };
    this.series.sample(
      Math.max(0, runUsec),
      { ...totals, ...counted, emergencies: emergencies ?? 0, lost, skipped: skipped ?? 0 },
      { emergencyMs: emergencyMs ?? 0 },
    );
    const now = this.#clock.now();
    if (now >= this.#nextUsec) {
      this.#nextUsec = now + LOOK_USEC + (progress.hostsUp ?? 1) * LOOK_USEC_OF_HOST;
      this.#onProgress?.(progress);
    }
    if (runUsec >= this.#nextRunUsec) this.#nextRunUsec = (Math.floor(runUsec / INTERVAL_USEC) + 1) * INTERVAL_USEC;
  }

  get intervals(): RunInterval[] {
    return this.series.intervals;
  }
}

/** Intervals of a run that nobody watches: its caller counts. */
export function runSeries(): RunSeries {
  return new Series({ sums: SUMS, levels: LEVELS });
}

/** The intervals of runs that went on at the same time, as those of one run. */
export function joinIntervals(all: readonly (readonly RunInterval[])[]): RunInterval[] {
  const series = runSeries();
  for (const interval of all.flat()) {
    const usec = interval.from * 1e6;
    // Who summed up before there was a column has none.
    for (const name of SUMS) series.add(name, usec, interval[name] ?? 0);
    for (const name of LEVELS) series.raise(name, usec, interval[name] ?? 0);
  }
  return series.intervals;
}
