/**
 * Computes the Internet checksum, RFC 1071, and UDP's checksum over either IP version.
 *
 * This works byte by byte, which is easy to check. The frames of a flush get their checksums in
 * `lane/` instead.
 */
import { get16 } from './field.js';

/** The protocol number of UDP, in IP headers and in the pseudo header. */
export const PROTOCOL_UDP = 17;

/**
 * Adds the 16-bit words of `bytes[at..end)` to `sum`; an odd last byte counts as the upper half of
 * a word.
 */
export function addWords(bytes: Uint8Array, at: number, end: number, sum = 0): number {
  let total = sum;
  let i = at;
  for (; i + 1 < end; i += 2) total += get16(bytes, i);
  if (i < end) total += bytes[i]! << 8;
  return total;
}

/** Returns the ones' complement of a sum of words, as it stands in headers. */
export function finish(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return ~rest & 0xffff;
}

/**
 * Returns the checksum of `bytes[at..end)`, which is zero if the range holds its own correct
 * checksum.
 */
export function internetChecksum(bytes: Uint8Array, at = 0, end: number = bytes.length): number {
  return finish(addWords(bytes, at, end));
}

/**
 * Returns the checksum over the pseudo header and `bytes[at..end)`, a UDP header and its data; it
 * is zero if the range holds its own correct checksum. `src` and `dst` have 4 or 16 bytes. RFC 768;
 * RFC 8200 section 8.1, whose pseudo header sums to the same.
 */
export function udpChecksum(bytes: Uint8Array, at: number, end: number, src: Uint8Array, dst: Uint8Array): number {
  let sum = addWords(src, 0, src.length);
  sum = addWords(dst, 0, dst.length, sum);
  return finish(addWords(bytes, at, end, sum + PROTOCOL_UDP + (end - at)));
}
