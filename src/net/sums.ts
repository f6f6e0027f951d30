/** Sums of objects of numbers: the counts of several engines, the summaries of several runs. */

/** Members of which the highest is kept. */
const LEVELS: ReadonlySet<string> = new Set(['emergencyMs']);

/**
 * Adds the numbers of two objects, at any depth. Other values come from the first object, and
 * members that only one of them has are kept.
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
