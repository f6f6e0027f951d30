/** Connects a device or a console with its kernel: which of the two calls the other, and when. */

import type { Console } from '../console/index.js';
import { attachOnce } from '../net/attached.js';
import type { NetDevice } from '../net/device.js';
import type { Interface, InterfaceOptions } from '../net/interface.js';
import type { KernelCore } from './core.js';

/**
 * Makes an interface for a device and attaches the device. If attaching fails, the interface is
 * removed again.
 */
export function attachDevice(core: KernelCore, device: NetDevice, options: InterfaceOptions): Interface {
  const dev = core.netdevs.register(device, options);
  try {
    attachOnce(device, () => dev.registered && !core.closed, {
      txWake: () => core.interrupt(() => core.netpoll.txWake(dev)),
      receive: (packet, from) => core.interrupt(() => core.rx.receive(dev, packet, from)),
      down: () => core.interrupt(() => core.removeDevice(dev)),
    });
  } catch (error) {
    core.removeDevice(dev);
    throw error;
  }
  return dev;
}

/**
 * Registers a console, and returns the function that takes it off again. If the console throws
 * while it prints its first records, it is not added.
 */
export function attachConsole(core: KernelCore, con: Console): () => void {
  const before = core.consoles.isRegistered(con);
  try {
    core.call(() => core.consoles.register(con));
  } catch (error) {
    if (!before) core.consoles.forget(con);
    throw error;
  }
  return () => core.call(() => core.consoles.unregister(con));
}
