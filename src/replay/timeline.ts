/**
 * Which seq and stamp a log's records leave with, where the log itself does not say.
 *
 * Without seq, each boot counts from 0, and records that the log says were lost have theirs. A
 * record without a stamp has the one before it; in a log without any stamps but with dates, it has
 * the time since its boot's first record.
 */
import type { LogRecord } from './formats/record.js';
import type { LogReader } from './reader.js';

export class Timeline {
  /** The boot that the hosts are in; -1: none yet. */
  boot = -1;
  /** The seq that follows in it. */
  nextSeq = 0;
  /** The stamp given last. */
  lastUsec = 0;
  readonly #log: LogReader;
  /** Where the boots of other hosts go on, if the log has several. */
  readonly #nextSeqs = new Map<number, number>();
  /** Dates stand in for stamps. */
  dated = false;
  /** Entries of dictionaries that netconsole itself does not send. */
  userdata = 0;
  #datedBoot = -1;
  #first = 0;

  constructor(log: LogReader) {
    this.#log = log;
  }

  seqOf(record: LogRecord): number {
    if (record.seq !== undefined) return record.seq;
    const next = record.boot === this.boot ? this.nextSeq : (this.#nextSeqs.get(record.boot) ?? 0);
    return next + record.missed;
  }

  /** What the record is due by; `undefined`: with the one before it. */
  usecOf(record: LogRecord): number | undefined {
    const { tsUsec, timeUsec, boot } = record;
    if (tsUsec !== undefined || timeUsec === undefined || this.#log.origin !== 'none') return tsUsec;
    if (boot !== this.#datedBoot) {
      this.#datedBoot = boot;
      this.#first = timeUsec;
      this.dated = true;
    }
    return Math.max(0, timeUsec - this.#first);
  }

  /** The stamp that the record leaves with; it leaves without its userdata, which is counted. */
  stampOf(record: LogRecord): number {
    if (record.dictionary !== undefined) this.userdata += Object.keys(record.dictionary).length;
    this.lastUsec = this.usecOf(record) ?? this.lastUsec;
    return this.lastUsec;
  }

  /** Whether the kernel that logged the record before can log this one too. */
  goesOn(record: LogRecord, seq: number): boolean {
    return record.boot === this.boot && seq >= this.nextSeq;
  }

  /** Another boot's records follow, from `seq` on. */
  begin(boot: number, seq: number): void {
    if (this.#log.counts.hosts > 1) this.#nextSeqs.set(this.boot, this.nextSeq);
    this.boot = boot;
    this.nextSeq = seq;
  }
}
