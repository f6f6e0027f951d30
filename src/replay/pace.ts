/**
 * Computes when each record of a log is due, on a clock that starts with the first one. Nothing
 * here waits: the caller has the clock.
 *
 *   const pace = new Pace(parseSpeed('2'));
 *   for each record: wait until `started + pace.dueUsec(record.tsUsec, record.boot)`, then log it
 *
 * Due times never go back. A record whose stamp is a little before an earlier one's (they come from
 * several CPUs) is due with that one; if its stamp is more than a second before, another boot has
 * begun, which follows at once. If a log mixes the records of several hosts, each of their boots
 * has its own schedule. A record without a stamp is due with the record before it. A caller that is
 * late stays on the schedule and catches up.
 *
 * A gap of more than `maxGapUsec` on the clock is shortened to that; the stamps do not change.
 */

import { KernelError } from '../errno.js';
import { checkArgument, number, type OptionRule, positive, text as string } from '../options.js';

/** How many times as fast as recorded; with `max` nothing waits. */
export type Speed = number | 'max';

const REBOOT_USEC = 1e6;
/** A log that brings no record for longer than this is idle. */
const IDLE_USEC = 50_000;
/** How many boots' schedules are kept, in case their records go on. */
const SCHEDULES_MAX = 64;

/** The rule for a speed. */
export const SPEED: OptionRule = {
  expected: "'max' or a number above 0",
  holds: (value) => value === 'max' || positive.holds(value),
};

/** Reads the argument of `--speed`. Throws EINVAL unless it is `max` or a number above 0. */
export function parseSpeed(text: string): Speed {
  checkArgument('parseSpeed', 'text', text, string);
  if (text === 'max') return 'max';
  const speed = /^\d*\.?\d+x?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw new KernelError(
    'EINVAL',
    'speed',
    `--speed ${text}: say "max", or how many times as fast as recorded, like 1 or 0.5`,
  );
}

/** The schedule of one boot: `origin`, the stamp that is due at `base`, and the latest stamp. */
interface Schedule {
  origin: number;
  latest: number;
  base: number;
}

/** Tells when each record is due: by its stamp, at a speed, with long gaps shortened. */
export class Pace {
  /** The speed; with `max`, all records are due at once. */
  readonly speed: Speed;
  /** The longest gap on the clock, in microseconds; infinite if gaps are not shortened. */
  readonly maxGapUsec: number;
  /** How many gaps were shortened. */
  shortened = 0;
  /** How many microseconds of the clock that has saved. */
  savedUsec = 0;
  readonly #schedules = new Map<number, Schedule>();
  #boot = Number.NaN;
  #schedule: Schedule | undefined;
  #due = 0;

  /** Throws EINVAL for a wrong speed or length of gaps. By default, gaps are not shortened. */
  constructor(speed: Speed, maxGapUsec: number = Number.POSITIVE_INFINITY) {
    checkArgument('Pace', 'speed', speed, SPEED);
    checkArgument('Pace', 'maxGapUsec', maxGapUsec, number(0, Number.POSITIVE_INFINITY));
    this.speed = speed;
    this.maxGapUsec = maxGapUsec;
  }

  /**
   * Returns when the log's next record is due, in microseconds after the first one. `tsUsec` is its
   * stamp, and `boot` the number of its boot.
   */
  dueUsec(tsUsec: number | undefined, boot = 0): number {
    if (this.speed === 'max' || tsUsec === undefined) return this.#due;
    if (boot !== this.#boot) this.#select(boot);
    const schedule = this.#schedule;
    if (schedule === undefined || tsUsec < schedule.latest - REBOOT_USEC) {
      this.#schedule = { origin: tsUsec, latest: tsUsec, base: this.#due };
      this.#schedules.set(boot, this.#schedule);
    } else if (tsUsec > schedule.latest) {
      schedule.latest = tsUsec;
      const due = schedule.base + (tsUsec - schedule.origin) / this.speed;
      const over = due - this.#due - this.maxGapUsec;
      if (over > 0) this.#shorten(over);
      this.#due = Math.max(this.#due, due - Math.max(0, over));
    }
    return this.#due;
  }

  /**
   * Notes that the log brought nothing between two times on the clock. At speed `max`, records
   * after an idle time are due at its end: a replay that follows a log while it is being written is
   * not late.
   */
  waited(fromUsec: number, untilUsec: number): void {
    if (this.speed === 'max' && untilUsec - fromUsec > IDLE_USEC) this.#due = untilUsec;
  }

  #select(boot: number): void {
    this.#boot = boot;
    this.#schedule = this.#schedules.get(boot);
    if (this.#schedule !== undefined || this.#schedules.size < SCHEDULES_MAX) return;
    for (const known of this.#schedules.keys()) {
      this.#schedules.delete(known);
      break;
    }
  }

  /** Counts a shortened gap and moves every schedule forward by what it saves. */
  #shorten(usec: number): void {
    this.shortened++;
    this.savedUsec += usec;
    for (const schedule of this.#schedules.values()) schedule.base -= usec;
  }
}
