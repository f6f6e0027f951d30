/**
 * Clocks, which give a driver the time and wake it.
 *
 * `systemClock` is the machine's own. `createManualClock` makes a clock that moves only when told,
 * for tests of what a driver does.
 */
import { checkArgument, number } from '../options.js';

/** A clock in microseconds, with an origin of its own. Its time never goes back. */
export interface Clock {
  /** The time, in microseconds. */
  now(): number;
  /**
   * Calls `fn` once, at or after `usec`, but never from inside this call. Returns a function that
   * cancels it.
   */
  at(usec: number, fn: () => void): () => void;
}

/** The longest time, in milliseconds, that the system's timers wait. Longer ones fire at once. */
export const TIMER_MAX_MS: number = 2 ** 31 - 1;

/** The machine's clock, from the start of the process. A pending `at` keeps the process alive. */
export const systemClock: Clock = {
  now: () => Math.floor(performance.now() * 1000),
  at(usec, fn) {
    const wait = Math.ceil((usec - performance.now() * 1000) / 1000);
    // If the wait is too long for one timer, `fn` is called early, and its caller asks again.
    const timer = setTimeout(fn, Math.min(Math.max(wait, 0), TIMER_MAX_MS));
    return () => clearTimeout(timer);
  },
};

/** A clock that a test moves. */
export interface ManualClock extends Clock {
  /**
   * Moves the time to `usec` and calls whatever is due on the way, in order. Throws RangeError if
   * `usec` is in the past or is no time.
   */
  advanceTo(usec: number): void;
  /** The time at which the next call is due, in microseconds; undefined if none is pending. */
  readonly next: number | undefined;
}

/** Makes a clock that stands still at `start`, in microseconds, until it is moved. */
export function createManualClock(start = 0): ManualClock {
  checkArgument('createManualClock', 'start', start, number(0));
  const pending: { usec: number; fn: () => void }[] = [];
  let now = start;
  return {
    now: () => now,
    at(usec, fn) {
      if (Number.isNaN(usec)) throw new RangeError('at(NaN): give microseconds');
      const entry = { usec, fn };
      const after = pending.findIndex((p) => p.usec > usec);
      pending.splice(after < 0 ? pending.length : after, 0, entry);
      return () => {
        const at = pending.indexOf(entry);
        if (at >= 0) pending.splice(at, 1);
      };
    },
    advanceTo(usec) {
      if (!(usec >= now && usec <= Number.MAX_SAFE_INTEGER)) {
        throw new RangeError(`advanceTo(${usec}): it is ${now}; give microseconds from there on`);
      }
      while (pending.length > 0 && pending[0]!.usec <= usec) {
        const { usec: due, fn } = pending.shift()!;
        now = Math.max(now, due);
        fn();
      }
      now = Math.max(now, usec);
    },
    get next() {
      return pending[0]?.usec;
    },
  };
}
