/**
 * What a workload is made of: the steps of one machine in order, each with the time that passes
 * before it.
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
  /** The level, 0 to 7. */
  readonly level: LogLevel;
  /** The text, without a newline at its end. */
  readonly text: string;
  /** 0, the default: the kernel itself logs. 1 to 23: user space wrote to /dev/kmsg. */
  readonly facility?: number;
  /** The device that the message is about. */
  readonly dev?: DevPrintkInfo;
  /** The task that logs. Default: the kernel's current one. */
  readonly task?: Task;
  /** Microseconds from the message before this one. Default 0. */
  readonly afterUsec?: number;
  /** Whether the line has no newline yet: the kernel keeps it open until the next message. */
  readonly unfinished?: boolean;
}

/** When a step happens. */
export interface Timed {
  /** Microseconds from the step before this one. Default 0. */
  readonly afterUsec?: number;
}

/** What happens on the machine. A step without `does` is a message. */
export type Step =
  | (Message & { readonly does?: undefined })
  /** The kernel oopses; the lines are its trace. */
  | (Timed & { readonly does: 'oops'; readonly lines: readonly Message[] })
  /** The kernel panics with a message; the lines are its trace. Only a reboot may follow. */
  | (Timed & { readonly does: 'panic'; readonly message: string; readonly lines: readonly Message[] })
  /** The lines are logged while the consoles get no turn, so a small ring loses the oldest. */
  | (Timed & { readonly does: 'stall'; readonly lines: readonly Message[] })
  /** The machine is off for `downUsec`, then boots with an empty log. */
  | (Timed & { readonly does: 'reboot'; readonly downUsec: number })
  /** The interface gets its carrier, or loses it. */
  | (Timed & { readonly does: 'carrier'; readonly up: boolean });

/** A machine, as far as its messages name it. */
export interface MachineFacts {
  /** The release, as `uname -r` prints it. */
  readonly release: string;
  /** How many processors it has. */
  readonly cpus: number;
  /** The size of its memory, in MiB. */
  readonly memoryMiB: number;
  /** The interface that the machine logs through. */
  readonly nic: string;
  /** The disk that disk errors are about, such as `sda`. */
  readonly disk: string;
}

/** The machine that messages name if they are given no other. */
export const DEFAULT_MACHINE: MachineFacts = {
  release: '6.12.0',
  cpus: 4,
  memoryMiB: 8192,
  nic: 'eth0',
  disk: 'sda',
};
