/**
 * Knows what may lie between a link layer and the packet that matters: tags, labels and tunnels,
 * and how to step over each of them.
 *
 * A step takes the bytes of one encapsulation and tells where the next header begins and of which
 * kind it is. Kinds that cannot be stepped over have names (`etherTypeName`, `protocolName`).
 */
import { ETHERTYPE } from './ethernet.js';
import { get16, get32 } from './field.js';
import { ipEtherType, type LinkPayload, pppEtherType, SNAP_BYTES, snapEtherType } from './linktype.js';

/** The bytes of a packet, and where in them it begins and what encloses it ends. */
export interface Packet {
  /** The frame, or the datagram that was reassembled from several. */
  readonly bytes: Uint8Array;
  /** Where in `bytes` the packet begins. */
  readonly at: number;
  /** Where what encloses the packet ends; in a cut capture that is behind the last byte. */
  readonly end: number;
}

type Step = (packet: Packet) => LinkPayload | undefined;

/** Steps over IEEE 802.1Q. `ethernet.ts` reads a frame's first tag, and this those behind it. */
const vlan: Step = ({ bytes, at, end }) =>
  end - at < 4
    ? undefined
    : { etherType: get16(bytes, at + 2), at: at + 4, layer: { name: 'vlan', id: get16(bytes, at) & 0xfff } };

/**
 * Steps over MPLS, RFC 3032 and RFC 4385. After the last label, the first half byte tells IP from
 * the control word of a pseudowire.
 */
const mpls: Step = ({ bytes, at, end }) => {
  if (end - at < 4) return undefined;
  const entry = get32(bytes, at);
  const layer = { name: 'mpls', id: Math.floor(entry / 4096) };
  const bottom = (entry & 0x100) !== 0;
  if (!bottom) return { etherType: ETHERTYPE_MPLS, at: at + 4, layer };
  const etherType = ipEtherType(bytes, at + 4);
  if (etherType !== 0) return { etherType, at: at + 4, layer };
  return { at: at + (bytes[at + 4] === 0 && bytes[at + 5] === 0 ? 8 : 4), layer };
};

/** Steps over PPPoE, RFC 2516, in its session stage. */
const pppoe: Step = ({ bytes, at, end }) => {
  if (end - at < 8 || bytes[at] !== 0x11 || bytes[at + 1] !== 0) return undefined;
  const layer = { name: 'pppoe', id: get16(bytes, at + 2) };
  return { etherType: pppEtherType(get16(bytes, at + 6)), at: at + 8, layer };
};

/** Steps over IEEE 802.1ah: an instance tag, then a whole frame. */
const backbone: Step = ({ bytes, at, end }) =>
  end - at < 4 ? undefined : { at: at + 4, layer: { name: '802.1ah', id: get32(bytes, at) & 0xffffff } };

/** Makes a step over a switch's tag of `length` bytes, which ends with the next EtherType. */
function tag(name: string, length: number): Step {
  return ({ bytes, at, end }) =>
    end - at < length ? undefined : { etherType: get16(bytes, at + length - 2), at: at + length, layer: { name } };
}

/** Steps over GRE, RFC 2784, 2890. ERSPAN of type I has no sequence number; type II has one. */
const gre: Step = ({ bytes, at, end }) => {
  if (end - at < 4) return undefined;
  const flags = get16(bytes, at);
  const version = flags & 7;
  const key = (flags & 0x2000) !== 0;
  const sequence = (flags & 0x1000) !== 0;
  // Routing (RFC 1701) is a list, which nobody sends.
  if (version > 1 || (flags & 0x4000) !== 0) return undefined;
  const keyAt = at + 4 + ((flags & 0x8000) !== 0 ? 4 : 0);
  let next = keyAt + (key ? 4 : 0) + (sequence ? 4 : 0);
  if (version === 1 && (flags & 0x80) !== 0) next += 4;
  if (next > end) return undefined;
  const protocol = get16(bytes, at + 2);
  const layer = { name: 'gre', ...(key && { id: get32(bytes, keyAt) }) };
  switch (protocol) {
    case 0x6558:
      return { at: next, layer };
    case 0x88be:
      return erspan(bytes, next, sequence ? 8 : 0);
    case 0x22eb: {
      // Type III has 12 bytes, and 8 more if the last bit says so.
      const more = (bytes[next + 11] ?? 0) & 1;
      return erspan(bytes, next, 12 + 8 * more);
    }
    case 0x880b: {
      const framed = get16(bytes, next) === 0xff03 ? 2 : 0;
      const short = ((bytes[next + framed] ?? 0) & 1) === 1;
      const ppp = short ? bytes[next + framed]! : get16(bytes, next + framed);
      return { etherType: pppEtherType(ppp), at: next + framed + (short ? 1 : 2), layer };
    }
    default:
      return { etherType: protocol, at: next, layer };
  }
};

