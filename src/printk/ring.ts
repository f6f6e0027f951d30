/**
 * What the kernel asks of its log's ring, whichever it is: from 5.10 on that of descriptors and
 * text (`ringbuffer.ts`), before it one of bytes (`logbuf.ts`); and how a ring is read past what
 * was lost.
 */

import type { Heap } from '../memory/heap.js';
import type { Usec } from '../time/index.js';
import { type DevPrintkInfo, type PrintkRecord, printkRecord, type Task } from './record.js';
import type { StoreContext, StoreStrategy } from './store/strategy.js';

/** `lost`: that seq existed, its text does not any more. `none`: not written, or not final yet. */
export type PrbRead = 'ok' | 'lost' | 'none';

/** A ring as consoles and other readers see it. */
export interface RingReader {
  /** Where the ring lies. */
  readonly heap: Heap;
  /**
   * Where in the heap its control block lies, for the lane to read records by itself; undefined: it
   * cannot.
   */
  readonly prb: number | undefined;
  /** The oldest seq that may still be read. */
  readonly firstSeq: number;
  /** The seq that the next record gets. */
  readonly nextSeq: number;
  /**
   * One past the newest final record: where a reader starts who wants only what comes. Linux:
   * prb_next_seq().
   */
  readonly finalSeq: number;
  /** Reads the record of `seq`. `into` is filled in only if that is `ok`. */
  read(seq: number, into: PrintkRecord): PrbRead;
}

/** A ring as its kernel has it. */
export interface Ringbuffer extends RingReader {
  /** Bytes of text space. */
  readonly size: number;
  /** Reservations that found no room. */
  readonly fail: number;
  /** How messages become records of this ring. */
  strategy(context: StoreContext): StoreStrategy;
  /**
   * Makes the next record's seq `seq`; only while the ring is empty. For replaying a log that
   * begins later.
   */
  startAt(seq: number): void;
  /**
   * Makes the next record's seq `seq`, a later one: those between read as lost. For replaying a log
   * with gaps.
   */
  skipTo(seq: number): void;
  /** Gives the memory back; the ring must not be used afterwards. */
  release(): void;
}

/**
 * What a writer holds between `reserve` and a commit: `textAt` is where its space begins; after
 * `reserveInLast` the text so far lies there. One object a ring, reused: writers do not overlap.
 */
export interface PrbReservedEntry extends PrintkRecord {
  /** Bytes of the space. */
  textBufSize: number;
}

/** A ring of descriptors, as its writers see it. */
export interface PrbRing extends Ringbuffer {
  /**
   * A new record with room for `textBufSize` bytes; undefined: there is none, though a seq may be
   * used up. Linux: prb_reserve().
   */
  reserve(textBufSize: number): PrbReservedEntry | undefined;
  /**
   * The newest record, if it is committed, of this caller, and can grow to `max`; its fields are
   * kept. Linux: prb_reserve_in_last().
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
   * Stores a whole final record but for its text, and returns where in the heap that belongs: to be
   * written before anything else is asked of the ring. 0: not this way; take the steps. `info`: see
   * `lane/layout.ts` INFO. `task`: whom the record names.
   */
  store(textBufSize: number, info: number, tsUsec: Usec, callerId: number, task: Task | undefined): number;
}

/** What the byte ring stores beside a text. */
export interface LogEntry {
  readonly facility: number;
  readonly level: number;
  readonly flags: number;
  readonly callerId: number;
  readonly tsUsec: number;
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
   * All consoles are past the records marked LOG_NOCONS: whoever comes later prints them. Linux:
   * console_unlock().
   */
  clearNocons(): void;
}
/**
 * The seq of the oldest record that can be read; the next one's if there is none. Linux:
 * prb_first_valid_seq().
 */
export function firstValidSeq(ring: RingReader): number {
  const record = printkRecord();
  return readValid(ring, 0, record) ? record.seq : ring.finalSeq;
}

/**
 * The record to be read next at or after `seq`; what is lost is skipped. Linux: _prb_read_valid().
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
