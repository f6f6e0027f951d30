/**
 * Time as a capture file has it: that of the records' stamps. It moves from stamp to stamp, and
 * what a bad network delivers in between has the time of its own.
 */
import type { LinkClock } from '../net/impaired.js';
import { createManualClock, type ManualClock } from '../run/clock.js';

export class StampClock implements LinkClock {
  readonly #stamp: { usec: number };
  #clock: ManualClock = createManualClock();

  /** `stamp` is set to each time in turn. */
  constructor(stamp: { usec: number }) {
    this.#stamp = stamp;
  }

  now(): number {
    return this.#clock.now();
  }

  at(usec: number, fn: () => void): () => void {
    const clock = this.#clock;
    return clock.at(usec, () => {
      this.#stamp.usec = clock.now();
      fn();
    });
  }

  /**
   * Lets everything happen that is due until then. A stamp before the last one is of another boot.
   */
  moveTo(usec: number): void {
    if (usec < this.#clock.now()) {
      this.runOut();
      this.#clock = createManualClock(usec);
    }
    this.#clock.advanceTo(usec);
    this.#stamp.usec = usec;
  }

  /** All that is still to come happens, each at its time. */
  runOut(): void {
    const clock = this.#clock;
    for (let next = clock.next; next !== undefined; next = clock.next) clock.advanceTo(next);
  }
}
