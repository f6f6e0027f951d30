/**
 * Holds records that fit no stream until it is known why they do not: the sender began anew,
 * another host is behind the same address, the sequence jumped, or the record is a straggler.
 *
 * Held are at most 32 records out of sequence, and the last 64 that looked like duplicates
 * (`echo`): after a quick reboot the first records of two boots may be the same to the byte, and
 * only what follows shows that they were new.
 */
import type { PacketFields } from './parse.js';
import { fingerprint, PendingRecord } from './pending.js';
import type { Window } from './window.js';

/** Out-of-sequence records held at most; also the length of the history, in packets. */
export const NCRX_OOS_MAX = 32;
const ECHOES_MAX = 64;
/** No datagram is under way for so long. */
const OLDER_USEC = 1_000_000;
/** A datagram overtakes at most so many others. */
const ECHO_BEHIND = 32;

/** The options that it goes by; as in `ReceiverOptions`. */
export interface OosOptions {
  readonly nrSlots: number;
  readonly oosThr: number;
  readonly oosIntvMs: number;
  readonly oosTimeoutMs: number;
}

/** The records of one source that fit no stream. */
export class OutOfSequence {
  readonly #options: OosOptions;
  /** One bit a packet, the newest lowest: 1 if it was out of sequence. */
  #history = 0;
  #held: PendingRecord[] = [];
  #echoes: PendingRecord[] = [];
  /**
   * The last record that was delivered for its age, and how many were since the stream stood where
   * it did.
   */
  #far: { seq: number; stamp: number; headSeq: number; count: number } | undefined;

  constructor(options: OosOptions) {
    this.#options = options;
  }

  /** How many records are held. */
  get length(): number {
    return this.#held.length;
  }

