/**
 * The inside of a kernel, as its modules see it: one interface, which users never get.
 *
 * A module is handed this context when it is loaded and keeps it until it is unloaded. A module
 * uses it only inside a call of the kernel's (`call` opens one), so that printer threads, workers
 * and devices have their turn when that call ends.
 */

import type { ConfigFs, ConfigGroup } from '../configfs/index.js';
import type { ConsoleRegistry } from '../console/index.js';
import type { NetpollCore, NetpollHost } from '../netpoll/index.js';
import type { ReceivePath } from '../netpoll/rx.js';
import type { OptionRules } from '../options.js';
import type { KmsgDumpers } from '../printk/dump.js';
import type { FormatOptions } from '../printk/format.js';
import type { LogLevel, Task } from '../printk/record.js';
import type { Ringbuffer } from '../printk/ring.js';
import type { Jiffies, TimerBase } from '../time/index.js';
import type { ReliableDialect } from '../wire/dialects.js';

/** What a module may use of its kernel: see the head of this file. */
export interface KernelContext extends NetpollHost {
  /** The records of the log. */
  readonly ring: Ringbuffer;
  /** How records are formatted: with or without their time, caller and level. */
  readonly format: FormatOptions;
  /** The consoles, the position of each in the log, and the lock that they share. */
  readonly consoles: ConsoleRegistry;
  /** What all netpolls of the kernel share. */
  readonly netpoll: NetpollCore;
  /** The tree of configfs, in which a module registers its directory. */
  readonly configfs: ConfigFs;
  /** Timers of the kernel, in jiffies. */
  readonly timers: TimerBase;
  /** The time in ticks since boot. */
  readonly jiffies: Jiffies;
  /** Functions that are called when the kernel oopses, panics, or is asked for its log. */
  readonly dumpers: KmsgDumpers;
  /** SysRq keys that modules bring. Linux: register_sysrq_key(). */
  readonly sysrqKeys: SysrqKey[];
  /** Takes the frames that come in. */
  readonly rx: ReceivePath;
  /** The release of utsname, which `uname -r` prints. */
  readonly release: string;
  /** The release as bytes, with the comma that follows it in messages. */
  readonly releasePrefix: Uint8Array;
  /** The task that runs now. Linux: current, smp_processor_id(). */
  readonly current: Task;
  /** What the kernel was built with, beside its version. */
  readonly kconfig: Kconfig;
  /**
   * The dialect of the reliable netconsole of 2015 that new targets speak. If it is undefined, the
   * kernel does not have that extension.
   */
  readonly reliable: ReliableDialect['name'] | undefined;
  /**
   * The longest interval between emergency transmissions of the extension, in seconds. If it is
   * undefined, the cap of the extension's own code counts.
   */
  readonly emergencyCap: number | undefined;
  /**
   * Logs one of the kernel's own messages and adds a newline. Each character of `text` is one byte.
   */
  log(level: number, text: string): void;
  /**
   * Logs a piece of a line. The line stays unfinished until a piece ends in a newline. Every
   * console prints the piece, whatever its level. A piece without a level continues the one before
   * it.
   */
  logPiece(level: LogLevel | undefined, text: string): void;
  /** Ends all logging: from this call on, nothing is stored. Linux: suppress_printk. */
  suppress(): void;
  /** Lets time pass with interrupts off: nothing else runs. */
  spinUntil(usec: number): void;
  /** Says whether the kernel oopses or panics now. Linux: oops_in_progress. */
  oopsInProgress(): boolean;
  /**
   * Runs `fn` as one system call or interrupt: when this returns, threads and workers have done
   * what `fn` left to them.
   */
  call<T>(fn: () => T): T;
}

/** A SysRq key: what is printed when it is pressed, and what it does. */
export interface SysrqKey {
  /** One character, as it is written to /proc/sysrq-trigger. */
  readonly key: string;
  /** What the key's header says that it does: "Trigger a soft dump". */
  readonly action: string;
  /** What the key does, after its header was logged. */
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

/** A module, as data. `Args` is what `insmod` takes after the name, `Shown` what it returns. */
export interface KernelModule<Args, Shown> {
  readonly name: string;
  /**
   * The kernel that it belongs to, as a profile's name. If it is undefined, every kernel since the
   * module's own time has it.
   */
  readonly kernel?: string;
  /** Rules for arguments that are given as an object. */
  readonly rules: OptionRules<Exclude<Args, string>>;
  /** Runs inside a call of the kernel's. If it throws, it leaves nothing behind. */
  load(context: KernelContext, args: Args): LoadedModule<Shown>;
}

/** What the table of modules keeps of a loaded module, and calls inside a call of the kernel's. */
export interface LoadedModule<Shown> {
  /** What `insmod` returns: nothing of it unloads the module. */
  readonly shown: Shown;
  /** The module's directory in configfs; rmmod refuses while users have directories in it. */
  readonly group?: ConfigGroup | undefined;
  /** Unloads the module, as rmmod does. */
  unload(): void;
  /** Gives back the memory that the module holds, as its kernel is closed. */
  release(): void;
}
