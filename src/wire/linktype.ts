/**
 * Reads link types: by the number in a capture file, what a captured frame begins with and where
 * its network packet lies.
 *
 * Link types that carry IP are read. Others only have a name, so that whoever captured them knows
 * what to do.
 * Numbers and layouts:
 * https://www.tcpdump.org/linktypes.html
 */
import { formatMac } from './address.js';
import { ETHERTYPE } from './ethernet.js';
import { get16, get32 } from './field.js';
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from './pcap.js';

/** What a link layer or an encapsulation tells about the packet in it. */
export interface Layer {
  /** The name of the layer, such as `vlan`, `gre`, `vxlan`, `sll`. */
  readonly name: string;
  /** The layer's own source address, if it has one. */
  readonly src?: string;
  /** The layer's own destination address, if it has one. */
  readonly dst?: string;
  /** The number of the VLAN, label, session, key or network. */
  readonly id?: number;
}

/** Where the network packet of a frame lies. */
export interface LinkPayload {
  /** The type of the packet at `at`; absent if an Ethernet header stands there. */
  readonly etherType?: number;
  /** Where in the frame the packet begins. */
  readonly at: number;
  /** What was stepped over; absent if nothing about it is worth telling. */
  readonly layer?: Layer;
}

type LinkParser = (frame: Uint8Array) => LinkPayload | undefined;

interface Linktype {
  readonly name: string;
  readonly parse?: LinkParser;
}

/** Returns the EtherType of a packet that begins with its IP version, or 0 if that is neither. */
export function ipEtherType(bytes: Uint8Array, at: number): number {
  const version = (bytes[at] ?? 0) >> 4;
  return version === 4 ? ETHERTYPE.ipv4 : version === 6 ? ETHERTYPE.ipv6 : 0;
}

/** Returns the EtherType of a PPP protocol; 0: no IP. RFC 1332, RFC 5072, RFC 3032. */
export function pppEtherType(protocol: number): number {
  const known: Readonly<Record<number, number>> = { 33: 0x0800, 87: 0x86dd, 641: 0x8847, 643: 0x8848 };
  return known[protocol] ?? 0;
}

/** Returns the EtherType behind IEEE 802.2 LLC and SNAP at `at`, or 0 for another payload. */
export function snapEtherType(bytes: Uint8Array, at: number): number {
  return get16(bytes, at) === 0xaaaa && bytes[at + 2] === 3 ? get16(bytes, at + 6) : 0;
}
/** The length of an LLC header with a SNAP extension, in bytes. */
export const SNAP_BYTES = 8;

/**
 * EtherTypes by address family. AF_INET is 2 everywhere; AF_INET6 is 10 on Linux and 24, 28 or 30
 * on BSDs.
 */
const FAMILIES: Readonly<Record<number, number>> = { 2: 0x0800, 10: 0x86dd, 24: 0x86dd, 28: 0x86dd, 30: 0x86dd };

const ethernet: LinkParser = () => ({ at: 0 });
const raw: LinkParser = (frame) => ({ etherType: ipEtherType(frame, 0), at: 0 });

/** Reads loopback: a family in the byte order of the capturing machine or of the network. */
const loopback: LinkParser = (frame) => {
  if (frame.length < 4) return undefined;
  const family = get32(frame, 0);
  const etherType = FAMILIES[family] ?? FAMILIES[swap32(family)] ?? 0;
  return { etherType, at: 4, layer: { name: 'loopback' } };
};

/** Reads Linux cooked: packet type, hardware type, address, protocol. */
const sll: LinkParser = (frame) => {
  if (frame.length < 16) return undefined;
  const src = cookedAddress(frame, 6, get16(frame, 4));
  return cooked(frame, get16(frame, 14), 16, { name: 'sll', ...src });
};

/** Reads Linux cooked in its second form, which has the interface's index. */
const sll2: LinkParser = (frame) => {
  if (frame.length < 20) return undefined;
  const src = cookedAddress(frame, 12, frame[11]!);
  return cooked(frame, get16(frame, 0), 20, { name: 'sll2', id: get32(frame, 4), ...src });
};

