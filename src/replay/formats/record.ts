/**
 * What every log format is read into, and the batch that carries it.
 *
 * A batch is a pool: its records and the bytes of their texts are used again for the next batch.
 * That keeps memory bounded and the reader fast; `keepRecord` makes a copy that lasts.
 *
 * States of a pooled record: taken (`next`) and being filled by a parser; committed (`commit`) and
 * visible in `records` until `clear`. A record that was taken and not committed is taken again.
 */
import type { LogProblems } from './problems.js';

/** One record of a kernel log. Valid until the next batch is asked for. */
export interface LogRecord {
  /** Line of the log on which the record begins, from 1. */
  readonly line: number;
  /** The boot that the record belongs to, from 0 in the order of the log. */
  readonly boot: number;
  /** Only `/dev/kmsg` and extended netconsole keep it. */
  readonly seq?: number | undefined;
  /** Microseconds, counted from what `LogReader.origin` says. Absent: the line has no stamp. */
  readonly tsUsec?: number | undefined;
  /** Microseconds since 1970 by the clock of who wrote the log, where the log has dates. */
  readonly timeUsec?: number | undefined;
  /** 0 to 7. -1: the format does not say (`dmesg`). */
  readonly level: number;
  /** 0 is the kernel; 0 too where the format does not say. */
  readonly facility: number;
  /**
   * Escapes decoded, no newline at the end but those of the text itself. Any bytes. The reader's
   * own memory.
   */
  readonly text: Uint8Array;
  /**
   * A fragment that the kernel could not join to the record before it (`/dev/kmsg` flag `c` or
   * `+`).
   */
  readonly cont: boolean;
  /** The flag is `+`: it goes on with the record before it (kernels before 4.14). */
  readonly continues: boolean;
  /**
   * Records lost just before this one, as a line of the log says (`** 3 printk messages dropped
   * **`).
   */
  readonly missed: number;
  /** Thread id, or 0x80000000 + CPU. Linux: struct printk_info caller_id. */
  readonly callerId?: number | undefined;
  /** One character a byte, as in the dictionary. */
  readonly subsystem?: string | undefined;
  readonly device?: string | undefined;
  /** What else the dictionary holds: userdata and sysdata of netconsole. One character a byte. */
  readonly dictionary?: Readonly<Record<string, string>> | undefined;
  /** `uname -r` of the sender, where a target prepends it. */
  readonly release?: string | undefined;
  /** The host that the writer of the log names. */
  readonly host?: string | undefined;
}

/** A record as parsers fill it. */
export type PooledRecord = { -readonly [K in keyof LogRecord]-?: LogRecord[K] } & {
  /** The log itself says that a boot begins with this record. */
  reboot: boolean;
};

/** What a log has told beside its records, so far. */
export interface LogCounts {
  /** Boots that the log holds; of several hosts, those of each. */
  boots: number;
  /** Boots that only a step back of the stamps tells, where the log has no seq. */
  bootsByStamp: number;
  /** Hosts whose records lie between each other's. 1 if there is no more. */
  hosts: number;
  /** Records that the log says were lost. */
  dropped: number;
  /** Copies of records that came before; they are left out. */
  duplicates: number;
  /** Records that came behind later ones; they are put in order again. */
  overtaken: number;
  /** Records joined out of fragments, and those of which fragments are missing. */
  joined: number;
  incomplete: number;
}

/** A batch is full at this many records, so that a log of tiny lines stays bounded too. */
export const BATCH_RECORDS = 4096;
/** A line or record over this is broken: ten times what any kernel's reader buffer holds. */
export const RECORD_MAX_BYTES = 65536;
/** The arena grows by so much. */
const ARENA_BYTES = 2 * RECORD_MAX_BYTES;

const NO_TEXT = new Uint8Array(0);

/** Where parsers put records and problems. */
export class Batch {
  /** What has been committed since `clear`. */
  readonly records: PooledRecord[] = [];
  /** Lines read so far, over all batches. */
  line = 0;
  readonly problems: LogProblems;
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
  /** Memory for texts that do not lie in the window as they are. */
  readonly #arena: Buffer[] = [];
  #arenaAt = 0;
  #arenaUsed = 0;

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

  /** Makes what `next` gave last visible. */
  commit(record: PooledRecord, text: Uint8Array): void {
    record.text = text;
    this.records.push(record);
  }

  /** So many bytes, at most `RECORD_MAX_BYTES`, that stay where they are until `clear`. */
  allocate(length: number): Uint8Array {
    const from = this.reserve(length);
    return this.memory.subarray(from, from + length);
  }

  /** Where in `memory` so many bytes are the caller's until `clear`; at most `RECORD_MAX_BYTES`. */
  reserve(length: number): number {
    if (this.#arenaUsed + length > ARENA_BYTES) {
      this.#arenaAt++;
      this.#arenaUsed = 0;
    }
    const from = this.#arenaUsed;
    this.#arenaUsed += length;
    return from;
  }

  /** What `reserve` gave last lies here. */
  get memory(): Buffer {
    const at = this.#arenaAt;
    this.#arena[at] ??= Buffer.allocUnsafeSlow(ARENA_BYTES);
    return this.#arena[at];
  }

  /** Empties the batch for the next chunk. Its records keep their memory. */
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

/** A copy of `record`, text included, that stays valid. */
export function keepRecord(record: LogRecord): LogRecord {
  return { ...record, text: record.text.slice() };
}