function erspan(bytes: Uint8Array, at: number, header: number): LinkPayload {
  const session = header === 0 ? {} : { id: get16(bytes, at + 2) & 0x3ff };
  return { at: at + header, layer: { name: 'erspan', ...session } };
}

/** Steps over EtherIP, RFC 3378. */
const etherIp: Step = ({ bytes, at, end }) =>
  end - at < 2 || bytes[at]! >> 4 !== 3 ? undefined : { at: at + 2, layer: { name: 'etherip' } };

const ipInIp: Step = ({ at }) => ({ etherType: ETHERTYPE.ipv4, at, layer: { name: 'ipip' } });
const ip6InIp: Step = ({ at }) => ({ etherType: ETHERTYPE.ipv6, at, layer: { name: 'ip6ip' } });
const mplsInIp: Step = ({ at }) => ({ etherType: ETHERTYPE_MPLS, at });

/** Steps over VXLAN, RFC 7348, whose generic form tells in its fourth byte what it carries. */
const vxlan: Step = ({ bytes, at, end }) => {
  if (end - at < 8 || (bytes[at]! & 0x08) === 0 || bytes[at + 7] !== 0) return undefined;
  const layer = { name: 'vxlan', id: get32(bytes, at + 4) >>> 8 };
  const generic = (bytes[at]! & 0x04) !== 0;
  const etherType = { 1: ETHERTYPE.ipv4, 2: ETHERTYPE.ipv6 }[generic ? bytes[at + 3]! : 3];
  return { ...(etherType !== undefined && { etherType }), at: at + 8, layer };
};

/** Steps over Geneve, RFC 8926. */
const geneve: Step = ({ bytes, at, end }) => {
  const header = 8 + ((bytes[at] ?? 0) & 0x3f) * 4;
  if (end - at < header || bytes[at]! >> 6 !== 0) return undefined;
  const protocol = get16(bytes, at + 2);
  const layer = { name: 'geneve', id: get32(bytes, at + 4) >>> 8 };
  return { ...(protocol !== 0x6558 && { etherType: protocol }), at: at + header, layer };
};

/**
 * Steps over the TaZmen Sniffer Protocol, with which access points and routers mirror: a header,
 * tagged fields, a frame.
 */
const tzsp: Step = ({ bytes, at, end }) => {
  if (end - at < 5 || bytes[at] !== 1 || bytes[at + 1]! > 1 || get16(bytes, at + 2) !== 1) return undefined;
  for (let pos = at + 4; pos < end; ) {
    const field = bytes[pos++]!;
    if (field === 1) return { at: pos, layer: { name: 'tzsp' } };
    if (field !== 0) pos += 1 + (bytes[pos] ?? 0);
  }
  return undefined;
};

/** Steps over the user data of a mobile network, TS 29.281. */
const gtp: Step = ({ bytes, at, end }) => {
  if (end - at < 8 || bytes[at]! >> 4 !== 3 || bytes[at + 1] !== 0xff) return undefined;
  const layer = { name: 'gtp', id: get32(bytes, at + 4) };
  let next = at + 8;
  if ((bytes[at]! & 7) !== 0) {
    next += 4;
    while (next < end && bytes[next - 1] !== 0) next += 4 * Math.max(1, bytes[next]!);
  }
  const etherType = next < end ? ipEtherType(bytes, next) : 0;
  return etherType === 0 ? undefined : { etherType, at: next, layer };
};

