/** Formats numbers and times as people write them. */

/** Returns a number as `1,234,567`. A fraction has at most three digits. */
export function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

/** Returns seconds as `12 s`, `3:05`, or `1:02:03`. */
export function duration(seconds: number): string {
  const all = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  if (all < 60) return `${all} s`;
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
