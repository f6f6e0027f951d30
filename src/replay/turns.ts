/**
 * How a replay shares the event loop: whoever wants it to end is heard within a turn, however many
 * hosts there are.
 */
import { type Clock, systemClock } from '../run/clock.js';

/** The event loop has its turn after so long. */
const TURN_MS = 40;
/** So long may letting the hosts go take before whoever waits for the end is told. */
const CLOSE_MS = 10;

/** Work that goes on for long asks, between two pieces of it, whether its turn is over. */
export class Turns {
  #endsMs = 0;

  get over(): boolean {
    return performance.now() > this.#endsMs;
  }

  /** Lets the event loop run. */
  async next(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#endsMs = performance.now() + TURN_MS;
  }
}

/**
 * Closes all of them; what takes long is done later, a piece at a time, unless the process has
 * nothing else to do and ends.
 */
export function closeInTurns(all: Iterable<{ close(): void }>): void {
  closeSome(all[Symbol.iterator]());
}

function closeSome(rest: Iterator<{ close(): void }>): void {
  const until = performance.now() + CLOSE_MS;
  for (let next = rest.next(); next.done !== true; next = rest.next()) {
    next.value.close();
    if (performance.now() > until) {
      setImmediate(() => closeSome(rest)).unref();
      return;
    }
  }
}

/**
 * Calls `stop` when `signal` aborts, or at once when it has. What it returns is to be disposed of.
 */
export function onAbort(signal: AbortSignal | undefined, stop: () => void): Disposable {
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop);
  return { [Symbol.dispose]: () => signal?.removeEventListener('abort', stop) };
}

/** Until `usec` of the clock, or until `signal` aborts. */
export function sleep(clock: Clock, usec: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stop();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const stop = clock.at(usec, done);
    signal?.addEventListener('abort', done);
  });
}

/** A timer of the event loop may be late by so much: what must be exact sets it before its time. */
const TIMER_LATE_USEC = 3000;
/** The thread sleeps so long at most, so that the event loop has its turn. */
const NAP_MS = 1;

/**
 * As `sleep`, but to some tenths of a millisecond where the clock is the machine's: for the last
 * milliseconds the thread itself sleeps, which costs no processor time, and between two naps the
 * event loop has its turn.
 */
export async function sleepExactly(clock: Clock, usec: number, signal: AbortSignal | undefined): Promise<void> {
  if (clock !== systemClock) return await sleep(clock, usec, signal);
  if (usec - clock.now() > TIMER_LATE_USEC) await sleep(clock, usec - TIMER_LATE_USEC, signal);
  // Nobody wakes who sleeps here.
  const bed = new Int32Array(new SharedArrayBuffer(4));
  for (let left = usec - clock.now(); left > 0 && signal?.aborted !== true; left = usec - clock.now()) {
    Atomics.wait(bed, 0, 0, Math.min(NAP_MS, left / 1000));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
