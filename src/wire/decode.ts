/**
 * Decodes a frame into plain data: every header from the link layer to the datagram, with tags and
 * tunnels stepped over.
 *
 * Decoding goes as deep as the bytes make sense. `odd` says where and why it stopped, and what else
 * is wrong; `carries` names what the frame carries if it is not netconsole's. Nothing here throws.
 * `format.ts` makes a line of text of the result.
 */
import { formatIpv4, formatMac } from './address.js';
import { parseArp } from './arp.js';
import { PROTOCOL_UDP } from './checksum.js';
import { etherTypeName, type Packet, protocolName, stepEtherType, stepPort, stepProtocol } from './encapsulation.js';
import { ETHERTYPE, ethernetLength, parseEthernet, type VlanTag } from './ethernet.js';
import { get16 } from './field.js';
import { type DecodedIp, decodeIpHeader, type IpPayload } from './ip.js';
import { type Layer, type LinkPayload, parseLink } from './linktype.js';
import { classify, classifyCut, isStamped, type Message, type PartialMessage } from './message.js';
import { LINKTYPE_ETHERNET } from './pcap.js';
import type { IpReassembler } from './reassembly.js';
import { parseUdp, UDP, type UdpVerdict, verifyUdp } from './udp.js';

export type { DecodedIp } from './ip.js';

/** A verdict on a checksum. `cut`: the capture lacks bytes that the checksum covers. */
export type Verdict = UdpVerdict | 'cut';

/**
 * A decoded frame. Addresses are text; `message` and `payload` hold views of the frame, or of the
 * datagram that was reassembled.
 */
export interface Decoded {
  /** The length of the frame, in bytes. */
  readonly length: number;
  /**
   * What lies around the innermost packet, outermost first: link layers other than Ethernet, labels
   * and tunnels.
   */
  readonly layers?: readonly Layer[];
  /** The Ethernet header of the innermost frame. */
  readonly ethernet?: {
    readonly src: string;
    readonly dst: string;
    /** The first VLAN tag. */
    readonly vlan?: VlanTag;
    /** All VLAN tags, outermost first, if the frame has several. */
    readonly vlans?: readonly VlanTag[];
    readonly etherType: number;
  };
  /** The ARP packet, if the frame carries one. */
  readonly arp?: {
    readonly operation: number;
    readonly senderMac: string;
    readonly senderIp: string;
    readonly targetMac: string;
    readonly targetIp: string;
  };
  /** The IP header of the innermost packet. */
  readonly ip?: DecodedIp;
  /** The UDP header of the innermost packet. */
  readonly udp?: {
    readonly srcPort: number;
    readonly dstPort: number;
    readonly payloadLength: number;
    readonly checksum: Verdict;
  };
  /** How many fragments the datagram came in, if this frame completed it. */
  readonly fragments?: number;
  /** How many bytes of padding follow the IP packet. */
  readonly padding?: number;
  /** What the UDP datagram carries; in a cut capture only the beginning of that. */
  readonly payload?: Uint8Array;
  /** The message in the payload; absent if the capture cut it or it is not netconsole's. */
  readonly message?: Message;
  /** What a cut capture has left of the message. */
  readonly partial?: PartialMessage;
  /** What the frame carries if it is not a message: `TCP`, `DNS`, `ARP`. */
  readonly carries?: string;
  /** Where and why decoding stopped, and what else is wrong. Empty if nothing is odd. */
  readonly odd: readonly string[];
}

/** What `decodeFrame` may use besides the frame's bytes. All of it stays the caller's. */
export interface FrameContext {
  /** Reassembles IP datagrams; without it, IP fragments stay fragments. */
  readonly reassembler?: IpReassembler;
  /** When the frame was captured, in microseconds, for the reassembler. */
  readonly tsUsec?: number;
  /** Ports that count as netconsole's in addition to 6665 and 6666. */
  readonly ports?: ReadonlySet<number>;
  /** Flows that have carried what only netconsole sends. Decoding adds to it, up to 65,536. */
  readonly flows?: Set<string>;
}

const MAX_FLOWS = 65536;

type Open = { -readonly [K in keyof Decoded]: Decoded[K] } & { odd: string[] };

