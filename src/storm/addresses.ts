/** Addresses for many hosts: IPv4 from a network, hardware addresses from a first one. */
import { invalid, type KernelError } from '../errno.js';
import { formatIpv4, formatMac, parseIp, parseMac } from '../wire/address.js';
import { macPlus } from '../wire/mac.js';

/** An IPv4 network and the number of hosts that fit in it. */
export interface Network {
  /** The network as it was given: `198.18.0.0/15`. */
  readonly text: string;
  /** The network's own address, as a 32-bit number. */
  readonly first: number;
  /** The length of the prefix, 0 to 32. */
  readonly bits: number;
  /** How many addresses there are for hosts. */
  readonly room: number;
}

/** Reads `198.18.0.0/15`. Throws EINVAL if the text is no network, or a host's address in one. */
export function parseNetwork(text: string): Network {
  const [address = '', length = ''] = text.split('/');
  const ip = parseIp(address);
  const bits = Number(length);
  if (ip?.length !== 4 || !/^\d+$/.test(length) || bits > 32) {
    throw wrongPlan(`"${text}" is not a network such as 198.18.0.0/16`);
  }
  const first = addressNumber(ip);
  const size = 2 ** (32 - bits);
  if (first % size !== 0) {
    const start = formatIpv4(bytesOf(first - (first % size)));
    throw wrongPlan(`"${text}" is an address in a network, not a network: write ${start}/${bits}`);
  }
  // No host has the network's own address or the broadcast address; /31 and /32 have neither.
  return { text, first, bits, room: bits >= 31 ? size : size - 2 };
}

/** Returns the address of host `index`, from 0, of a network. */
export function addressIn(network: Network, index: number): string {
  return formatIpv4(bytesOf(network.first + index + (network.bits >= 31 ? 0 : 1)));
}

/** Returns which host, from 0, has this address: below 0, or `room` or more, if none has. */
export function indexIn(network: Network, ip: string): number {
  const bytes = parseIp(ip);
  const address = bytes === undefined ? -1 : addressNumber(bytes);
  return address - network.first - (network.bits >= 31 ? 0 : 1);
}

/** Returns `first` plus `index`. Throws EINVAL if that is not a unicast address. */
export function macAfter(first: string, index: number): string {
  const start = parseMac(first);
  if (start === undefined) throw wrongPlan(`"${first}" is not a hardware address such as 02:00:00:00:00:01`);
  if (macPlus(start, 0) === undefined)
    throw wrongPlan(`"${first}" is no host's hardware address, but a multicast one: make its first byte even`);
  const mac = macPlus(start, index);
  if (mac === undefined)
    throw wrongPlan(`${index} hosts from ${first} on: no hardware address is left: begin with a lower one`);
  return formatMac(mac);
}

/** Throws EINVAL, naming both groups, if two of these networks share addresses. */
export function refuseOverlap(networks: readonly { readonly name: string; readonly network: Network }[]): void {
  const sorted = [...networks].sort((a, b) => a.network.first - b.network.first);
  for (const [i, { name, network }] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next !== undefined && next.network.first < network.first + 2 ** (32 - network.bits)) {
      throw wrongPlan(
        `groups ${name} (${network.text}) and ${next.name} (${next.network.text}) share addresses: give one of them another network`,
      );
    }
  }
}

/** The hardware addresses of a group: `hosts` of them, from `mac` plus `offset` on. */
export interface MacRange {
  /** The name of the group. */
  readonly name: string;
  /** The hardware address that all in the range count from. */
  readonly mac: string;
  /** How far behind `mac` the range begins. */
  readonly offset: number;
  /** How many addresses the range has. */
  readonly hosts: number;
}

/** Throws EINVAL, naming both groups, if two of these ranges share hardware addresses. */
export function refuseSharedMacs(ranges: readonly MacRange[]): void {
  const sorted = ranges
    .map(({ name, mac, offset, hosts }) => ({ name, first: addressNumber(parseMac(mac) ?? []) + offset, hosts }))
    .sort((a, b) => a.first - b.first);
  for (const [i, { name, first, hosts }] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next !== undefined && next.first < first + hosts) {
      throw wrongPlan(`groups ${name} and ${next.name} share hardware addresses: give one of them another mac`);
    }
  }
}

/** Returns an address of at most 6 bytes as a number, its first byte the highest. */
export function addressNumber(address: Iterable<number>): number {
  let sum = 0;
  for (const byte of address) sum = sum * 256 + byte;
  return sum;
}

function bytesOf(address: number): Uint8Array {
  return Uint8Array.from({ length: 4 }, (_, i) => Math.floor(address / 256 ** (3 - i)) & 255);
}

/** Returns the EINVAL error for a plan that makes no sense; `what` says where and why. */
export function wrongPlan(what: string): KernelError {
  return invalid('plan', `plan: ${what}`);
}
