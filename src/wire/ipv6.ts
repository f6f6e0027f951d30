/**
 * Parses and emits the fixed header of IPv6, RFC 8200 section 3. `nextHeader` may name an extension
 * header, which is not read here: netpoll knows none.
 */
import { get16, put16 } from './field.js';

/** Offsets of the header's fields, in bytes; `length` is the length of the header. */
export const IPV6 = {
  versionClassLabel: 0,
  payloadLength: 4,
  nextHeader: 6,
  hopLimit: 7,
  src: 8,
  dst: 24,
  length: 40,
} as const;

/** What the fixed IPv6 header says. */
export interface Ipv6Header {
  /** The traffic class, 8 bits. */
  readonly trafficClass: number;
  /** The flow label, 20 bits. */
  readonly flowLabel: number;
  /** How many bytes follow the fixed header, extension headers included. */
  readonly payloadLength: number;
  /** The type of the extension header or payload that follows; 17 is UDP. */
  readonly nextHeader: number;
  /** The hop limit, 0 to 255. */
  readonly hopLimit: number;
  /** The source address, 16 bytes. */
  readonly src: Uint8Array;
  /** The destination address, 16 bytes. */
  readonly dst: Uint8Array;
}

/**
 * Parses a header; its addresses are views of `bytes`. Returns undefined if the version is not 6 or
 * the header does not fit before `end`. The payload may be missing.
 */
export function parseIpv6(bytes: Uint8Array, at = 0, end: number = bytes.length): Ipv6Header | undefined {
  if (end - at < IPV6.length || bytes[at]! >> 4 !== 6) return undefined;
  return {
    trafficClass: ((bytes[at]! & 15) << 4) | (bytes[at + 1]! >> 4),
    flowLabel: ((bytes[at + 1]! & 15) << 16) | get16(bytes, at + 2),
    payloadLength: get16(bytes, at + IPV6.payloadLength),
    nextHeader: bytes[at + IPV6.nextHeader]!,
    hopLimit: bytes[at + IPV6.hopLimit]!,
    src: bytes.subarray(at + IPV6.src, at + IPV6.src + 16),
    dst: bytes.subarray(at + IPV6.dst, at + IPV6.dst + 16),
  };
}

/** Writes 40 bytes at `at` and returns their number; never reads `bytes`. */
export function emitIpv6(header: Ipv6Header, bytes: Uint8Array, at = 0): number {
  bytes[at] = 0x60 | (header.trafficClass >> 4);
  bytes[at + 1] = ((header.trafficClass & 15) << 4) | (header.flowLabel >> 16);
  put16(bytes, at + 2, header.flowLabel & 0xffff);
  put16(bytes, at + IPV6.payloadLength, header.payloadLength);
  bytes[at + IPV6.nextHeader] = header.nextHeader;
  bytes[at + IPV6.hopLimit] = header.hopLimit;
  bytes.set(header.src, at + IPV6.src);
  bytes.set(header.dst, at + IPV6.dst);
  return IPV6.length;
}
