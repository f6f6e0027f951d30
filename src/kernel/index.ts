/**
 * The kernel: wires printk, consoles, netpoll and netconsole together, and keeps the run contract. The only file
 * that knows all of them.
 *
 *   const kernel = createKernel({ profile: '6.12' });
 *   const eth0 = createMemoryDevice('eth0');
 *   kernel.addDevice(eth0, { addresses: ['10.0.2.15/24'] });
 *   kernel.insmod('+@/eth0,@10.0.2.2/');
 *   kernel.printk('\x016hello\n');                // eth0.frames has it
 *
 * The run contract:
 *  1. The kernel changes only when called.
 *  2. When a call returns, everything it caused is on the device or in a queue.
 *  3. `nextDeadline()` says when `advanceTo` must next be called. Early is harmless; late delays timers.
 *  4. `advanceTo` is how time passes; backwards throws RangeError. A call that sleeps in the kernel (waiting for carrier)
 *     moves time by itself.
 *  5. Advance, then deliver: input happens at the kernel's current time.
 *  6. Input can move the deadline: `onDeadline` reports it.
 *  7. A device may be done with a frame inside `startXmit`, but never calls `receive` or `txWake` there.
 *  8. `printk` called while a console prints only stores: who holds the console prints it later.
 *  9. From 7.0 on consoles print from threads: when the call that logged sleeps or returns.
 * 10. Timers due together run in expiry order, then arming order.
 * Same inputs, same bytes.
 *
 * Over 300 lines: one class wires everything, and each of its options says what it is.
 */
import { ConfigFs } from '../configfs/index.js';
import { ConsoleRegistry } from '../console/index.js';
import { KernelError } from '../errno.js';
import type { Heap } from '../memory/heap.js';
import {
  isModule,
  type LoadedModule,
  type LoadedModules,
  type ModuleArgs,
  type ModuleName,
  ModuleTable,
} from '../modules/index.js';
import {
  EMG_TX_MAX_INTV,
  Netconsole,
  type NetconsoleHost,
  type ReliableDialect,
  reliableDialect,
} from '../modules/netconsole/index.js';
import type { NetDevice } from '../net/device.js';
import { type Interface, type InterfaceOptions, Netdevs } from '../net/interface.js';
import { changeAddresses, type TargetAddresses } from '../netpoll/addresses.js';
import { NetpollCore } from '../netpoll/index.js';
import { type RxHost, receive, rxStats } from '../netpoll/rx.js';
import { KmsgDumpers } from '../printk/dump.js';
import type { FormatOptions } from '../printk/format.js';
import { Kmsg } from '../printk/kmsg.js';
import { type PrintkOptions, PrintkStore } from '../printk/printk.js';
import type { LogLevel, Task } from '../printk/record.js';
import type { Ringbuffer } from '../printk/ring.js';
import { type Profile, profile as profileByName } from '../profile/index.js';
import { type Jiffies, jiffiesToUsec, TimerBase, type Usec, usecToJiffies } from '../time/index.js';
import { type ConfigFsCalls, configFsCalls } from './fs.js';
import { type KernelOptions, ringOf } from './options.js';
import { Panic, type PanicOptions, type SysrqOptions } from './panic.js';

export type { ConfigFsCalls } from './fs.js';
export type { KernelOptions } from './options.js';

/** Who runs deferred work. */
const KWORKER: Task = { pid: 9, comm: 'kworker/u4:0', cpu: 0 };
const released = new FinalizationRegistry<Ringbuffer>((ring) => ring.release());

export class Kernel implements NetconsoleHost {
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
  readonly configfs: ConfigFs;
  readonly netconsole: Netconsole;
  readonly timers: TimerBase;
  readonly dumpers: KmsgDumpers;
  readonly panics: Panic;
  readonly kconfig: { readonly dynamic: boolean; readonly extendedLog: boolean; readonly prependRelease: boolean };
  /** Called when an input moved the deadline; never from inside `advanceTo`. */
  onDeadline: ((next: Usec | undefined) => void) | undefined;
  /** Called before the kernel sleeps, with until when. For scenarios that follow a log. */
  onSleep: ((until: Usec) => void) | undefined;
  #now: Usec;
  #depth = 0;
  /** While the console is locked, printk only stores: before the printer threads. */
  readonly #storesOnly: boolean;
  /** The receive path, and what it counted. */
  readonly rx: RxHost;
  readonly reliable: ReliableDialect | undefined;
  readonly emergencyCap: number;
  readonly #modules = new ModuleTable();
  /** How many have muted the kernel's own messages. */
  #muted = 0;
  #works: (() => void)[] = [];
  #deadline: Usec | undefined;