  /** Bytes of text held. Those of echoes do not count, as they are delivered already. */
  get bytes(): number {
    let bytes = 0;
    for (const record of this.#held) bytes += record.size;
    return bytes;
  }

  /** Notes that another packet has come. */
  age(): void {
    this.#history <<= 1;
  }

  /** Whether so many of the last 32 packets were out of sequence that the stream must be reset. */
  get crossed(): boolean {
    return popcount(this.#history) >= this.#options.oosThr;
  }

  /** Whether more is held than may be, so that the oldest must go. */
  get full(): boolean {
    return this.#held.length > NCRX_OOS_MAX;
  }

  /** Holds a record, or a piece of one; what belongs to a record that is held is merged into it. */
  hold(bytes: Uint8Array, fields: PacketFields, nowMs: number): void {
    this.#history |= 1;
    // Differs: libncrx holds each packet by itself, and of several pieces of one record a reset
    // keeps the last.
    const print = fields.fragment ? Number.NaN : fingerprint(bytes, fields.bodyAt, fields.textEnd);
    const same = this.#held.find(
      (r) =>
        r.seq === fields.seq && r.tsUsec === fields.tsUsec && (fields.fragment || !r.complete || r.print === print),
    );
    if (same !== undefined && same.merge(bytes, fields) !== 'ncfrag-mismatch') return;
    const record = new PendingRecord();
    record.begin(bytes, fields, nowMs);
    this.#held.push(record);
  }

  /** Takes out the oldest record. There must be one. */
  shift(): PendingRecord {
    return this.#held.shift()!;
  }

  /**
   * Returns when the oldest is delivered for its age, in milliseconds; Infinity if nothing is held.
   */
  deadline(): number {
    return this.#held.length === 0 ? Number.POSITIVE_INFINITY : this.#held[0]!.receivedMs + this.#options.oosTimeoutMs;
  }

  /** Takes out the oldest record, whose time is over. */
  expire(current: Window): PendingRecord {
    const record = this.#held.shift()!;
    const count = this.#far !== undefined && this.#far.headSeq === current.headSeq ? this.#far.count + 1 : 1;
    this.#far = { seq: record.seq, stamp: record.tsUsec, headSeq: current.headSeq, count };
    return record;
  }

  /**
   * Says whether a record goes on where one was that was delivered for its age, as two in a row
   * make a stream. Returns how many records were delivered like that, or -1 if it does not.
   */
  follows(fields: PacketFields, current: Window): number {
    const far = this.#far;
    if (far === undefined || this.#held.length > 0) return -1;
    const ahead = fields.seq - far.seq;
    if (ahead <= 0 || ahead > this.#options.nrSlots || fields.tsUsec <= far.stamp) return -1;
    this.#far = undefined;
    return far.headSeq === current.headSeq ? far.count : 0;
  }

  /**
   * Takes out two or more records in a row that are older, by seq and by stamp, than all that
   * `current` has had: their host began anew. Returns none if there are no such records, as a
   * datagram that was only overtaken is not so old.
   */
  takeOlder(current: Window): PendingRecord[] {
    const last = this.#held.at(-1);
    if (last === undefined || !current.live) return [];
    const first = current.headSeq - current.opened;
    const records = this.#held.filter((r) => r.seq < first && r.tsUsec + OLDER_USEC < current.firstStamp);
    const row = records.filter((r) => r.seq > last.seq - records.length && r.tsUsec <= last.tsUsec);
    if (row.length < 2 || row.at(-2)!.seq >= last.seq) return [];
    this.#held = this.#held.filter((r) => !row.includes(r));
    return row;
  }

  /** Takes out all that is held, oldest first. */
  takeAll(): PendingRecord[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }

  /**
   * Takes out the records that belong together with the newest, and to no place near `current`, in
   * order of seq. Returns none if there are not two.
   */
  takeOther(current: Window): PendingRecord[] {
    const { nrSlots } = this.#options;
    const last = this.#held.at(-1)!;
    const near = (record: PendingRecord) => {
      const ahead = last.seq - record.seq;
      const later = last.tsUsec - record.tsUsec;
      return record === last || (Math.abs(ahead) <= nrSlots && later !== 0 && Math.sign(ahead) === Math.sign(later));
    };
    if (Math.abs(last.seq - current.headSeq) <= nrSlots) return [];
    const records = this.#held.filter(near);
    if (records.length < 2) return [];
    this.#held = this.#held.filter((record) => !near(record));
    return records.sort((a, b) => a.seq - b.seq);
  }

  /**
   * Keeps a record that looks like a duplicate, `behind` seqs before the head, if it may be another
   * boot's: if its stamp is from before the clock ran, or if it is too far behind for a datagram
   * that was only doubled on the way.
   */
  echo(bytes: Uint8Array, fields: PacketFields, nowMs: number, behind: number): void {
    if (fields.fragment || fields.emergency || (fields.tsUsec > 0 && behind <= ECHO_BEHIND)) return;
    const record = this.#echoes.length >= ECHOES_MAX ? this.#echoes.shift()! : new PendingRecord();
    record.begin(bytes, fields, nowMs);
    this.#echoes.push(record);
  }

  /**
   * Takes out the records that lead up to one with which another boot's stream begins, in order of
   * seq, and says how many of them were echoes. All other echoes are forgotten.
   */
  takeBefore(fields: PacketFields): { readonly records: PendingRecord[]; readonly echoes: number } {
    const records: PendingRecord[] = [];
    let echoes = 0;
    let stamp = fields.tsUsec;
    for (let seq = fields.seq - 1; ; seq--) {
      const fits = (r: PendingRecord) => r.seq === seq && r.tsUsec <= stamp;
      const echo = this.#echoes.findLast(fits);
      const record = echo ?? this.#held.find(fits);
      if (record === undefined) break;
      if (echo !== undefined) echoes++;
      stamp = record.tsUsec;
      records.unshift(record);
    }
    this.#held = this.#held.filter((record) => !records.includes(record));
    this.#echoes = [];
    return { records, echoes };
  }
}

function popcount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
