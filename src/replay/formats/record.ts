/**
 * Holds the record that every log format is read into, and the batch that carries records.
 *
 * A batch is a pool: the next batch uses its records and the bytes of their texts again. That
 * bounds memory and keeps the reader fast. `keepRecord` makes a copy that lasts.
 *
 * A pooled record is first taken (`next`) and filled by a parser, then committed (`commit`) and
 * visible in `records` until `clear`. A record that was taken but not committed is taken again.
 */
import type { LogProblems } from './problems.js';

/** One record of a kernel log. It is valid only until the next batch is asked for. */
export interface LogRecord {
  /** The number of the line on which the record begins, from 1; in a capture, of the frame. */
  readonly line: number;
  /** The number of the boot that the record belongs to, from 0 in the order of the log. */
  readonly boot: number;
  /** The record's sequence number, which only `/dev/kmsg` and extended netconsole keep. */
  readonly seq?: number | undefined;
  /** Microseconds since what `LogReader.origin` names. Absent: the line has no stamp. */
  readonly tsUsec?: number | undefined;
  /** Microseconds since 1970 by the clock of the log's writer, if the log has dates. */
  readonly timeUsec?: number | undefined;
  /** The level, 0 to 7. -1: the format does not tell it (`dmesg`). */
  readonly level: number;
  /** The facility; 0 is the kernel, and also the value if the format does not tell it. */
  readonly facility: number;
  /**
   * The text, of any bytes, with escapes decoded. A newline at its end is the text's own. The bytes
   * lie in the reader's memory.
   */
  readonly text: Uint8Array;
  /**
   * True for a fragment that the kernel could not join to the record before it (`/dev/kmsg` flag
   * `c` or `+`).
   */
  readonly cont: boolean;
  /** True if the flag is `+`: the text goes on with the record before (kernels before 4.14). */
  readonly continues: boolean;
  /**
   * How many records were lost just before this one, as a line of the log says (`** 3 printk
   * messages dropped **`).
   */
  readonly missed: number;
  /** The thread id, or 0x80000000 + CPU. Linux: struct printk_info caller_id. */
  readonly callerId?: number | undefined;
  /** The dictionary's SUBSYSTEM, as latin1. */
  readonly subsystem?: string | undefined;
  /** The dictionary's DEVICE, as latin1, such as `+pci:0000:00:1f.2`. */
  readonly device?: string | undefined;
  /** The rest of the dictionary, as latin1: userdata and sysdata of netconsole. */
  readonly dictionary?: Readonly<Record<string, string>> | undefined;
  /** The sender's `uname -r`, if its target prepends that. */
  readonly release?: string | undefined;
  /** The host that the log names as the record's origin. */
  readonly host?: string | undefined;
}

/** A record while a parser fills it. */
export type PooledRecord = { -readonly [K in keyof LogRecord]-?: LogRecord[K] } & {
  /** True if the log itself says that a boot begins with this record. */
  reboot: boolean;
};

/** What a log has told so far, beside its records. */
export interface LogCounts {
  /** How many boots the log holds; if it has several hosts, the sum of theirs. */
  boots: number;
  /** Those boots that show only by stamps going back, as the log has no seq. */
  bootsByStamp: number;
  /** How many hosts have records in the log, mixed with each other's; 1 if there is only one. */
  hosts: number;
  /** How many records the log says were lost. */
  dropped: number;
  /** How many records were left out as copies of earlier ones. */
  duplicates: number;
  /** How many records came behind later ones and were put back in order. */
  overtaken: number;
  /** How many records were joined from fragments. */
  joined: number;
  /** How many records lack fragments, and so were not handed out. */
  incomplete: number;
}

/** A batch is full at this many records, so that even a log of tiny lines stays bounded. */
const BATCH_RECORDS = 4096;
/** A longer line or record is broken. It is ten times what any kernel's reader buffer holds. */
export const RECORD_MAX_BYTES = 65536;
/** The size of the blocks by which the arena grows. */
const ARENA_BYTES = 2 * RECORD_MAX_BYTES;

