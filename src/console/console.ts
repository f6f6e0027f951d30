/**
 * What a console is, and what the registry asks of its kernel.
 *
 * Linux: include/linux/console.h struct console.
 */
import type { Heap } from '../memory/heap.js';
import type { FormatOptions } from '../printk/format.js';
import type { PrintkRecord } from '../printk/record.js';
import type { RingReader } from '../printk/ring.js';
import type { UnfinishedLine } from '../printk/store/strategy.js';
import type { Profile } from '../profile/index.js';

export const CON_PRINTBUFFER = 1;
export const CON_CONSDEV = 2;
export const CON_ENABLED = 4;
export const CON_EXTENDED = 64;
export const CON_NBCON = 256;
export const CON_NBCON_ATOMIC_UNSAFE = 512;

/** Linux: struct console. */
export interface Console {
  /** At most 15 bytes, without the index that the kernel appends. */
  readonly name: string;
  flags: number;
  /**
   * Prints one formatted record, `bytes[start, end)`. Called with the console lock held; `bytes` and `record` are
   * valid during the call only. Must not throw.
   */
  write(bytes: Uint8Array, start: number, end: number, record: PrintkRecord): void;
  /**
   * Extended only: prints records by itself, from `seq` on, at most `max`; those of `loglevel` and above are not for it, unless forced (LOG_FORCE_CON). Returns
   * how many; it stops at one that must be read, filtered or formatted for it.
   */
  writeRecords?(seq: number, max: number, loglevel: number): number;
  /** After the last write of a flush: what was held back may leave. */
  flushed?(): void;
  /** False: `write` would do nothing with a record now, so it need not be formatted. Default: true. */
  wants?(): boolean;
}

export interface ConsoleHost {
  readonly heap: Heap;
  readonly ring: RingReader;
  readonly profile: Profile;
  readonly format: FormatOptions;
  /** Of a kernel before 5.10: the line that is not whole yet. */
  readonly unfinished: UnfinishedLine | undefined;
  /** Logs one of the kernel's own messages at level info. */
  log(text: string): void;
}
