/**
 * Shares the event loop: a request to end the replay is noticed within a turn, however many hosts
 * there are.
 */
import { type Clock, systemClock } from '../run/clock.js';

/** How long work goes on before the event loop gets its turn. */
const TURN_MS = 40;
/** How long closing hosts may take before whoever waits for the end is told of it. */
const CLOSE_MS = 10;

/** Long work asks this, between two pieces of it, whether its turn is over. */
export class Turns {
  #endsMs = 0;

  /** Says whether the turn is over, so that the caller has to let the event loop run. */
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
 * Closes all of them. What takes long is done later, a piece at a time; if the process has nothing
 * else to do, it ends without the rest.
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
 * Calls `stop` when `signal` aborts, or at once if it has. The caller disposes of what it returns.
 */
export function onAbort(signal: AbortSignal | undefined, stop: () => void): Disposable {
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop);
  return { [Symbol.dispose]: () => signal?.removeEventListener('abort', stop) };
}

/** Waits until the clock shows `usec`, or until `signal` aborts. */
function sleep(clock: Clock, usec: number, signal: AbortSignal | undefined): Promise<void> {
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

/** How late a timer of the event loop may be. For exact times it is set that much earlier. */
const TIMER_LATE_USEC = 3000;
/** The longest sleep of the thread itself, so that the event loop gets its turn. */
const NAP_MS = 1;

/**
 * As `sleep`, but exact to some tenths of a millisecond if the clock is the machine's. For the last
 * milliseconds the thread itself sleeps, which costs no processor time; the event loop gets its
 * turn between two naps.
 */
export async function sleepExactly(clock: Clock, usec: number, signal: AbortSignal | undefined): Promise<void> {
  if (clock !== systemClock) return await sleep(clock, usec, signal);
  if (usec - clock.now() > TIMER_LATE_USEC) await sleep(clock, usec - TIMER_LATE_USEC, signal);
  // Nothing wakes this sleeper: it sleeps until the timeout.
  const bed = new Int32Array(new SharedArrayBuffer(4));
  for (let left = usec - clock.now(); left > 0 && signal?.aborted !== true; left = usec - clock.now()) {
    Atomics.wait(bed, 0, 0, Math.min(NAP_MS, left / 1000));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
