/** Counts up hardware addresses. */

/**
 * Returns the hardware address number `index` after `first`, in new memory, or undefined if that is
 * not a unicast address.
 */
export function macPlus(first: Uint8Array, index: number): Uint8Array | undefined {
  const sum = first.reduce((total, byte) => total * 256 + byte, 0) + index;
  const mac = Uint8Array.from({ length: 6 }, (_, i) => Math.floor(sum / 256 ** (5 - i)) & 255);
  return sum >= 2 ** 48 || (mac[0]! & 1) === 1 ? undefined : mac;
}
