/**
 * Makes a kernel with one interface and keeps what leaves it, for tests that drive the whole path.
 */
import { createKernel, type Kernel, type KernelOptions } from '../../src/kernel/index.js';
import type { Heap } from '../../src/memory/heap.js';
import type { Interface, InterfaceOptions } from '../../src/net/interface.js';
import { createMemoryDevice, type MemoryDevice, type MemoryDeviceOptions } from '../../src/net/memory.js';
import { createSlab } from '../../src/net/slab.js';
import { PROFILES } from '../../src/profile/index.js';
import { type Decoded, decodeFrame } from '../../src/wire/decode.js';
import { PcapWriter } from '../../src/wire/pcap.js';

/** The profiles from 4.2 on, the oldest first. */
export const MODERN: readonly string[] = PROFILES.map(({ name }) => name).filter(
  (name) => Number.parseInt(name, 10) >= 4,
);
/** Those of them whose log is the ring with descriptors. */
export const PRB: readonly string[] = PROFILES.filter(
  ({ name, ring }) => ring === 'prb' && Number.parseInt(name, 10) >= 4,
).map(({ name }) => name);

/** Options of `bench`: the kernel's, the device's and the interface's. */
export interface BenchOptions extends KernelOptions {
  readonly heap?: Heap;
  readonly device?: MemoryDeviceOptions;
  readonly slots?: number;
  /** The heap that the device's frames lie in. Default: `heap`, or else the device's own. */
  readonly slabHeap?: Heap;
  /** The options of the interface. */
  readonly dev?: InterfaceOptions;
}

/** A kernel with eth0, and what has left it. */
export interface Bench {
  readonly kernel: Kernel;
  readonly eth0: Interface;
  readonly device: MemoryDevice;
  /** Returns the frames that have left, decoded. */
  frames(): Decoded[];
  /**
   * Takes the frames that have left, and returns the UDP payloads (those to `port`, if it is given)
   * as text, one character for each byte.
   */
  take(port?: number): string[];
  /** Returns what /dev/kmsg shows, one string for each record, without the newline at its end. */
  log(): string[];
  /** Returns the texts of the log alone. */
  texts(): string[];
  /** Returns all frames as a capture file, stamped with the kernel's time. */
  pcap(): Buffer;
}

/**
 * Makes a kernel whose eth0 has 10.0.0.1 and is up with carrier. At its console level, 8,
 * everything is printed.
 */
export function bench(profile: string, options: BenchOptions = {}): Bench {
  const { device: deviceOptions, slots, slabHeap, dev, ...kernelOptions } = options;
  const kernel = createKernel({ devkmsg: 'on', loglevel: 8, startUsec: 1_000_000, ...kernelOptions, profile });
  const heap = slabHeap ?? options.heap;
  const slab = heap ? createSlab(slots ?? 64, heap) : undefined;
  const writer = new PcapWriter();
  const packets: Uint8Array[] = [];
  const device = createMemoryDevice('eth0', {
    mac: Uint8Array.of(0x52, 0x54, 0, 0, 0, 1),
    keep: true,
    onFrame: (frame) => packets.push(writer.record(frame, kernel.now())),
    ...(slab ? { slab } : {}),
    ...(slots && !slab ? { slots } : {}),
    ...deviceOptions,
  });
  const eth0 = kernel.addDevice(device, { addresses: ['10.0.0.1/24'], ...dev });
  const log = () =>
    [...kernel.kmsg.records()].map((record) => Buffer.from(record).toString('latin1').replace(/\n$/, ''));
  return {
    kernel,
    eth0,
    device,
    frames: () => device.frames.map((frame) => decodeFrame(frame)),
    take(port) {
      const decoded = device.frames.splice(0).map((frame) => decodeFrame(frame));
      return decoded
        .filter(({ udp }) => port === undefined || udp?.dstPort === port)
        .map(({ payload }) => Buffer.from(payload ?? []).toString('latin1'));
    },
    log,
    texts: () => log().map((record) => record.slice(record.indexOf(';') + 1)),
    pcap: () => Buffer.concat([writer.header(), ...packets]),
  };
}

/** A plain target on port 6666 and an extended one on 6667. */
export const BOTH = '@/eth0,6666@10.0.0.2/;+@/eth0,6667@10.0.0.3/';

/** Returns the name of the error that `fn` throws; `ok` if it throws none. */
export function errno(fn: () => unknown): string {
  try {
    fn();
    return 'ok';
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined) throw error;
    return code;
  }
}
