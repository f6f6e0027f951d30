/**
 * When each record of a log is due, on a clock that starts with the first one. Nothing here waits: the caller has the clock.
 *
 *   const pace = new Pace(parseSpeed('2'));
 *   for each record: wait until `started + pace.dueUsec(record.tsUsec)`, then log it
 *
 * Due times never go back. A stamp a little before an earlier one (records of several CPUs) is due with it; one more than
 * a second before it is another boot, which follows at once. A record without a stamp is due with the one before it. Who is late
 * stays on the log's own schedule and catches up.
 */
import { KernelError } from '../errno.js';

/** Times as fast as recorded; `max`: without waiting. */
export type Speed = number | 'max';

const REBOOT_USEC = 1e6;

/** Reads `--speed`. EINVAL unless it is `max` or a number above 0. */
export function parseSpeed(text: string): Speed {
  if (text === 'max') return 'max';
  const speed = /^\d*\.?\d+x?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw new KernelError(
    'EINVAL',
    'speed',
    `--speed ${text}: say "max", or how many times as fast as recorded, like 1 or 0.5`,
  );
}

export class Pace {
  readonly speed: Speed;
  /** The stamp that is due at `#base`, and the latest stamp of this boot. */
  #origin = 0;
  #latest = Number.NaN;
  #base = 0;
  #due = 0;

  constructor(speed: Speed) {
    this.speed = speed;
  }

  /** When the next record of the log is due, in microseconds after the first. `tsUsec`: its stamp. */
  dueUsec(tsUsec: number | undefined): number {
    if (this.speed === 'max' || tsUsec === undefined) return this.#due;
    if (Number.isNaN(this.#latest) || tsUsec < this.#latest - REBOOT_USEC) {
      this.#origin = tsUsec;
      this.#latest = tsUsec;
      this.#base = this.#due;
    } else if (tsUsec > this.#latest) {
      this.#latest = tsUsec;
      this.#due = this.#base + (tsUsec - this.#origin) / this.speed;
    }
    return this.#due;
  }
}
