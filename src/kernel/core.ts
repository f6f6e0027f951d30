/**
 * The inside of a kernel: its organs, wired together, and the two things that only all of them
 * together have: time, and what happens at the end of a call.
 *
 *   call(fn)    fn -> printer threads and workers, until none has anything left -> devices pushed out -> new deadline
 *   interrupt   the same, for a device that may outlive its kernel
 *   advanceTo   timers in order, each followed by threads and workers
 *
 * Users have `Kernel` (`index.ts`), modules have `KernelContext` (`context.ts`); this is what both
 * stand on.
 *
 * Over 300 lines: half of it names the organs and what each is told of the others.
 */
import { ConfigFs } from '../configfs/index.js';
import { ConsoleRegistry } from '../console/index.js';
import { KernelError } from '../errno.js';
import type { Heap } from '../memory/heap.js';
import { ModuleTable } from '../modules/index.js';
import { type Interface, Netdevs } from '../net/interface.js';
import { NetpollCore } from '../netpoll/index.js';
import { type RxHost, type RxListener, rxStats } from '../netpoll/rx.js';
import { KmsgDumpers } from '../printk/dump.js';
import type { FormatOptions } from '../printk/format.js';
import { Kmsg } from '../printk/kmsg.js';
import { type PrintkOptions, PrintkStore } from '../printk/printk.js';
import type { LogLevel, Task } from '../printk/record.js';
import type { Ringbuffer } from '../printk/ring.js';
import { type Profile, profile as profileByName } from '../profile/index.js';
import { type Jiffies, jiffiesToUsec, TimerBase, type Usec, usecToJiffies } from '../time/index.js';
import type { Kconfig, KernelContext, SysrqKey } from './context.js';
import {
  checkKernelOptions,
  checkPrintk,
  EMERGENCY_CAP,
  type KernelOptions,
  kconfigOf,
  noText,
  ringOf,
} from './options.js';
import { Panic } from './panic.js';

