/**
 * Builds a whole frame around a UDP payload, for tests, examples and scenarios that put frames on a
 * wire by hand. The kernel model does not use it: netpoll has its own template, which the lane
 * fills.
 *
 * @example
 * device.inject(
 *   emitUdpFrame(
 *     { eth: { dst: device.mac, src }, ip: { src: parseIp('192.0.2.2')!, dst: parseIp('192.0.2.1')! }, udp: { srcPort: 6666, dstPort: 6665 } },
 *     payload,
 *   ),
 * );
 */
import { PROTOCOL_UDP } from './checksum.js';
import { ETHERTYPE, emitEthernet, ethernetLength, parseEthernet, type VlanTag } from './ethernet.js';
import { emitIpv4, type Ipv4Header, ipv4Length, parseIpv4 } from './ipv4.js';
import { emitIpv6, IPV6, type Ipv6Header, parseIpv6 } from './ipv6.js';
import { emitUdp, parseUdp, UDP } from './udp.js';

/**
 * The headers of a frame that holds a UDP datagram. Lengths, types and checksums follow from these
 * and from the payload.
 */
export interface UdpFrameHeaders {
  readonly eth: {
    /** The destination, 6 bytes. */
    readonly dst: Uint8Array;
    /** The source, 6 bytes. */
    readonly src: Uint8Array;
    readonly vlan?: VlanTag;
  };
  /**
   * The addresses, both of 4 bytes or both of 16, which decides the version. Fields that are left
   * out are as Linux sends them: TTL or hop limit 64, "don't fragment", and 0 for the rest.
   */
  readonly ip: { readonly src: Uint8Array; readonly dst: Uint8Array } & Partial<
    Omit<Ipv4Header & Ipv6Header, 'src' | 'dst' | 'payloadLength' | 'protocol' | 'nextHeader'>
  >;
  readonly udp: {
    readonly srcPort: number;
    readonly dstPort: number;
    /** False leaves the field zero, as netconsole did until 2006. Default true. */
    readonly checksum?: boolean;
  };
}

/**
 * Returns the frame in new memory, without padding to Ethernet's 60 bytes and without a frame check
 * sequence. Throws RangeError if the payload is too long for a datagram.
 */
export function emitUdpFrame(headers: UdpFrameHeaders, payload: Uint8Array): Uint8Array {
  const { eth, ip, udp } = headers;
  const v6 = ip.dst.length === 16;
  const udpLength = UDP.length + payload.length;
  const ethernet = { ...eth, etherType: v6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4 };
  const ipAt = ethernetLength(ethernet);
  const v4Header: Ipv4Header = {
    tos: 0,
    id: 0,
    dontFragment: true,
    moreFragments: false,
    fragmentOffset: 0,
    ttl: 64,
    ...ip,
    protocol: PROTOCOL_UDP,
    payloadLength: udpLength,
  };
  const ipLength = v6 ? IPV6.length : ipv4Length(v4Header);
  if (udpLength + (v6 ? 0 : ipLength) > 0xffff) throw new RangeError(`${payload.length} bytes fit no UDP datagram`);
  const udpAt = ipAt + ipLength;
  const frame = new Uint8Array(udpAt + udpLength);
  frame.set(payload, udpAt + UDP.length);
  emitEthernet(ethernet, frame);
  if (v6) {
    const fixed = { trafficClass: 0, flowLabel: 0, hopLimit: 64 };
    emitIpv6({ ...fixed, ...ip, nextHeader: PROTOCOL_UDP, payloadLength: udpLength }, frame, ipAt);
  } else {
    emitIpv4(v4Header, frame, ipAt);
  }
  const header = { srcPort: udp.srcPort, dstPort: udp.dstPort, payloadLength: payload.length };
  emitUdp(header, frame, udpAt, udp.checksum === false ? undefined : { src: ip.src, dst: ip.dst });
  return frame;
}

/**
 * Returns a frame that carries `payload` back to where `frame` came from, in new memory; undefined
 * if `frame` does not carry UDP.
 */
export function emitUdpReply(frame: Uint8Array, payload: Uint8Array): Uint8Array | undefined {
  const ethernet = parseEthernet(frame);
  if (ethernet === undefined) return undefined;
  const ipAt = ethernetLength(ethernet);
  const v4 = parseIpv4(frame, ipAt);
  const v6 = v4 === undefined ? parseIpv6(frame, ipAt) : undefined;
  const ip = v4 ?? v6;
  if (ip === undefined || (v4?.protocol ?? v6?.nextHeader) !== PROTOCOL_UDP) return undefined;
  const udp = parseUdp(frame, ipAt + (v4 === undefined ? IPV6.length : ipv4Length(v4)));
  if (udp === undefined) return undefined;
  return emitUdpFrame(
    {
      eth: { ...ethernet, dst: ethernet.src, src: ethernet.dst },
      ip: { src: ip.dst, dst: ip.src },
      udp: { srcPort: udp.dstPort, dstPort: udp.srcPort },
    },
    payload,
  );
}
