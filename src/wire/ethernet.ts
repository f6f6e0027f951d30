/**
 * Parses and emits Ethernet II with at most one IEEE 802.1Q tag. There is no frame check sequence:
 * what netpoll and a capture see has none.
 */
import { get16, put16 } from './field.js';

/** Offsets in bytes. Behind a tag, `etherType` and what follows lie 4 bytes further. */
export const ETHERNET = { dst: 0, src: 6, etherType: 12, length: 14, tagLength: 4 } as const;

/** The EtherTypes that are read: they tell what a frame carries. */
export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd, pppoe: 0x8864 } as const;

/** The tag control information of IEEE 802.1Q. */
export interface VlanTag {
  /** The priority, 0 to 7. */
  readonly priority: number;
  /** The drop eligible indicator: the frame may be dropped before others. */
  readonly dropEligible: boolean;
  /** The number of the VLAN, 0 to 4095. */
  readonly id: number;
}

/** The fields of an Ethernet header. */
export interface EthernetHeader {
  /** The destination, 6 bytes. */
  readonly dst: Uint8Array;
  /** The source, 6 bytes. */
  readonly src: Uint8Array;
  /** The tag; absent if the frame has none. */
  readonly vlan?: VlanTag;
  /** The type of the payload, which stands behind the tag if there is one. */
  readonly etherType: number;
}

/** Returns how many bytes `emitEthernet` writes. */
export function ethernetLength(header: EthernetHeader): number {
  return ETHERNET.length + (header.vlan === undefined ? 0 : ETHERNET.tagLength);
}

/**
 * Parses a header; its addresses are views of `bytes`. Undefined if it does not fit before `end`.
 */
export function parseEthernet(bytes: Uint8Array, at = 0, end: number = bytes.length): EthernetHeader | undefined {
  if (end - at < ETHERNET.length) return undefined;
  const dst = bytes.subarray(at, at + 6);
  const src = bytes.subarray(at + ETHERNET.src, at + ETHERNET.src + 6);
  const etherType = get16(bytes, at + ETHERNET.etherType);
  if (etherType !== ETHERTYPE.vlan) return { dst, src, etherType };
  if (end - at < ETHERNET.length + ETHERNET.tagLength) return undefined;
  const tci = get16(bytes, at + ETHERNET.length);
  const vlan = { priority: tci >> 13, dropEligible: (tci & 0x1000) !== 0, id: tci & 0xfff };
  return { dst, src, vlan, etherType: get16(bytes, at + ETHERNET.length + 2) };
}

/** Writes the header at `at` and returns its length; never reads `bytes`. */
export function emitEthernet(header: EthernetHeader, bytes: Uint8Array, at = 0): number {
  bytes.set(header.dst, at + ETHERNET.dst);
  bytes.set(header.src, at + ETHERNET.src);
  const { vlan } = header;
  if (vlan !== undefined) {
    put16(bytes, at + ETHERNET.etherType, ETHERTYPE.vlan);
    put16(bytes, at + ETHERNET.length, (vlan.priority << 13) | (vlan.dropEligible ? 0x1000 : 0) | vlan.id);
  }
  const length = ethernetLength(header);
  put16(bytes, at + length - 2, header.etherType);
  return length;
}
