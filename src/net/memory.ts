/**
 * A wire in memory: frames are kept, or handed to whoever listens; nothing leaves the process.
 *
 *   const eth0 = createMemoryDevice('eth0', { onFrame: (frame) => ... });
 *   eth0.frames                        // copies of all that left, in order
 *   eth0.inject(frame)                 // an inbound frame
 *   eth0.busy = true                   // answers NETDEV_TX_BUSY until it is false again
 */
import { KernelError } from '../errno.js';
import {
  bytes,
  callback,
  checkArgument,
  checkOptions,
  flag,
  having,
  type OptionRules,
  oneOf,
  wholeNumber,
} from '../options.js';
import { showAs } from '../show.js';
import { formatMac } from '../wire/address.js';
import {
  type DeviceCaps,
  type DeviceHost,
  type DeviceStats,
  deviceName,
  deviceStats,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
  type NetdevTx,
} from './device.js';
import { createSlab, type FrameSlab, SLOT_COUNT } from './slab.js';

/** What a device in memory is like. Defaults: 52:54:00:12:34:56, MTU 1500, no padding. */
export interface MemoryDeviceOptions {
  /** The hardware address, 6 bytes. */
  readonly mac?: Uint8Array;
  /** The largest IP packet in bytes, 68 to 65,535. */
  readonly mtu?: number;
  /** Whether frames under 60 bytes are to be padded with zeros. */
  readonly padding?: DeviceCaps['padding'];
  /** Slots of the slab. Default 64. */
  readonly slots?: number;
  /** Where frames are built, in place of a slab of the device's own. The device releases it. */
  readonly slab?: FrameSlab;
  /** Whether a copy of every frame is kept in `frames`. Default: true without `onFrame`. */
  readonly keep?: boolean;
  /** Called with every frame, in place: the bytes are valid during the call only. */
  readonly onFrame?: (frame: Uint8Array) => void;
}

/** A NIC whose wire is an array: frames are kept as copies, or heard in place. */
export interface MemoryDevice extends NetDevice, Disposable, AsyncDisposable {
  /** Copies of the frames that left, in order; the caller may empty it. */
  readonly frames: Uint8Array[];
  /** While it is set, the device answers NETDEV_TX_BUSY. Clearing it wakes the queue. */
  busy: boolean;
  /** Hands an inbound frame to the kernel. Throws EBADF once the device is closed. */
  inject(frame: Uint8Array): void;
  /** Makes the NIC die. */
  fail(reason: KernelError): void;
}

class Memory implements MemoryDevice {
  readonly name: string;
  readonly mac: Uint8Array;
  readonly caps: DeviceCaps;
  readonly slab: FrameSlab;
  readonly stats: DeviceStats = deviceStats();
  readonly frames: Uint8Array[] = [];
  readonly #onFrame: ((frame: Uint8Array) => void) | undefined;
  readonly #keep: boolean;
  #host: DeviceHost | undefined;
  #busy = false;
  #closed = false;

  constructor(name: string, options: MemoryDeviceOptions) {
    this.name = name;
    this.mac = options.mac ?? Uint8Array.of(0x52, 0x54, 0x00, 0x12, 0x34, 0x56);
    this.caps = { medium: 'ethernet', mtu: options.mtu ?? 1500, padding: options.padding ?? 'none' };
    this.slab = options.slab ?? createSlab(options.slots ?? 64);
    this.#onFrame = options.onFrame;
    this.#keep = options.keep ?? options.onFrame === undefined;
  }

  get busy(): boolean {
    return this.#busy;
  }

  set busy(busy: boolean) {
    const was = this.#busy;
    this.#busy = busy;
    if (was && !busy) this.#host?.txWake();
  }

  attach(host: DeviceHost): void {
    this.#host = host;
  }

  startXmit(slot: number): NetdevTx {
    if (this.#busy) return NETDEV_TX_BUSY;
    const { slab } = this;
    const start = slab.start[slot]!;
    const end = slab.end[slot]!;
    this.stats.txPackets++;
    this.stats.txBytes += end - start;
    if (this.#keep) this.frames.push(slab.bytes.slice(start, end));
    try {
      if (this.#onFrame !== undefined) this.#onFrame(slab.bytes.subarray(start, end));
    } finally {
      slab.free(slot);
    }
    return NETDEV_TX_OK;
  }

  poll(): void {}

  inject(frame: Uint8Array): void {
    if (this.#closed) throw new KernelError('EBADF', 'inject', `the device ${this.name} is closed: create another one`);
    this.stats.rxPackets++;
    this.#host?.receive(frame);
  }

  fail(reason: KernelError): void {
    this.#host?.down(reason);
  }

  [Symbol.dispose](): void {
    void this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  close(): Promise<void> {
    this.#closed = true;
    this.slab.release();
    return Promise.resolve();
  }
}

const RULES: OptionRules<MemoryDeviceOptions> = {
  mac: bytes(6),
  mtu: wholeNumber(68, 65_535),
  padding: oneOf('none', 'zero60'),
  slots: SLOT_COUNT,
  slab: having('a slab', 'alloc', 'free', 'bytes'),
  keep: flag,
  onFrame: callback,
};

/**
 * Makes a device whose wire is this process's memory. Throws EINVAL for a wrong option, by its
 * name.
 */
export function createMemoryDevice(name = 'eth0', options: MemoryDeviceOptions = {}): MemoryDevice {
  checkArgument('createMemoryDevice', 'name', name, deviceName);
  checkOptions('createMemoryDevice', options, RULES);
  return new Memory(name, options);
}

showAs(Memory, ({ name, mac, caps, slab, stats, frames, busy }) => ({
  name,
  mac: formatMac(mac),
  ...caps,
  busy,
  slots: slab.count,
  inUse: slab.inUse,
  frames: frames.length,
  stats: { ...stats },
}));
