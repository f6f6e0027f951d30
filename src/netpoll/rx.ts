/**
 * Takes frames that arrive on a device: checks them, answers those that ask for our address, and
 * hands datagrams to whoever listens on their port.
 *
 *   frame -> Ethernet: for us?        -> ARP: answered      -> UDP: lengths and checksums good?
 *         -> the listener whose local and remote address and port it names
 *
 * Everything else is counted and dropped. Nothing here throws, and the work a frame causes is
 * bounded by its length.
 *
 * Linux: net/core/netpoll.c of the kernels that received (before 3.15): __netpoll_rx(),
 * netpoll_neigh_reply(). Differs: neighbour solicitations are not answered, so that IPv6 peers need
 * a static neighbour entry.
 */
import type { Interface } from '../net/interface.js';
import { parseIp } from '../wire/address.js';
import { ARP_REPLY, ARP_REQUEST, emitArp, parseArp } from '../wire/arp.js';
import { PROTOCOL_UDP } from '../wire/checksum.js';
import { ETHERTYPE, emitEthernet, ethernetLength, parseEthernet } from '../wire/ethernet.js';
import { ipv4Length, parseIpv4, verifyIpv4 } from '../wire/ipv4.js';
import { IPV6, parseIpv6 } from '../wire/ipv6.js';
import { sameBytes } from '../wire/text.js';
import { parseUdp, UDP, verifyUdp } from '../wire/udp.js';
import type { NetpollCore } from './queue.js';

/** What became of the frames that came in, counted from boot. */
export interface RxStats {
  /** All frames but those that a client of the netpoll of 2003 kept for itself. */
  frames: number;
  /**
   * Frames that are too short, have lengths that contradict each other or wrong checksums, or are
   * fragments of IP.
   */
  malformed: number;
  /**
   * Frames that are well-formed, but for another address, VLAN, port or protocol, or from someone
   * else.
   */
  foreign: number;
  /** ARP requests that were answered. */
  arpReplies: number;
  /** Datagrams that were handed to a listener. */
  delivered: number;
}

/** A listener: a netpoll with both ends set. */
export interface RxListener {
  /** The interface that datagrams come in on. */
  readonly dev: Interface;
  /** The destination that a datagram must have, 4 or 16 bytes. */
  readonly localIp: Uint8Array;
  /** The source that a datagram must have, 4 or 16 bytes. */
  readonly remoteIp: Uint8Array;
  /** The destination port that a datagram must have. */
  readonly localPort: number;
  /** The source port that a datagram must have. */
  readonly remotePort: number;
  /** Called with a datagram; the payload is valid during the call only. */
  receive(payload: Uint8Array): void;
}

/** A UDP datagram that came in. */
interface Datagram {
  readonly frame: Uint8Array;
  /** Where its header begins, and where the packet ends. */
  readonly at: number;
  readonly end: number;
  /** The source address; undefined where the device's own socket does not tell it. */
  readonly src: Uint8Array | undefined;
  /**
   * The destination address; undefined where the device's own socket has chosen and verified the
   * datagram.
   */
  readonly dst: Uint8Array | undefined;
}

/** The receive path of one kernel. */
export class ReceivePath {
  /** Counted from boot. The object is the path's own and goes on counting. */
  readonly stats: RxStats = { frames: 0, malformed: 0, foreign: 0, arpReplies: 0, delivered: 0 };
  readonly #netpoll: NetpollCore;
  readonly #answerArp: boolean;
  readonly #asked: (() => readonly RxListener[])[] = [];

  /** `answerArp`: whether ARP requests for a listener's address are answered. */
  constructor(netpoll: NetpollCore, { answerArp }: { readonly answerArp: boolean }) {
    this.#netpoll = netpoll;
    this.#answerArp = answerArp;
  }

  /**
   * Adds listeners: `ask` is called at every frame, and returns who listens. The function returned
   * ends that.
   */
  listen(ask: () => readonly RxListener[]): () => void {
    const asked = this.#asked;
    asked.push(ask);
    return () => {
      const at = asked.indexOf(ask);
      if (at >= 0) asked.splice(at, 1);
    };
  }

