/**
 * The time of one kernel: it counts microseconds since boot, moves only when the kernel is told to,
 * and runs the timers that fall due on the way.
 */

import { shown } from '../options.js';
import { type Jiffies, jiffiesToUsec, TimerBase, type Usec, usecToJiffies } from '../time/index.js';

/** The clock of one kernel. */
export class KernelClock {
  /** How many ticks (jiffies) a second has. */
  readonly HZ: number;
  /** The timers, which run while `runTimers` moves the clock. */
  readonly timers: TimerBase;
  #now: Usec;

  constructor(HZ: number, startUsec: number) {
    this.HZ = HZ;
    this.#now = startUsec as Usec;
    this.timers = new TimerBase(usecToJiffies(this.#now, HZ));
  }

  /** Returns the time in microseconds since boot. */
  now(): Usec {
    return this.#now;
  }

  /** The time in whole ticks since boot, rounded down. */
  get jiffies(): Jiffies {
    return usecToJiffies(this.#now, this.HZ);
  }

  /** Throws RangeError if `usec` is not a time, or lies before now. */
  checkNotBefore(usec: number): void {
    if (typeof usec === 'number' && usec >= this.#now && usec <= Number.MAX_SAFE_INTEGER) return;
    throw new RangeError(`advanceTo(${shown(usec)}): time goes on from ${this.#now} microseconds, and not back`);
  }

  /** Returns when the next timer runs, but no time before now; undefined if none is armed. */
  nextExpiry(): Usec | undefined {
    const next = this.timers.nextExpiry();
    return next === undefined ? undefined : (Math.max(this.#now, jiffiesToUsec(next, this.HZ)) as Usec);
  }

  /** Runs `fn` after so many jiffies; the function returned stops it. */
  delay(jiffies: number, fn: () => void): () => void {
    const timer = this.timers.setupTimer(fn);
    this.timers.modTimer(timer, (this.jiffies + jiffies) as Jiffies);
    return () => this.timers.delTimer(timer);
  }

  /**
   * Runs the timers that are due up to `until`, each at its own time; after those of one time,
   * `between` is called. A timer's function may sleep, so that the clock may be past `until` when
   * this returns.
   */
  runTimers(until: number, between: () => void): void {
    const { timers, HZ } = this;
    const last = usecToJiffies(until, HZ);
    for (let next = timers.nextExpiry(); next !== undefined && next <= last; next = timers.nextExpiry()) {
      this.skipTo(Math.min(jiffiesToUsec(next, HZ), until));
      timers.run(this.jiffies);
      between();
    }
  }

  /** Sets the clock to `usec`, unless it is past that already. Runs no timer. */
  skipTo(usec: number): void {
    this.#now = Math.max(usec, this.#now) as Usec;
  }
}
