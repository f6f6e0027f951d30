/**
 * The headers of one sender, built once: Ethernet, IP and UDP with everything that does not change
 * from frame to frame, and the parts of the two checksums that it makes.
 *
 * Linux: net/core/netpoll.c netpoll_send_udp(). RFC 791 3.1, RFC 8200 3, RFC 768.
 */

import { TEMPLATE } from '../lane/layout.js';
import type { Heap } from '../memory/heap.js';
import { PROTOCOL_UDP } from '../wire/checksum.js';
import { ETHERNET, ETHERTYPE } from '../wire/ethernet.js';
import { put16 } from '../wire/field.js';

/** The time to live of IPv4. */
const TTL = 64;
/** The hop limit of IPv6. */
const HOP_LIMIT = 32;

/** The fields of the headers that are the same in every frame. */
export interface FrameHeaders {
  readonly sourceMac: Uint8Array;
  readonly remoteMac: Uint8Array;
  /** 4 or 16 bytes, both of one family. */
  readonly localIp: Uint8Array;
  readonly remoteIp: Uint8Array;
  readonly localPort: number;
  readonly remotePort: number;
  /** Default true; the netpoll of 2003 left it 0. */
  readonly udpChecksum?: boolean;
}

/** How many bytes the headers have: 42 or 62. */
export function headerLength(headers: FrameHeaders): number {
  return headers.localIp.length === 16 ? 62 : 42;
}

/** Writes the template, which is `TEMPLATE.bytes` long, at `at`. */
export function writeTemplate(heap: Heap, at: number, headers: FrameHeaders): void {
  const { bytes, u32 } = heap;
  bytes.fill(0, at, at + TEMPLATE.bytes);
  const v6 = headers.localIp.length === 16;
  const length = headerLength(headers);
  const eth = at + TEMPLATE.headerEnd - length;
  const ip = eth + ETHERNET.length;
  const udp = at + TEMPLATE.headerEnd - 8;
  bytes.set(headers.remoteMac, eth);
  bytes.set(headers.sourceMac, eth + 6);
  put16(bytes, eth + 12, v6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4);
  if (v6) {
    bytes[ip] = 0x60;
    bytes[ip + 6] = PROTOCOL_UDP;
    bytes[ip + 7] = HOP_LIMIT;
    bytes.set(headers.localIp, ip + 8);
    bytes.set(headers.remoteIp, ip + 24);
  } else {
    bytes[ip] = 0x45;
    bytes[ip + 8] = TTL;
    bytes[ip + 9] = PROTOCOL_UDP;
    bytes.set(headers.localIp, ip + 12);
    bytes.set(headers.remoteIp, ip + 16);
  }
  put16(bytes, udp, headers.localPort);
  put16(bytes, udp + 2, headers.remotePort);
  const addresses = v6 ? ip + 8 : ip + 12;
  u32[(at + TEMPLATE.headerLength) >> 2] = length;
  u32[(at + TEMPLATE.ipSum) >> 2] = v6 ? 0 : sumWords(bytes, ip, 20);
  // The protocol number is the low byte of a big-endian word: the high byte of a little-endian one.
  u32[(at + TEMPLATE.udpSum) >> 2] =
    sumWords(bytes, addresses, v6 ? 32 : 8) + sumWords(bytes, udp, 4) + (PROTOCOL_UDP << 8);
  u32[(at + TEMPLATE.udpChecksum) >> 2] = headers.udpChecksum === false ? 0 : 1;
}

/** The sum of little-endian words; `length` must be even. */
function sumWords(bytes: Uint8Array, at: number, length: number): number {
  let sum = 0;
  for (let i = at; i < at + length; i += 2) sum += bytes[i]! | (bytes[i + 1]! << 8);
  return sum;
}
