/**
 * The options that a kernel is booted with. Each is checked by its name, once, before anything is
 * made.
 */
import type { ConsoleRegistry } from '../console/index.js';
import { KernelError } from '../errno.js';
import { type Heap, heapFor } from '../memory/heap.js';
import type { NetpollCore } from '../netpoll/index.js';
import {
  checkOptions,
  either,
  flag,
  having,
  number,
  type OptionRules,
  oneOf,
  positive,
  shown,
  text,
  wholeNumber,
} from '../options.js';
import type { DevkmsgMode, Kmsg } from '../printk/kmsg.js';
import { LogBuffer } from '../printk/logbuf.js';
import type { PrintkOptions } from '../printk/printk.js';
import type { Ringbuffer } from '../printk/ring.js';
import { PrintkRingbuffer } from '../printk/ringbuffer.js';
import type { Profile } from '../profile/index.js';
import { RELIABLE_DIALECTS, type ReliableDialect } from '../wire/dialects.js';
import type { Kconfig } from './context.js';
import type { Panic } from './panic.js';

/** The options that a kernel is booted with: its version, its configuration, its command line. */
export interface KernelOptions {
  /** A name such as '6.12', or the data itself. Default: the newest. */
  readonly profile?: string | Profile;
  /** What `uname -r` prints. Default: the profile's. */
  readonly release?: string;
  /** How many ticks a second has, CONFIG_HZ: 1 to 10,000. Default 250. */
  readonly HZ?: number;
  /** CONFIG_LOG_BUF_SHIFT: the text ring has 2^this bytes. 10 to 28, default 17. */
  readonly logBufShift?: number;
  /** What this kernel was built with, beside its version. */
  readonly kconfig?: Partial<Kconfig>;
  /** printk.time. Default true, false before 2.6.11. */
  readonly time?: boolean;
  /** console_msg_format=syslog. Default false. */
  readonly syslogFormat?: boolean;
  /** printk.devkmsg. Default 'ratelimit'. */
  readonly devkmsg?: DevkmsgMode;
  /** panic=: seconds to the reboot, 0 never, negative at once. Default 0. */
  readonly panicTimeout?: number;
  /** loglevel=: consoles print only records whose level is a lower number. Default 7. */
  readonly loglevel?: number;
  /** ignore_loglevel: consoles get every record. Default false. */
  readonly ignoreLoglevel?: boolean;
  /** netpoll.carrier_timeout=: seconds that a target waits for its device. Default 4. */
  readonly carrierTimeout?: number;
  /** Microseconds since boot at the start. Default 0. */
  readonly startUsec?: number;
  /** The seq of the first record. Default 0. For replaying a log that begins later. */
  readonly firstSeq?: number;
  /**
   * Reliable netconsole of 2015: the dialect that extended targets speak. Default: the kernel does
   * not have the extension.
   */
  readonly reliable?: ReliableDialect['name'];
  /** Cap of its emergency interval, in seconds. Default 1, as its code has it; its text says 10. */
  readonly emergencyCap?: number;
  /**
   * Answer ARP requests for the source address of a target that listens. Default: with `reliable`.
   */
  readonly answerArp?: boolean;
  /** Where the ring lies. Default: the process's heap. */
  readonly heap?: Heap;
}

/** The largest ring whose descriptors still fit a heap beside it. */
const LOG_BUF_SHIFT_MAX = 28;

const KCONFIG: OptionRules<Kconfig> = { caller: flag, dynamic: flag, extendedLog: flag, prependRelease: flag };
const RULES: OptionRules<KernelOptions> = {
  profile: either(text, having('a profile', 'name', 'release', 'ring')),
  release: text,
  HZ: wholeNumber(1, 10_000),
  logBufShift: wholeNumber(10, LOG_BUF_SHIFT_MAX),
  kconfig: having('an object'),
  time: flag,
  syslogFormat: flag,
  devkmsg: oneOf('on', 'off', 'ratelimit'),
  panicTimeout: number(-Number.MAX_SAFE_INTEGER),
  loglevel: wholeNumber(-(2 ** 31)),
  ignoreLoglevel: flag,
  carrierTimeout: number(0),
  startUsec: number(0),
  firstSeq: wholeNumber(0),
  reliable: oneOf(...RELIABLE_DIALECTS.map((dialect) => dialect.name)),
  emergencyCap: positive,
  answerArp: flag,
  heap: having('a heap', 'alloc', 'bytes'),
};

