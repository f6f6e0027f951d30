/**
 * Which seq and stamp a log's records leave with, where the log itself does not say.
 *
 * Without seq, each boot counts from 0, and records that the log says were lost have theirs. A
 * record without a stamp has the one before it; in a log without any stamps but with dates, it has
 * the time since its boot's first record.
 *
 * A log that is sent again goes on where it ended, with the seqs and the stamps that follow
 * (`renumbered`), or begins as at first in other boots (`reboots`).
 */
import type { LogRecord } from './formats/record.js';
import type { LogReader } from './reader.js';

/** How a log goes on that is sent again. */
export type LoopAs = 'renumbered' | 'reboots';

export class Timeline {
  /** The boot that the hosts are in; -1: none yet. */
  boot = -1;
  /** The seq that follows in it. */
  nextSeq = 0;
  /** The stamp given last. */
  lastUsec = 0;
  #log: LogReader;
  /** Where the boots of other hosts go on, if the log has several. */
  readonly #nextSeqs = new Map<number, number>();
  /** Dates stand in for stamps. */
  dated = false;
  /** Entries of dictionaries that netconsole itself does not send. */
  userdata = 0;
  #datedBoot = -1;
  #first = 0;
  /** Of this round: the number of its first boot, and what its seqs and stamps begin with. */
  #bootBase = 0;
  #seqBase = 0;
  #usecBase = 0;
  /** What the log's own began with. */
  #firstSeq: number | undefined;
  #firstUsec: number | undefined;

  constructor(log: LogReader) {
    this.#log = log;
  }

  /** Boots that were sent, those of the log that is being sent now included. */
  get boots(): number {
    return this.#log.counts.boots + this.#bootBase;
  }

  /** The log has ended, and is sent again, read by `log`. */
  nextRound(log: LogReader, as: LoopAs): void {
    const { boots, hosts } = this.#log.counts;
    this.#log = log;
    // Of several hosts whose records are mixed, nobody knows whose goes on.
    if (as === 'reboots' || hosts > 1) {
      this.#bootBase += Math.max(1, boots);
      return;
    }
    this.#bootBase += Math.max(0, boots - 1);
    this.#seqBase = this.nextSeq - (this.#firstSeq ?? 0);
    this.#usecBase = this.lastUsec - (this.#firstUsec ?? 0);
  }

  /** The boot that the record is sent in. */
  bootOf(record: LogRecord): number {
    return record.boot + this.#bootBase;
  }

  seqOf(record: LogRecord): number {
    const boot = this.bootOf(record);
    if (record.seq !== undefined) {
      this.#firstSeq ??= record.seq;
      return record.boot === 0 ? record.seq + this.#seqBase : record.seq;
    }
    const next = boot === this.boot ? this.nextSeq : (this.#nextSeqs.get(boot) ?? 0);
    return next + record.missed;
  }

  /** What the record is due by; `undefined`: with the one before it. */
  usecOf(record: LogRecord): number | undefined {
    const usec = this.#ownUsecOf(record);
    if (usec === undefined) return undefined;
    this.#firstUsec ??= usec;
    return record.boot === 0 ? usec + this.#usecBase : usec;
  }

  #ownUsecOf(record: LogRecord): number | undefined {
    const { tsUsec, timeUsec } = record;
    if (tsUsec !== undefined || timeUsec === undefined || this.#log.origin !== 'none') return tsUsec;
    const boot = this.bootOf(record);
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
    return this.bootOf(record) === this.boot && seq >= this.nextSeq;
  }

  /** Another boot's records follow, from `seq` on. */
  begin(boot: number, seq: number): void {
    if (this.#log.counts.hosts > 1) this.#nextSeqs.set(this.boot, this.nextSeq);
    this.boot = boot;
    this.nextSeq = seq;
  }
}