/** The most headers, tunnels included, that a frame is believed to have. */
const MAX_HEADERS = 24;
const TAGS: ReadonlySet<number> = new Set([ETHERTYPE.vlan, 0x88a8, 0x9100, 0x9200]);

/**
 * Decodes a frame of a capture with this link type. Of frames whose type `readsLinktype` does not
 * know, only the length is given.
 */
export function decodeFrame(
  frame: Uint8Array,
  linktype: number = LINKTYPE_ETHERNET,
  context: FrameContext = {},
): Decoded {
  const decoded: Open = { length: frame.length, odd: [] };
  const link = parseLink(frame, linktype);
  if (link === undefined) decoded.odd.push('no link-layer header that can be read');
  else walk({ bytes: frame, at: 0, end: frame.length }, link, decoded, context);
  return decoded;
}

/** Goes from header to header; `next` tells where in `outer` the first one lies. */
function walk(outer: Packet, next: LinkPayload, decoded: Open, context: FrameContext): void {
  let packet = outer;
  let step: LinkPayload | undefined = next;
  for (let count = 0; step !== undefined; count++) {
    if (count === MAX_HEADERS) {
      decoded.odd.push(`more than ${MAX_HEADERS} headers`);
      return;
    }
    if (step.etherType === undefined) leaveEthernet(decoded);
    if (step.layer !== undefined) pushLayer(decoded, step.layer);
    packet = { ...packet, at: step.at };
    const { etherType } = step;
    if (etherType === undefined) step = decodeEthernet(packet, decoded);
    else if (etherType === ETHERTYPE.arp) step = decodeArp(packet, decoded);
    else if (etherType === ETHERTYPE.ipv4 || etherType === ETHERTYPE.ipv6) {
      const inner = decodeIp(packet, decoded, context);
      if (inner === undefined) return;
      leaveEthernet(decoded);
      leaveIp(decoded);
      packet = inner.packet;
      step = inner.step;
    } else {
      step = stepEtherType(etherType, packet);
      if (step === undefined) decoded.carries = etherTypeName(etherType);
    }
  }
}

function decodeEthernet({ bytes, at, end }: Packet, decoded: Open): LinkPayload | undefined {
  const limit = Math.min(end, bytes.length);
  const header = parseEthernet(bytes, at, limit);
  if (header === undefined) {
    decoded.odd.push('too short for an Ethernet header');
    return undefined;
  }
  const vlans = header.vlan === undefined ? [] : [header.vlan];
  let { etherType } = header;
  let next = at + ethernetLength(header);
  while (TAGS.has(etherType) && next + 4 <= limit) {
    const tci = get16(bytes, next);
    vlans.push({ priority: tci >> 13, dropEligible: (tci & 0x1000) !== 0, id: tci & 0xfff });
    etherType = get16(bytes, next + 2);
    next += 4;
  }
  const [vlan] = vlans;
  decoded.ethernet = {
    src: formatMac(header.src),
    dst: formatMac(header.dst),
    ...(vlan !== undefined && { vlan }),
    ...(vlans.length > 1 && { vlans }),
    etherType,
  };
  return { etherType, at: next };
}

function decodeArp({ bytes, at }: Packet, decoded: Open): undefined {
  decoded.carries = 'ARP';
  const arp = parseArp(bytes, at);
  if (arp === undefined) {
    decoded.odd.push('not an ARP packet for IPv4 over Ethernet');
    return undefined;
  }
  decoded.arp = {
    operation: arp.operation,
    senderMac: formatMac(arp.senderMac),
    senderIp: formatIpv4(arp.senderIp),
    targetMac: formatMac(arp.targetMac),
    targetIp: formatIpv4(arp.targetIp),
  };
  return undefined;
}

interface Inner {
  readonly packet: Packet;
  readonly step: LinkPayload;
}

