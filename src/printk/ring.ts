/**
 * What the kernel asks of its log's ring, of either kind: from 5.10 on a ring of descriptors and
 * text (`ringbuffer.ts`), before 5.10 one of bytes (`logbuf.ts`). Also how a ring is read past
 * records that were lost.
 */

import type { Heap } from '../memory/heap.js';
import type { Usec } from '../time/index.js';
import { type DevPrintkInfo, type PrintkRecord, printkRecord, type Task } from './record.js';
import type { StoreContext, StoreStrategy } from './store/strategy.js';

/**
 * `lost`: the seq was used, but its text is gone. `none`: the record is not written, or not final
 * yet.
 */
export type PrbRead = 'ok' | 'lost' | 'none';

/** A ring as consoles and other readers see it. */
export interface RingReader {
  /** Where the ring lies. */
  readonly heap: Heap;
  /**
   * Where in the heap the ring's control block lies, for the lane; undefined if the lane cannot
   * read this ring.
   */
  readonly prb: number | undefined;
  /** The oldest seq that may still be read. */
  readonly firstSeq: number;
  /** The seq that the next record gets. */
  readonly nextSeq: number;
  /**
   * One past the newest final record, where a reader starts that wants only new records. Linux:
   * prb_next_seq().
   */
  readonly finalSeq: number;
  /** Reads the record of `seq`. `into` is filled in only if that is `ok`. */
  read(seq: number, into: PrintkRecord): PrbRead;
}

/** A ring as its kernel sees it. */
export interface Ringbuffer extends RingReader {
  /** Bytes of text space. */
  readonly size: number;
  /** Reservations that found no room. */
  readonly fail: number;
  /** Returns the strategy by which messages become records of this ring. */
  strategy(context: StoreContext): StoreStrategy;
  /**
   * Makes the next record's seq `seq`; only while the ring is empty. For replaying a log that
   * begins later.
   */
  startAt(seq: number): void;
  /**
   * Makes the next record's seq `seq`, a later one; the seqs between read as lost. For replaying a
   * log with gaps.
   */
  skipTo(seq: number): void;
  /** Gives the memory back; the ring must not be used afterwards. */
  release(): void;
}

/**
 * What a writer holds between `reserve` and a commit. `textAt` is where its space begins; after
 * `reserveInLast` the text so far lies there. Each ring has one such object and reuses it, as
 * writers do not overlap.
 */
export interface PrbReservedEntry extends PrintkRecord {
  /** Bytes of the space. */
  textBufSize: number;
}

/** A ring of descriptors, as its writers see it. */
export interface PrbRing extends Ringbuffer {
  /**
   * Reserves a new record with room for `textBufSize` bytes; returns undefined if there is no room,
   * though a seq may be used up then. Linux: prb_reserve().
   */
  reserve(textBufSize: number): PrbReservedEntry | undefined;
  /**
   * Reopens the newest record, if it is committed, belongs to this caller, and can grow to `max`;
   * its fields are kept. Linux: prb_reserve_in_last().
   */
  reserveInLast(callerId: number, textBufSize: number, max: number): PrbReservedEntry | undefined;
  /**
   * Ends a reservation; the same caller may continue the record until the next one is reserved.
   * Linux: prb_commit().
   */
  commit(entry: PrbReservedEntry): void;
  /** Ends a reservation; the record can be read. Linux: prb_final_commit(). */
  finalCommit(entry: PrbReservedEntry): void;
  /**
   * Stores a whole final record except for its text, and returns where in the heap the text
   * belongs; returns 0 if the record must be stored by the steps above. `info` is described at INFO
   * of `lane/layout.ts`, and `task` is the one that the record names. The caller writes the text
   * before it asks anything else of the ring.
   */
  store(textBufSize: number, info: number, tsUsec: Usec, callerId: number, task: Task | undefined): number;
}

/** What the byte ring stores beside a text. */
export interface LogEntry {
  /** 0 for the kernel's own messages; else what user space gave, up to 255. */
  readonly facility: number;
  /** The severity, 0 to 7. */
  readonly level: number;
  /** `LOG_CONT` and its like, added up. */
  readonly flags: number;
  /** Process id, or 0x80000000 + processor outside of a task. */
  readonly callerId: number;
  /** Microseconds since boot. */
  readonly tsUsec: number;
  /** The device that the record is about, if it is about one. */
  readonly dev: DevPrintkInfo | undefined;
}

/** The byte ring, as its writer sees it. */
export interface ByteRing extends Ringbuffer {
  /**
   * Stores a record; returns the bytes of text stored, 0 if there was no room. Linux 4.2:
   * log_store().
   */
  store(entry: LogEntry, text: Uint8Array): number;
  /**
   * Clears LOG_NOCONS, as all consoles are past the records that have it; a console that comes
   * later prints them. Linux: console_unlock().
   */
  clearNocons(): void;
}
/**
 * Returns the seq of the oldest record that can be read; if there is none, that of the next record.
 * Linux: prb_first_valid_seq().
 */
export function firstValidSeq(ring: RingReader): number {
  const record = printkRecord();
  return readValid(ring, 0, record) ? record.seq : ring.finalSeq;
}

/**
 * Reads the first record at or after `seq` that is not lost; returns false if there is none. Linux:
 * _prb_read_valid().
 */
export function readValid(ring: RingReader, seq: number, into: PrintkRecord): boolean {
  let at = Math.max(seq, ring.firstSeq);
  for (;;) {
    const outcome = ring.read(at, into);
    if (outcome === 'ok') return true;
    if (outcome === 'none') return false;
    at++;
  }
}
