/**
 * The kernel's rate limits: at most `burst` in every `interval`.
 *
 * Linux: lib/ratelimit.c ___ratelimit(), include/linux/ratelimit_types.h.
 */

/** The interval of a limit, in seconds. */
const DEFAULT_RATELIMIT_INTERVAL_SECONDS = 5;
/** How many calls may go ahead in such an interval. */
const DEFAULT_RATELIMIT_BURST = 10;

/** A limit, and what has come of it so far. */
export interface RatelimitState {
  /** In jiffies; at 0 there is no limit. */
  readonly interval: number;
  /** Calls that may go ahead in an interval; at 0 none may. */
  readonly burst: number;
  /** Jiffies at the window's first call; undefined before the first window. */
  begin: number | undefined;
  /** Calls that went ahead in this window. */
  printed: number;
  /** Calls that were refused and not reported yet. */
  missed: number;
}

/** Makes a limit that has let nothing through yet. */
export function ratelimitState(HZ: number): RatelimitState {
  return {
    interval: DEFAULT_RATELIMIT_INTERVAL_SECONDS * HZ,
    burst: DEFAULT_RATELIMIT_BURST,
    begin: undefined,
    printed: 0,
    missed: 0,
  };
}

/**
 * Says whether a call at `jiffies` may go ahead. When a window has ended, `suppressed` is told how
 * many calls it refused; without `suppressed` they are counted on. Linux: RATELIMIT_MSG_ON_RELEASE.
 */
export function ratelimit(rs: RatelimitState, jiffies: number, suppressed?: (missed: number) => void): boolean {
  if (rs.interval === 0) return true;
  if (rs.begin === undefined || jiffies > rs.begin + rs.interval) {
    if (suppressed !== undefined) {
      if (rs.missed > 0) suppressed(rs.missed);
      rs.missed = 0;
    }
    rs.begin = jiffies;
    rs.printed = 0;
  }
  if (rs.burst > rs.printed) {
    rs.printed++;
    return true;
  }
  rs.missed++;
  return false;
}
