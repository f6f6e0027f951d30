/**
 * The addresses of hosts that count up from a first one: those that no host may have are passed
 * over, and so are those that they send to.
 *
 * Of IPv4 these are addresses that end in 0 or 255: nobody says how long the prefix is, and in each
 * that people use for hosts, /24 and shorter ones, the network's and the broadcast address end so.
 */
import { KernelError } from '../errno.js';
import { formatIp, formatMac } from '../wire/address.js';
import { macPlus } from '../wire/mac.js';

/** Of 256 addresses of IPv4 that differ in the last byte, so many are hosts'. */
const HOSTS_OF_256 = 254n;
/** 224.0.0.0, from which on addresses are no host's. */
const MULTICAST = 0xe0000000n;

/**
 * Address number `index` after `first`, of 4 or 16 bytes, none of `taken`; number 0 is `first`
 * itself. EINVAL if there are not so many.
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
 * The hardware address `index` after `first`; number 0 is `first` itself. EINVAL if that is no
 * unicast address any more.
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

/** Where an address stands among those that a host may have. */
function positionOf(address: Uint8Array): bigint {
  const value = numberOf(address);
  if (address.length !== 4) return value;
  // An address that no host may have stands at the place of the host before it.
  const last = value & 255n;
  return (value >> 8n) * HOSTS_OF_256 + (last === 0n ? 0n : last === 255n ? HOSTS_OF_256 : last) - 1n;
}

/** Whether no host may have it, so that it is passed over anyway. */
function isNobody(address: Uint8Array): boolean {
  return address.length === 4 && (address[3] === 0 || address[3] === 255);
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function bytesOf(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 255n));
}
