/**
 * Time inside the emulated kernel: units, jiffies and timers. There is no clock here: time is
 * handed in.
 *
 *   const timers = new TimerBase(initialJiffies(HZ));
 *   const timer = timers.setupTimer((now) => ...);
 *   timers.modTimer(timer, timers.jiffies + HZ as Jiffies);
 *   timers.run(later);                // fires what is due, in (expires, arming) order
 *
 * Invariants: a callback runs inside `run`, never inside `modTimer`; two timers due together fire
 * in expiry order, then arming order; a timer armed by a callback for a time already past fires in
 * the same `run`.
 *
 * Linux: struct timer_list, kernel/time/timer.c. Differs: exact expiry, no wheel rounding.
 */
declare const unit: unique symbol;
/** Kernel ticks, `HZ` per second, free-running and exact to 2^53. */
export type Jiffies = number & { readonly [unit]: 'jiffies' };
/** Microseconds since the emulated boot. Exact for 285 years. */
export type Usec = number & { readonly [unit]: 'usec' };

/**
 * Returns the jiffies at boot: five minutes before a 32-bit counter wraps. Linux: INITIAL_JIFFIES.
 */
export function initialJiffies(HZ: number): Jiffies {
  return (2 ** 32 - 300 * HZ) as Jiffies;
}

/** Converts microseconds since boot to jiffies, rounding down. */
export function usecToJiffies(now: number, HZ: number): Jiffies {
  return (initialJiffies(HZ) + Math.floor((now * HZ) / 1e6)) as Jiffies;
}

/** Returns the first microsecond since boot at which `jiffies` has been reached. */
export function jiffiesToUsec(jiffies: number, HZ: number): Usec {
  return Math.ceil(((jiffies - initialJiffies(HZ)) * 1e6) / HZ) as Usec;
}

/** One timer. It is made stopped, and only its base changes it. */
export interface TimerList {
  /** When the timer fires, or when it was last to fire. */
  readonly expires: Jiffies;
  /** Whether the timer is armed. */
  readonly pending: boolean;
}

interface Entry extends TimerList {
  expires: Jiffies;
  pending: boolean;
  armed: number;
  readonly fn: (now: Jiffies) => void;
}

/** All timers of one kernel. */
export class TimerBase {
  /** The time of the base, which `run` moves on. */
  jiffies: Jiffies;
  /** Pending timers; few, so a scan is cheaper than a heap's bookkeeping. */
  readonly #pending = new Set<Entry>();
  #armed = 0;
  #next: Entry | undefined;
  #stale = false;

  constructor(jiffies: Jiffies) {
    this.jiffies = jiffies;
  }

  /**
   * Makes a timer, which is stopped; `fn` is called with the time of the `run` in which it fires.
   */
  setupTimer(fn: (now: Jiffies) => void): TimerList {
    const entry: Entry = { expires: 0 as Jiffies, pending: false, armed: 0, fn };
    return entry;
  }

  /** Arms a timer, or moves it if it is armed. Returns whether it was. */
  modTimer(timer: TimerList, expires: Jiffies): boolean {
    const entry = timer as Entry;
    const was = entry.pending;
    entry.expires = expires;
    entry.pending = true;
    entry.armed = ++this.#armed;
    this.#pending.add(entry);
    this.#stale = true;
    return was;
  }

  /** Stops a timer. Returns whether it was armed. */
  delTimer(timer: TimerList): boolean {
    const entry = timer as Entry;
    entry.pending = false;
    this.#stale = true;
    return this.#pending.delete(entry);
  }

  #first(): Entry | undefined {
    if (this.#stale) {
      this.#stale = false;
      this.#next = undefined;
      for (const t of this.#pending) {
        const n = this.#next;
        if (n === undefined || t.expires < n.expires || (t.expires === n.expires && t.armed < n.armed)) this.#next = t;
      }
    }
    return this.#next;
  }

  /** Returns when the next timer fires; undefined if none is armed. */
  nextExpiry(): Jiffies | undefined {
    return this.#first()?.expires;
  }

  /** Fires everything due at `now`. Returns how many fired. */
  run(now: Jiffies): number {
    if (now > this.jiffies) this.jiffies = now;
    let fired = 0;
    for (let t = this.#first(); t !== undefined && t.expires <= now; t = this.#first()) {
      this.delTimer(t);
      fired++;
      t.fn(now);
    }
    return fired;
  }
}
