/**
 * Gives hosts addresses that count up from a first one. Addresses that no host may have are passed
 * over, and so are those that the hosts send to.
 *
 * In IPv4, addresses that end in 0 or 255 are passed over. The length of the prefix is not known,
 * but in every prefix that is used for hosts, /24 and shorter, the network's address ends in 0 and
 * the broadcast address in 255.
 */
import { KernelError } from '../errno.js';
import { formatIp, formatMac } from '../wire/address.js';
import { macPlus } from '../wire/mac.js';

/** Of the 256 IPv4 addresses that differ only in the last byte, this many may be hosts'. */
const HOSTS_OF_256 = 254n;
/** 224.0.0.0: from here on, no address is a host's. */
const MULTICAST = 0xe0000000n;

/**
 * Returns the address number `index` after `first`, of 4 or 16 bytes, without counting those in
 * `taken`; number 0 is `first` itself. Throws EINVAL if there are not that many.
 */
export function addressAfter(first: Uint8Array, index: number, taken: readonly Uint8Array[]): Uint8Array {
  if (index === 0) return first;
  const from = positionOf(first);
  let position = from + BigInt(index);
  const passed = taken
    .filter((one) => one.length === first.length && !isNobody(one))
    .map(positionOf)
    .filter((one) => one > from)
    .sort((a, b) => (a < b ? -1 : 1));
  for (const one of new Set(passed)) if (one <= position) position++;
  const { length } = first;
  const value = length === 4 ? (position / HOSTS_OF_256) * 256n + (position % HOSTS_OF_256) + 1n : position;
  if (value >= (length === 4 ? MULTICAST : 1n << 128n)) {
    const text = formatIp(first);
    throw new KernelError('EINVAL', 'replay', `no address is left for host ${index + 1}, counting up from ${text}`);
  }
  return bytesOf(value, length);
}

/**
 * Returns the hardware address number `index` after `first`; number 0 is `first` itself. Throws
 * EINVAL if that is not a unicast address.
 */
export function macAfter(first: Uint8Array, index: number): Uint8Array {
  const mac = index === 0 ? first : macPlus(first, index);
  if (mac === undefined) {
    const from = formatMac(first);
    throw new KernelError(
      'EINVAL',
      'replay',
      `no hardware address is left for host ${index + 1}, counting up from ${from}`,
    );
  }
  return mac;
}

/** Returns the index of an address among those that a host may have. */
function positionOf(address: Uint8Array): bigint {
  const value = numberOf(address);
  if (address.length !== 4) return value;
  // An address that no host may have gets the index of the last host's address before it.
  const last = value & 255n;
  return (value >> 8n) * HOSTS_OF_256 + (last === 0n ? 0n : last === 255n ? HOSTS_OF_256 : last) - 1n;
}

/** Says whether no host may have the address, so that counting passes over it anyway. */
function isNobody(address: Uint8Array): boolean {
  return address.length === 4 && (address[3] === 0 || address[3] === 255);
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function bytesOf(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 255n));
}
