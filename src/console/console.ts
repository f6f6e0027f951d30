/**
 * What a console is, and what the registry asks of its kernel.
 *
 * Linux: include/linux/console.h struct console.
 */

import type { Heap } from '../memory/heap.js';
import { callback, checkArgument } from '../options.js';
import type { FormatOptions } from '../printk/format.js';
import type { PrintkRecord } from '../printk/record.js';
import type { RingReader } from '../printk/ring.js';
import type { UnfinishedLine } from '../printk/store/strategy.js';
import type { Profile } from '../profile/index.js';

/**
 * A console flag: it begins with the oldest record that nobody has read. Linux:
 * include/linux/console.h.
 */
export const CON_PRINTBUFFER = 1;
/** A console flag: it comes first, as the one that /dev/console leads to. */
export const CON_CONSDEV = 2;
/** A console flag: it prints. */
export const CON_ENABLED = 4;
/** A console flag: it is given records in the form of /dev/kmsg. */
export const CON_EXTENDED = 64;
/** A console flag: it prints from a thread of its own, without the console lock. */
export const CON_NBCON = 256;
/** A console flag: in a panic it prints only at the very end. */
export const CON_NBCON_ATOMIC_UNSAFE = 512;

/**
 * A formatted message, in the kernel's heap. It is valid until the next one is formatted. There is
 * room for 1000 bytes from `start` on; whoever takes the message may overwrite those behind `end`.
 */
export interface ConsoleMessage {
  /** The offset in the heap at which the message begins. */
  readonly start: number;
  /** The offset one past the message's last byte. */
  readonly end: number;
  /** The record it was made from. */
  readonly record: PrintkRecord;
}

/** A console's turn: records of the log, oldest first. `run.ts` */
export interface ConsoleRun extends ConsoleMessage {
  /** The heap's bytes. */
  readonly bytes: Uint8Array;
  /** The seq of the record that comes next. */
  readonly seq: number;
  /** How many records may still be printed in this turn. */
  readonly left: number;
  /** Records of this level and above are not for consoles, unless they are forced. */
  readonly loglevel: number;
  /**
   * Reads, filters and formats the next message, which the fields then describe. Returns false if
   * this turn has no more.
   */
  next(): boolean;
  /** Skips so many records, which the console has printed by itself. Only extended consoles may. */
  passed(records: number): void;
}

/** How a console writes one message, `bytes[start, end)`, both valid during the call only. */
export type ConsoleWrite = (bytes: Uint8Array, start: number, end: number, record: PrintkRecord) => void;

/** Makes the `emit` of a console that writes message by message. */
export function writing(write: ConsoleWrite): (run: ConsoleRun) => void {
  checkArgument('writing', 'write', write, callback);
  return (run) => {
    while (run.next()) write(run.bytes, run.start, run.end, run.record);
  };
}

/** A console: a name, flags, and the function that prints. Linux: struct console. */
export interface Console {
  /** At most 15 bytes, without the index that the kernel appends. */
  readonly name: string;
  /** The flags `CON_*`, added up. Registering adds CON_ENABLED. */
  flags: number;
  /**
   * Prints a run: takes messages with `run.next()` until there are no more, and may skip records
   * that it has printed by itself. It is called with the console lock held, and must not throw.
   */
  emit(run: ConsoleRun): void;
  /** Called after the last write of a flush, so that frames that were held back can leave. */
  flushed?(): void;
  /** Says whether the console wants messages now; if not, none is formatted. Default: true. */
  wants?(): boolean;
}

/** What the registry asks of its kernel. */
export interface ConsoleHost {
  /** The kernel's heap, where messages are formatted. */
  readonly heap: Heap;
  /** The log. */
  readonly ring: RingReader;
  /** What the kernel's version does. */
  readonly profile: Profile;
  /** How the lines of plain text begin, and whether records name their caller. */
  readonly format: FormatOptions;
  /** `unfinished` is the line that is not whole yet, in kernels before 5.10. */
  readonly store: { readonly unfinished: UnfinishedLine | undefined };
  /** Logs one of the kernel's own messages. */
  log(level: number, text: string): void;
}