const ETHERTYPE_MPLS = 0x8847;

const BY_ETHERTYPE: Readonly<Record<number, Step>> = {
  [ETHERTYPE.vlan]: vlan,
  34984: vlan,
  37120: vlan,
  37376: vlan,
  [ETHERTYPE_MPLS]: mpls,
  34888: mpls,
  [ETHERTYPE.pppoe]: pppoe,
  35047: backbone,
  35110: tag('vn-tag', 6),
  35135: tag('e-tag', 8),
  35081: tag('cmd', 8),
  25944: ({ at }) => ({ at }),
};

const BY_PROTOCOL: Readonly<Record<number, Step>> = {
  4: ipInIp,
  41: ip6InIp,
  47: gre,
  97: etherIp,
  137: mplsInIp,
};

/** The steps by destination port. 8472 is what Linux used for VXLAN before it had a number. */
const BY_PORT: Readonly<Record<number, Step>> = {
  4789: vxlan,
  4790: vxlan,
  8472: vxlan,
  6081: geneve,
  2152: gtp,
  37008: tzsp,
};

/**
 * Steps over what has this EtherType; returns undefined for anything that cannot be stepped over.
 */
export function stepEtherType(etherType: number, packet: Packet): LinkPayload | undefined {
  const { bytes, at, end } = packet;
  // Below 0x600 the field is a length (IEEE 802.3), behind which LLC follows.
  if (etherType < 0x600) {
    const snap = end - at < SNAP_BYTES ? 0 : snapEtherType(bytes, at);
    return snap === 0 ? undefined : { etherType: snap, at: at + SNAP_BYTES, layer: { name: 'llc' } };
  }
  return BY_ETHERTYPE[etherType]?.(packet);
}

/** Steps over what an IP packet of this protocol carries, as `stepEtherType` does. */
export function stepProtocol(protocol: number, packet: Packet): LinkPayload | undefined {
  return BY_PROTOCOL[protocol]?.(packet);
}

/** Steps over what a datagram to this port carries, as `stepEtherType` does. */
export function stepPort(port: number, packet: Packet): LinkPayload | undefined {
  return BY_PORT[port]?.(packet);
}

const ETHERTYPE_NAMES: Readonly<Record<number, string>> = {
  2114: 'Wake-on-LAN',
  8944: 'AVTP',
  32821: 'RARP',
  33079: 'IPX',
  34824: 'Ethernet flow control',
  34825: 'LACP',
  34915: 'PPPoE discovery',
  34958: '802.1X',
  35020: 'LLDP',
  35045: 'MACsec',
  35063: 'PTP',
  35074: 'CFM',
  35078: 'FCoE',
  35093: 'RoCE',
  8947: 'TRILL',
  [ETHERTYPE.arp]: 'ARP',
};

/** Returns a word for what a frame carries, or its EtherType if there is none. */
export function etherTypeName(etherType: number): string {
  if (etherType === 0) return 'no IP';
  if (etherType < 0x600) return '802.2 LLC';
  return ETHERTYPE_NAMES[etherType] ?? `ethertype 0x${etherType.toString(16).padStart(4, '0')}`;
}

const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  1: 'ICMP',
  2: 'IGMP',
  6: 'TCP',
  46: 'RSVP',
  50: 'ESP',
  58: 'ICMPv6',
  88: 'EIGRP',
  89: 'OSPF',
  103: 'PIM',
  112: 'VRRP',
  115: 'L2TP',
  132: 'SCTP',
  136: 'UDP-Lite',
};

/** Returns the name of an IP protocol that is not read. */
export function protocolName(protocol: number): string {
  return PROTOCOL_NAMES[protocol] ?? `IP protocol ${protocol}`;
}
