/** How each transport is opened, and what its options may be. */
import type { DeviceCaps } from '../net/device.js';
import { bytes, callback, flag, type OptionRule, type OptionRules, oneOf, text, wholeNumber } from '../options.js';

/** How many slots a transport may be given, where any number does. */
export const SLOTS: OptionRule = wholeNumber(1, 65_536);
/** The same where its rings are as long. */
const RING_SLOTS: OptionRule = {
  expected: 'a power of two from 64 to 4096',
  holds: (value) => wholeNumber(64, 4096).holds(value) && Math.log2(value as number) % 1 === 0,
};
/** An IP packet has 68 bytes at least, and at most what its length field holds. */
export const MTU: OptionRule = wholeNumber(68, 65_535);
export const PADDING: OptionRule = oneOf('none', 'zero60');
export const MAC_BYTES = 6;

/** Those of `options` that have a rule among `rules`, and a value. */
export function picked<T>(options: object, rules: OptionRules<T>): T {
  const given = Object.entries(options).filter(([name, value]) => value !== undefined && Object.hasOwn(rules, name));
  return Object.fromEntries(given) as T;
}

/** How `openAfPacket` opens an interface. */
export interface AfPacketOptions {
  /** Slots of the slab; default 256. */
  readonly slots?: number;
  /** Deliver inbound ARP and UDP to the host; default true. */
  readonly receive?: boolean;
  /** Also take in frames to hardware addresses that are not the interface's own. */
  readonly promiscuous?: boolean;
}

export const AF_PACKET_RULES: OptionRules<AfPacketOptions> = { slots: SLOTS, receive: flag, promiscuous: flag };

/** How `openAfXdp` opens an interface. */
export interface AfXdpOptions {
  /**
   * Zero copy: the NIC reads frames where they lie in the slab. Its driver must have it, or opening
   * fails with EOPNOTSUPP. The queue is then the socket's alone: nothing that the NIC receives on
   * it arrives anywhere, and the driver may restart it. Default false: copy mode.
   */
  readonly zeroCopy?: boolean;
  /**
   * Slots of the slab, a power of two from 64 to 4096; default 512. More than fit the processor's
   * cache are slower.
   */
  readonly slots?: number;
  /** Deliver inbound ARP and UDP to the host; default true. */
  readonly receive?: boolean;
  /** Also take in frames to hardware addresses that are not the interface's own. */
  readonly promiscuous?: boolean;
}

export const AF_XDP_RULES: OptionRules<AfXdpOptions> = {
  slots: RING_SLOTS,
  receive: flag,
  promiscuous: flag,
  zeroCopy: flag,
};

/** How `openCap` opens an interface. */
export interface CapOptions {
  /** Default 64. */
  readonly slots?: number;
  /** Deliver inbound ARP and UDP to the host; default true. */
  readonly receive?: boolean;
}

export const CAP_RULES: OptionRules<CapOptions> = { slots: SLOTS, receive: flag };

/** How `openLibpcap` opens an interface. */
export interface LibpcapOptions {
  /** Default 64. */
  readonly slots?: number;
  /** Deliver inbound ARP and UDP to the host; default true. */
  readonly receive?: boolean;
  readonly promiscuous?: boolean;
}

export const LIBPCAP_RULES: OptionRules<LibpcapOptions> = { slots: SLOTS, receive: flag, promiscuous: flag };

/** How `openPcapFile` writes. */
export interface PcapFileOptions {
  /** Timestamps of the frames, in microseconds since 1970 for readers that show dates. */
  readonly now: () => number;
  /** Nanoseconds in the file instead of microseconds. */
  readonly nanosecond?: boolean;
  /** Default 64. */
  readonly slots?: number;
  /** Default 1500. */
  readonly mtu?: number;
  /** Default none. */
  readonly padding?: DeviceCaps['padding'];
  /** Default eth0 and 52:54:00:12:34:56. */
  readonly name?: string;
  readonly mac?: Uint8Array;
}

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
  /** Default 64. */
  readonly slots?: number;
  /** Default 1500. */
  readonly mtu?: number;
  /** Default eth0 and 52:54:00:12:34:56. */
  readonly name?: string;
  readonly mac?: Uint8Array;
  /** Deliver inbound UDP over IPv4 to the host; default true. */
  readonly receive?: boolean;
}

export const RAW_SOCKET_RULES: OptionRules<RawSocketOptions> = {
  slots: SLOTS,
  mtu: MTU,
  name: text,
  mac: bytes(MAC_BYTES),
  receive: flag,
};

/** How `openUdp` opens its sockets. */
export interface UdpOptions {
  /** Default 1024. */
  readonly slots?: number;
  /**
   * Address of this machine to send from, IPv4 or IPv6; frames of the other kind are then refused.
   * Default: the system's choice.
   */
  readonly bind?: string;
  /** Default 1500. */
  readonly mtu?: number;
  /** Default eth0 and 52:54:00:12:34:56. */
  readonly name?: string;
  readonly mac?: Uint8Array;
  /** Deliver inbound datagrams to the host; default true. */
  readonly receive?: boolean;
}

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
   * Slots of the slab, a power of two from 64 to 4096; default 512. More than fit the processor's
   * cache are slower.
   */
  readonly slots?: number;
  /** Deliver inbound ARP and UDP to the host; default true. */
  readonly receive?: boolean;
  /** Also take in frames to hardware addresses that are not the interface's own. */
  readonly promiscuous?: boolean;
  /**
   * Send from a thread of libuv's pool while the next frames are built, see `xdp-overlap.ts`.
   * Faster where a second core is free. Default false.
   */
  readonly overlap?: boolean;
  /**
   * Attach in the driver, for those that need it before they send; the link may be reset. Default
   * false.
   */
  readonly native?: boolean;
}

export const XDP_RULES: OptionRules<XdpOptions> = {
  slots: RING_SLOTS,
  receive: flag,
  promiscuous: flag,
  overlap: flag,
  native: flag,
};
