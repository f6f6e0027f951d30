/** The parts of a log record. */
import type { Usec } from '../time/index.js';

/**
 * A severity as printk and syslog number it: 0 is the worst, 7 is for debugging. Linux:
 * include/linux/kern_levels.h.
 */
export type LogLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** In place of a level: the message has none, and default_message_loglevel decides. */
export const LOGLEVEL_DEFAULT = -1;
/** The level that an oops raises the console to. Linux: CONSOLE_LOGLEVEL_MOTORMOUTH. */
export const CONSOLE_LOGLEVEL_MOTORMOUTH = 15;

/**
 * A flag of the byte ring: the consoles have this record already. Linux: 1, which newer kernels
 * call LOG_FORCE_CON.
 */
export const LOG_NOCONS = 32;
/**
 * A flag that Linux does not have: the record is replayed, and its fourth field in extended text is
 * `c`, as in the log it came from, whatever the records around it say.
 */
export const LOG_OWN_CONT = 64;
/** As `LOG_OWN_CONT`, but the field is `+`. */
export const LOG_OWN_MORE = 128;

export { LOG_CONT, LOG_FORCE_CON, LOG_NEWLINE, LOG_PREFIX } from '../lane/layout.js';

/** The device a record is about. Linux: struct dev_printk_info. */
export interface DevPrintkInfo {
  /** At most 15 bytes. */
  readonly subsystem: string;
  /** At most 47 bytes: "+pci:0000:00:03.0", "b8:0", "n2". */
  readonly device: string;
}

/** The task that logs, and its processor. Linux: current, smp_processor_id(). */
export interface Task {
  /** The process id; if it is 0, records name the processor as their caller. */
  readonly pid: number;
  /** The task's name, at most 15 bytes. */
  readonly comm: string;
  /** The number of the processor that the task runs on. */
  readonly cpu: number;
}

/**
 * The fields of a record. Linux: struct printk_info. Differs: times are microseconds, the finest
 * unit that either output format prints.
 */
export interface PrintkInfo {
  /** From 0, exact to 2^53. */
  seq: number;
  /** When the record was logged. */
  tsUsec: Usec;
  /** Bytes of text, without the newline at its end. */
  textLen: number;
  /** 0 for the kernel's own messages; else what user space gave, up to 255. */
  facility: number;
  /** The severity, 0 to 7: see `LogLevel`. */
  level: number;
  /** `LOG_CONT` and its like, added up. */
  flags: number;
  /** Process id, or 0x80000000 + processor outside of a task. */
  callerId: number;
  /** The processor that the task ran on; 0 if this kernel does not keep it. */
  cpu: number;
  /** The device that the record is about; undefined for most records. */
  dev: DevPrintkInfo | undefined;
  /** The name of the task that logged; empty if this kernel does not keep it. */
  comm: string;
}

/**
 * A record as a reader has it, which every read fills in anew. `text` lies at `[textAt, textAt +
 * textLen)` of the ring's heap.
 */
export interface PrintkRecord extends PrintkInfo {
  /** The offset in the ring's heap at which the text begins. */
  textAt: number;
}

/** Makes a record for a reader to fill in. */
export function printkRecord(): PrintkRecord {
  return {
    seq: 0,
    tsUsec: 0 as Usec,
    textLen: 0,
    facility: 0,
    level: 0,
    flags: 0,
    callerId: 0,
    cpu: 0,
    dev: undefined,
    comm: '',
    textAt: 0,
  };
}