function cookedAddress(frame: Uint8Array, at: number, length: number): { src?: string } {
  return length === 6 ? { src: formatMac(frame.subarray(at, at + 6)) } : {};
}

/** Reads a cooked protocol. Below 1536 it is a number of Linux's own; 4 means that LLC follows. */
function cooked(frame: Uint8Array, protocol: number, at: number, layer: Layer): LinkPayload {
  if (protocol === 4) return { etherType: snapEtherType(frame, at), at: at + SNAP_BYTES, layer };
  return { etherType: protocol < 0x600 ? 0 : protocol, at, layer };
}

/**
 * Reads NFLOG: attributes aligned to four bytes, in the byte order of the host. Attribute number 9
 * is the packet.
 */
const nflog: LinkParser = (frame) => {
  const family = frame[0];
  if (frame.length < 4 || frame[1] !== 0) return undefined;
  const id = get16(frame, 2);
  // The byte order is the one in which the first attribute fits.
  const little = frame.length >= 6 && frame[5]! * 256 + frame[4]! <= frame.length - 4;
  const u16 = (at: number) => (little ? frame[at + 1]! * 256 + frame[at]! : get16(frame, at));
  for (let at = 4; at + 4 <= frame.length; ) {
    const length = u16(at);
    if (length < 4) return undefined;
    if ((u16(at + 2) & 0x7fff) === 9) {
      const etherType = family === 2 ? ETHERTYPE.ipv4 : family === 10 ? ETHERTYPE.ipv6 : ipEtherType(frame, at + 4);
      return { etherType, at: at + 4, layer: { name: 'nflog', id } };
    }
    at += length + (-length & 3);
  }
  return undefined;
};

const ppp: LinkParser = (frame) => {
  const at = frame[0] === 0xff && frame[1] === 3 ? 2 : 0;
  if (frame.length < at + 2) return undefined;
  // RFC 1661 section 6.5: if the first byte is odd, it is the whole protocol.
  const short = (frame[at]! & 1) === 1;
  const protocol = short ? frame[at]! : get16(frame, at);
  return { etherType: pppEtherType(protocol), at: at + (short ? 1 : 2), layer: { name: 'ppp' } };
};

const pppoe: LinkParser = () => ({ etherType: ETHERTYPE.pppoe, at: 0 });

/** Reads Cisco HDLC: address, control, EtherType. */
const hdlc: LinkParser = (frame) =>
  frame.length < 4 ? undefined : { etherType: get16(frame, 2), at: 4, layer: { name: 'hdlc' } };

/** Reads RFC 2684 or plain LLC in front of a packet. */
const llc: LinkParser = (frame) =>
  frame.length < SNAP_BYTES
    ? undefined
    : { etherType: snapEtherType(frame, 0), at: SNAP_BYTES, layer: { name: 'llc' } };

/** Reads OpenBSD's `enc`: family, SPI and flags in front of what IPsec has unpacked. */
const enc: LinkParser = (frame) =>
  frame.length < 12 ? undefined : { etherType: ipEtherType(frame, 12), at: 12, layer: { name: 'enc' } };

/** Reads a BSD packet filter's log, whose header's length is its first byte, rounded up to 4. */
const pflog: LinkParser = (frame) => {
  const at = (frame[0] ?? 0) + (-(frame[0] ?? 0) & 3);
  return at < 40 || at > frame.length ? undefined : { etherType: ipEtherType(frame, at), at, layer: { name: 'pflog' } };
};

