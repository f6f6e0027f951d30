/**
 * How a ring's messages become records: what printk hands to the strategy of its ring, and what it
 * lends it.
 *
 *   whole.ts       rings of descriptors: one complete line, in one call of the lane; anything else it leaves to
 *   continued.ts   the same rings, step by step: reserve, continue, cut, commit
 *   bytes.ts       the byte ring: an unfinished line waits outside of it
 *
 * Linux: kernel/printk/printk.c vprintk_store().
 */
import type { Heap } from '../../memory/heap.js';
import type { Profile } from '../../profile/index.js';
import type { Usec } from '../../time/index.js';
import { encodeText } from '../../wire/text.js';
import type { DevPrintkInfo, LogLevel, Task } from '../record.js';

/** What may be said of a message beside its text. */
export interface PrintkOptions {
  /** 0 (the default): the kernel's own; 1..255: what user space writes. */
  readonly facility?: number;
  /** Overrides a level marker in the text. */
  readonly level?: LogLevel | undefined;
  /** The device it is about; cut to 15 and 47 bytes. Linux: dev_printk(). */
  readonly dev?: DevPrintkInfo | undefined;
  /** Who logs; default: the kernel's current task. */
  readonly task?: Task;
  /** For replaying: the record's own stamp instead of now. */
  readonly tsUsec?: number;
  /** For replaying: a caller id instead of the task's. */
  readonly callerId?: number | undefined;
  /**
   * A newline follows the text, which is a whole line that comes without its own: no copy is made
   * to add one.
   */
  readonly newline?: boolean;
  /** Every console prints it, whatever its level. Linux: printk_force_console_enter(). */
  readonly force?: boolean;
  /** For replaying: the record's own flag is `c`, or `+`, as kernels before 4.14 have it. */
  readonly cont?: boolean;
  /** For replaying, with `cont`: the flag is `+`. */
  readonly continues?: boolean;
}

/** The options of a message without any: who gets this very object looks at none of them. */
export const NO_OPTIONS: PrintkOptions = {};

/** What a strategy asks of printk. */
export interface StoreContext {
  /** The heap of the ring. */
  readonly heap: Heap;
  /** Bytes of a record's text at most, and one for a terminator. */
  readonly recordMax: number;
  /** What the kernel's version does. */
  readonly profile: Profile;
  /** Whether records keep the processor and the task's name. */
  readonly executionContext: boolean;
  /** Who logs now. */
  readonly current: Task;
  /** The level of a message that names none. */
  readonly defaultMessageLoglevel: number;
  /**
   * Called before a message is stored, with what it will be; may store others first, and returns
   * its stamp.
   */
  readonly onStore: ((text: Uint8Array, facility: number, level: number) => number | undefined) | undefined;
  /** Says whether an extended console is registered: the byte ring joins no lines then. */
  extConsoles(): boolean;
  /** Microseconds since boot. */
  now(): Usec;
}

/** A piece of a line that is not whole yet, for consoles. */
export interface UnfinishedPiece {
  /** The level of the line. */
  readonly level: number;
  /** Every console prints it, whatever its level. */
  readonly force: boolean;
  /** When the line began, in microseconds since boot. */
  readonly tsUsec: Usec;
  /** The line's first piece, which a stamp precedes. */
  readonly first: boolean;
  /** The bytes of the piece, with a newline if the line ends here. They belong to the caller. */
  readonly text: Uint8Array;
}

/** The line that the kernels before 5.10 keep back until it is whole, as consoles see it. */
export interface UnfinishedLine {
  /**
   * Whether a line is kept back: its record comes before the next message that does not continue
   * it.
   */
  readonly keeps: boolean;
  /**
   * Whether there is a piece that consoles do not have. If nothing of the line was printed yet, the
   * piece comes `after records`, all of them; else it comes `now`.
   */
  readonly unprinted: 'nothing' | 'after records' | 'now';
  /** Returns that piece, which counts as printed from now on. Linux: cont_print_text(). */
  takePiece(): UnfinishedPiece;
  /** Hears that all consoles have printed all there is. */
  allPrinted(): void;
}

/** One message's way into a ring. */
export interface StoreStrategy {
  /** Where lines are kept back outside of the ring. */
  readonly unfinished?: UnfinishedLine;
  /**
   * Stores `length` bytes of `src` from `from` on; returns the bytes of text stored, 0 if it was
   * lost. Never throws.
   */
  store(src: Uint8Array, from: number, length: number, options: PrintkOptions): number;
}

/**
 * The part of a ring that a message without room may take, so that one cannot push out all others.
 * Linux: truncate_msg().
 */
export const MAX_LOG_TAKE_PART = 4;
/** What ends such a message. */
export const TRUNCATED: Uint8Array = encodeText('<truncated>');

/** Returns a copy of `length` bytes of `src` from `from` on, and a newline. */
export function withNewline(src: Uint8Array, from: number, length: number): Uint8Array {
  const line = new Uint8Array(length + 1);
  line.set(src.subarray(from, from + length));
  line[length] = 0x0a;
  return line;
}

/**
 * Returns the id by which records name their caller: the pid, or 0x80000000 + processor outside of
 * a task. Linux: printk_caller_id().
 */
export function callerIdOf(task: Task): number {
  return task.pid > 0 ? task.pid : 0x80000000 + task.cpu;
}

/** Returns a device's names, cut to what a record keeps of them. Linux: struct dev_printk_info. */
export function cutDev(dev: DevPrintkInfo | undefined): DevPrintkInfo | undefined {
  return dev && { subsystem: dev.subsystem.slice(0, 15), device: dev.device.slice(0, 47) };
}
