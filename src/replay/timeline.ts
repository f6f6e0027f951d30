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

/** More boots than a log holds at once. */
const BOOTS_MAX = 1024;

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
  /** Its records say who logged: a kernel's do, or none. */
  #caller = false;
  /** By boot, the date of its first record, where dates stand in for stamps. */
  readonly #firsts = new Map<number, number>();
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

  /** Records of several hosts lie between each other's. */
  get several(): boolean {
    return this.#log.counts.hosts > 1;
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
    let first = this.#firsts.get(boot);
    if (first === undefined) {
      first = timeUsec;
      this.#firsts.set(boot, first);
      if (this.#firsts.size > BOOTS_MAX) this.#firsts.delete(this.#firsts.keys().next().value!);
      this.dated = true;
    }
    return Math.max(0, timeUsec - first);
  }

  /** The stamp that the record leaves with; it leaves without its userdata, which is counted. */
  stampOf(record: LogRecord): number {
    if (record.dictionary !== undefined) this.userdata += Object.keys(record.dictionary).length;
    this.lastUsec = this.usecOf(record) ?? this.lastUsec;
    return this.lastUsec;
  }

  /** Whether the kernel that logged the record before can log this one too. */
  goesOn(record: LogRecord, seq: number): boolean {
    const sameCaller = (record.callerId !== undefined) === this.#caller;
    return this.bootOf(record) === this.boot && seq >= this.nextSeq && sameCaller;
  }

  /** Records of another kernel follow, `record` with `seq` first. */
  begin(record: LogRecord, seq: number): void {
    if (this.several) this.#nextSeqs.set(this.boot, this.nextSeq);
    this.boot = this.bootOf(record);
    this.nextSeq = seq;
    this.#caller = record.callerId !== undefined;
  }

  /** What the kernel that begins has to be. */
  get begun(): { boot: number; firstSeq: number; caller: boolean; several: boolean } {
    return { boot: this.boot, firstSeq: this.nextSeq, caller: this.#caller, several: this.several };
  }
}
