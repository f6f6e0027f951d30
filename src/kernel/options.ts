/** What a kernel is booted with. */
import { KernelError } from '../errno.js';
import { type Heap, heapFor } from '../memory/heap.js';
import type { DevkmsgMode } from '../printk/kmsg.js';
import { LogBuffer } from '../printk/logbuf.js';
import type { Ringbuffer } from '../printk/ring.js';
import { PrintkRingbuffer } from '../printk/ringbuffer.js';
import type { Profile } from '../profile/index.js';

export interface KernelOptions {
  /** A name such as '6.12', or the data itself. Default: the newest. */
  readonly profile?: string | Profile;
  /** What `uname -r` prints. Default: the profile's. */
  readonly release?: string;
  /** Default 250. */
  readonly HZ?: number;
  /** CONFIG_LOG_BUF_SHIFT: the text ring has 2^this bytes. 10 to 31, default 17. */
  readonly logBufShift?: number;
  /** CONFIG_PRINTK_CALLER. Default false. */
  readonly caller?: boolean;
  /** printk.time. Default true, false before 2.6.11. */
  readonly time?: boolean;
  /** console_msg_format=syslog. Default false. */
  readonly syslogFormat?: boolean;
  /** printk.devkmsg. Default 'ratelimit'. */
  readonly devkmsg?: DevkmsgMode;
  /** panic=: seconds to the reboot, 0 never, negative at once. Default 0. */
  readonly panicTimeout?: number;
  /** loglevel=. Default 7. */
  readonly loglevel?: number;
  /** CONFIG_NETCONSOLE_DYNAMIC, default true; _EXTENDED_LOG and _PREPEND_RELEASE, default false. */
  readonly dynamic?: boolean;
  readonly extendedLog?: boolean;
  readonly prependRelease?: boolean;
  /** Microseconds since boot at the start. Default 0. */
  readonly startUsec?: number;
  /** The seq of the first record. Default 0. For replaying a log that begins later. */
  readonly firstSeq?: number;
  /** Reliable netconsole of 2015: the dialect that extended targets speak. Default: off, it does not exist. */
  readonly reliable?: string;
  /** Cap of its emergency interval, in seconds. Default 1, as its code has it; its text says 10. */
  readonly emergencyCap?: number;
  /** Answer ARP requests for the source address of a target that listens. Default: with `reliable`. */
  readonly answerArp?: boolean;
  /** Where the ring lies; default: the process's heap. */
  readonly heap?: Heap;
}

/** Descriptors take twice as much beside a ring's text. */
const DESCRIPTORS_SHARE = 3;

/** The log of a kernel that boots. EINVAL for a size that it does not take. */
export function ringOf(options: KernelOptions, profile: Profile): Ringbuffer {
  const shift = options.logBufShift ?? 17;
  if (!Number.isInteger(shift) || shift < 10 || shift > 31) {
    throw new KernelError('EINVAL', 'setup_log_buf', `logBufShift ${shift}: a whole number from 10 to 31`);
  }
  const heap = options.heap ?? heapFor(2 ** shift * DESCRIPTORS_SHARE);
  const ring = profile.ring === 'log' ? new LogBuffer(heap, shift) : new PrintkRingbuffer(heap, shift, profile);
  if (options.firstSeq !== undefined) ring.startAt(options.firstSeq);
  return ring;
}
