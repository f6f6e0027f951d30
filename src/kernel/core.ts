/**
 * The inside of a kernel: its parts, wired together, and the two things that concern all of them:
 * time, and what happens at the end of a call.
 *
 *   call(fn)    fn -> printer threads and workers, until none has anything left -> devices pushed out -> new deadline
 *   interrupt   the same, for a device that may outlive its kernel
 *   advanceTo   timers in order, each followed by threads and workers
 *
 * `Kernel` (`index.ts`) is for users, `KernelContext` (`context.ts`) for modules: both stand on it.
 */
import { ConfigFs } from '../configfs/index.js';
import { ConsoleRegistry } from '../console/index.js';
import { KernelError } from '../errno.js';
import type { Heap } from '../memory/heap.js';
import { ModuleTable } from '../modules/index.js';
import type { Interface } from '../net/interface.js';
import { Netdevs } from '../net/netdevs.js';
import { NetpollCore } from '../netpoll/index.js';
import { ReceivePath } from '../netpoll/rx.js';
import { KmsgDumpers } from '../printk/dump.js';
import type { FormatOptions } from '../printk/format.js';
import { Kmsg } from '../printk/kmsg.js';
import { type PrintkOptions, PrintkStore } from '../printk/printk.js';
import type { LogLevel, Task } from '../printk/record.js';
import type { Ringbuffer } from '../printk/ring.js';
import { type Profile, profile as profileByName } from '../profile/index.js';
import type { Jiffies, TimerBase, Usec } from '../time/index.js';
import { encodeText, latin1Bytes } from '../wire/text.js';
import { KernelClock } from './clock.js';
import type { Kconfig, KernelContext, SysrqKey } from './context.js';
import { checkKernelOptions, checkPrintk, type KernelOptions, kconfigOf, ringOf, setParameters } from './options.js';
import { Panic } from './panic.js';
import { Workers } from './workers.js';

const released = new FinalizationRegistry<Ringbuffer>((ring) => ring.release());

/** The inside of one kernel. `KernelContext` says what the members are that modules may use. */
export class KernelCore implements KernelContext {
  readonly profile: Profile;
  readonly release: string;
  readonly releasePrefix: Uint8Array;
  readonly HZ: number;
  readonly heap: Heap;
  readonly format: FormatOptions;
  readonly ring: Ringbuffer;
  readonly store: PrintkStore;
  readonly consoles: ConsoleRegistry;
  readonly kmsg: Kmsg;
  readonly netdevs: Netdevs;
  readonly netpoll: NetpollCore;
  readonly configfs: ConfigFs = new ConfigFs();
  readonly modules: ModuleTable = new ModuleTable();
  readonly clock: KernelClock;
  readonly timers: TimerBase;
  readonly dumpers: KmsgDumpers = new KmsgDumpers();
  readonly sysrqKeys: SysrqKey[] = [];
  readonly panics: Panic;
  readonly kconfig: Kconfig;
  readonly reliable: KernelContext['reliable'];
  readonly emergencyCap: number | undefined;
  readonly rx: ReceivePath;
  /** Called when an input has moved the deadline, but never while time passes. */
  onDeadline: ((next: Usec | undefined) => void) | undefined;
  /** Called before a sleep, with the time it ends, for scenarios that follow a log. */
  onSleep: ((until: Usec) => void) | undefined;
  /** For scenarios, too: whether a sleep lets the printer threads run. Undefined: it does. */
  threadsRun: (() => boolean) | undefined;
  /** How many callers of `mute` keep the kernel's own messages out of the log. */
  muted = 0;
  closed = false;
  #closing = false;
  #depth = 0;
  /** Calls of `advanceTo` that have not returned. */
  #passing = 0;
  /** Without printer threads, printk only stores while the console is locked. */
  readonly #storesOnly: boolean;
  readonly #workers = new Workers();
  #deadline: Usec | undefined;

  constructor(options: KernelOptions) {
    checkKernelOptions(options);
    this.profile = typeof options.profile === 'object' ? options.profile : profileByName(options.profile);
    this.release = options.release ?? this.profile.release;
    this.releasePrefix = encodeText(`${this.release},`);
    this.#storesOnly = !this.profile.nbcon;
    this.HZ = options.HZ ?? 250;
    this.clock = new KernelClock(this.HZ, options.startUsec ?? 0);
    this.timers = this.clock.timers;
    this.ring = ringOf(options, this.profile);
    released.register(this, this.ring, this);
    this.heap = this.ring.heap;
    this.kconfig = kconfigOf(options, this.profile);
    const { caller } = this.kconfig;
    this.format = { caller, time: options.time ?? this.profile.printkTime, syslog: options.syslogFormat ?? false };
    this.store = new PrintkStore(this.heap, this.ring, { profile: this.profile, caller }, this.clock);
    this.consoles = new ConsoleRegistry(this);
    this.store.extConsoles = () => this.consoles.hasExtended;
    this.kmsg = new Kmsg(this);
    this.panics = new Panic(this);
    this.netdevs = new Netdevs(() => this.clock.now(), this.profile);
    this.netpoll = new NetpollCore(this);
    this.reliable = options.reliable;
    this.emergencyCap = options.emergencyCap;
    this.rx = new ReceivePath(this.netpoll, { answerArp: options.answerArp ?? this.reliable !== undefined });
    setParameters(this, options);
  }

