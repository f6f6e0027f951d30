/**
 * The inside of a kernel, as its modules see it: one interface, which users never get.
 *
 * A module is handed this context when it is loaded and keeps it until it is unloaded. What it does
 * with it happens inside a call of the kernel's (`call` opens one), so that printer threads,
 * workers and devices have their turn when that call ends.
 */

import type { ConfigFs } from '../configfs/index.js';
import type { ConsoleRegistry } from '../console/index.js';
import type { NetpollCore, NetpollHost } from '../netpoll/index.js';
import type { ReceivePath } from '../netpoll/rx.js';
import type { OptionRules } from '../options.js';
import type { KmsgDumpers } from '../printk/dump.js';
import type { FormatOptions } from '../printk/format.js';
import type { LogLevel, Task } from '../printk/record.js';
import type { Ringbuffer } from '../printk/ring.js';
import type { Jiffies, TimerBase } from '../time/index.js';

export interface KernelContext extends NetpollHost {
  readonly ring: Ringbuffer;
  readonly format: FormatOptions;
  readonly consoles: ConsoleRegistry;
  readonly netpoll: NetpollCore;
  readonly configfs: ConfigFs;
  readonly timers: TimerBase;
  readonly jiffies: Jiffies;
  /** Who is told when the kernel oopses, panics, or is asked for its log. */
  readonly dumpers: KmsgDumpers;
  /** SysRq keys that modules bring. Linux: register_sysrq_key(). */
  readonly sysrqKeys: Map<string, SysrqKey>;
  /** What becomes of frames that come in. */
  readonly rx: ReceivePath;
  /** utsname's release; and as bytes, with the comma that follows it in messages. */
  readonly release: string;
  readonly releasePrefix: Uint8Array;
  /** Who runs just now. Linux: current, smp_processor_id(). */
  readonly current: Task;
  readonly kconfig: Kconfig;
  /**
   * The dialect of 2015's reliable netconsole that targets begin with; undefined: the extension
   * does not exist.
   */
  readonly reliable: string | undefined;
  /** Cap of its emergency interval, in seconds; undefined: the code's own. */
  readonly emergencyCap: number | undefined;
  /** Logs one of the kernel's own messages, one character a byte; a newline is added. */
  log(level: number, text: string): void;
  /**
   * Logs a piece of a line, unfinished unless a newline ends it, which every console prints
   * whatever its level; without a level it continues the piece before.
   */
  logPiece(level: LogLevel | undefined, text: string): void;
  /** Nothing is logged any more. Linux: suppress_printk. */
  suppress(): void;
  /** Lets time pass with interrupts off: nothing else runs. */
  spinUntil(usec: number): void;
  /** Linux: oops_in_progress. */
  oopsInProgress(): boolean;
  /**
   * One system call or interrupt: what it leaves to threads and workers is done when it returns.
   */
  call<T>(fn: () => T): T;
}

/** What is printed when the key is pressed, and what it does. */
export interface SysrqKey {
  readonly action: string;
  readonly handler: () => void;
}

/** What a kernel was configured with when it was built, beside its version. */
export interface Kconfig {
  /** CONFIG_PRINTK_CALLER: records say who logged them. Default false. */
  readonly caller: boolean;
  /** CONFIG_NETCONSOLE_DYNAMIC: targets can be made in configfs. Default true. */
  readonly dynamic: boolean;
  /** CONFIG_NETCONSOLE_EXTENDED_LOG: new targets are extended. Default false. */
  readonly extendedLog: boolean;
  /** CONFIG_NETCONSOLE_PREPEND_RELEASE: new targets put the release in front. Default false. */
  readonly prependRelease: boolean;
}

/** A module, as data. `Args`: what `insmod` takes after the name; `Loaded`: what it returns. */
export interface KernelModule<Args, Loaded extends LoadedModule> {
  readonly name: string;
  /**
   * The kernel that it belongs to, as a profile's name; undefined: every one since its own time.
   */
  readonly kernel?: string;
  /** What arguments may be that are an object. */
  readonly rules: OptionRules<Exclude<Args, string>>;
  /** Runs inside a call of the kernel's. What it throws leaves nothing behind. */
  load(context: KernelContext, args: Args): Loaded;
}

/** What a loaded module lets its kernel do with it, always inside a call of the kernel's. */
export interface LoadedModule {
  /** rmmod. Throws EAGAIN while directories that users made hold it. */
  unload(): void;
  /** The kernel is closed: gives back the memory that it holds. */
  release(): void;
}
