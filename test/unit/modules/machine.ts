/** A kernel with one card, as the byte tables have it: eth0, 52:54:00:12:34:56, 10.0.2.15. */
import { createKernel, type Kernel, type KernelOptions } from '../../../src/kernel/index.js';
import { createMemoryDevice, type MemoryDevice, type MemoryDeviceOptions } from '../../../src/net/memory.js';

export interface TestMachine {
  readonly kernel: Kernel;
  readonly eth0: MemoryDevice;
  /** The frames since the last call, as hex. */
  sent(): string[];
  /** The payloads since the last call, one character a byte. */
  payloads(): string[];
  /** The texts in the log, one a record. */
  log(): string[];
}

export function testMachine(options: KernelOptions, device: MemoryDeviceOptions = {}): TestMachine {
  const kernel = createKernel({ logBufShift: 14, ...options });
  const eth0 = createMemoryDevice('eth0', device);
  kernel.addDevice(eth0, { addresses: ['10.0.2.15/24'] });
  const take = () => eth0.frames.splice(0);
  return {
    kernel,
    eth0,
    sent: () => take().map((frame) => Buffer.from(frame).toString('hex')),
    payloads: () => take().map((frame) => Buffer.from(frame.subarray(42)).toString('latin1')),
    log: () =>
      [...kernel.kmsg.records()].map((record) =>
        Buffer.from(record)
          .toString()
          .replace(/^[^;]*;/, '')
          .replace(/\n$/, ''),
      ),
  };
}

/** Hex without its blanks. */
export function bytes(...parts: string[]): string {
  return parts.join('').replaceAll(' ', '');
}

export function ascii(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex');
}

/** Ethernet header of a broadcast from eth0. */
export const BROADCAST = 'ffffffffffff 525400123456 0800';