  now(): Usec {
    return this.clock.now();
  }

  get jiffies(): Jiffies {
    return this.clock.jiffies;
  }

  get current(): Task {
    return this.store.current;
  }

  oopsInProgress(): boolean {
    return this.panics.inProgress > 0;
  }

  printk(text: string | Uint8Array, options?: PrintkOptions): number {
    if (options !== undefined) checkPrintk(options);
    // Whoever holds the console prints the message later; there is nothing else to do.
    if (this.consoles.locked === true && this.#storesOnly === true && !this.#workers.busy)
      return this.store.store(text, options);
    return this.#printkAndPrint(text, options);
  }

  /** Separate from `printk`, which thus stays small enough to be inlined. */
  #printkAndPrint(text: string | Uint8Array, options?: PrintkOptions): number {
    this.#depth++;
    try {
      const stored = this.store.store(text, options);
      this.consoles.printkStored();
      return stored;
    } finally {
      if (--this.#depth === 0) this.#settle();
    }
  }

  log(level: number, text: string): void {
    this.#log(text.endsWith('\n') ? text : `${text}\n`, { level: level as LogLevel });
  }

  logPiece(level: LogLevel | undefined, text: string): void {
    this.#log(text, { ...(level === undefined ? { cont: true } : { level }), force: true });
  }

  #log(text: string, options: PrintkOptions): void {
    if (this.muted > 0) return;
    this.store.store(latin1Bytes(text), options);
    this.consoles.printkStored();
  }

  /** Runs `fn` as one system call, then threads and workers. Throws EBADF once closed. */
  call<T>(fn: () => T): T {
    this.#enter();
    try {
      return fn();
    } finally {
      if (--this.#depth === 0) this.#settle();
    }
  }

  /** As `call`, with the consoles held back until `fn` returns. */
  batch<T>(fn: () => T): T {
    this.#enter();
    try {
      const mine = this.consoles.trylock();
      try {
        return fn();
      } finally {
        if (mine) this.consoles.unlock();
      }
    } finally {
      if (--this.#depth === 0) this.#settle();
    }
  }

  #enter(): void {
    this.checkOpen();
    this.netpoll.calls++;
    this.#depth++;
  }

  /** Throws EBADF once the kernel is closed. */
  checkOpen(): void {
    if (this.closed) throw new KernelError('EBADF', 'kernel', 'the kernel is closed: create another one');
  }

  /** Runs `fn` as an interrupt of a device's; does nothing once the kernel is closed. */
  interrupt(fn: () => void): void {
    if (!this.closed) this.call(fn);
  }

  /** Ends the outermost call. An error that a device threw is thrown at the very end. */
  #settle(): void {
    const { consoles, netpoll } = this;
    if (consoles.canRun || this.#workers.busy) {
      this.#depth++;
      try {
        while (consoles.canRun || this.#workers.busy) this.#runOthers();
      } finally {
        this.#depth--;
        netpoll.flush();
      }
    } else {
      netpoll.flush();
    }
    if (this.#closing) this.#release();
    netpoll.throwFault();
    if (this.onDeadline === undefined || this.#passing > 0) return;
    const next = this.nextDeadline();
    if (next === this.#deadline) return;
    this.#deadline = next;
    this.onDeadline(next);
  }

  /** Lets printer threads and workers run. */
  #runOthers(): void {
    this.consoles.runThreads();
    this.#workers.run(this.store);
  }

  queueWork(fn: () => void): void {
    this.#workers.queue(fn);
  }

  delay(jiffies: number, fn: () => void): () => void {
    return this.clock.delay(jiffies, fn);
  }

  advanceTo(now: number): void {
    this.clock.checkNotBefore(now);
    this.#passing++;
    try {
      this.call(() => this.#pass(now));
    } finally {
      this.#passing--;
      this.#deadline = this.nextDeadline();
    }
  }

  #pass(until: number): void {
    // A machine that is restarting runs no timers.
    if (!this.panics.dead) this.clock.runTimers(until, () => this.#runOthers());
    this.clock.skipTo(until);
    this.timers.jiffies = this.jiffies;
  }

  nextDeadline(): Usec | undefined {
    return this.panics.dead || this.closed ? undefined : this.clock.nextExpiry();
  }

  sleepUntil(usec: number): void {
    // While a task sleeps, the printer threads run.
    if (this.threadsRun?.() ?? true) this.consoles.runThreads();
    const until = Math.max(usec, this.now()) as Usec;
    this.onSleep?.(until);
    if (until > this.now()) this.#pass(until);
    if (this.threadsRun?.() ?? true) this.consoles.runThreads();
  }

  spinUntil(usec: number): void {
    this.clock.skipTo(usec);
  }

  suppress(): void {
    this.store.suppress = true;
  }

  removeDevice(dev: Interface): void {
    this.netdevs.unregister(dev);
    this.netpoll.forget(dev);
  }

  /** Gives the memory back: afterwards there is no log, no console and no device. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.suppress();
    this.consoles.clear();
    // A call that has not returned still reads this memory; it is given back at its end.
    if (this.#depth > 0) this.#closing = true;
    else this.#release();
  }

  #release(): void {
    this.#closing = false;
    released.unregister(this);
    this.modules.release();
    this.netpoll.release();
    this.ring.release();
  }
}
