/**
 * Decodes the header of an IP packet of either version into plain data, and finds its payload,
 * which in IPv6 lies behind the extension headers.
 */
import { formatIpv4, formatIpv6 } from './address.js';
import type { Packet } from './encapsulation.js';
import { get16, get32 } from './field.js';
import { ipv4Length, parseIpv4, verifyIpv4 } from './ipv4.js';
import { IPV6, parseIpv6 } from './ipv6.js';

/** An IP header as text and numbers. */
export interface DecodedIp {
  /** The version of IP. */
  readonly version: 4 | 6;
  /** The source address, as `formatIp` prints it. */
  readonly src: string;
  /** The destination address, as `formatIp` prints it. */
  readonly dst: string;
  /** The TTL or hop limit. */
  readonly ttl: number;
  /** The protocol of the payload, which in IPv6 lies behind the extension headers. */
  readonly protocol: number;
  /** How many bytes follow the header, as it says; IPv6's extension headers are among them. */
  readonly payloadLength: number;
  /** The types of IPv6's extension headers, in order. */
  readonly extensions?: readonly number[];
  /** The identification; IPv4 only. */
  readonly id?: number;
  /** The verdict on the header's checksum; IPv4 only. */
  readonly checksum?: 'good' | 'bad';
}

/** An IP packet's payload, and what its header says of it. */
export interface IpPayload extends Packet {
  /** The source address, 4 or 16 bytes, a view of the packet. */
  readonly src: Uint8Array;
  /** The destination address, 4 or 16 bytes, a view of the packet. */
  readonly dst: Uint8Array;
  /** The place of a fragment, in bytes, and whether more follow; absent for a whole datagram. */
  readonly fragment?: { readonly id: number; readonly offset: number; readonly more: boolean };
}

interface FoundIp {
  readonly ip: DecodedIp;
  readonly payload: IpPayload;
}

/** Decodes a header; returns undefined if none fits before `limit`. */
export function decodeIpHeader(packet: Packet, limit: number): FoundIp | undefined {
  return decodeIpv4(packet, limit) ?? decodeIpv6(packet, limit);
}

function decodeIpv4({ bytes, at }: Packet, limit: number): FoundIp | undefined {
  const header = parseIpv4(bytes, at, limit);
  if (header === undefined) return undefined;
  const checksum = verifyIpv4(bytes, at) ? 'good' : 'bad';
  const { ttl, protocol, id, payloadLength, src, dst, fragmentOffset, moreFragments } = header;
  const addresses = { src: formatIpv4(src), dst: formatIpv4(dst) };
  const ip: DecodedIp = { version: 4, ...addresses, ttl, protocol, payloadLength, id, checksum };
  const start = at + ipv4Length(header);
  const fragment = { id, offset: fragmentOffset, more: moreFragments };
  const isFragment = moreFragments || fragmentOffset > 0;
  return { ip, payload: { bytes, at: start, end: start + payloadLength, src, dst, ...(isFragment && { fragment }) } };
}

const AUTHENTICATION = 51;
const FRAGMENT = 44;
/** Hop-by-hop, routing, fragment, authentication, destination, mobility, HIP, Shim6. */
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, FRAGMENT, AUTHENTICATION, 60, 135, 139, 140]);

function decodeIpv6({ bytes, at }: Packet, limit: number): FoundIp | undefined {
  const header = parseIpv6(bytes, at, limit);
  if (header === undefined) return undefined;
  const end = at + IPV6.length + header.payloadLength;
  const extensions: number[] = [];
  let protocol = header.nextHeader;
  let start = at + IPV6.length;
  let fragment: IpPayload['fragment'];
  while (EXTENSIONS.has(protocol) && start + 8 <= limit && (fragment?.offset ?? 0) === 0) {
    extensions.push(protocol);
    let length = (bytes[start + 1]! + 1) * 8;
    if (protocol === AUTHENTICATION) length = (bytes[start + 1]! + 2) * 4;
    if (protocol === FRAGMENT) {
      length = 8;
      const field = get16(bytes, start + 2);
      const offset = field & 0xfff8;
      const more = (field & 1) === 1;
      // RFC 6946: a packet may be its own only fragment, and is then whole.
      if (offset > 0 || more) fragment = { id: get32(bytes, start + 4), offset, more };
    }
    protocol = bytes[start]!;
    start += length;
  }
  const { hopLimit, payloadLength, src, dst } = header;
  const ip: DecodedIp = {
    version: 6,
    src: formatIpv6(src),
    dst: formatIpv6(dst),
    ttl: hopLimit,
    protocol,
    payloadLength,
    ...(extensions.length > 0 && { extensions }),
  };
  return { ip, payload: { bytes, at: start, end, src, dst, ...(fragment !== undefined && { fragment }) } };
}
