/**
 * What every log format is read into, and the batch that carries it.
 *
 * A batch is a pool: its records and the bytes of their texts are used again for the next one. That is what
 * keeps memory bounded and the reader fast; who wants to keep a record copies it (`keepRecord`).
 *
 * States of a pooled record: taken (`next`), being filled by a parser; committed (`commit`), visible in
 * `records` until `clear`. A record that was taken and not committed is simply taken again.
 */
import type { LogProblems } from './problems.js';

/** In the words of who wrote the log. */
export type LogFormat = '/dev/kmsg' | 'dmesg' | 'dmesg -r' | 'dmesg -x' | 'dmesg --json' | 'capture';

/** One record of a kernel log. Valid until the next batch is asked for. */
export interface LogRecord {
  /** Line of the file on which it begins, from 1. */
  readonly line: number;
  /** `/dev/kmsg` alone has it. */
  readonly seq?: number | undefined;
  /** Microseconds since boot. Absent: the log was made without stamps. */
  readonly tsUsec?: number | undefined;
  /** 0 to 7. -1: the format does not say (`dmesg`). */
  readonly level: number;
  /** 0 is the kernel; 0 too where the format does not say. */
  readonly facility: number;
  /** Escapes decoded, no newline at the end but those of the text itself. Any bytes. The reader's own memory. */
  readonly text: Uint8Array;
  /** A fragment that the kernel could not join to the record before it (`/dev/kmsg` flag `c` or `+`). */
  readonly cont: boolean;
  /** Thread id, or 0x80000000 + CPU. Linux: struct printk_info caller_id. */
  readonly callerId?: number | undefined;
  /** One character a byte, as in the dictionary. */
  readonly subsystem?: string | undefined;
  readonly device?: string | undefined;
}

/** A record as parsers fill it. */
export type PooledRecord = { -readonly [K in keyof LogRecord]-?: LogRecord[K] };

/** A batch is full at this many records, so that a log of tiny lines stays bounded too. */
export const BATCH_RECORDS = 4096;
/** A line or record over this is broken: ten times what any kernel's reader buffer holds. */
export const RECORD_MAX_BYTES = 65536;

const NO_TEXT = new Uint8Array(0);

export class Batch {
  /** What has been committed since `clear`. */
  readonly records: LogRecord[] = [];
  /** Lines read so far, over all batches. */
  line = 0;
  readonly problems: LogProblems;
  readonly #pool: PooledRecord[] = [];

  constructor(problems: LogProblems) {
    this.problems = problems;
  }

  get full(): boolean {
    return this.records.length >= BATCH_RECORDS;
  }

  /** The next free record, blank. */
  next(): PooledRecord {
    const at = this.records.length;
    if (at === this.#pool.length) this.#pool.push(blankRecord());
    const record = this.#pool[at]!;
    record.seq = undefined;
    record.tsUsec = undefined;
    record.level = -1;
    record.facility = 0;
    record.cont = false;
    record.callerId = undefined;
    record.subsystem = undefined;
    record.device = undefined;
    return record;
  }

  /** Makes what `next` gave last visible. */
  commit(record: PooledRecord, text: Uint8Array): void {
    record.text = text;
    this.records.push(record);
  }

  clear(): void {
    this.records.length = 0;
  }
}

function blankRecord(): PooledRecord {
  return {
    line: 0,
    seq: undefined,
    tsUsec: undefined,
    level: -1,
    facility: 0,
    text: NO_TEXT,
    cont: false,
    callerId: undefined,
    subsystem: undefined,
    device: undefined,
  };
}

/** A copy of `record`, text included, that stays valid. */
export function keepRecord(record: LogRecord): LogRecord {
  return { ...record, text: record.text.slice() };
}

/** Reads one format out of a window of bytes. */
export interface LogParser {
  /**
   * Reads the records that are complete in `bytes[at..end)` into `batch`, until it is full, and returns where the first
   * byte lies that it has not used up. It may change the bytes before that. `last`: nothing follows `end`.
   */
  parse(bytes: Buffer, at: number, end: number, last: boolean, batch: Batch): number;
}
