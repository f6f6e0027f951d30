/** Hardware addresses that count up. */

/**
 * Returns the hardware address `index` after `first`, in new memory; undefined if that is no
 * unicast address any more.
 */
export function macPlus(first: Uint8Array, index: number): Uint8Array | undefined {
  const sum = first.reduce((total, byte) => total * 256 + byte, 0) + index;
  const mac = Uint8Array.from({ length: 6 }, (_, i) => Math.floor(sum / 256 ** (5 - i)) & 255);
  return sum >= 2 ** 48 || (mac[0]! & 1) === 1 ? undefined : mac;
}
