/** Remembers which devices are attached to a kernel, so that no other kernel takes them. */
import { KernelError } from '../errno.js';
import type { DeviceHost, NetDevice } from './device.js';

/** For each device, a function of whoever attached it, which says whether it is still attached. */
const attached = new WeakMap<NetDevice, () => boolean>();

/** Throws EBUSY if a kernel has the device. */
export function refuseAttached(op: string, device: NetDevice): void {
  if (attached.get(device)?.() !== true) return;
  const remedy = 'give each kernel a port of shareDevice(device), or remove the device first';
  throw new KernelError('EBUSY', op, `${op}: the device ${device.name} is attached already; ${remedy}`);
}

/**
 * Attaches `device` to `host`, which has it for as long as `holds` says so. Throws EBUSY if a
 * kernel has the device already.
 */
export function attachOnce(device: NetDevice, holds: () => boolean, host: DeviceHost): void {
  refuseAttached('addDevice', device);
  device.attach(host);
  attached.set(device, holds);
}
