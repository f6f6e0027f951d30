/**
 * Clocks: what gives a driver the time and wakes it.
 *
 * `systemClock` is the machine's own; `createManualClock` moves only when told, for tests of what a
 * driver does.
 */
import { checkArgument, number } from '../options.js';

/** Microseconds; the origin is the clock's own business. It never goes back. */
export interface Clock {
  /** The time, in microseconds. */
  now(): number;
  /**
   * Calls `fn` once, at or after `usec`, never from inside this call. The function returned stops
   * it.
   */
  at(usec: number, fn: () => void): () => void;
}

/** What a timer of the system can wait at most; with more it fires at once. */
export const TIMER_MAX_MS: number = 2 ** 31 - 1;

/** The machine's clock, from the process's start on. A pending `at` keeps the process alive. */
export const systemClock: Clock = {
  now: () => Math.floor(performance.now() * 1000),
  at(usec, fn) {
    const wait = Math.ceil((usec - performance.now() * 1000) / 1000);
    // Who is woken early asks again.
    const timer = setTimeout(fn, Math.min(Math.max(wait, 0), TIMER_MAX_MS));
    return () => clearTimeout(timer);
  },
};

/** A clock that a test moves. */
export interface ManualClock extends Clock {
  /**
   * Moves the time to `usec`, calling what is due on the way, in order. RangeError if it goes
   * backwards or is no time.
   */
  advanceTo(usec: number): void;
  /** When the next call is due. */
  readonly next: number | undefined;
}

/** A clock that stands still until it is moved. */
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
