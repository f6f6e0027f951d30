/** Defines how each transport is opened, and checks its options. */
import type { DeviceCaps } from '../net/device.js';
import { bytes, callback, flag, type OptionRule, type OptionRules, oneOf, text, wholeNumber } from '../options.js';

/** The rule for the slots of a transport that takes any number of them. */
export const SLOTS: OptionRule = wholeNumber(1, 65_536);
/** The rule for the slots of a transport whose rings are as long. */
const RING_SLOTS: OptionRule = {
  expected: 'a power of two from 64 to 4096',
  holds: (value) => wholeNumber(64, 4096).holds(value) && Math.log2(value as number) % 1 === 0,
};
/** The rule for an MTU: an IP packet has from 68 bytes to what its length field can hold. */
export const MTU: OptionRule = wholeNumber(68, 65_535);
/** The rule for how frames under 60 bytes are padded: not, or with zeros. */
export const PADDING: OptionRule = oneOf('none', 'zero60');
/** The length of a hardware address, in bytes. */
export const MAC_BYTES = 6;

/** Returns those of `options` that have a value and a rule among `rules`. */
export function picked<T>(options: object, rules: OptionRules<T>): T {
  const given = Object.entries(options).filter(([name, value]) => value !== undefined && Object.hasOwn(rules, name));
  return Object.fromEntries(given) as T;
}

/** How `openAfPacket` opens an interface. */
export interface AfPacketOptions {
  /** The number of slots in the slab; default 256. */
  readonly slots?: number;
  /** Delivers inbound ARP and UDP to the host; default true. */
  readonly receive?: boolean;
  /** Also receives frames to hardware addresses other than the interface's own. */
  readonly promiscuous?: boolean;
}

/** The rules that `AfPacketOptions` are checked by. */
export const AF_PACKET_RULES: OptionRules<AfPacketOptions> = { slots: SLOTS, receive: flag, promiscuous: flag };

/** How `openAfXdp` opens an interface. */
export interface AfXdpOptions {
  /**
   * Zero copy: the NIC reads frames where they lie in the slab. If its driver does not support
   * that, opening fails with EOPNOTSUPP. The queue then belongs to the socket: what the NIC
   * receives on it is lost, and the driver may restart it. Default false: copy mode.
   */
  readonly zeroCopy?: boolean;
  /**
   * The number of slots in the slab, a power of two from 64 to 4096; default 512. More slots than
   * the processor's cache holds are slower.
   */
  readonly slots?: number;
  /** Delivers inbound ARP and UDP to the host; default true. */
  readonly receive?: boolean;
  /** Also receives frames to hardware addresses other than the interface's own. */
  readonly promiscuous?: boolean;
}

/** The rules that `AfXdpOptions` are checked by. */
export const AF_XDP_RULES: OptionRules<AfXdpOptions> = {
  slots: RING_SLOTS,
  receive: flag,
  promiscuous: flag,
  zeroCopy: flag,
};

/** How `openCap` opens an interface. */
export interface CapOptions {
  /** The number of slots in the slab; default 64. */
  readonly slots?: number;
  /** Delivers inbound ARP and UDP to the host; default true. */
  readonly receive?: boolean;
}

/** The rules that `CapOptions` are checked by. */
export const CAP_RULES: OptionRules<CapOptions> = { slots: SLOTS, receive: flag };

/** How `openLibpcap` opens an interface. */
export interface LibpcapOptions {
  /** The number of slots in the slab; default 64. */
  readonly slots?: number;
  /** Delivers inbound ARP and UDP to the host; default true. */
  readonly receive?: boolean;
  /** Also receives frames to hardware addresses other than the interface's own. */
  readonly promiscuous?: boolean;
}

/** The rules that `LibpcapOptions` are checked by. */
export const LIBPCAP_RULES: OptionRules<LibpcapOptions> = { slots: SLOTS, receive: flag, promiscuous: flag };

