/**
 * Keeps the time of a capture file, which is that of the records' stamps. It moves from stamp to
 * stamp; what a bad network delivers in between gets its own time.
 */
import type { LinkClock } from '../net/impaired.js';
import { createManualClock, type ManualClock } from '../run/clock.js';

/** The clock of a replay into a capture file. */
export class StampClock implements LinkClock {
  readonly #stamp: { usec: number };
  #clock: ManualClock = createManualClock();

  /** Sets `stamp.usec` to each time in turn. */
  constructor(stamp: { usec: number }) {
    this.#stamp = stamp;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Calls `fn` at `usec`, with the stamp set to that. Returns a function that cancels the call. */
  at(usec: number, fn: () => void): () => void {
    const clock = this.#clock;
    return clock.at(usec, () => {
      this.#stamp.usec = clock.now();
      fn();
    });
  }

  /**
   * Lets everything happen that is due by `usec`. A stamp before the last one begins another boot.
   */
  moveTo(usec: number): void {
    if (usec < this.#clock.now()) {
      this.runOut();
      this.#clock = createManualClock(usec);
    }
    this.#clock.advanceTo(usec);
    this.#stamp.usec = usec;
  }

  /** Lets all that is still to come happen, each thing at its own time. */
  runOut(): void {
    const clock = this.#clock;
    for (let next = clock.next; next !== undefined; next = clock.next) clock.advanceTo(next);
  }
}
