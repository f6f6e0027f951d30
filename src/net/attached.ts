/** Which devices are attached to a kernel, so that no second one takes them. */
import { KernelError } from '../errno.js';
import type { DeviceHost, NetDevice } from './device.js';

/** Whether the device is still there, by whoever attached it. */
const attached = new WeakMap<NetDevice, () => boolean>();

/** EBUSY for a device that a kernel has. */
export function refuseAttached(op: string, device: NetDevice): void {
  if (attached.get(device)?.() !== true) return;
  const remedy = 'give each kernel a port of shareDevice(device), or remove the device first';
  throw new KernelError('EBUSY', op, `${op}: the device ${device.name} is attached already; ${remedy}`);
}

/** Attaches `device` to `host`, which has it for as long as `holds` says so. EBUSY. */
export function attachOnce(device: NetDevice, holds: () => boolean, host: DeviceHost): void {
  refuseAttached('addDevice', device);
  device.attach(host);
  attached.set(device, holds);
}
