/**
 * What the netpoll of 2003 did with a frame that came in: answered ARP requests for its host, and
 * gave UDP datagrams to the hook of the client they were for.
 *
 * Defects of that year, with `withDefects`: the target address of an ARP reply was the sender's
 * own; the length given to the hook was 4 bytes short on 64-bit machines; a wrong UDP checksum was
 * never noticed.
 *
 * Linux: net/core/netpoll.c arp_reply(), netpoll_rx(), of 12 September 2003.
 */
import type { Interface } from '../../net/interface.js';
import { ARP_REPLY, ARP_REQUEST, emitArp, parseArp } from '../../wire/arp.js';
import { PROTOCOL_UDP } from '../../wire/checksum.js';
import { ETHERTYPE, emitEthernet, parseEthernet } from '../../wire/ethernet.js';
import { ipv4Length, parseIpv4, verifyIpv4 } from '../../wire/ipv4.js';
import { sameBytes } from '../../wire/text.js';
import { parseUdp, UDP, verifyUdp } from '../../wire/udp.js';
import type { NetpollOptions } from '../index.js';

/**
 * Whose ARP requests are answered: `from-remote`, in 2003 and the beginning of 2004: only those of
 * the client's remote address; `for-local`, later: those of whoever asks for the client's own
 * address.
 */
export type ArpRules = 'from-remote' | 'for-local';

/** A client of the netpoll of 2003, which frames that come in may be for. */
export interface Client2003 {
  /** The interface that the client is bound to; frames of other interfaces pass by. */
  readonly dev: Interface;
  /** The client's addresses and ports. An address or a local port of 0 matches any. */
  readonly options: NetpollOptions;
  /** Linux: need_arp. */
  readonly needArp: boolean;
  /** Whose requests are answered, if any are. */
  readonly arpRules: ArpRules;
  /** Whether it has the defects that the head of this file names. */
  readonly withDefects: boolean;
  /** Called with a datagram; the payload is valid during the call only. */
  rxHook(port: number, payload: Uint8Array): void;
}

/** What became of a frame that came in. */
export interface Received2003 {
  /** Whether the frame is the client's alone. */
  readonly taken: boolean;
  /** An ARP reply to send. */
  readonly reply?: Uint8Array;
}

const PASSED: Received2003 = { taken: false };
const TAKEN: Received2003 = { taken: true };
const ARP_FRAME_BYTES = 42;

/** Takes a frame that came in. It never throws, whatever the frame. */
export function receive2003(client: Client2003, dev: Interface, frame: Uint8Array): Received2003 {
  if (client.dev !== dev || dev.device.caps.medium !== 'ethernet') return PASSED;
  const ethernet = parseEthernet(frame);
  if (ethernet === undefined || ethernet.vlan !== undefined) return PASSED;
  if (ethernet.etherType === ETHERTYPE.arp) {
    const reply = client.needArp ? arpReply(client, dev, frame) : undefined;
    return reply === undefined ? PASSED : { taken: false, reply };
  }
  const forUs = (ethernet.dst[0]! & 1) !== 0 || sameBytes(ethernet.dst, dev.mac);
  if (ethernet.etherType !== ETHERTYPE.ipv4 || !forUs) return PASSED;
  return receiveIp(client, frame, 14);
}

function arpReply(client: Client2003, dev: Interface, frame: Uint8Array): Uint8Array | undefined {
  const arp = parseArp(frame, 14);
  const own = dev.ipv4[0];
  if (arp === undefined || own === undefined || arp.operation !== ARP_REQUEST) return undefined;
  const { options, withDefects } = client;
  const asked = arp.targetIp;
  if (asked[0] === 127 || (asked[0]! & 0xf0) === 0xe0) return undefined;
  if (client.arpRules === 'from-remote') {
    if (!same(asked, own) || !same(arp.senderIp, options.remoteIp)) return undefined;
  } else if (!same(asked, options.localIp)) {
    return undefined;
  }
  // A client that puts no hardware address on the wire has a zero address here too.
  const local = options.era?.zeroSource ? new Uint8Array(6) : dev.mac;
  const reply = new Uint8Array(ARP_FRAME_BYTES);
  emitEthernet({ dst: options.remoteMac, src: local, etherType: ETHERTYPE.arp }, reply);
  emitArp(
    {
      operation: ARP_REPLY,
      senderMac: dev.mac,
      senderIp: asked,
      targetMac: withDefects ? local : options.remoteMac,
      targetIp: arp.senderIp,
    },
    reply,
    14,
  );
  return reply;
}

function receiveIp(client: Client2003, frame: Uint8Array, at: number): Received2003 {
  const ip = parseIpv4(frame, at);
  if (ip === undefined || ip.protocol !== PROTOCOL_UDP || ip.moreFragments || ip.fragmentOffset > 0) return PASSED;
  const udpAt = at + ipv4Length(ip);
  const end = udpAt + ip.payloadLength;
  if (end > frame.length || !verifyIpv4(frame, at)) return PASSED;
  const udp = parseUdp(frame, udpAt, end);
  if (udp === undefined || udp.payloadLength + UDP.length !== ip.payloadLength) return PASSED;
  const { options, withDefects } = client;
  if (!withDefects && verifyUdp(frame, udpAt, ip.src, ip.dst) === 'bad') return PASSED;
  const matches =
    (unset(options.localIp) || same(ip.dst, options.localIp)) &&
    (unset(options.remoteIp) || same(ip.src, options.remoteIp)) &&
    (options.localPort === 0 || options.localPort === udp.dstPort);
  if (!matches) return PASSED;
  // The code of 2003 took off the size of a pointer and 4, in place of the 8 bytes of the header.
  const length = withDefects ? udp.payloadLength - 4 : udp.payloadLength;
  client.rxHook(udp.srcPort, frame.subarray(udpAt + UDP.length, udpAt + UDP.length + Math.max(0, length)));
  return TAKEN;
}

/** Compares the first four bytes: addresses lie in fields of 16. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
}

function unset(ip: Uint8Array): boolean {
  return ip[0] === 0 && ip[1] === 0 && ip[2] === 0 && ip[3] === 0;
}
