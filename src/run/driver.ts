/**
 * Binds a kernel to a clock. The kernel has no time of its own; the driver hands it in.
 *
 *   stopped --start()--> running --stop()--> stopped
 *
 * A running driver sleeps until the kernel's `nextDeadline`, or until an input moves that deadline
 * (`onDeadline`), and then advances the kernel. In either state, whatever goes through the driver
 * (`call`, `printk`, what a device added here receives) first advances the kernel and is only then
 * handed to it, so that input happens at the right time.
 *
 * A kernel that slept inside a call (waiting for carrier) is ahead of the clock. The driver keeps
 * the difference (`skewUsec`) and adds it from then on, so that the kernel's time never goes back
 * and never stands still.
 *
 *   const driver = createDriver(kernel);
 *   driver.addDevice(device, { addresses: ['192.0.2.1/24'] });
 *   driver.start();
 *   driver.printk('hello\n', { level: 6 });
 *   driver.stop();
 */

import type { Kernel } from '../kernel/index.js';
import type { NetDevice } from '../net/device.js';
import type { Interface, InterfaceOptions } from '../net/interface.js';
import { wrapDevice } from '../net/wrap.js';
import { checkArgument, having } from '../options.js';
import type { PrintkOptions } from '../printk/printk.js';
import { type Clock, systemClock } from './clock.js';

/** Runs a kernel in the time of a clock. Disposing of a driver stops it. */
export interface Driver extends Disposable {
  /** The kernel, which stays the caller's. */
  readonly kernel: Kernel;
  readonly clock: Clock;
  /** The kernel's time minus the clock's, in microseconds. */
  readonly skewUsec: number;
  /** Adds a device as `kernel.addDevice` does. The device's callbacks advance the kernel first. */
  addDevice(device: NetDevice, options?: InterfaceOptions): Interface;
  /** Advances the kernel, then logs as `kernel.printk` does. */
  printk(text: string | Uint8Array, options?: PrintkOptions): number;
  /** Advances the kernel, then calls `fn`: `driver.call(() => kernel.batch(...))`. */
  call<T>(fn: () => T): T;
  /** Advances the kernel to the clock's present time. */
  advance(): void;
  /** Lets the kernel's timers fire from now on. Starting twice does nothing. */
  start(): void;
  /** Keeps timers from firing until the next `start`. Stopping twice does nothing. */
  stop(): void;
  /** Starts; stops and resolves when `signal` aborts. Keeps the process alive until then. */
  run(signal: AbortSignal): Promise<void>;
}

/** Makes a driver. The kernel goes on from its present time, and must have no other driver. */
export function createDriver(kernel: Kernel, clock: Clock = systemClock): Driver {
  checkArgument('createDriver', 'kernel', kernel, having('a kernel', 'advanceTo', 'nextDeadline'));
  checkArgument('createDriver', 'clock', clock, having('a clock', 'now', 'at'));
  return new KernelDriver(kernel, clock);
}

/** How often a driver without a deadline wakes, in microseconds, so that its process goes on. */
const IDLE_USEC = 3600e6;

class KernelDriver implements Driver {
  readonly kernel: Kernel;
  readonly clock: Clock;
  skewUsec: number;
  #running = false;
  #cancel: (() => void) | undefined;
  /** The deadline that `#cancel` waits for, in the kernel's time. */
  #armed: number | undefined;

  constructor(kernel: Kernel, clock: Clock) {
    this.kernel = kernel;
    this.clock = clock;
    this.skewUsec = kernel.now() - clock.now();
  }

  addDevice(device: NetDevice, options?: InterfaceOptions): Interface {
    this.advance();
    return this.kernel.addDevice(drivenDevice(device, this), options);
  }

  printk(text: string | Uint8Array, options?: PrintkOptions): number {
    this.advance();
    return this.kernel.printk(text, options);
  }

  call<T>(fn: () => T): T {
    this.advance();
    return fn();
  }

  advance(): void {
    const { kernel } = this;
    let now = this.clock.now() + this.skewUsec;
    if (now < kernel.now()) {
      this.skewUsec += kernel.now() - now;
      now = kernel.now();
    }
    if (now > kernel.now()) kernel.advanceTo(now);
    if (this.#running && kernel.nextDeadline() !== this.#armed) this.#arm(kernel.nextDeadline());
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.kernel.onDeadline = (next) => this.#arm(next);
    this.advance();
    this.#arm(this.kernel.nextDeadline());
  }

  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    this.kernel.onDeadline = undefined;
    this.#arm(undefined);
  }

  async run(signal: AbortSignal): Promise<void> {
    this.start();
    let rest: (() => void) | undefined;
    const idle = () => {
      rest = this.clock.at(this.clock.now() + IDLE_USEC, idle);
    };
    idle();
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    rest?.();
    this.stop();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /** Waits for the deadline `next` in place of the one before; for none if it is undefined. */
  #arm(next: number | undefined): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#armed = next;
    if (next === undefined || !this.#running) return;
    this.#cancel = this.clock.at(next - this.skewUsec, () => {
      this.#cancel = undefined;
      this.advance();
      this.#arm(this.kernel.nextDeadline());
    });
  }
}

/** Wraps a device so that its callbacks advance the kernel first. */
function drivenDevice(device: NetDevice, driver: KernelDriver): NetDevice {
  return wrapDevice(device, {
    attach: (host) =>
      device.attach({
        txWake() {
          driver.advance();
          host.txWake();
        },
        receive(packet, from) {
          driver.advance();
          host.receive(packet, from);
        },
        down(reason) {
          driver.advance();
          host.down(reason);
        },
      }),
  });
}
