/** Parses and emits IPv4, RFC 791. Options are carried but not interpreted. */
import { internetChecksum } from './checksum.js';
import { get16, put16 } from './field.js';

/** Offsets of the header's fields, in bytes. */
export const IPV4 = {
  versionIhl: 0,
  tos: 1,
  totalLength: 2,
  id: 4,
  fragment: 6,
  ttl: 8,
  protocol: 9,
  checksum: 10,
  src: 12,
  dst: 16,
  /** The length of a header without options. */
  length: 20,
} as const;

/** What an IPv4 header says. */
export interface Ipv4Header {
  /** The type of service, 8 bits. */
  readonly tos: number;
  /** The identification, 16 bits, which the fragments of a datagram share. */
  readonly id: number;
  /** The flag DF: routers must not fragment the packet. */
  readonly dontFragment: boolean;
  /** The flag MF: another fragment of the datagram follows this one. */
  readonly moreFragments: boolean;
  /** The offset of the fragment in bytes, a multiple of 8. */
  readonly fragmentOffset: number;
  /** The time to live, in hops. */
  readonly ttl: number;
  /** The number of the protocol that the payload belongs to; 17 is UDP. */
  readonly protocol: number;
  /** The source address, 4 bytes. */
  readonly src: Uint8Array;
  /** The destination address, 4 bytes. */
  readonly dst: Uint8Array;
  /** The options, of up to 40 bytes, a multiple of 4. */
  readonly options?: Uint8Array;
  /** How many bytes follow the header, as the header says. */
  readonly payloadLength: number;
}

/** Returns how many bytes `emitIpv4` writes. */
export function ipv4Length(header: Ipv4Header): number {
  return IPV4.length + (header.options?.length ?? 0);
}

/**
 * Parses a header; addresses and options are views of `bytes`. Returns undefined if the version is
 * not 4, the header does not fit before `end`, or its lengths contradict each other. The payload
 * may be missing, because captures may be cut. The checksum is not verified.
 */
export function parseIpv4(bytes: Uint8Array, at = 0, end: number = bytes.length): Ipv4Header | undefined {
  if (end - at < IPV4.length || bytes[at]! >> 4 !== 4) return undefined;
  const length = (bytes[at]! & 15) * 4;
  const totalLength = get16(bytes, at + IPV4.totalLength);
  if (length < IPV4.length || end - at < length || totalLength < length) return undefined;
  const fragment = get16(bytes, at + IPV4.fragment);
  return {
    tos: bytes[at + IPV4.tos]!,
    id: get16(bytes, at + IPV4.id),
    dontFragment: (fragment & 0x4000) !== 0,
    moreFragments: (fragment & 0x2000) !== 0,
    fragmentOffset: (fragment & 0x1fff) * 8,
    ttl: bytes[at + IPV4.ttl]!,
    protocol: bytes[at + IPV4.protocol]!,
    src: bytes.subarray(at + IPV4.src, at + IPV4.src + 4),
    dst: bytes.subarray(at + IPV4.dst, at + IPV4.dst + 4),
    ...(length > IPV4.length && { options: bytes.subarray(at + IPV4.length, at + length) }),
    payloadLength: totalLength - length,
  };
}

/** Says whether the checksum of a header is right that `parseIpv4` has accepted. */
export function verifyIpv4(bytes: Uint8Array, at = 0): boolean {
  return internetChecksum(bytes, at, at + (bytes[at]! & 15) * 4) === 0;
}

/**
 * Writes the header with its checksum at `at` and returns its length. Reads nothing that it has not
 * written.
 */
export function emitIpv4(header: Ipv4Header, bytes: Uint8Array, at = 0): number {
  const length = ipv4Length(header);
  bytes[at] = 0x40 | (length / 4);
  bytes[at + IPV4.tos] = header.tos;
  put16(bytes, at + IPV4.totalLength, length + header.payloadLength);
  put16(bytes, at + IPV4.id, header.id);
  const flags = (header.dontFragment ? 0x4000 : 0) | (header.moreFragments ? 0x2000 : 0);
  put16(bytes, at + IPV4.fragment, flags | (header.fragmentOffset / 8));
  bytes[at + IPV4.ttl] = header.ttl;
  bytes[at + IPV4.protocol] = header.protocol;
  put16(bytes, at + IPV4.checksum, 0);
  bytes.set(header.src, at + IPV4.src);
  bytes.set(header.dst, at + IPV4.dst);
  if (header.options !== undefined) bytes.set(header.options, at + IPV4.length);
  put16(bytes, at + IPV4.checksum, internetChecksum(bytes, at, at + length));
  return length;
}
