/** The parts of a log record. */
import type { Usec } from '../time/index.js';

/**
 * A severity as printk and syslog number it: 0 is the worst, 7 is for debugging. Linux:
 * include/linux/kern_levels.h.
 */
export type LogLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** The level of a message without one: default_message_loglevel decides. */
export const LOGLEVEL_DEFAULT = -1;
/** The level that an oops raises the console to. Linux: CONSOLE_LOGLEVEL_MOTORMOUTH. */
export const CONSOLE_LOGLEVEL_MOTORMOUTH = 15;

/**
 * A flag of the byte ring: the consoles have this record already. Linux: 1, which newer kernels
 * call LOG_FORCE_CON.
 */
export const LOG_NOCONS = 32;
/**
 * A flag of replayed records, not of Linux: the record's own flag is as the log has it, which the
 * records around it do not tell.
 */
export const LOG_OWN_CONT = 64;
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
  readonly pid: number;
  /** At most 15 bytes. */
  readonly comm: string;
  readonly cpu: number;
}

/**
 * Linux: struct printk_info. Differs: times are microseconds, the finest unit that either output
 * format prints.
 */
export interface PrintkInfo {
  /** From 0, exact to 2^53. */
  seq: number;
  tsUsec: Usec;
  textLen: number;
  facility: number;
  level: number;
  flags: number;
  /** Process id, or 0x80000000 + processor outside of a task. */
  callerId: number;
  cpu: number;
  dev: DevPrintkInfo | undefined;
  comm: string;
}

/**
 * A record as a reader has it, which every read fills in anew. `text` lies at `[textAt, textAt +
 * textLen)` of the ring's heap.
 */
export interface PrintkRecord extends PrintkInfo {
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
