/**
 * A seq in memory: 64 bits, little endian, exact to 2^53. In JavaScript a small integer as long as
 * it fits 32 bits.
 */

/** Reads the seq at `at`, a multiple of 8. */
export function loadSeq(i32: Int32Array, at: number): number {
  const low = i32[at >>> 2]!;
  const high = i32[(at >>> 2) + 1]!;
  return high === low >> 31 ? low : high * 2 ** 32 + (low >>> 0);
}

/** Writes `seq`, which may be negative, at `at`, a multiple of 8. */
export function saveSeq(i32: Int32Array, at: number, seq: number): void {
  const low = seq | 0;
  i32[at >>> 2] = low;
  i32[(at >>> 2) + 1] = low === seq ? low >> 31 : Math.floor(seq / 2 ** 32);
}
