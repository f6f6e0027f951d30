/** Sums of objects of numbers: the counts of several engines, the summaries of several runs. */

/** Of these the highest is kept. */
const LEVELS: ReadonlySet<string> = new Set(['emergencyMs']);

/**
 * Numbers are added, wherever they stand; anything else is the first one's. What only one of them
 * has is that one's.
 */
export function added<T>(a: T, b: T): T {
  if (a === undefined || b === undefined) return a ?? b;
  if (typeof a === 'number') return (a + (b as number)) as T;
  if (typeof a !== 'object' || a === null || Array.isArray(a)) return a;
  const one = a as Record<string, unknown>;
  const other = b as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries({ ...other, ...one }).map(([key, value]) => [
      key,
      LEVELS.has(key) ? Math.max(value as number, (other[key] ?? value) as number) : added(one[key], other[key]),
    ]),
  ) as T;
}
