/**
 * Reads what pstore has kept of a crash: parts of the log, each with a head, from the files in
 * `/sys/fs/pstore` or from ramoops' memory.
 *
 *   ====1234.567000-D                            ramoops' memory
 *   Panic#1 Part1
 *   <4>[  105.480943][    C2] text
 *
 * Part 1 is the newest, and `cat` puts it first. The parts of a dump are put in order of time, as
 * long as all of them fit into `ORDERED_BYTES`.
 */

import { RAW_RULES } from './dmesg-raw.js';
import type { LogFormat, LogHead } from './format.js';
import { KernelLines } from './kernel-lines.js';
import { view } from './lines.js';
import type { Batch, PooledRecord } from './record.js';
import { latin1 } from './stamp.js';

const PART = /^([A-Z][a-z]+#\d+) Part(\d+)$/;
const RAMOOPS = /^====\d+\.\d+(?:-[A-Z])?$/;
const LINE = /^<-?\d{1,4}>|^\[ *\d+\.\d{6}\]/;
const HEAD_MAX_BYTES = 64;
/** What a held record is reckoned to cost beside its text. */
const RECORD_BYTES = 200;
const ORDERED_BYTES = 16 * 1024 * 1024;

/** Texts are kept in runs of this many bytes, because an allocation for each would be slow. */
const RUN_BYTES = 1024 * 1024;
/**
 * The count of numbers kept of a record: its line, level, facility, stamp, caller and lost records,
 * and the run, place and length of its text.
 */
const KEPT_NUMBERS = 9;

/** The records of a part, as numbers: an object for each would cost more than reading it. */
interface Part {
  readonly dump: number;
  readonly number: number;
  readonly kept: number[];
}

function known(value: number): number | undefined {
  return value < 0 ? undefined : value;
}

class PstoreLines extends KernelLines {
  #parts: Part[] = [];
  /** The numbers of the current dump's parts, which come once each. */
  readonly #numbers = new Set<number>();
  #runs: Uint8Array[] = [];
  #used = 0;
  #dump = '';
  #dumps = 0;
  #bytes = 0;

  protected override other(bytes: Buffer, start: number, end: number, batch: Batch, reason?: string): void {
    const text = latin1(bytes, start, Math.min(end, start + HEAD_MAX_BYTES));
    const part = PART.exec(text);
    super.other(bytes, start, end, batch, part !== null || RAMOOPS.test(text) ? 'the head of a part' : reason);
    if (part === null) return;
    const number = Number(part[2]);
    if (part[1] !== this.#dump || this.#numbers.has(number)) {
      this.#dumps++;
      this.#numbers.clear();
    }
    this.#dump = part[1]!;
    this.#numbers.add(number);
    this.#parts.push({ dump: this.#dumps, number, kept: [] });
    this.#bytes += RECORD_BYTES;
    if (this.#bytes > ORDERED_BYTES) this.ended(batch);
  }

  protected override finish(window: Buffer, record: PooledRecord, batch: Batch): void {
    super.finish(window, record, batch);
    const part = this.#parts.at(-1);
    if (part === undefined) return;
    batch.records.pop();
    this.#keep(record, part);
    this.#bytes += record.text.length + RECORD_BYTES;
    if (this.#bytes > ORDERED_BYTES) this.ended(batch);
  }

  #keep({ line, level, facility, tsUsec = -1, callerId = -1, missed, text }: PooledRecord, { kept }: Part): void {
    if (this.#runs.length === 0 || this.#used + text.length > RUN_BYTES) {
      this.#runs.push(new Uint8Array(RUN_BYTES));
      this.#used = 0;
    }
    const run = this.#runs.length - 1;
    kept.push(line, level, facility, tsUsec, callerId, missed, run, this.#used, text.length);
    this.#runs[run]!.set(text, this.#used);
    this.#used += text.length;
  }

  protected override ended(batch: Batch): void {
    const parts = this.#parts.sort((a, b) => a.dump - b.dump || b.number - a.number);
    for (const { kept } of parts) this.#commit(kept, batch);
    this.#parts = [];
    this.#numbers.clear();
    this.#runs = [];
    this.#used = 0;
    this.#bytes = 0;
  }

  #commit(kept: readonly number[], batch: Batch): void {
    for (let at = 0; at < kept.length; at += KEPT_NUMBERS) {
      const record = batch.next();
      record.line = kept[at]!;
      record.level = kept[at + 1]!;
      record.facility = kept[at + 2]!;
      record.tsUsec = known(kept[at + 3]!);
      record.callerId = known(kept[at + 4]!);
      record.missed = kept[at + 5]!;
      const from = kept[at + 7]!;
      batch.commit(record, view(this.#runs[kept[at + 6]!]!, from, from + kept[at + 8]!));
    }
  }
}

/** pstore's files and ramoops' memory, known by the head of a part. */
export const pstore: LogFormat = {
  name: 'pstore',
  description: 'the files of /sys/fs/pstore, and the memory of ramoops',
  recognise(head: LogHead) {
    if (!head.lines.some((line) => PART.test(line) || RAMOOPS.test(line))) return 0;
    return head.share((line) => PART.test(line) || RAMOOPS.test(line) || LINE.test(line));
  },
  open: (head: LogHead) => new PstoreLines(head, RAW_RULES),
};
