/**
 * Devices that send through other interfaces: a VLAN, which puts its tag into every frame, and a
 * bond, which hands frames to its slaves in turn.
 *
 *   const vlan = createStackedDevice('eth0.5', { mac: eth0.mac, tag: 5, lowers: () => [eth0], send });
 *
 * Linux: net/8021q/vlan_dev.c vlan_dev_hard_start_xmit(), drivers/net/bonding/bond_main.c
 * bond_xmit_roundrobin(), bond_get_slave_by_id(). Differs: a frame is copied into the lower
 * device's slab.
 */
import type { Heap } from '../memory/heap.js';
import { ETHERTYPE } from '../wire/ethernet.js';
import { type DeviceCaps, deviceStats, NETDEV_TX_OK, type NetDevice, type NetdevTx } from './device.js';
import type { Interface } from './interface.js';
import { createSlab } from './slab.js';

/** How a device sends through other interfaces. */
export interface StackedOptions {
  /** The hardware address, 6 bytes. */
  readonly mac: Uint8Array;
  /** The tag of a VLAN, 1 to 4094; a bond has none. */
  readonly tag?: number;
  /** Returns the interfaces that the device sends through, in order. */
  lowers(): readonly Interface[];
  /** Says whether one of them can send now; a bond skips those that cannot. */
  carries(lower: Interface): boolean;
  /** Sends a whole frame on one of them; returns false if the frame was lost. */
  send(lower: Interface, frame: Uint8Array): boolean;
  /** Where the device's slab lies. Default: the process's own heap. */
  readonly heap?: Heap;
}

/** Bytes of both hardware addresses, behind which the tag stands. */
const ETH_ADDRESSES = 12;
const SLOTS = 8;

/**
 * Makes a device that owns no medium. Frames that no lower interface takes are counted in
 * `txDropped`.
 */
export function createStackedDevice(name: string, options: StackedOptions): NetDevice {
  const slab = createSlab(SLOTS, options.heap);
  const stats = deviceStats();
  // The lower driver pads before the hardware adds the tag.
  const caps: DeviceCaps = { medium: 'ethernet', mtu: 1500, padding: 'zero60' };
  let turn = 0;
  /**
   * The slave whose turn it is, or the next one that can send. The second slave has the first turn.
   */
  const slave = (): Interface | undefined => {
    const slaves = options.lowers();
    if (slaves.length === 0) return undefined;
    const first = ++turn % slaves.length;
    return [...slaves.slice(first), ...slaves.slice(0, first)].find((one) => options.carries(one));
  };
  const tagged = (frame: Uint8Array, tag: number): Uint8Array => {
    const out = new Uint8Array(frame.length + 4);
    out.set(frame.subarray(0, ETH_ADDRESSES));
    out.set([ETHERTYPE.vlan >> 8, ETHERTYPE.vlan & 0xff, tag >> 8, tag & 0xff], ETH_ADDRESSES);
    out.set(frame.subarray(ETH_ADDRESSES), ETH_ADDRESSES + 4);
    return out;
  };
  return {
    name,
    mac: options.mac,
    caps,
    slab,
    stats,
    attach() {},
    startXmit(slot: number): NetdevTx {
      const frame = slab.bytes.slice(slab.start[slot], slab.end[slot]);
      slab.free(slot);
      const lower = options.tag === undefined ? slave() : options.lowers()[0];
      const whole = options.tag === undefined ? frame : tagged(frame, options.tag);
      // A lower interface that is down, or lacks netpoll's state, loses the frame.
      if (lower !== undefined && lower.npinfo > 0 && options.send(lower, whole)) {
        stats.txPackets++;
        stats.txBytes += whole.length;
      } else {
        stats.txDropped++;
      }
      return NETDEV_TX_OK;
    },
    poll() {},
    close() {
      slab.release();
      return Promise.resolve();
    },
  };
}