/** Who runs deferred work. */
const KWORKER: Task = { pid: 9, comm: 'kworker/u4:0', cpu: 0 };
const released = new FinalizationRegistry<Ringbuffer>((ring) => ring.release());

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
  readonly timers: TimerBase;
  readonly dumpers: KmsgDumpers = new KmsgDumpers();
  readonly sysrqKeys: Map<string, SysrqKey> = new Map();
  readonly listeners: Set<() => readonly RxListener[]> = new Set();
  readonly panics: Panic;
  readonly kconfig: Kconfig;
  readonly reliable: string | undefined;
  readonly emergencyCap: number;
  /** The receive path, and what it counted. */
  readonly rx: RxHost;
  /** Called when an input moved the deadline; never while time passes. */
  onDeadline: ((next: Usec | undefined) => void) | undefined;
  /** Called before the kernel sleeps, with until when. For scenarios that follow a log. */
  onSleep: ((until: Usec) => void) | undefined;
  /** Whether somebody's sleep is long enough for the printer threads. For the same; undefined: it is. */
  threadsRun: (() => boolean) | undefined;
  /** How many keep the kernel's own messages out of the log. */
  muted = 0;
  closed = false;
  #closing = false;
  #now: Usec;
  #depth = 0;
  /** Calls of `advanceTo` that have not returned. */
  #passing = 0;
  /** While the console is locked, printk only stores: before the printer threads. */
  readonly #storesOnly: boolean;
  readonly #works: (() => void)[] = [];
  #deadline: Usec | undefined;

  constructor(options: KernelOptions) {
    checkKernelOptions(options);
    this.profile = typeof options.profile === 'object' ? options.profile : profileByName(options.profile);
    this.release = options.release ?? this.profile.release;
    this.releasePrefix = new TextEncoder().encode(`${this.release},`);
    this.#storesOnly = !this.profile.nbcon;
    this.HZ = options.HZ ?? 250;
    this.#now = (options.startUsec ?? 0) as Usec;
    this.ring = ringOf(options, this.profile);
    released.register(this, this.ring, this);
    this.heap = this.ring.heap;
    this.kconfig = kconfigOf(options);
    const { caller } = this.kconfig;
    if (caller && !this.profile.callerField) {
      throw new KernelError(
        'EINVAL',
        'kernel',
        `kconfig.caller: Linux ${this.profile.name} has no CONFIG_PRINTK_CALLER, which came with 5.1`,
      );
    }
    this.format = { caller, time: options.time ?? this.profile.printkTime, syslog: options.syslogFormat ?? false };
    this.store = new PrintkStore(this.heap, this.ring, { profile: this.profile, caller }, this);
    this.timers = new TimerBase(usecToJiffies(this.#now, this.HZ));
    this.consoles = new ConsoleRegistry({
      heap: this.heap,
      ring: this.ring,
      profile: this.profile,
      format: this.format,
      unfinished: this.store.unfinished,
      log: (text) => this.log(6, text),
    });
    this.consoles.syslogSeq = options.firstSeq ?? 0;
    this.consoles.consoleLoglevel = options.loglevel ?? this.consoles.consoleLoglevel;
    this.consoles.ignoreLoglevel = options.ignoreLoglevel ?? false;
    this.store.extConsoles = () => this.consoles.hasExtended;
    this.kmsg = new Kmsg({
      profile: this.profile,
      store: this.store,
      format: this.format,
      HZ: this.HZ,
      jiffies: () => this.jiffies,
      checkOpen: () => this.#checkOpen(),
      emit: (text, o) => {
        this.printk(text, o);
      },
    });
    this.kmsg.mode = options.devkmsg ?? 'ratelimit';
    this.panics = new Panic(this);
    this.panics.timeout = options.panicTimeout ?? 0;
    this.netdevs = new Netdevs(() => this.#now, this.profile);
    this.netpoll = new NetpollCore(this);
    this.netpoll.carrierTimeout = options.carrierTimeout ?? this.netpoll.carrierTimeout;
    this.reliable = options.reliable;
    this.emergencyCap = options.emergencyCap ?? EMERGENCY_CAP;
    const { listeners, netpoll } = this;
    this.rx = {
      stats: rxStats(),
      answerArp: options.answerArp ?? this.reliable !== undefined,
      get listeners() {
        return [...listeners].flatMap((ask) => ask());
      },
      send: (dev, frame) => {
        netpoll.sendFrame(dev, frame);
      },
    };
  }

  now(): Usec {
    return this.#now;
  }

  get jiffies(): Jiffies {
    return usecToJiffies(this.#now, this.HZ);
  }

  get current(): Task {
    return this.store.current;
  }

  oopsInProgress(): boolean {
    return this.panics.inProgress > 0;
  }

  printk(text: string | Uint8Array, options?: PrintkOptions): number {
    if (typeof text !== 'string' && !(text instanceof Uint8Array)) throw noText(text);
    if (options !== undefined) checkPrintk(options);
    // Who has the console prints it later, and nothing else comes of it.
    if (this.consoles.locked && this.#storesOnly && this.#works.length === 0) return this.store.store(text, options);
    return this.#printkAndPrint(text, options);
  }

  /** Apart from `printk`, which is small enough to be inlined where it is called. */
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

  /** One of the kernel's own messages, one character a byte; a newline is added. */
  log(level: number, text: string, force = false): void {
    if (this.muted > 0) return;
    this.store.store(byteString(text.endsWith('\n') ? text : `${text}\n`), { level: level as LogLevel, force });
    this.consoles.printkStored();
  }

  /**
   * A piece of one of the kernel's own lines, which every console prints; without a level it
   * continues the one before.
   */
  logPiece(level: LogLevel | undefined, text: string): void {
    if (this.muted > 0) return;
    this.store.store(byteString(text), { ...(level === undefined ? { cont: true } : { level }), force: true });
    this.consoles.printkStored();
  }

  /**
   * One system call: what it leaves to threads and workers is done when it returns. EBADF once the
   * kernel is closed.
   */
  call<T>(fn: () => T): T {
    this.#enter();
    try {
      return fn();
    } finally {
      if (--this.#depth === 0) this.#settle();
    }
  }

  /** The same with the consoles held back until `fn` returns. */
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

  #checkOpen(): void {
    if (this.closed) throw new KernelError('EBADF', 'kernel', 'the kernel is closed: create another one');
  }

  #enter(): void {
    this.#checkOpen();
    this.netpoll.calls++;
    this.#depth++;
  }

  /** One interrupt of a device's. A kernel that is closed takes none. */
  interrupt(fn: () => void): void {
    if (!this.closed) this.call(fn);
  }

  /**
   * The end of the outermost call. What functions of the user's throw is thrown when all else is
   * done.
   */
  #settle(): void {
    const { consoles, netpoll } = this;
    if (consoles.canRun || this.#works.length > 0) {
      this.#depth++;
      try {
        while (consoles.canRun || this.#works.length > 0) this.#runOthers();
      } finally {
        this.#depth--;
        netpoll.flush();
      }
    } else {
      netpoll.flush();
    }
    if (this.#closing) this.#release();
    const fault = netpoll.takeFault();
    if (fault !== undefined) throw fault.error;
    if (this.onDeadline === undefined || this.#passing > 0) return;
    const next = this.nextDeadline();
    if (next === this.#deadline) return;
    this.#deadline = next;
    this.onDeadline(next);
  }

  /** Printer threads and workers have their turn. */
  #runOthers(): void {
    this.consoles.runThreads();
    const works = this.#works;
    if (works.length === 0) return;
    const { current } = this.store;
    this.store.current = KWORKER;
    try {
      // One that fails leaves the others for the next call.
      for (let work = works.shift(); work !== undefined; work = works.shift()) work();
    } finally {
      this.store.current = current;
    }
  }

  queueWork(fn: () => void): void {
    this.#works.push(fn);
  }

  delay(jiffies: number, fn: () => void): () => void {
    const timer = this.timers.setupTimer(fn);
    this.timers.modTimer(timer, (this.jiffies + jiffies) as Jiffies);
    return () => this.timers.delTimer(timer);
  }

  advanceTo(now: number): void {
    if (!(now >= this.#now && now <= Number.MAX_SAFE_INTEGER)) {
      throw new RangeError(`advanceTo(${now}): time goes on from ${this.#now} microseconds, and not back`);
    }
    this.#passing++;
    try {
      this.call(() => this.#pass(now));
    } finally {
      this.#passing--;
      this.#deadline = this.nextDeadline();
    }
  }

  #pass(until: number): void {
    const last = usecToJiffies(until, this.HZ);
    // A machine that restarts runs no timers any more.
    if (!this.panics.dead)
      for (let next = this.timers.nextExpiry(); next !== undefined && next <= last; next = this.timers.nextExpiry()) {
        // What a timer does may sleep, and so be later than `until` when it ends.
        this.#now = Math.max(this.#now, Math.min(jiffiesToUsec(next, this.HZ), until)) as Usec;
        this.timers.run(this.jiffies);
        this.#runOthers();
      }
    this.#now = Math.max(this.#now, until) as Usec;
    this.timers.jiffies = this.jiffies;
  }

  nextDeadline(): Usec | undefined {
    const next = this.panics.dead || this.closed ? undefined : this.timers.nextExpiry();
    return next === undefined ? undefined : (Math.max(this.#now, jiffiesToUsec(next, this.HZ)) as Usec);
  }

  sleepUntil(usec: number): void {
    // Who sleeps lets the threads run.
    if (this.threadsRun?.() ?? true) this.consoles.runThreads();
    const until = Math.max(usec, this.#now) as Usec;
    this.onSleep?.(until);
    if (until > this.#now) this.#pass(until);
    if (this.threadsRun?.() ?? true) this.consoles.runThreads();
  }

  /** Lets time pass with interrupts off: nothing else runs. */
  spinUntil(usec: number): void {
    this.#now = Math.max(usec, this.#now) as Usec;
  }

  /** Nothing is logged any more. Linux: suppress_printk. */
  suppress(): void {
    this.store.suppress = true;
  }

  removeDevice(dev: Interface): void {
    this.netdevs.unregister(dev);
    this.netpoll.forget(dev);
  }

  /**
   * Gives the memory back. Whatever is called afterwards finds no log, no console and no device.
   */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.suppress();
    this.consoles.clear();
    // A call that is under way still reads what would be given back.
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

/** What user space wrote is kept one character a byte, and said as those bytes. */
function byteString(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
