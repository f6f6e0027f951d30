/**
 * What pstore has kept of a crash: parts of the log, each with a head, as the files in
 * `/sys/fs/pstore` or as ramoops has them in its memory.
 *
 *   ====1234.567000-D                            ramoops' memory
 *   Panic#1 Part1
 *   <4>[  105.480943][    C2] text
 *
 * Part 1 is the newest, and `cat` puts it first. The parts of a dump are put in the order of time,
 * as long as all parts fit into `ORDERED_BYTES`.
 */

import { RAW_RULES } from './dmesg-raw.js';
import type { LogFormat, LogHead } from './format.js';
import { KernelLines } from './kernel-lines.js';
import { type Batch, keepRecord, type LogRecord, type PooledRecord } from './record.js';
import { latin1 } from './stamp.js';

const PART = /^([A-Z][a-z]+#\d+) Part(\d+)$/;
const RAMOOPS = /^====\d+\.\d+(?:-[A-Z])?$/;
const LINE = /^<-?\d{1,4}>|^\[ *\d+\.\d{6}\]/;
const HEAD_MAX_BYTES = 64;
/** A record costs more than its text. */
const RECORD_BYTES = 200;
const ORDERED_BYTES = 16 * 1024 * 1024;

interface Part {
  readonly dump: number;
  readonly number: number;
  readonly records: LogRecord[];
}

class PstoreLines extends KernelLines {
  #parts: Part[] = [];
  #dump = '';
  #dumps = 0;
  #bytes = 0;

  protected override other(bytes: Buffer, start: number, end: number, batch: Batch, reason?: string): void {
    const text = latin1(bytes, start, Math.min(end, start + HEAD_MAX_BYTES));
    const part = PART.exec(text);
    super.other(bytes, start, end, batch, part !== null || RAMOOPS.test(text) ? 'the head of a part' : reason);
    if (part === null) return;
    const number = Number(part[2]);
    const again = this.#parts.some((known) => known.dump === this.#dumps && known.number === number);
    if (part[1] !== this.#dump || again) this.#dumps++;
    this.#dump = part[1]!;
    this.#parts.push({ dump: this.#dumps, number, records: [] });
  }

  protected override finish(window: Buffer, record: PooledRecord, batch: Batch): void {
    super.finish(window, record, batch);
    const part = this.#parts.at(-1);
    if (part === undefined) return;
    part.records.push(keepRecord(batch.records.pop()!));
    this.#bytes += record.text.length + RECORD_BYTES;
    if (this.#bytes > ORDERED_BYTES) this.ended(batch);
  }

  protected override ended(batch: Batch): void {
    const parts = this.#parts.sort((a, b) => a.dump - b.dump || b.number - a.number);
    this.#parts = [];
    this.#bytes = 0;
    for (const { records } of parts) {
      for (const record of records) batch.commit(Object.assign(batch.next(), record), record.text);
    }
  }
}

export const pstore: LogFormat = {
  name: 'pstore',
  description: 'the files of /sys/fs/pstore, and the memory of ramoops',
  recognise(head: LogHead) {
    if (!head.lines.some((line) => PART.test(line) || RAMOOPS.test(line))) return 0;
    return head.share((line) => PART.test(line) || RAMOOPS.test(line) || LINE.test(line));
  },
  open: (head: LogHead) => new PstoreLines(head, RAW_RULES),
};