/** How `openPcapFile` writes. */
export interface PcapFileOptions {
  /** Returns a frame's timestamp, in microseconds since 1970 for readers that show dates. */
  readonly now: () => number;
  /** Writes timestamps in nanoseconds, not microseconds. */
  readonly nanosecond?: boolean;
  /** The number of slots in the slab; default 64. */
  readonly slots?: number;
  /** The size of the largest IP packet, in bytes; default 1500. */
  readonly mtu?: number;
  /** How short frames are padded; default none. */
  readonly padding?: DeviceCaps['padding'];
  /** The device's name; default eth0. */
  readonly name?: string;
  /** The device's hardware address; default 52:54:00:12:34:56. */
  readonly mac?: Uint8Array;
}

/** The rules that `PcapFileOptions` are checked by. */
export const PCAP_FILE_RULES: OptionRules<PcapFileOptions> = {
  now: callback,
  nanosecond: flag,
  slots: SLOTS,
  mtu: MTU,
  padding: PADDING,
  name: text,
  mac: bytes(MAC_BYTES),
};

/** How `openRawSocket` opens its sockets. */
export interface RawSocketOptions {
  /** The number of slots in the slab; default 64. */
  readonly slots?: number;
  /** The size of the largest IP packet, in bytes; default 1500. */
  readonly mtu?: number;
  /** The device's name; default eth0. */
  readonly name?: string;
  /** The device's hardware address; default 52:54:00:12:34:56. */
  readonly mac?: Uint8Array;
  /** Delivers inbound UDP over IPv4 to the host; default true. */
  readonly receive?: boolean;
}

/** The rules that `RawSocketOptions` are checked by. */
export const RAW_SOCKET_RULES: OptionRules<RawSocketOptions> = {
  slots: SLOTS,
  mtu: MTU,
  name: text,
  mac: bytes(MAC_BYTES),
  receive: flag,
};

/** How `openUdp` opens its sockets. */
export interface UdpOptions {
  /** The number of slots in the slab; default 1024. */
  readonly slots?: number;
  /**
   * The address of this machine to send from. Frames of the other IP version are then refused.
   * Default: the system chooses.
   */
  readonly bind?: string;
  /** The size of the largest IP packet, in bytes; default 1500. */
  readonly mtu?: number;
  /** The device's name; default eth0. */
  readonly name?: string;
  /** The device's hardware address; default 52:54:00:12:34:56. */
  readonly mac?: Uint8Array;
  /** Delivers inbound datagrams to the host; default true. */
  readonly receive?: boolean;
}

/** The rules that `UdpOptions` are checked by. */
export const UDP_RULES: OptionRules<UdpOptions> = {
  slots: SLOTS,
  bind: text,
  mtu: MTU,
  name: text,
  mac: bytes(MAC_BYTES),
  receive: flag,
};

/** How `openXdp` opens an interface. */
export interface XdpOptions {
  /**
   * The number of slots in the slab, a power of two from 64 to 4096; default 512. More slots than
   * the processor's cache holds are slower.
   */
  readonly slots?: number;
  /** Delivers inbound ARP and UDP to the host; default true. */
  readonly receive?: boolean;
  /** Also receives frames to hardware addresses other than the interface's own. */
  readonly promiscuous?: boolean;
  /**
   * Sends from a thread of libuv's pool while the next frames are built, see `xdp-overlap.ts`. This
   * is faster if a second core is free. Default false.
   */
  readonly overlap?: boolean;
  /**
   * Attaches the program in the driver, which some drivers need before they send; the link may be
   * reset. Default false.
   */
  readonly native?: boolean;
}

/** The rules that `XdpOptions` are checked by. */
export const XDP_RULES: OptionRules<XdpOptions> = {
  slots: RING_SLOTS,
  receive: flag,
  promiscuous: flag,
  overlap: flag,
  native: flag,
};
