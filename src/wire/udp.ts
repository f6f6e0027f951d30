/** Parses and emits UDP, RFC 768. */
import { udpChecksum } from './checksum.js';
import { get16, put16 } from './field.js';

/** Offsets of the header's fields, in bytes; `length` is the length of the header. */
export const UDP = { srcPort: 0, dstPort: 2, udpLength: 4, checksum: 6, length: 8 } as const;

/** What a UDP header says. */
export interface UdpHeader {
  readonly srcPort: number;
  readonly dstPort: number;
  /** How many bytes follow the header, as the header says. */
  readonly payloadLength: number;
}

/** A verdict on a checksum. `none`: the sender computed none, which only IPv4 allows. */
export type UdpVerdict = 'good' | 'bad' | 'none';

/**
 * Parses a header. Returns undefined if it does not fit before `end` or its length is below 8. The
 * payload may be missing.
 */
export function parseUdp(bytes: Uint8Array, at = 0, end: number = bytes.length): UdpHeader | undefined {
  if (end - at < UDP.length) return undefined;
  const length = get16(bytes, at + UDP.udpLength);
  if (length < UDP.length) return undefined;
  return {
    srcPort: get16(bytes, at + UDP.srcPort),
    dstPort: get16(bytes, at + UDP.dstPort),
    payloadLength: length - UDP.length,
  };
}

/**
 * Judges the checksum of a header that `parseUdp` has accepted. `src` and `dst` have 4 or 16 bytes.
 * The whole payload must be there.
 */
export function verifyUdp(bytes: Uint8Array, at: number, src: Uint8Array, dst: Uint8Array): UdpVerdict {
  // RFC 8200 section 8.1: over IPv6, a checksum of zero is an error.
  if (get16(bytes, at + UDP.checksum) === 0) return src.length === 4 ? 'none' : 'bad';
  return udpChecksum(bytes, at, at + get16(bytes, at + UDP.udpLength), src, dst) === 0 ? 'good' : 'bad';
}

/**
 * Writes the header at `at` and returns 8. Without addresses the checksum stays zero, as the
 * systems of 2001 to 2006 left it. The payload must already lie behind the header, because it is
 * summed.
 */
export function emitUdp(
  header: UdpHeader,
  bytes: Uint8Array,
  at = 0,
  addresses?: { readonly src: Uint8Array; readonly dst: Uint8Array },
): number {
  const length = UDP.length + header.payloadLength;
  put16(bytes, at + UDP.srcPort, header.srcPort);
  put16(bytes, at + UDP.dstPort, header.dstPort);
  put16(bytes, at + UDP.udpLength, length);
  put16(bytes, at + UDP.checksum, 0);
  if (addresses !== undefined) {
    const checksum = udpChecksum(bytes, at, at + length, addresses.src, addresses.dst);
    // RFC 768: a computed zero is sent as all ones, because zero means "none".
    put16(bytes, at + UDP.checksum, checksum === 0 ? 0xffff : checksum);
  }
  return UDP.length;
}