  constructor(options: KernelOptions = {}) {
    this.profile = typeof options.profile === 'object' ? options.profile : profileByName(options.profile);
    this.release = options.release ?? this.profile.release;
    this.releasePrefix = new TextEncoder().encode(`${this.release},`);
    this.#storesOnly = !this.profile.nbcon;
    this.HZ = options.HZ ?? 250;
    this.#now = (options.startUsec ?? 0) as Usec;
    this.ring = ringOf(options, this.profile);
    this.heap = this.ring.heap;
    this.format = {
      caller: options.caller ?? false,
      time: options.time ?? this.profile.printkTime,
      syslog: options.syslogFormat ?? false,
    };
    this.kconfig = {
      dynamic: options.dynamic ?? true,
      extendedLog: options.extendedLog ?? false,
      prependRelease: options.prependRelease ?? false,
    };
    released.register(this, this.ring, this);
    this.store = new PrintkStore(this.heap, this.ring, { profile: this.profile, caller: this.format.caller }, this);
    this.timers = new TimerBase(usecToJiffies(this.#now, this.HZ));
    this.consoles = new ConsoleRegistry({
      heap: this.heap,
      ring: this.ring,
      profile: this.profile,
      format: this.format,
      log: (text) => this.log(6, text),
    });
    this.consoles.syslogSeq = options.firstSeq ?? 0;
    this.store.extConsoles = () => this.consoles.hasExtended;
    if (options.loglevel !== undefined) this.consoles.consoleLoglevel = options.loglevel;
    this.kmsg = new Kmsg({
      profile: this.profile,
      store: this.store,
      format: this.format,
      HZ: this.HZ,
      jiffies: () => usecToJiffies(this.#now, this.HZ),
      emit: (text, o) => {
        this.printk(text, o);
      },
    });
    this.kmsg.mode = options.devkmsg ?? 'ratelimit';
    this.dumpers = new KmsgDumpers();
    this.panics = new Panic({
      consoles: this.consoles,
      dumpers: this.dumpers,
      log: (level, text, force) => this.log(level, text, force),
      suppress: () => {
        this.store.suppress = true;
      },
      // With interrupts off nothing else runs.
      spinUntil: (usec) => {
        this.#now = Math.max(usec, this.#now) as Usec;
      },
      now: () => this.#now,
    });
    this.panics.timeout = options.panicTimeout ?? 0;
    this.netdevs = new Netdevs(() => this.#now);
    this.netpoll = new NetpollCore(this);
    this.configfs = new ConfigFs();
    this.reliable = options.reliable === undefined ? undefined : reliableDialect(options.reliable);
    this.emergencyCap = options.emergencyCap ?? EMG_TX_MAX_INTV;
    if (!(this.emergencyCap > 0 && Number.isFinite(this.emergencyCap))) {
      throw new KernelError('EINVAL', 'reliable', `emergencyCap ${this.emergencyCap}: a number of seconds above 0`);
    }
    this.netconsole = new Netconsole(this);
    const { netconsole, netpoll } = this;
    this.rx = {
      stats: rxStats(),
      answerArp: options.answerArp ?? this.reliable !== undefined,
      get listeners() {
        return netconsole.listeners;
      },
      send: (dev, frame) => {
        netpoll.sendFrame(dev, frame);
      },
    };
  }

  /** Microseconds since boot. */
  now(): Usec {
    return this.#now;
  }

  /** Who logs from now on. Linux: current, smp_processor_id(). */
  get current(): Task {
    return this.store.current;
  }

  set current(task: Task) {
    this.store.current = task;
  }

  oopsInProgress(): boolean {
    return this.panics.inProgress > 0;
  }

  /**
   * Logs a message: stores it, and prints it unless the console is taken. A string becomes UTF-8; bytes are taken as they
   * are, and copied. Returns the bytes of text stored. Never throws.
   */
  printk(text: string | Uint8Array, options?: PrintkOptions): number {
    // Who has the console prints it later, and nothing else comes of it.
    if (this.consoles.locked && this.#storesOnly && this.#works.length === 0) return this.store.store(text, options);
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
    if (this.#muted > 0) return;
    this.store.store(byteString(text.endsWith('\n') ? text : `${text}\n`), { level: level as LogLevel, force });
    this.consoles.printkStored();
  }

  /** Opens /dev/kmsg, writes once and closes. EINVAL over the limit. */
  kmsgWrite(data: string | Uint8Array): number {
    return this.call(() => {
      const file = this.kmsg.open();
      try {
        return file.write(data);
      } finally {
        file.close();
      }
    });
  }

  /** One system call or interrupt: what it leaves to threads and workers is done when it returns. */
  call<T>(fn: () => T): T {
    this.netpoll.calls++;
    this.#depth++;
    try {
      return fn();
    } finally {
      if (--this.#depth === 0) this.#settle();
    }
  }

  #settle(): void {
    const { consoles } = this;
    if (consoles.canRun || this.#works.length > 0) {
      this.#depth++;
      try {
        while (consoles.canRun || this.#works.length > 0) this.#runOthers();
      } finally {
        this.#depth--;
      }
    }
    this.netpoll.flush();
    if (this.onDeadline !== undefined) {
      const next = this.nextDeadline();
      if (next !== this.#deadline) {
        this.#deadline = next;
        this.onDeadline(next);
      }
    }
  }

  /** Printer threads and workers have their turn. */
  #runOthers(): void {
    this.consoles.runThreads();
    const works = this.#works;
    if (works.length === 0) return;
    this.#works = [];
    const { current } = this.store;
    this.store.current = KWORKER;
    try {
      for (const work of works) work();
    } finally {
      this.store.current = current;
    }
  }

  queueWork(fn: () => void): void {
    this.#works.push(fn);
  }

  delay(jiffies: number, fn: () => void): () => void {
    const timer = this.timers.setupTimer(fn);
    this.timers.modTimer(timer, (usecToJiffies(this.#now, this.HZ) + jiffies) as Jiffies);
    return () => this.timers.delTimer(timer);
  }

  /** Passes time to `now`, in microseconds since boot. RangeError if it goes backwards. */
  advanceTo(now: number): void {
    if (now < this.#now) throw new RangeError(`time goes backwards: ${now} after ${this.#now}`);
    const report = this.onDeadline;
    this.onDeadline = undefined;
    try {
      this.call(() => this.#pass(now));
    } finally {
      this.onDeadline = report;
      this.#deadline = this.nextDeadline();
    }
  }

  #pass(until: number): void {
    const last = usecToJiffies(until, this.HZ);
    // A machine that restarts runs no timers any more.
    if (!this.panics.dead)
      for (let next = this.timers.nextExpiry(); next !== undefined && next <= last; next = this.timers.nextExpiry()) {
        const at = Math.max(this.#now, jiffiesToUsec(next, this.HZ));
        this.#now = Math.min(at, until) as Usec;
        this.timers.run(usecToJiffies(this.#now, this.HZ));
        this.#runOthers();
      }
    this.#now = until as Usec;
    this.timers.jiffies = last;
  }

  /** When `advanceTo` must next be called; undefined: nothing waits. */
  nextDeadline(): Usec | undefined {
    const next = this.panics.dead ? undefined : this.timers.nextExpiry();
    return next === undefined ? undefined : (Math.max(this.#now, jiffiesToUsec(next, this.HZ)) as Usec);
  }

  get jiffies(): Jiffies {
    return usecToJiffies(this.#now, this.HZ);
  }

  sleepUntil(usec: number): void {
    // Who sleeps lets the threads run.
    this.consoles.runThreads();
    const until = Math.max(usec, this.#now) as Usec;
    this.onSleep?.(until);
    if (until > this.#now) this.#pass(until);
    this.consoles.runThreads();
  }

  /**
   * Loads a module and returns it. `args` is its parameter, or an object of what it takes. EEXIST if it is loaded
   * already, ENOENT if there is none of that name, and what the module's own loading throws.
   */
  insmod<N extends ModuleName>(name: N, args?: ModuleArgs[N]): LoadedModules[N];
  /** Loads netconsole with a parameter. See `Netconsole.load` for errors. */
  insmod(param?: string): Netconsole;
  insmod(first = '', args?: ModuleArgs[ModuleName]): LoadedModule {
    const name = isModule(first) ? first : 'netconsole';
    return this.call(() => this.#modules.load(this, name, isModule(first) ? (args ?? '') : first));
  }

  /** Takes a module out. ENOENT if it is not loaded, EAGAIN while directories that users made hold it. */
  rmmod(name: ModuleName = 'netconsole'): void {
    this.call(() => this.#modules.unload(name));
  }

  /**
   * Runs `fn` with the consoles held back: what it logs is stored, and leaves in one go when it returns. This is the
   * way to full speed: one lock and one flush for a hundred records cost what they cost for one. The ring must have
   * room for all of them, or the oldest are lost before they are printed.
   *
   *   kernel.batch(() => {
   *     for (const line of lines) kernel.printk(line);
   *   });
   */
  batch<T>(fn: () => T): T {
    return this.call(() => {
      const { consoles } = this;
      const mine = consoles.trylock();
      try {
        return fn();
      } finally {
        if (mine) consoles.unlock();
      }
    });
  }

  /**
   * From now on the kernel's own messages (of netconsole, of interfaces, of a panic) are not logged, so that only what
   * is given to `printk` and written to /dev/kmsg takes a seq and leaves. Returns what lifts that.
   */
  mute(): () => void {
    this.#muted++;
    let muted = true;
    return () => {
      if (muted) this.#muted--;
      muted = false;
    };
  }

  /**
   * The next record will have `seq`: those between count as lost. An unfinished line is finished. RangeError unless it is
   * a whole number from the seq that would come next up to 2^53 - 1.
   */
  skipTo(seq: number): void {
    if (!Number.isSafeInteger(seq) || seq < this.ring.nextSeq) {
      throw new RangeError(
        `skipTo(${seq}): a whole number from ${this.ring.nextSeq}, the next record's seq, is wanted`,
      );
    }
    this.call(() => {
      this.ring.skipTo(seq);
      this.consoles.printkStored();
    });
  }

  /** Frames that wait because their device was busy. They are offered again when it wakes, and by `advanceTo`. */
  get queued(): number {
    return this.netpoll.queued;
  }

  /**
   * Changes where netconsole's targets send, while they run: `change` is given what each target has, and returns what
   * is to be different. The headers are written anew; nothing is logged. EINVAL for what is no address or port.
   *
   *   kernel.retarget(() => ({ remoteIp: '192.0.2.9', remotePort: 7777 }));
   */
  retarget(change: (target: TargetAddresses) => Partial<TargetAddresses>): void {
    this.call(() => {
      for (const { np } of this.netconsole.targets) changeAddresses(np, change);
    });
  }

  /**
   * A SysRq key is pressed: `0` to `9` set the console's loglevel, `c` panics, `y` makes netoops dump its log. Of other
   * keys only `header` says something.
   */
  sysrq(key: string, options: SysrqOptions = {}): void {
    this.call(() => this.panics.sysrq(key, options.header ?? (() => {}), options.trace));
  }

  /** The kernel oopses; `trace` logs what it has to say. */
  oops(trace: () => void, regs?: Uint8Array): void {
    this.call(() => this.panics.oops(trace, regs));
  }

  /** The kernel panics, and with `panicTimeout` restarts: afterwards it stores nothing more. */
  panic(message: string, options?: PanicOptions): void {
    this.call(() => this.panics.panic(message, options));
  }

  /** Reading and writing below the mount point of configfs. */
  get fs(): ConfigFsCalls {
    return configFsCalls(this.configfs, (fn) => this.call(fn));
  }

  /** Attaches a device and makes its interface. EEXIST if the name is taken, EINVAL if it is no interface name. */
  addDevice(device: NetDevice, options: InterfaceOptions = {}): Interface {
    return this.call(() => {
      const dev = this.netdevs.register(device, options);
      device.attach({
        txWake: () => this.call(() => this.netpoll.txWake(dev)),
        receive: (packet, from) =>
          this.call(() => {
            if (!this.netpoll.taps.some((tap) => tap(dev, packet))) receive(this.rx, dev, packet, from);
          }),
        down: () => this.removeDevice(dev),
      });
      return dev;
    });
  }

  /** Hot-unplug: NETDEV_UNREGISTER. What waited for the device is dropped and counted. */
  removeDevice(dev: Interface): void {
    this.call(() => {
      this.netdevs.unregister(dev);
      this.netpoll.forget(dev);
    });
  }

  /** Any change of interfaces, as one call: `kernel.ip((ip) => ip.rename(eth0, 'wan0'))`. */
  ip<T>(fn: (netdevs: Netdevs) => T): T {
    return this.call(() => fn(this.netdevs));
  }

  /** Gives the ring's memory back; the kernel must not be used afterwards. Optional: the collector does it too. */
  close(): void {
    released.unregister(this);
    this.netconsole.release();
    this.ring.release();
  }
}

/** What user space wrote is kept one character a byte, and said as those bytes. */
function byteString(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** A kernel that has booted: nothing in its log, no device, netconsole not loaded. EINVAL for an unknown profile. */
export function createKernel(options: KernelOptions = {}): Kernel {
  return new Kernel(options);
}
