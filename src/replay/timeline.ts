/**
 * Decides which seq and stamp a log's records leave with if the log itself does not say.
 *
 * Without seqs, each boot counts from 0, and records that the log says were lost use up seqs. A
 * record without a stamp gets that of the record before. In a log that has dates but no stamps at
 * all, a record gets the time since its boot's first record.
 *
 * A log that is sent again goes on with the seqs and stamps that follow (`renumbered`), or begins
 * anew as other boots (`reboots`).
 */
import type { LogRecord } from './formats/record.js';
import type { LogReader } from './reader.js';

/** How many boots have their first date kept, which is more than a log mixes at a time. */
const BOOTS_MAX = 1024;

/** How a log that is sent again goes on. */
export type LoopAs = 'renumbered' | 'reboots';

/** The seqs and stamps of everything that a replay sends. */
export class Timeline {
  /** The boot that the hosts are in; -1 before the first. */
  boot = -1;
  /** The seq that follows in that boot. */
  nextSeq = 0;
  /** The last stamp that was given, in microseconds. */
  lastUsec = 0;
  #log: LogReader;
  /** The seqs with which the boots of other hosts go on, if the log mixes several. */
  readonly #nextSeqs = new Map<number, number>();
  /** True if dates stand in for stamps. */
  dated = false;
  /** How many dictionary entries the records had that netconsole itself does not send. */
  userdata = 0;
  /** True if the boot's records say who logged: either all of a kernel's do or none. */
  #caller = false;
  /** By boot, the date of its first record, if dates stand in for stamps. */
  readonly #firsts = new Map<number, number>();
  /** What this round adds to the log's own boots, seqs and stamps. */
  #bootBase = 0;
  #seqBase = 0;
  #usecBase = 0;
  /** The first seq and the first stamp of the log itself. */
  #firstSeq: number | undefined;
  #firstUsec: number | undefined;

  /** Begins with the first round, which `log` reads. */
  constructor(log: LogReader) {
    this.#log = log;
  }

  /** True if the log mixes the records of several hosts. */
  get several(): boolean {
    return this.#log.counts.hosts > 1;
  }

  /** How many boots were sent, including those of the log that is being sent. */
  get boots(): number {
    return this.#log.counts.boots + this.#bootBase;
  }

  /** Begins another round, in which `log` reads the log anew. */
  nextRound(log: LogReader, as: LoopAs): void {
    const { boots, hosts } = this.#log.counts;
    this.#log = log;
    // If the records of several hosts are mixed, it is unknown which host's would go on.
    if (as === 'reboots' || hosts > 1) {
      this.#bootBase += Math.max(1, boots);
      return;
    }
    this.#bootBase += Math.max(0, boots - 1);
    this.#seqBase = this.nextSeq - (this.#firstSeq ?? 0);
    this.#usecBase = this.lastUsec - (this.#firstUsec ?? 0);
  }

  /** Returns the number of the boot that the record is sent in. */
  bootOf(record: LogRecord): number {
    return record.boot + this.#bootBase;
  }

  /** Returns the seq that the record is sent with. */
  seqOf(record: LogRecord): number {
    const boot = this.bootOf(record);
    if (record.seq !== undefined) {
      this.#firstSeq ??= record.seq;
      return record.boot === 0 ? record.seq + this.#seqBase : record.seq;
    }
    const next = boot === this.boot ? this.nextSeq : (this.#nextSeqs.get(boot) ?? 0);
    return next + record.missed;
  }

  /** Returns the stamp that the record is due by; `undefined`: it is due with the one before it. */
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
    let first = this.#firsts.get(boot);
    if (first === undefined) {
      first = timeUsec;
      this.#firsts.set(boot, first);
      if (this.#firsts.size > BOOTS_MAX) this.#firsts.delete(this.#firsts.keys().next().value!);
      this.dated = true;
    }
    return Math.max(0, timeUsec - first);
  }

  /**
   * Returns the stamp that the record leaves with, and counts the userdata that it leaves without.
   */
  stampOf(record: LogRecord): number {
    if (record.dictionary !== undefined) this.userdata += Object.keys(record.dictionary).length;
    this.lastUsec = this.usecOf(record) ?? this.lastUsec;
    return this.lastUsec;
  }

  /** Says whether the kernel that logged the last record can log this one, too. */
  goesOn(record: LogRecord, seq: number): boolean {
    const sameCaller = (record.callerId !== undefined) === this.#caller;
    return this.bootOf(record) === this.boot && seq >= this.nextSeq && sameCaller;
  }

  /** Begins the records of another kernel, with `record` as the first, which has `seq`. */
  begin(record: LogRecord, seq: number): void {
    if (this.several) this.#nextSeqs.set(this.boot, this.nextSeq);
    this.boot = this.bootOf(record);
    this.nextSeq = seq;
    this.#caller = record.callerId !== undefined;
  }

  /** What the kernel for the records that begin must be like. */
  get begun(): { boot: number; firstSeq: number; caller: boolean; several: boolean } {
    return { boot: this.boot, firstSeq: this.nextSeq, caller: this.#caller, several: this.several };
  }
}
