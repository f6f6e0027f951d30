/**
 * A device with a listener, who is shown every frame that the device takes or brings in.
 *
 *   const eth0 = tapDevice(device, (frame, direction) => capture.push(frame.slice()));
 *
 * A frame that leaves is shown once, when the device has accepted it, as it was when it was
 * offered: a wrapper further in may change it.
 */

import { callback, checkArgument } from '../options.js';
import { aDevice, NETDEV_TX_OK, type NetDevice } from './device.js';
import type { Direction } from './fault-plan.js';
import { SLOT_BYTES } from './slab.js';
import { wrapDevice } from './wrap.js';

/**
 * Called with a frame, from where the medium begins; the bytes are valid during the call only. It
 * must not throw, nor call the device.
 */
export type FrameListener = (frame: Uint8Array, direction: Direction) => void;

/** Wraps `device`, which must not be attached and belongs to the wrapper from now on. */
export function tapDevice(device: NetDevice, onFrame: FrameListener): NetDevice & AsyncDisposable {
  checkArgument('tapDevice', 'device', device, aDevice);
  checkArgument('tapDevice', 'onFrame', onFrame, callback);
  const { slab } = device;
  const offered = new Uint8Array(SLOT_BYTES);
  return wrapDevice(device, {
    attach: (host) =>
      device.attach({
        txWake: () => host.txWake(),
        receive: (packet, from) => {
          onFrame(packet, 'rx');
          host.receive(packet, from);
        },
        down: (reason) => host.down(reason),
      }),
    startXmit: (slot) => {
      const start = slab.start[slot]!;
      const length = slab.end[slot]! - start;
      for (let i = 0; i < length; i++) offered[i] = slab.bytes[start + i]!;
      const result = device.startXmit(slot);
      if (result === NETDEV_TX_OK) onFrame(offered.subarray(0, length), 'tx');
      return result;
    },
  });
}