/** Reads an unencrypted data frame of wireless LAN. Others hold no packet that can be read. */
function wlanFrom(frame: Uint8Array, start: number): LinkPayload | undefined {
  const control = frame[start];
  const flags = frame[start + 1];
  if (control === undefined || flags === undefined) return undefined;
  const data = (control & 0x0c) === 0x08 && (control & 0x40) === 0;
  const encrypted = (flags & 0x40) !== 0;
  const layer = { name: 'wlan' };
  const qos = (control & 0x80) !== 0;
  const at = start + 24 + ((flags & 3) === 3 ? 6 : 0) + (qos ? 2 : 0) + (qos && (flags & 0x80) !== 0 ? 4 : 0);
  if (!data || encrypted || frame.length < at + SNAP_BYTES) return { etherType: 0, at: start, layer };
  return { etherType: snapEtherType(frame, at), at: at + SNAP_BYTES, layer };
}
const wlan: LinkParser = (frame) => wlanFrom(frame, 0);
/** Reads radiotap and the like, whose length is 16 bits, little-endian, at byte 2. */
const radiotap: LinkParser = (frame) => (frame.length < 4 ? undefined : wlanFrom(frame, frame[2]! + frame[3]! * 256));
const prism: LinkParser = (frame) => wlanFrom(frame, 144);
/** Reads `wlan-ng` over AVS, whose length is 32 bits at byte 4. */
const avs: LinkParser = (frame) => (frame.length < 8 ? undefined : wlanFrom(frame, get32(frame, 4)));

const LINKTYPES: Readonly<Record<number, Linktype>> = {
  0: { name: 'BSD loopback', parse: loopback },
  [LINKTYPE_ETHERNET]: { name: 'Ethernet', parse: ethernet },
  6: { name: 'Token Ring' },
  7: { name: 'ARCNET' },
  8: { name: 'SLIP' },
  9: { name: 'PPP', parse: ppp },
  10: { name: 'FDDI' },
  12: { name: 'raw IP', parse: raw },
  14: { name: 'raw IP', parse: raw },
  50: { name: 'PPP over HDLC', parse: ppp },
  51: { name: 'PPPoE', parse: pppoe },
  100: { name: 'ATM with LLC', parse: llc },
  [LINKTYPE_RAW]: { name: 'raw IP', parse: raw },
  104: { name: 'Cisco HDLC', parse: hdlc },
  105: { name: '802.11', parse: wlan },
  107: { name: 'Frame Relay' },
  108: { name: 'OpenBSD loopback', parse: loopback },
  109: { name: 'OpenBSD enc', parse: enc },
  113: { name: 'Linux cooked', parse: sll },
  117: { name: 'pflog', parse: pflog },
  119: { name: '802.11 with Prism header', parse: prism },
  122: { name: 'IP over Fibre Channel' },
  127: { name: '802.11 with radiotap', parse: radiotap },
  129: { name: 'ARCNET of Linux' },
  138: { name: 'IP over IEEE 1394' },
  143: { name: 'DOCSIS' },
  147: { name: 'private use' },
  163: { name: '802.11 with AVS header', parse: avs },
  165: { name: 'BACnet MS/TP' },
  166: { name: 'PPP of Linux pppd' },
  187: { name: 'Bluetooth HCI' },
  189: { name: 'USB of Linux' },
  195: { name: '802.15.4' },
  201: { name: 'Bluetooth HCI with direction' },
  220: { name: 'USB of Linux, padded' },
  227: { name: 'CAN' },
  228: { name: 'raw IPv4', parse: raw },
  229: { name: 'raw IPv6', parse: raw },
  239: { name: 'NFLOG', parse: nflog },
  240: { name: 'netANALYZER' },
  247: { name: 'InfiniBand' },
  249: { name: 'USBPcap' },
  252: { name: 'packets exported by Wireshark' },
  253: { name: 'netlink' },
  254: { name: 'Bluetooth monitor' },
  276: { name: 'Linux cooked v2', parse: sll2 },
};

/** Returns a link type with its name, such as `113 (Linux cooked)`. */
export function linktypeName(linktype: number): string {
  const name = LINKTYPES[linktype]?.name;
  return name === undefined ? `${linktype}` : `${linktype} (${name})`;
}

/** Says whether frames of this link type are read. */
export function readsLinktype(linktype: number): boolean {
  return LINKTYPES[linktype]?.parse !== undefined;
}

/**
 * Finds the packet in `frame`. Returns undefined if the link header is cut, broken, or of a type
 * that is not read.
 */
export function parseLink(frame: Uint8Array, linktype: number): LinkPayload | undefined {
  return LINKTYPES[linktype]?.parse?.(frame);
}

function swap32(value: number): number {
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
