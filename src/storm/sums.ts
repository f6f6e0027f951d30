/** Sums of objects of numbers: the counts of several engines, the summaries of several runs. */

/** Numbers are added, wherever they stand; anything else is the first one's. */
export function added<T>(a: T, b: T): T {
  if (typeof a === 'number') return (a + (b as number)) as T;
  if (typeof a !== 'object' || a === null || Array.isArray(a)) return a;
  const other = b as Record<string, unknown>;
  return Object.fromEntries(Object.entries(a).map(([key, value]) => [key, added(value, other[key])])) as T;
}