const NO_TEXT = new Uint8Array(0);

/** Where parsers put records and problems until the reader has taken them. */
export class Batch {
  /** The records committed since `clear`. */
  readonly records: PooledRecord[] = [];
  /** How many lines have been read so far, over all batches. */
  line = 0;
  /** The lines that gave no record, over all batches; the reader's. */
  readonly problems: LogProblems;
  /** What the log has told, over all batches. */
  readonly counts: LogCounts = {
    boots: 0,
    bootsByStamp: 0,
    hosts: 1,
    dropped: 0,
    duplicates: 0,
    overtaken: 0,
    joined: 0,
    incomplete: 0,
  };
  readonly #pool: PooledRecord[] = [];
  /** Memory for texts that cannot stay in the window as they are. */
  readonly #arena: Buffer[] = [];
  #arenaAt = 0;
  #arenaUsed = 0;

  constructor(problems: LogProblems) {
    this.problems = problems;
  }

  /** Says whether the batch takes no more, so that the reader has to hand it out. */
  get full(): boolean {
    return this.records.length >= BATCH_RECORDS;
  }

  /** Takes the next free record and makes it blank. */
  next(): PooledRecord {
    const at = this.records.length;
    if (at === this.#pool.length) this.#pool.push(blankRecord());
    const record = this.#pool[at]!;
    record.boot = 0;
    record.reboot = false;
    record.seq = undefined;
    record.tsUsec = undefined;
    record.timeUsec = undefined;
    record.level = -1;
    record.facility = 0;
    record.cont = false;
    record.continues = false;
    record.missed = 0;
    record.callerId = undefined;
    record.subsystem = undefined;
    record.device = undefined;
    record.dictionary = undefined;
    record.release = undefined;
    record.host = undefined;
    return record;
  }

  /** Makes `record`, which `next` gave last, visible with this text. The text is not copied. */
  commit(record: PooledRecord, text: Uint8Array): void {
    record.text = text;
    this.records.push(record);
  }

  /** Returns `length` bytes, at most `RECORD_MAX_BYTES`, that keep their place until `clear`. */
  allocate(length: number): Uint8Array {
    const from = this.reserve(length);
    return this.memory.subarray(from, from + length);
  }

  /**
   * Reserves `length` bytes, at most `RECORD_MAX_BYTES`, until `clear`; returns where in `memory`.
   */
  reserve(length: number): number {
    if (this.#arenaUsed + length > ARENA_BYTES) {
      this.#arenaAt++;
      this.#arenaUsed = 0;
    }
    const from = this.#arenaUsed;
    this.#arenaUsed += length;
    return from;
  }

  /** The block of memory in which the last `reserve` lies. */
  get memory(): Buffer {
    const at = this.#arenaAt;
    this.#arena[at] ??= Buffer.allocUnsafeSlow(ARENA_BYTES);
    return this.#arena[at];
  }

  /** Empties the batch for the next chunk. Its records are kept for use again. */
  clear(): void {
    this.records.length = 0;
    this.#arenaAt = 0;
    this.#arenaUsed = 0;
  }
}

function blankRecord(): PooledRecord {
  return {
    line: 0,
    boot: 0,
    reboot: false,
    seq: undefined,
    tsUsec: undefined,
    timeUsec: undefined,
    level: -1,
    facility: 0,
    text: NO_TEXT,
    cont: false,
    continues: false,
    missed: 0,
    callerId: undefined,
    subsystem: undefined,
    device: undefined,
    dictionary: undefined,
    release: undefined,
    host: undefined,
  };
}

/** Returns a copy of `record`, text included, that stays valid. */
export function keepRecord(record: LogRecord): LogRecord {
  return { ...record, text: record.text.slice() };
}
