/**
 * What a workload is made of: steps of one machine, in order, each some time after the one before
 * it.
 *
 * A step is data, so that the same workload can be played into a kernel at once, scheduled among
 * ten thousand hosts, or written down as what a receiver must print. A step never depends on what
 * became of an earlier one.
 */
import type { DevPrintkInfo, LogLevel, Task } from '../printk/record.js';

/**
 * One `printk`. The text has no newline at its end; the player adds one unless the line is
 * unfinished.
 */
export interface Message {
  readonly level: LogLevel;
  readonly text: string;
  /** 0, the default: the kernel's own. 1 to 23: user space wrote the message to /dev/kmsg. */
  readonly facility?: number;
  readonly dev?: DevPrintkInfo;
  /** The task that logs; default: the kernel's current one. */
  readonly task?: Task;
  /** Microseconds since the message before it. Default 0. */
  readonly afterUsec?: number;
  /** The line has no newline yet: the kernel keeps it until the next message. */
  readonly unfinished?: boolean;
}

interface Timed {
  /** Microseconds since the step before it. Default 0. */
  readonly afterUsec?: number;
}

/** What happens on the machine. A step without `does` is a message. */
export type Step =
  | (Message & { readonly does?: undefined })
  /** The kernel oopses; the lines are its trace. */
  | (Timed & { readonly does: 'oops'; readonly lines: readonly Message[] })
  /** The kernel panics with a message; the lines are its trace. Nothing follows but a reboot. */
  | (Timed & { readonly does: 'panic'; readonly message: string; readonly lines: readonly Message[] })
  /** The lines are logged while the consoles get no turn, so that a small ring loses the oldest. */
  | (Timed & { readonly does: 'stall'; readonly lines: readonly Message[] })
  /** The machine is off for `downUsec`, and begins again with an empty log. */
  | (Timed & { readonly does: 'reboot'; readonly downUsec: number })
  /** The interface gets or loses its carrier. */
  | (Timed & { readonly does: 'carrier'; readonly up: boolean });

/** What a machine is, as far as its messages name it. */
export interface MachineFacts {
  /** `uname -r`. */
  readonly release: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  /** The interface that the machine logs through. */
  readonly nic: string;
  readonly disk: string;
}

/** The machine that messages name unless they are told of another. */
export const DEFAULT_MACHINE: MachineFacts = {
  release: '6.12.0',
  cpus: 4,
  memoryMiB: 8192,
  nic: 'eth0',
  disk: 'sda',
};
