/**
 * What printk asks of its ring, whichever it is: from 5.10 on that of descriptors and text (`ringbuffer.ts`), before it
 * one of bytes (`logbuf.ts`); and how it is read past what was lost.
 */
import type { Heap } from '../memory/heap.js';
import { type PrintkRecord, printkRecord } from './record.js';

/** `lost`: that seq existed, its text does not any more. `none`: not written, or not final yet. */
export type PrbRead = 'ok' | 'lost' | 'none';

/**
 * What a writer holds between `reserve` and a commit: `textAt` is where its space begins; after `reserveInLast` the text so far lies there. One
 * object a ring, reused: writers do not overlap.
 */
export interface PrbReservedEntry extends PrintkRecord {
  /** Bytes of the space. */
  textBufSize: number;
}

export interface Ringbuffer {
  readonly heap: Heap;
  /** Bytes of text space. */
  readonly size: number;
  /** Where in the heap the control block lies, for `Lane`; 0: it has none. */
  readonly prb: number;
  /** The oldest seq that may still be read, and the one that the next record gets. */
  readonly firstSeq: number;
  readonly nextSeq: number;
  /** One past the newest final record: where a reader starts who wants only what comes. Linux: prb_next_seq(). */
  readonly finalSeq: number;
  /** Reservations that found no room. */
  readonly fail: number;
  reserve(textBufSize: number): PrbReservedEntry | undefined;
  /** The newest record, if it is committed, of this caller, and can grow to `max`; its fields are kept. */
  reserveInLast(callerId: number, textBufSize: number, max: number): PrbReservedEntry | undefined;
  commit(entry: PrbReservedEntry): void;
  finalCommit(entry: PrbReservedEntry): void;
  read(seq: number, into: PrintkRecord): PrbRead;
  /** Makes the next record's seq `seq`; only while the ring is empty. For replaying a log that begins later. */
  startAt(seq: number): void;
  /** Makes the next record's seq `seq`, a later one: those between read as lost. For replaying a log with gaps. */
  skipTo(seq: number): void;
  release(): void;
}

/** The seq of the oldest record that can be read; the next one's if there is none. Linux: prb_first_valid_seq(). */
export function firstValidSeq(ring: Ringbuffer): number {
  const record = printkRecord();
  return readValid(ring, 0, record) ? record.seq : ring.finalSeq;
}

/** The record to be read next at or after `seq`; what is lost is skipped. Linux: _prb_read_valid(). */
export function readValid(ring: Ringbuffer, seq: number, into: PrintkRecord): boolean {
  let at = Math.max(seq, ring.firstSeq);
  for (;;) {
    const outcome = ring.read(at, into);
    if (outcome === 'ok') return true;
    if (outcome === 'none') return false;
    at++;
  }
}
