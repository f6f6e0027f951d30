/**
 * Reads and writes integers in network byte order. Nothing here checks bounds: the caller must give
 * offsets that are inside the bytes.
 */

/** Reads two bytes at `at`. */
export function get16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Reads four bytes at `at`, unsigned. */
export function get32(bytes: Uint8Array, at: number): number {
  return get16(bytes, at) * 0x10000 + get16(bytes, at + 2);
}

/** Writes the low 16 bits of `value` at `at`. */
export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

/** Writes the low 32 bits of `value` at `at`. */
export function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value >>> 16);
  put16(bytes, at + 2, value & 0xffff);
}
