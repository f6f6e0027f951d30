/**
 * One device for several kernels: a port for each, which is a device of its own to its kernel.
 *
 *   const shared = shareDevice(await openDevice('af-packet:veth0'));
 *   kernelA.addDevice(shared.port({ name: 'eth0', mac: macA }));
 *   kernelB.addDevice(shared.port({ name: 'eth0', mac: macB }));
 *   ...
 *   await shared.close();
 *
 * All ports build their frames in the device's one slab, and frames leave in the order in which the
 * ports offered them. An inbound frame goes to the port whose hardware address it is for, or to all
 * ports if it is for none of them (broadcast, multicast) or the medium has no Ethernet header. When
 * the device has room again, all ports are told, each time beginning with the next one, so that
 * none starves. When the device goes, all ports go.
 *
 * A port's `stats` count the frames that the device accepted from it, and those that were handed to
 * it; frames that the device lost afterwards stand in the device's own counts. Closing a port
 * leaves the device open; `close()` of the whole closes the device.
 */

import type { KernelError } from '../errno.js';
import { bytes, callback, checkArgument, checkOptions } from '../options.js';
import { refuseAttached } from './attached.js';
import {
  aDevice,
  type DeviceHost,
  type DeviceStats,
  deviceName,
  deviceStats,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
} from './device.js';
import { WrappedDevice } from './wrap.js';

/** How a port differs from its device. */
export interface PortOptions {
  /** The port's name. Default: the device's. */
  readonly name?: string;
  /** The port's hardware address, 6 bytes. Default: the device's. */
  readonly mac?: Uint8Array;
}

/** A port: to its kernel, a device of its own. */
export interface SharedPort extends NetDevice {
  /** Offers the frames that wait in the port's kernel to the device again. */
  wake(): void;
}

/** One device that the kernels of several hosts send through, each from a port of its own. */
export interface SharedDevice extends AsyncDisposable {
  /** The device that all ports send through. */
  readonly device: NetDevice;
  /** How many inbound frames were for no port. */
  readonly foreign: number;
  /** How many ports are attached to a kernel. */
  readonly ports: number;
  /** Why the device is gone; undefined while it is there. */
  readonly gone: KernelError | undefined;
  /**
   * Makes a port for one more kernel, at any time. Its name and hardware address are the device's
   * unless it is given others.
   */
  port(options?: PortOptions): SharedPort;
  /** Closes the device. */
  close(): Promise<void>;
}

/** Options of a shared device. */
export interface ShareOptions {
  /**
   * Called when the device goes. The ports, which may be many, are not told then: this function
   * closes their kernels.
   */
  readonly onDown?: (reason: KernelError) => void;
}

/** Shares `device`, which must not be attached and belongs to the ports from now on. */
export function shareDevice(device: NetDevice, options: ShareOptions = {}): SharedDevice {
  checkArgument('shareDevice', 'device', device, aDevice);
  checkOptions<ShareOptions>('shareDevice', options, { onDown: callback });
  return new Shared(device, options);
}

class Shared implements SharedDevice {
  readonly device: NetDevice;
  foreign = 0;
  /** The attached ports, in the order of attaching. */
  readonly #ports = new Set<Port>();
  readonly #byMac = new Map<number, Port[]>();
  #started = false;
  gone: KernelError | undefined;
  /** Which port is told first that there is room. */
  #turn = 0;

  readonly #onDown: ((reason: KernelError) => void) | undefined;

  constructor(device: NetDevice, options: ShareOptions) {
    refuseAttached('shareDevice', device);
    this.device = device;
    this.#onDown = options.onDown;
  }

  get ports(): number {
    return this.#ports.size;
  }

  port(options: PortOptions = {}): SharedPort {
    checkOptions<PortOptions>('port', options, { name: deviceName, mac: bytes(6) });
    return new Port(this, options);
  }

  close(): Promise<void> {
    return this.device.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  add(port: Port): void {
    this.#ports.add(port);
    const key = macKey(port.mac, 0);
    const same = this.#byMac.get(key);
    if (same === undefined) this.#byMac.set(key, [port]);
    else same.push(port);
    if (!this.#started) {
      this.#started = true;
      this.device.attach({
        txWake: () => this.#wake(),
        receive: (packet, from) => this.#receive(packet, from),
        down: (reason) => this.#down(reason),
      });
    } else if (this.gone !== undefined) {
      port.host?.down(this.gone);
    }
  }

  remove(port: Port): void {
    if (!this.#ports.delete(port)) return;
    const key = macKey(port.mac, 0);
    const rest = this.#byMac.get(key)!.filter((p) => p !== port);
    if (rest.length === 0) this.#byMac.delete(key);
    else this.#byMac.set(key, rest);
  }

  #wake(): void {
    const ports = [...this.#ports];
    const first = this.#turn++ % Math.max(1, ports.length);
    for (let i = 0; i < ports.length; i++) ports[(first + i) % ports.length]!.host?.txWake();
  }

  #receive(packet: Uint8Array, from?: { readonly ip: string; readonly port: number }): void {
    const whole = this.device.caps.medium !== 'ethernet';
    if (!whole && packet.length < 6) {
      this.foreign++;
      return;
    }
    const forAll = whole || (packet[0]! & 1) === 1;
    const ports = forAll ? [...this.#ports] : this.#byMac.get(macKey(packet, 0));
    if (ports === undefined) {
      this.foreign++;
      return;
    }
    for (const port of ports) port.deliver(packet, from);
  }

  #down(reason: KernelError): void {
    this.gone = reason;
    if (this.#onDown !== undefined) this.#onDown(reason);
    else for (const port of [...this.#ports]) port.host?.down(reason);
  }
}

/** A hardware address, 48 bits, as a number. */
function macKey(bytes: Uint8Array, at: number): number {
  let key = 0;
  for (let i = at; i < at + 6; i++) key = key * 256 + bytes[i]!;
  return key;
}

class Port extends WrappedDevice implements SharedPort {
  host: DeviceHost | undefined;
  readonly #shared: Shared;
  readonly #stats = deviceStats();

  constructor(shared: Shared, options: PortOptions) {
    super(shared.device, options);
    this.#shared = shared;
  }

  /** The port's own share of the device's counts. */
  override get stats(): DeviceStats {
    return this.#stats;
  }

  override attach(host: DeviceHost): void {
    this.host = host;
    this.#shared.add(this);
  }

  override startXmit(slot: number): NetdevTx {
    // Read before the frame is offered: afterwards the slot may be another frame's.
    const bytes = this.slab.end[slot]! - this.slab.start[slot]!;
    const status = this.inner.startXmit(slot);
    if (status === NETDEV_TX_OK) {
      this.#stats.txPackets++;
      this.#stats.txBytes += bytes;
    }
    return status;
  }

  wake(): void {
    this.host?.txWake();
  }

  deliver(packet: Uint8Array, from?: { readonly ip: string; readonly port: number }): void {
    this.#stats.rxPackets++;
    this.host?.receive(packet, from);
  }

  override close(): Promise<void> {
    this.#shared.remove(this);
    this.host = undefined;
    return Promise.resolve();
  }
}
