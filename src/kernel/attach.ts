/** A device and the kernel that it is given to: who calls whom. */
import { attachOnce } from '../net/attached.js';
import type { NetDevice } from '../net/device.js';
import type { Interface } from '../net/interface.js';
import type { KernelCore } from './core.js';

/** Wires a device to its interface; one that cannot be attached leaves no interface behind. */
export function attach(core: KernelCore, dev: Interface, device: NetDevice): void {
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
}
