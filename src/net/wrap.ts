/**
 * A device around another: some of its functions are given here, and everything else is the inner
 * device's.
 *
 *   const quiet = wrapDevice(device, { poll: () => {} });
 *   const counted = wrapDevice(device, {
 *     startXmit(slot) {
 *       count++;
 *       return device.startXmit(slot);
 *     },
 *   });
 *
 * The slab, the counters and the capabilities are the inner device's. The inner device must not be
 * attached; it belongs to the wrapper from then on. Wrappers with a state of their own extend
 * `WrappedDevice`.
 */

import { callback, checkArgument, checkOptions, type OptionRules } from '../options.js';
import { refuseAttached } from './attached.js';
import {
  aDevice,
  type DeviceCaps,
  type DeviceHost,
  type DeviceStats,
  type NetDevice,
  type NetdevTx,
} from './device.js';
import type { FrameSlab } from './slab.js';

/** The functions that a wrapper replaces. */
export type DeviceOverrides = Partial<Pick<NetDevice, 'attach' | 'startXmit' | 'poll' | 'close'>>;

const RULES: OptionRules<DeviceOverrides> = {
  attach: callback,
  startXmit: callback,
  poll: callback,
  close: callback,
};

/** Makes a device of `inner`, with `overrides` in place of its own functions. */
export function wrapDevice(inner: NetDevice, overrides: DeviceOverrides): NetDevice & AsyncDisposable {
  checkArgument('wrapDevice', 'inner', inner, aDevice);
  checkOptions('wrapDevice', overrides, RULES);
  return Object.assign(new WrappedDevice(inner), overrides);
}

/** A device that hands everything on to `inner`; a name and an address may be its own. */
export class WrappedDevice implements NetDevice, AsyncDisposable {
  readonly name: string;
  readonly mac: Uint8Array;
  readonly caps: DeviceCaps;
  readonly slab: FrameSlab;
  /** The device that everything is handed on to. */
  protected readonly inner: NetDevice;

  constructor(inner: NetDevice, { name = inner.name, mac = inner.mac }: Partial<Pick<NetDevice, 'name' | 'mac'>> = {}) {
    refuseAttached('wrapDevice', inner);
    this.inner = inner;
    this.name = name;
    this.mac = mac;
    this.caps = inner.caps;
    this.slab = inner.slab;
  }

  get stats(): Readonly<DeviceStats> {
    return this.inner.stats;
  }

  attach(host: DeviceHost): void {
    this.inner.attach(host);
  }

  startXmit(slot: number): NetdevTx {
    return this.inner.startXmit(slot);
  }

  poll(): void {
    this.inner.poll();
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  /** As `close`, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