  get #listeners(): RxListener[] {
    return this.#asked.flatMap((ask) => ask());
  }

  /**
   * Takes a packet, from where the device's medium begins. `from` is the sender, for a device
   * without headers.
   */
  receive(dev: Interface, packet: Uint8Array, from?: { readonly ip: string; readonly port: number }): void {
    if (this.#netpoll.rawListeners.some((tap) => tap(dev, packet))) return;
    const { stats } = this;
    stats.frames++;
    const { medium } = dev.device.caps;
    if (medium === 'udp') {
      const src = from === undefined ? undefined : parseIp(from.ip);
      this.#udp(dev, { frame: packet, at: 0, end: packet.length, src, dst: undefined });
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
      // A tag with VLAN 0 only gives a priority; any other tag is for an interface of its own.
      const tagged = ethernet.vlan !== undefined && ethernet.vlan.id !== 0;
      if (tagged || ((ethernet.dst[0]! & 1) === 0 && !sameBytes(ethernet.dst, dev.mac))) {
        stats.foreign++;
        return;
      }
    }
    if (etherType === ETHERTYPE.arp) this.#arp(dev, packet, at);
    else if (etherType === ETHERTYPE.ipv4) this.#ipv4(dev, packet, at);
    else if (etherType === ETHERTYPE.ipv6) this.#ipv6(dev, packet, at);
    else stats.foreign++;
  }

  #arp(dev: Interface, frame: Uint8Array, at: number): void {
    const arp = parseArp(frame, at);
    if (arp === undefined) {
      this.stats.malformed++;
      return;
    }
    const ours = this.#listeners.some((l) => l.dev === dev && sameBytes(l.localIp, arp.targetIp));
    if (!this.#answerArp || arp.operation !== ARP_REQUEST || !ours) {
      this.stats.foreign++;
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
    this.stats.arpReplies++;
    this.#netpoll.sendFrame(dev, reply.subarray(0, dev.device.caps.padding === 'zero60' ? 60 : 42));
  }

  #ipv4(dev: Interface, frame: Uint8Array, at: number): void {
    const ip = parseIpv4(frame, at);
    const whole = ip !== undefined && at + ipv4Length(ip) + ip.payloadLength <= frame.length && verifyIpv4(frame, at);
    if (!whole || ip.moreFragments || ip.fragmentOffset > 0) {
      this.stats.malformed++;
      return;
    }
    if (ip.protocol !== PROTOCOL_UDP) {
      this.stats.foreign++;
      return;
    }
    const start = at + ipv4Length(ip);
    this.#udp(dev, { frame, at: start, end: start + ip.payloadLength, src: ip.src, dst: ip.dst });
  }

  #ipv6(dev: Interface, frame: Uint8Array, at: number): void {
    const ip = parseIpv6(frame, at);
    if (ip === undefined || at + IPV6.length + ip.payloadLength > frame.length) {
      this.stats.malformed++;
      return;
    }
    if (ip.nextHeader !== PROTOCOL_UDP) {
      this.stats.foreign++;
      return;
    }
    const start = at + IPV6.length;
    this.#udp(dev, { frame, at: start, end: start + ip.payloadLength, src: ip.src, dst: ip.dst });
  }

  #udp(dev: Interface, { frame, at, end, src, dst }: Datagram): void {
    const udp = parseUdp(frame, at, end);
    const fits = udp !== undefined && at + UDP.length + udp.payloadLength <= end;
    if (!fits || (src !== undefined && dst !== undefined && verifyUdp(frame, at, src, dst) === 'bad')) {
      this.stats.malformed++;
      return;
    }
    const listener = this.#listeners.find(
      (l) =>
        l.dev === dev &&
        l.localPort === udp.dstPort &&
        l.remotePort === udp.srcPort &&
        (dst === undefined || sameBytes(l.localIp, dst)) &&
        (src === undefined || sameBytes(l.remoteIp, src)),
    );
    if (listener === undefined) {
      this.stats.foreign++;
      return;
    }
    this.stats.delivered++;
    listener.receive(frame.subarray(at + UDP.length, at + UDP.length + udp.payloadLength));
  }
}
