/**
 * What arrives on a device: judged, answered if it asks for our address, and handed to whoever
 * listens on its port.
 *
 *   frame -> Ethernet: for us?        -> ARP: answered      -> UDP: lengths and checksums good?
 *         -> the listener whose local and remote address and port it names
 *
 * Everything else is counted and dropped. Nothing here throws, and the work a frame causes is
 * bounded by its length.
 *
 * Linux: net/core/netpoll.c of the kernels that received (before 3.15): __netpoll_rx(),
 * netpoll_neigh_reply(). Differs: a neighbour solicitation is not answered by netpoll, IPv6 peers
 * need a static neighbour entry.
 */
import type { Interface } from '../net/interface.js';
import { parseIp } from '../wire/address.js';
import { ARP_REPLY, ARP_REQUEST, emitArp, parseArp } from '../wire/arp.js';
import { ETHERTYPE, emitEthernet, ethernetLength, parseEthernet } from '../wire/ethernet.js';
import { ipv4Length, parseIpv4, verifyIpv4 } from '../wire/ipv4.js';
import { IPV6, parseIpv6 } from '../wire/ipv6.js';
import { parseUdp, UDP, verifyUdp } from '../wire/udp.js';

/** Counted from boot. */
export interface RxStats {
  frames: number;
  /** Too short, lengths that contradict each other, wrong checksums, fragments of IP. */
  malformed: number;
  /** Well-formed, but for another address, VLAN, port or protocol, or from someone else. */
  foreign: number;
  arpReplies: number;
  delivered: number;
}

export function rxStats(): RxStats {
  return { frames: 0, malformed: 0, foreign: 0, arpReplies: 0, delivered: 0 };
}

/** Who receives: a netpoll with both ends set. */
export interface RxListener {
  readonly dev: Interface;
  /** 4 or 16 bytes each. */
  readonly localIp: Uint8Array;
  readonly remoteIp: Uint8Array;
  readonly localPort: number;
  readonly remotePort: number;
  /** The payload is valid during the call only. */
  receive(payload: Uint8Array): void;
}

export interface RxHost {
  readonly stats: RxStats;
  readonly listeners: readonly RxListener[];
  /** Whether ARP requests for a listener's address are answered. */
  readonly answerArp: boolean;
  /** Sends a whole frame. */
  send(dev: Interface, frame: Uint8Array): void;
}

const PROTOCOL_UDP = 17;

/** Takes a packet from where the device's medium begins. */
export function receive(host: RxHost, dev: Interface, packet: Uint8Array, from?: { ip: string; port: number }): void {
  const { stats } = host;
  stats.frames++;
  const { medium } = dev.device.caps;
  if (medium === 'udp') {
    receiveUdp(host, dev, packet, 0, packet.length, from === undefined ? undefined : parseIp(from.ip), undefined);
    return;
  }
  let at = 0;
  let etherType: number = packet[0]! >> 4 === 6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4;
  if (medium === 'ethernet') {
    const ethernet = parseEthernet(packet);
    if (ethernet === undefined) {
      stats.malformed++;
      return;
    }
    at = ethernetLength(ethernet);
    ({ etherType } = ethernet);
    // A tag without a VLAN is a priority; any other is for an interface of its own.
    const tagged = ethernet.vlan !== undefined && ethernet.vlan.id !== 0;
    if (tagged || ((ethernet.dst[0]! & 1) === 0 && !same(ethernet.dst, dev.mac))) {
      stats.foreign++;
      return;
    }
  }
  if (etherType === ETHERTYPE.arp) receiveArp(host, dev, packet, at);
  else if (etherType === ETHERTYPE.ipv4) receiveIpv4(host, dev, packet, at);
  else if (etherType === ETHERTYPE.ipv6) receiveIpv6(host, dev, packet, at);
  else stats.foreign++;
}

function receiveArp(host: RxHost, dev: Interface, frame: Uint8Array, at: number): void {
  const arp = parseArp(frame, at);
  if (arp === undefined) {
    host.stats.malformed++;
    return;
  }
  const ours = host.listeners.some((l) => l.dev === dev && same(l.localIp, arp.targetIp));
  if (!host.answerArp || arp.operation !== ARP_REQUEST || !ours) {
    host.stats.foreign++;
    return;
  }
  const reply = new Uint8Array(60);
  const start = emitEthernet({ dst: arp.senderMac, src: dev.mac, etherType: ETHERTYPE.arp }, reply);
  emitArp(
    {
      operation: ARP_REPLY,
      senderMac: dev.mac,
      senderIp: arp.targetIp,
      targetMac: arp.senderMac,
      targetIp: arp.senderIp,
    },
    reply,
    start,
  );
  host.stats.arpReplies++;
  host.send(dev, reply.subarray(0, dev.device.caps.padding === 'zero60' ? 60 : 42));
}

function receiveIpv4(host: RxHost, dev: Interface, frame: Uint8Array, at: number): void {
  const ip = parseIpv4(frame, at);
  const whole = ip !== undefined && at + ipv4Length(ip) + ip.payloadLength <= frame.length && verifyIpv4(frame, at);
  if (!whole || ip.moreFragments || ip.fragmentOffset > 0) {
    host.stats.malformed++;
    return;
  }
  if (ip.protocol !== PROTOCOL_UDP) {
    host.stats.foreign++;
    return;
  }
  const start = at + ipv4Length(ip);
  receiveUdp(host, dev, frame, start, start + ip.payloadLength, ip.src, ip.dst);
}

function receiveIpv6(host: RxHost, dev: Interface, frame: Uint8Array, at: number): void {
  const ip = parseIpv6(frame, at);
  if (ip === undefined || at + IPV6.length + ip.payloadLength > frame.length) {
    host.stats.malformed++;
    return;
  }
  if (ip.nextHeader !== PROTOCOL_UDP) {
    host.stats.foreign++;
    return;
  }
  const start = at + IPV6.length;
  receiveUdp(host, dev, frame, start, start + ip.payloadLength, ip.src, ip.dst);
}

/** `dst` undefined: the device's own socket has chosen and verified. */
function receiveUdp(
  host: RxHost,
  dev: Interface,
  frame: Uint8Array,
  at: number,
  end: number,
  src: Uint8Array | undefined,
  dst: Uint8Array | undefined,
): void {
  const udp = parseUdp(frame, at, end);
  const fits = udp !== undefined && at + UDP.length + udp.payloadLength <= end;
  if (!fits || (src !== undefined && dst !== undefined && verifyUdp(frame, at, src, dst) === 'bad')) {
    host.stats.malformed++;
    return;
  }
  const listener = host.listeners.find(
    (l) =>
      l.dev === dev &&
      l.localPort === udp.dstPort &&
      l.remotePort === udp.srcPort &&
      (dst === undefined || same(l.localIp, dst)) &&
      (src === undefined || same(l.remoteIp, src)),
  );
  if (listener === undefined) {
    host.stats.foreign++;
    return;
  }
  host.stats.delivered++;
  listener.receive(frame.subarray(at + UDP.length, at + UDP.length + udp.payloadLength));
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
