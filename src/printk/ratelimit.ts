/**
 * The kernel's rate limits: at most `burst` in every `interval`.
 *
 * Linux: lib/ratelimit.c ___ratelimit(), include/linux/ratelimit_types.h.
 */
export const DEFAULT_RATELIMIT_INTERVAL_SECONDS = 5;
export const DEFAULT_RATELIMIT_BURST = 10;

export interface RatelimitState {
  /** Jiffies; 0: never limits. */
  readonly interval: number;
  /** 0: always limits. */
  readonly burst: number;
  /** Jiffies of the window's first call; undefined: no window yet. */
  begin: number | undefined;
  printed: number;
  /** Calls refused, and not said yet. */
  missed: number;
}

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
 * Whether a call at `jiffies` may go ahead. `suppressed` hears how many were refused in the window
 * that ended; without it they are counted on. Linux: RATELIMIT_MSG_ON_RELEASE.
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
