/** The frames that every transport is asked to send: all sizes that matter, both IP versions, more than a batch. */
import { EMULATED, PEER } from '../../../bench/veth.js';
import { naiveFrame } from '../../support/naive.js';

export const SOURCE_PORT = 6665;
export const PORT = 6666;
const SIZES = [1, 2, 17, 18, 19, 158, 159, 1000, 1472];
const SIZES_IPV6 = [1, 158, 1000, 1452];

export interface TestFrame {
  readonly bytes: Uint8Array;
  readonly ipv6: boolean;
}

/** `count` frames to the peer, each with its number in its payload; every fifth over IPv6 unless `ipv6` is false. */
export function testFrames(count: number, ipv6 = true): TestFrame[] {
  return Array.from({ length: count }, (_, i) => {
    const six = ipv6 && i % 5 === 4;
    const sizes = six ? SIZES_IPV6 : SIZES;
    const size = sizes[i % sizes.length]!;
    const payload = Uint8Array.from({ length: size }, (_, k) =>
      k === 0 ? i : k === 1 ? i >> 8 : (i * 31 + k * 7) & 0xff,
    );
    return { bytes: payloadFrame(payload, six, i), ipv6: six };
  });
}

/** One frame to the peer from the emulated host. */
export function payloadFrame(payload: Uint8Array, ipv6 = false, id = 1): Uint8Array {
  return naiveFrame({
    srcMac: EMULATED.mac,
    dstMac: PEER.mac,
    srcIp: ipv6 ? EMULATED.ip6 : EMULATED.ip,
    dstIp: ipv6 ? PEER.ip6 : PEER.ip,
    srcPort: SOURCE_PORT,
    dstPort: PORT,
    id: id + 1,
    payload,
  });
}

/** Bytes of Ethernet, IP and UDP headers. */
export function headerBytes(frame: TestFrame): number {
  return frame.ipv6 ? 62 : 42;
}