/** Throws EINVAL for a wrong option, by its name. */
export function checkKernelOptions(options: KernelOptions): void {
  checkOptions('createKernel', options, RULES);
  if (options.kconfig !== undefined) checkOptions('createKernel', options.kconfig, KCONFIG);
}

/**
 * Checks the options of one message. Throws RangeError for a number that its field cannot hold, and
 * TypeError for a device without names. It must be cheap, as every record with options is checked.
 */
export function checkPrintk(options: PrintkOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`printk: the options are ${shown(options)}, not an object`);
  }
  const { tsUsec, level, facility, callerId, dev } = options;
  if (tsUsec !== undefined && !(typeof tsUsec === 'number' && tsUsec >= 0 && tsUsec <= Number.MAX_SAFE_INTEGER)) {
    throw wrong('tsUsec', tsUsec, 'microseconds from 0 to 2^53 - 1');
  }
  if (level !== undefined && !(typeof level === 'number' && level >= -1 && level <= 7 && level === (level | 0))) {
    throw wrong('level', level, 'a whole number from 0 to 7');
  }
  if (facility !== undefined && !(typeof facility === 'number' && facility >= 0 && facility === (facility | 0))) {
    throw wrong('facility', facility, 'a whole number from 0');
  }
  // 0x80000000 | cpu is a negative number in JavaScript, but has the same 32 bits.
  if (callerId !== undefined && !(typeof callerId === 'number' && callerId >= -0x80000000 && callerId <= 0xffffffff)) {
    throw wrong('callerId', callerId, 'a number of 32 bits');
  }
  if (dev !== undefined && (typeof dev?.subsystem !== 'string' || typeof dev.device !== 'string')) {
    throw new TypeError('printk: dev is not { subsystem, device }, two strings');
  }
}

function wrong(name: string, value: unknown, wanted: string): RangeError {
  return new RangeError(`printk: ${name} is ${shown(value)}, not ${wanted}`);
}

/** Throws EINVAL for an option that `profile` does not have. */
export function kconfigOf({ kconfig }: KernelOptions, profile: Profile): Kconfig {
  if (kconfig?.caller && !profile.callerField) {
    const why = `Linux ${profile.name} has no CONFIG_PRINTK_CALLER, which came with 5.1`;
    throw new KernelError('EINVAL', 'kernel', `kconfig.caller: ${why}`);
  }
  return {
    caller: kconfig?.caller ?? false,
    dynamic: kconfig?.dynamic ?? true,
    extendedLog: kconfig?.extendedLog ?? false,
    prependRelease: kconfig?.prependRelease ?? false,
  };
}

/** The parts of a kernel that its command line changes. */
interface Parts {
  readonly consoles: ConsoleRegistry;
  readonly kmsg: Kmsg;
  readonly panics: Panic;
  readonly netpoll: NetpollCore;
}

/** Applies the command line to parts that have been made. */
export function setParameters({ consoles, kmsg, panics, netpoll }: Parts, options: KernelOptions): void {
  consoles.syslogSeq = options.firstSeq ?? 0;
  consoles.consoleLoglevel = options.loglevel ?? consoles.consoleLoglevel;
  consoles.ignoreLoglevel = options.ignoreLoglevel ?? false;
  kmsg.mode = options.devkmsg ?? 'ratelimit';
  panics.timeout = options.panicTimeout ?? 0;
  netpoll.carrierTimeout = options.carrierTimeout ?? netpoll.carrierTimeout;
}

/** A ring's descriptors take twice as much memory as its text. */
const DESCRIPTORS_SHARE = 3;

/** Makes the log of a kernel that boots. Throws ENOMEM when there is no memory for it. */
export function ringOf({ logBufShift = 17, heap, firstSeq, kconfig }: KernelOptions, profile: Profile): Ringbuffer {
  const memory = heap ?? heapFor(2 ** logBufShift * DESCRIPTORS_SHARE);
  const ring =
    profile.ring === 'log'
      ? new LogBuffer(memory, logBufShift, kconfig)
      : new PrintkRingbuffer(memory, logBufShift, profile);
  if (firstSeq !== undefined) ring.startAt(firstSeq);
  return ring;
}
