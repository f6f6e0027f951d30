/**
 * The kernel, as verbs. Each verb opens the kernel's door by itself, and when it returns,
 * everything it caused is on the device or in a queue.
 *
 *   const kernel = createKernel({ profile: '6.12' });
 *   const eth0 = createMemoryDevice('eth0');
 *   kernel.addDevice(eth0, { addresses: ['10.0.2.15/24'] });
 *   kernel.insmod('netconsole', '+@/eth0,@10.0.2.2/');
 *   kernel.printk('\x016hello\n');                // eth0.frames has it
 *
 * The run contract:
 * 1. The kernel changes only when called.
 * 2. When a call returns, everything it caused is on the device or in a queue.
 * 3. `nextDeadline()` says when `advanceTo` must next be called. Early is harmless; late delays
 *    timers.
 * 4. `advanceTo` is how time passes; backwards throws RangeError. A call that sleeps in the kernel
 *    (waiting for carrier) moves time by itself.
 * 5. Advance, then deliver: input happens at the kernel's current time.
 * 6. Input can move the deadline: `onDeadline` reports it.
 * 7. A device may be done with a frame inside `startXmit`, but never calls `receive` or `txWake`
 *    there.
 * 8. `printk` called while a console prints only stores: who holds the console prints it later.
 * 9. From 7.0 on consoles print from threads: when the call that logged sleeps or returns.
 * 10. Timers due together run in expiry order, then arming order.
 *
 * Same inputs, same bytes.
 */
import type { Console } from '../console/index.js';
import type { LoadedModules, ModuleArgs, ModuleName } from '../modules/index.js';
import type { NetDevice } from '../net/device.js';
import type { Interface, InterfaceOptions } from '../net/interface.js';
import type { IpCalls } from '../net/netdevs.js';
import { changeAddresses, type TargetAddresses } from '../netpoll/addresses.js';
import type { PrintkOptions } from '../printk/printk.js';
import type { Task } from '../printk/record.js';
import { showAs } from '../show.js';
import type { Usec } from '../time/index.js';
import * as given from './arguments.js';
import { attachConsole, attachDevice } from './attach.js';
import { KernelCore } from './core.js';
import { type ConfigFsCalls, configFsCalls } from './fs.js';
import { inspectKernel, type KernelState, type KernelTally, kernelTally, tallyKernel } from './inspect.js';
import { type KmsgCalls, kmsgCalls } from './kmsg.js';
import { mute, skipTo } from './log.js';
import type { KernelOptions } from './options.js';
import type { PanicOptions, SysrqOptions } from './panic.js';

export type { ConfigFsCalls } from './fs.js';
export { addTally, type KernelState, type KernelTally, kernelTally } from './inspect.js';
export type { KmsgCalls } from './kmsg.js';
export type { KernelOptions } from './options.js';

/** The inside of a kernel, for rooms above that follow it closely. No entry point exports it. */
export let insideOf: (kernel: Kernel) => KernelCore;

/**
 * One emulated kernel. Once it is closed, every verb throws EBADF, except `printk`, which returns
 * 0, `inspect` and `close`. When a function of the caller's (a device, a console, a trace) throws,
 * its error comes out of the verb that called it, and the kernel stays usable.
 */
export class Kernel {
  readonly #core: KernelCore;

  /** As `createKernel`. */
  constructor(options: KernelOptions = {}) {
    this.#core = new KernelCore(options);
  }

  static {
    insideOf = (kernel) => kernel.#core;
  }

  /** Microseconds since boot. */
  now(): Usec {
    return this.#core.now();
  }

  /** The task that logs from now on. Linux: current, smp_processor_id(). */
  get current(): Task {
    return this.#core.current;
  }

  set current(task: Task) {
    this.#core.store.current = given.aTask(task);
  }

