/** A device or a console, and the kernel that it is given to: who calls whom. */

import type { Console } from '../console/index.js';
import { attachOnce } from '../net/attached.js';
import type { NetDevice } from '../net/device.js';
import type { Interface, InterfaceOptions } from '../net/interface.js';
import type { KernelCore } from './core.js';

/** Makes a device and its interface one; a device that cannot be attached leaves no interface. */
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
 * Registers a console, and returns the function that takes it off again. A console that fails at
 * the first records that it is given is not added.
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
