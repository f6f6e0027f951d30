/**
 * The contract between netpoll and whatever carries frames away: memory, a pcap file, a NIC.
 *
 * A device owns a slab of frame slots. Netpoll takes a free slot, builds the frame in it, and
 * offers it with `startXmit`. The device says OK, and the slot is the device's until it frees it to
 * the slab, at once or when the NIC is done; or it says BUSY, and the slot stays netpoll's, which
 * queues it and offers it again later. No frame is copied on the way and nothing is allocated.
 *
 *   netpoll                                device
 *   slot = dev.slab.alloc()
 *   ... writes the frame ...
 *   dev.startXmit(slot)            ->      OK: keeps it; dev.slab.free(slot) when it has left
 *                                          BUSY: gives it back; host.txWake() when there is room
 *   dev.poll()                     ->      pushes out the frames that it held back,
 *                                          frees the slots of frames that have left
 *
 * A device may hold accepted frames back until `poll`, so that many share one system call: whoever
 * calls `startXmit` calls `poll` after the last frame of a run. (Linux tells the driver with each
 * frame whether more follow, netdev_xmit_more(); netpoll's runs always end in a poll, so nothing is
 * lost by leaving that out.)
 *
 * Invariants: `startXmit` and `poll` never throw (if one does, its frame is lost, and the kernel's
 * verb throws the error at its end); a device never calls `receive` or `txWake` from inside them;
 * frames leave in the order in which they were accepted; a frame that was accepted and could not be
 * sent is counted in `stats.txErrors` or `txDropped`, never lost without a count.
 *
 * Linux: struct net_device, struct net_device_ops (include/linux/netdevice.h). What `ip link` and
 * `ip addr` show of a device (name, addresses, up, carrier) is the kernel's side:
 * `net/interface.ts`.
 */
import type { KernelError } from '../errno.js';
import { having, type OptionRule, text } from '../options.js';
import type { FrameSlab } from './slab.js';

/** Answer of `startXmit`: the frame is accepted, and its slot is the device's. */
export const NETDEV_TX_OK = 0x00;
/**
 * Answer of `startXmit`: the device has no room, and the slot stays the caller's. Linux:
 * include/linux/netdevice.h.
 */
export const NETDEV_TX_BUSY = 0x10;
/** What `startXmit` answers. Linux: netdev_tx_t. */
export type NetdevTx = typeof NETDEV_TX_OK | typeof NETDEV_TX_BUSY;

/** Which header comes first in what the device is given: `slab.start` points there. */
export type Medium = 'ethernet' | 'ip' | 'udp';

/** What a device carries, and how it shapes a frame. */
export interface DeviceCaps {
  /** Which header the frames begin with. */
  readonly medium: Medium;
  /** The largest IP packet in bytes, without the Ethernet header, as the kernel counts. */
  readonly mtu: number;
  /**
   * `zero60`: frames under 60 bytes are padded with zeros, as most Ethernet drivers and NICs do;
   * `none`: they are not, as with virtio-net.
   */
  readonly padding: 'none' | 'zero60';
}

/** Counted by the device; all start at 0 and only grow. */
export interface DeviceStats {
  /** Frames handed to the medium. */
  txPackets: number;
  /** Their bytes, from where the medium begins. */
  txBytes: number;
  /** Frames accepted that the medium refused for good. */
  txErrors: number;
  /** Frames accepted and then given up: the device went down, was closed, or had reached a cap. */
  txDropped: number;
  /** Those of `txDropped` that a cap left unsent. Absent if the device has no cap. */
  readonly txCapped?: number;
  /** Inbound frames that were handed to the host. */
  rxPackets: number;
  /** Inbound frames lost before they reached the host. */
  rxDropped: number;
}

/**
 * A device's name may be any string. Whether it is a name for an interface, the kernel checks
 * later.
 */
export const deviceName: OptionRule = text;
/** The rule for a device: an object with all members of `NetDevice`. */
export const aDevice: OptionRule = having(
  'a device',
  ...['name', 'mac', 'caps', 'slab', 'attach', 'startXmit', 'poll', 'close'],
);

/** Makes counts that are all 0. */
export function deviceStats(): DeviceStats {
  return { txPackets: 0, txBytes: 0, txErrors: 0, txDropped: 0, rxPackets: 0, rxDropped: 0 };
}

/** The kernel, as a device sees it. Every call comes from outside `startXmit` and `poll`. */
export interface DeviceHost {
  /** Hears that the device has room again, after it answered NETDEV_TX_BUSY. */
  txWake(): void;
  /**
   * Hands over an inbound packet, from where the medium begins. `packet` is valid during the call
   * only.
   */
  receive(packet: Uint8Array, from?: { readonly ip: string; readonly port: number }): void;
  /**
   * Hears that the NIC is gone for good, not merely unplugged from its cable. Later sends are
   * dropped and counted.
   */
  down(reason: KernelError): void;
}

/**
 * Whatever carries frames away, by the contract at the head of this file. An instance belongs to
 * one kernel; `shareDevice` lets several send through it.
 */
export interface NetDevice {
  /** At most 15 bytes, as in Linux. The default name of the kernel's interface. */
  readonly name: string;
  /** The hardware address, 6 bytes. */
  readonly mac: Uint8Array;
  /** What the device carries; it never changes. */
  readonly caps: DeviceCaps;
  /**
   * Where frames for this device are built. It belongs to the device; freed slots go back to it.
   */
  readonly slab: FrameSlab;
  /** The counts so far. The object is the device's own and goes on counting. */
  readonly stats: Readonly<DeviceStats>;
  /** Called once, before the first frame. Starts reception, if the device receives. */
  attach(host: DeviceHost): void;
  /**
   * Offers a frame. OK: the slot is the device's, which may hold the frame back until `poll`. BUSY:
   * the caller keeps the slot.
   */
  startXmit(slot: number): NetdevTx;
  /**
   * Pushes out the frames that were held back, and frees the slots of those that have left. Linux:
   * netpoll_poll_dev().
   */
  poll(): void;
  /**
   * Sends the frames that are still held back, within a bounded time, then releases everything. A
   * second call does nothing more.
   */
  close(): Promise<void>;
}