  /**
   * Logs a message: stores it, and prints it unless the console is taken. A string becomes UTF-8;
   * bytes are taken as they are, and copied. A line without a newline at its end waits for its
   * rest, or for the next message. Returns how many bytes of text were stored: 0 if there was no
   * room, or if the kernel is closed or dead. Throws TypeError or RangeError if the text or an
   * option has the wrong type or range.
   */
  printk(text: string | Uint8Array, options?: PrintkOptions): number {
    return this.#core.printk(text, options);
  }

  /**
   * Runs `fn` with the consoles held back: what it logs is stored, and leaves in one go when `fn`
   * returns. This is the way to full speed, as a hundred records share one lock and one flush.
   * Returns what `fn` returns; an error that `fn` throws is thrown after the flush. The caller sees
   * to it that the ring has room for all of the records, as the oldest would be lost before they
   * are printed.
   *
   *   kernel.batch(() => {
   *     for (const line of lines) kernel.printk(line);
   *   });
   */
  batch<T>(fn: () => T): T {
    return this.#core.batch(given.aFunction('batch', 'fn', fn));
  }

  /**
   * Keeps the kernel's own messages (of netconsole, of a panic) out of the log: from now on only
   * what is given to `printk` or written to /dev/kmsg takes a seq and leaves. Returns the function
   * that ends this.
   */
  mute(): () => void {
    return mute(this.#core);
  }

  /**
   * Gives the next record the seq `seq`; the seqs that are passed over count as lost, and an
   * unfinished line is finished. Throws RangeError unless `seq` is a whole number from the one that
   * would come next up to 2^53 - 1.
   */
  skipTo(seq: number): void {
    this.#core.call(() => skipTo(this.#core, seq));
  }

  /**
   * How many frames wait because their device was busy. The kernel offers them again when the
   * device wakes, and as time passes.
   */
  get queued(): number {
    return this.#core.netpoll.queued;
  }

  /**
   * Loads a module and returns it. `args` is the module's parameter, or an object of everything
   * that the module takes. Throws ENOENT if there is no such module, EEXIST if it is loaded
   * already, and whatever the module itself throws.
   *
   *   const { targets } = kernel.insmod('netconsole', '+@/eth0,@10.0.2.2/');
   */
  insmod<N extends ModuleName>(name: N, args?: ModuleArgs[N]): LoadedModules[N] {
    return this.#core.call(() => this.#core.modules.load(this.#core, given.aString('insmod', 'name', name), args));
  }

  /**
   * Unloads a module. Throws ENOENT if it is not loaded, and EAGAIN while there are directories
   * that users made in it.
   */
  rmmod(name: ModuleName): void {
    this.#core.call(() => this.#core.modules.unload(given.aString('rmmod', 'name', name)));
  }

  /** Reads and writes below the mount point of configfs. */
  get fs(): ConfigFsCalls {
    return configFsCalls(this.#core.configfs, (fn) => this.#core.call(fn));
  }

  /** /dev/kmsg: writes to the log and reads it, as user space does. */
  get kmsg(): KmsgCalls {
    return kmsgCalls(this.#core);
  }

  /**
   * Attaches a device and makes its interface. Throws EEXIST or EINVAL for the name, and EBUSY if
   * the device belongs to a kernel already.
   */
  addDevice(device: NetDevice, options: InterfaceOptions = {}): Interface {
    return this.#core.call(() => attachDevice(this.#core, device, options));
  }

  /** Unplugs a device (NETDEV_UNREGISTER). Frames that waited for it are dropped and counted. */
  removeDevice(dev: Interface): void {
    this.#core.call(() => this.#core.removeDevice(given.anInterface('removeDevice', dev)));
  }

  /**
   * Changes interfaces, as one call: `kernel.ip((ip) => ip.rename(eth0, 'wan0'))`. Returns what
   * `fn` returns.
   */
  ip<T>(fn: (ip: IpCalls) => T): T {
    return this.#core.call(() => given.aFunction('ip', 'fn', fn)(this.#core.netdevs));
  }

  /**
   * Changes where netconsole's targets send, while they run: `change` is given the addresses of
   * each target, and returns those that shall differ. The headers are written anew, and nothing is
   * logged. Throws EINVAL if one of them is not an address or a port.
   *
   *   kernel.retarget(() => ({ remoteIp: '192.0.2.9', remotePort: 7777 }));
   */
  retarget(change: (target: TargetAddresses) => Partial<TargetAddresses>): void {
    this.#core.call(() => {
      given.aFunction('retarget', 'change', change);
      for (const { np } of this.#core.modules.targets) changeAddresses(np, change);
    });
  }

  /**
   * Registers a console of the caller's. It prints from the next record on, or, with
   * CON_PRINTBUFFER, from the oldest that nobody has read. Throws EEXIST if it is registered
   * already. Returns the function that takes it off again.
   *
   *   kernel.addConsole({ name: 'mine', flags, emit: writing((bytes, start, end) => ...) });
   */
  addConsole(con: Console): () => void {
    return attachConsole(this.#core, given.aConsole('addConsole', con));
  }

  /**
   * Lets time pass until `now`, in microseconds since boot. Throws RangeError if `now` is not a
   * time, or lies before the kernel's own.
   */
  advanceTo(now: number): void {
    this.#core.advanceTo(now);
  }

  /** Returns when `advanceTo` must next be called; undefined if nothing waits. */
  nextDeadline(): Usec | undefined {
    return this.#core.nextDeadline();
  }

  /**
   * Called when an input has moved the deadline, at the end of that call, and never while time
   * passes.
   */
  get onDeadline(): ((next: Usec | undefined) => void) | undefined {
    return this.#core.onDeadline;
  }

  set onDeadline(fn: ((next: Usec | undefined) => void) | undefined) {
    this.#core.onDeadline = fn === undefined ? fn : given.aFunction('onDeadline', 'fn', fn);
  }

  /** Makes the kernel oops; `trace` logs the messages that belong to the oops. */
  oops(trace: () => void, regs?: Uint8Array): void {
    this.#core.call(() => this.#core.panics.oops(given.aFunction('oops', 'trace', trace), given.registers(regs)));
  }

  /**
   * Makes the kernel panic, and restart if it has a `panicTimeout`. From then on the kernel stores
   * nothing.
   */
  panic(message: string, options?: PanicOptions): void {
    this.#core.call(() =>
      this.#core.panics.panic(given.aString('panic', 'message', message), given.panicOptions(options)),
    );
  }

  /**
   * Presses a SysRq key: `0` to `9` set the console's loglevel, `c` panics, `y` makes netoops dump
   * the log. Any other key only logs its `header`.
   */
  sysrq(key: string, options: SysrqOptions = {}): void {
    this.#core.call(() => this.#core.panics.sysrq(given.aString('sysrq', 'key', key), given.sysrqOptions(options)));
  }

  /**
   * Returns a snapshot of the log, interfaces, consoles, targets and all counters, as plain data.
   */
  inspect(): KernelState {
    return inspectKernel(this.#core);
  }

  /**
   * Gives the memory back. This is optional: the garbage collector does it too, but later. Devices
   * stay open; frames that wait for them are dropped. A second call does nothing.
   */
  close(): void {
    this.#core.close();
  }

  /** As `close`, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Adds to `to` what `kernel` has sent and given up so far, and returns `to`. This costs less than
 * `inspect()`, for callers who ask often or sum up many kernels.
 */
export function tallyOf(kernel: Kernel, to: KernelTally = kernelTally()): KernelTally {
  return tallyKernel(insideOf(kernel), to);
}

showAs(Kernel, (kernel) => kernel.inspect());

/**
 * Boots a kernel: its log is empty, and it has no device and no module. Throws EINVAL for a wrong
 * option, by its name.
 */
export function createKernel(options: KernelOptions = {}): Kernel {
  return new Kernel(options);
}
