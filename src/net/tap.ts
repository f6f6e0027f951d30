/**
 * A device that is listened to: every frame that it takes, and every one that it brings in, is shown to somebody first.
 *
 *   const eth0 = tapDevice(device, (frame, direction) => capture.push(frame.slice()));
 *
 * A frame that leaves is shown once, when the device has accepted it, as it was when it was offered: a wrapper
 * further in may change it.
 */

import {
  type DeviceCaps,
  type DeviceHost,
  type DeviceStats,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
} from './device.js';
import type { Direction } from './fault.js';
import { type FrameSlab, SLOT_BYTES } from './slab.js';

/** Hears a frame, from where the medium begins; it is valid during the call only. Must not throw, nor call the device. */
export type FrameListener = (frame: Uint8Array, direction: Direction) => void;

/** `device` must not be attached, and belongs to the wrapper from now on. */
export function tapDevice(device: NetDevice, onFrame: FrameListener): NetDevice {
  return new Tapped(device, onFrame);
}

class Tapped implements NetDevice {
  readonly name: string;
  readonly mac: Uint8Array;
  readonly caps: DeviceCaps;
  readonly slab: FrameSlab;
  readonly stats: Readonly<DeviceStats>;
  readonly #device: NetDevice;
  readonly #onFrame: FrameListener;
  readonly #offered: Uint8Array = new Uint8Array(SLOT_BYTES);

  constructor(device: NetDevice, onFrame: FrameListener) {
    this.#device = device;
    this.#onFrame = onFrame;
    this.name = device.name;
    this.mac = device.mac;
    this.caps = device.caps;
    this.slab = device.slab;
    this.stats = device.stats;
  }

  attach(host: DeviceHost): void {
    this.#device.attach({
      txWake: () => host.txWake(),
      receive: (packet, from) => {
        this.#onFrame(packet, 'rx');
        host.receive(packet, from);
      },
      down: (reason) => host.down(reason),
    });
  }

  startXmit(slot: number, xmitMore: boolean): NetdevTx {
    const { slab } = this;
    const start = slab.start[slot]!;
    const length = slab.end[slot]! - start;
    const offered = this.#offered;
    for (let i = 0; i < length; i++) offered[i] = slab.bytes[start + i]!;
    const result = this.#device.startXmit(slot, xmitMore);
    if (result === NETDEV_TX_OK) this.#onFrame(offered.subarray(0, length), 'tx');
    return result;
  }

  poll(): void {
    this.#device.poll();
  }

  close(): Promise<void> {
    return this.#device.close();
  }
}