/** Decodes an IP packet. Returns what a tunnel carries, or undefined if there is no more to do. */
function decodeIp(packet: Packet, decoded: Open, context: FrameContext): Inner | undefined {
  const limit = Math.min(packet.end, packet.bytes.length);
  const found = decodeIpHeader(packet, limit);
  if (found === undefined) {
    decoded.odd.push('no IP header where one should be');
    return undefined;
  }
  const { payload, ip } = found;
  decoded.ip = ip;
  const { end } = payload;
  if (end < limit) decoded.padding = limit - end;
  if (end > limit) decoded.odd.push(`${end - limit} bytes of the IP packet are missing`);
  const whole = payload.fragment === undefined ? payload : joinFragments(payload, limit, decoded, context);
  if (whole === undefined) return undefined;
  const { protocol } = ip;
  if (protocol === PROTOCOL_UDP) return decodeUdp(whole, decoded, context);
  const step = stepProtocol(protocol, whole);
  if (step === undefined) {
    decoded.carries = protocolName(protocol);
    return undefined;
  }
  return { packet: whole, step };
}

/** Returns the datagram that a fragment completes, if it does. */
function joinFragments(
  payload: IpPayload,
  limit: number,
  decoded: Open,
  { reassembler, tsUsec = 0 }: FrameContext,
): IpPayload | undefined {
  const { bytes, at, end, fragment } = payload;
  const { src, dst, protocol } = decoded.ip!;
  const result =
    reassembler === undefined || end > limit
      ? undefined
      : reassembler.push({ src, dst, protocol, ...fragment!, payload: bytes.subarray(at, end), tsUsec });
  if (result?.kind === 'whole') {
    decoded.fragments = result.fragments;
    return { ...payload, bytes: result.payload, at: 0, end: result.payload.length };
  }
  decoded.carries = 'IP fragment';
  decoded.odd.push('an IP fragment');
  if (result?.kind === 'copy') decoded.odd.push('a copy of one that was there already');
  if (result?.kind === 'bad') decoded.odd.push('it contradicts another fragment of its datagram');
  return undefined;
}

/** Decodes a datagram. Returns what it carries if it is a tunnel. */
function decodeUdp(packet: IpPayload, decoded: Open, context: FrameContext): Inner | undefined {
  const { bytes, at, end, src, dst } = packet;
  const udp = parseUdp(bytes, at, Math.min(end, bytes.length));
  const udpEnd = at + UDP.length + (udp?.payloadLength ?? 0);
  if (udp === undefined || udpEnd > end) {
    decoded.odd.push('no UDP header where one should be, or one longer than its packet');
    return undefined;
  }
  const start = at + UDP.length;
  const step = stepPort(udp.dstPort, { bytes, at: start, end: udpEnd });
  if (step !== undefined) return { packet: { bytes, at: start, end: udpEnd }, step };
  const cut = udpEnd > bytes.length;
  decoded.udp = { ...udp, checksum: cut ? 'cut' : verifyUdp(bytes, at, src, dst) };
  const payload = bytes.subarray(start, udpEnd);
  decoded.payload = payload;
  const flow = `${decoded.ip!.src} ${udp.srcPort} ${decoded.ip!.dst} ${udp.dstPort}`;
  const { flows } = context;
  const ports = { ...udp, own: context.ports, known: flows?.has(flow) === true };
  const found = cut ? classifyCut(payload, udp.payloadLength, ports) : classify(payload, ports);
  const certain = typeof found !== 'string' && (found.kind === 'extended' || isStamped(payload));
  if (certain && flows !== undefined && flows.size < MAX_FLOWS) flows.add(flow);
  if (typeof found === 'string') decoded.carries = found;
  else if (cut) decoded.partial = found;
  else decoded.message = found as Message;
  return undefined;
}

/** Turns the Ethernet header decoded so far into a layer, because it belonged to a tunnel. */
function leaveEthernet(decoded: Open): void {
  const { ethernet } = decoded;
  if (ethernet === undefined) return;
  pushLayer(decoded, { name: 'ethernet', src: ethernet.src, dst: ethernet.dst });
  for (const { id } of ethernet.vlans ?? (ethernet.vlan === undefined ? [] : [ethernet.vlan])) {
    pushLayer(decoded, { name: 'vlan', id });
  }
  delete decoded.ethernet;
}

function leaveIp(decoded: Open): void {
  const { version, src, dst } = decoded.ip!;
  pushLayer(decoded, { name: version === 4 ? 'ip' : 'ip6', src, dst });
  delete decoded.ip;
  delete decoded.padding;
  delete decoded.fragments;
}

function pushLayer(decoded: Open, layer: Layer): void {
  decoded.layers = [...(decoded.layers ?? []), layer];
}
