/**
 * Watches a run: reports now and then where it is, and keeps what happened in each interval.
 *
 *   const observer = new RunObserver({ clock, onProgress });
 *   const meter = new Meter(observer.series);              asked and achieved, frame by frame
 *   if (observer.isDue(runUsec)) observer.take(runUsec, progress());
 *   observer.intervals
 *
 * `runUsec` is the run's own time: that of the clock since the run's start, or that of a plan. A
 * run in a time that does not pass by the clock calls `take` only where `endsInterval` says so, and
 * `tell` otherwise: then its intervals do not depend on how fast the machine is.
 */
import { Series, type SeriesInterval } from '../net/series.js';
import type { Clock } from './clock.js';
import { LOSS_PLACES, type RunProgress } from './progress.js';

const SUMS = ['asked', 'achieved', 'fragments', 'acks', 'retransmits', 'emergencies', 'lost', 'skipped'] as const;
const LEVELS = ['emergencyMs'] as const;

/**
 * What happened in an interval of a run. `asked` counts frames that were to leave, `achieved` those
 * that left, and `fragments` those with a part of a record. `retransmits` counts records sent again
 * on request, and `emergencies` those sent as an emergency. `lost` counts losses anywhere, and
 * `skipped` seqs that a receiver has passed over. `emergencyMs` is the longest interval, in
 * milliseconds, to which emergency transmission backed off.
 */
export type RunInterval = SeriesInterval<(typeof SUMS)[number] | (typeof LEVELS)[number]>;
/** The intervals of a run while they are counted. */
export type RunSeries = Series<(typeof SUMS)[number], (typeof LEVELS)[number]>;

/** What a run tells its observer of. */
export interface RunObserverOptions<Progress> {
  /** The clock by which looks are due. */
  readonly clock: Clock;
  /** Called ten times a second of `clock`, less often for many hosts. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** A look is also due whenever the run's own time enters the next interval of this length. */
const INTERVAL_USEC = 1e6;
/** The time between two looks, and what each host adds to it, since looking at hosts takes time. */
const LOOK_USEC = 100_000;
const LOOK_USEC_OF_HOST = 100;

/** Watches one run. The caller must ask `isDue`, and call `take` if it is. */
export class RunObserver<Progress extends RunProgress = RunProgress> {
  /** The intervals so far. What is known frame by frame may be added to them directly. */
  readonly series: RunSeries = runSeries();
  readonly #clock: Clock;
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  /** When the next look is due: in the clock's time, and in the run's. */
  #nextUsec = 0;
  #nextRunUsec = INTERVAL_USEC;

  constructor({ clock, onProgress }: RunObserverOptions<Progress>) {
    this.#clock = clock;
    this.#onProgress = onProgress;
  }

  /** Says whether a look is due: ten times a second, less often for many hosts. */
  isDue(runUsec: number): boolean {
    return this.#clock.now() >= this.#nextUsec || this.endsInterval(runUsec);
  }

  /** Says whether an interval has ended since `take` was called. */
  endsInterval(runUsec: number): boolean {
    return runUsec >= this.#nextRunUsec;
  }

  /**
   * Takes in where the run is, and tells it. `counted` has totals of what is not counted in
   * `series` one by one. The caller must call this once more at the end.
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
    if (this.endsInterval(runUsec)) this.#nextRunUsec = (Math.floor(runUsec / INTERVAL_USEC) + 1) * INTERVAL_USEC;
    this.tell(progress);
  }

  /** Calls `onProgress` if its turn has come. */
  tell(progress: Progress): void {
    const now = this.#clock.now();
    if (now < this.#nextUsec) return;
    this.#nextUsec = now + LOOK_USEC + (progress.hostsUp ?? 1) * LOOK_USEC_OF_HOST;
    this.#onProgress?.(progress);
  }

  /** The intervals of the run so far. */
  get intervals(): RunInterval[] {
    return this.series.intervals;
  }
}

/** Makes the series of a run that has no observer; its caller counts. */
export function runSeries(): RunSeries {
  return new Series({ sums: SUMS, levels: LEVELS });
}

/** Joins the intervals of runs that went on at the same time into those of one run. */
export function joinIntervals(all: readonly (readonly RunInterval[])[]): RunInterval[] {
  const series = runSeries();
  for (const interval of all.flat()) {
    const usec = interval.from * 1e6;
    // A summary that another version wrote may lack a column.
    for (const name of SUMS) series.add(name, usec, interval[name] ?? 0);
    for (const name of LEVELS) series.raise(name, usec, interval[name] ?? 0);
  }
  return series.intervals;
}
