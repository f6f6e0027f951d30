/**
 * The printk ring buffer, from 5.10 on: a ring of descriptors and a ring of text, as two arrays in the heap.
 *
 * A record is a descriptor and, in the text ring, one block: 8 bytes of id and the text, rounded up to 8.
 * Writing takes two steps, so that a writer can fill the space it was given:
 *
 *   const e = ring.reserve(size, max);      // a descriptor, seq and space; undefined: no room
 *   heap.bytes.set(text, e.textAt); e.textLen = text.length; ...
 *   ring.finalCommit(e);                    // or commit(e): may still be continued
 *
 *   const r = printkRecord();
 *   ring.read(seq, r)                       // 'ok' | 'lost' | 'none'
 *
 * States of a descriptor, in order:
 *   reserved   its writer has it; blocks everything that would overwrite it
 *   committed  written, not yet readable; the same caller may reopen it (`reserveInLast`)
 *   finalized  readable: by finalCommit, or because the next record was reserved
 *   reusable   its text was overwritten; its seq reads as lost
 *
 * Invariants: positions (`head`, `tail`, a block's begin and next) run freely and only grow, an index is a position
 * modulo the ring's size; seq grows by one per reserved descriptor, also when its text found no room (`begin` is then
 * FAILED_LPOS and the seq reads as lost); the oldest are overwritten first, whole records, by
 * text space or by descriptors, whichever runs out; a block never wraps: one that would starts again at index 0,
 * leaving a gap.
 *
 * Linux: kernel/printk/printk_ringbuffer.c. Differs: one writer at a time, so no atomics and no torn reads.
 *
 * Over 300 lines: two rings that push each other's tails cannot be told apart.
 */

import type { Heap } from '../memory/heap.js';
import type { Usec } from '../time/index.js';
import type { DevPrintkInfo, PrintkRecord } from './record.js';

/** `lost`: that seq existed, its text does not any more. `none`: not written, or not final yet. */
export type PrbRead = 'ok' | 'lost' | 'none';

/** The text could not be stored. Linux: FAILED_LPOS. */
const FAILED_LPOS = 1;
const ID_BYTES = 8;
/** Average size of a record, by which descriptors are counted. Linux: PRB_AVGBITS. */
const PRB_AVGBITS = 5;

/** A descriptor's fields, in doubles (d*) and words (w*) from its start. */
const DESC_BYTES = 64;
const D_SEQ = 0;
const D_TS = 1;
const D_BEGIN = 2;
const D_NEXT = 3;
const W_TEXT_LEN = 8;
const W_FACILITY = 9;
const W_LEVEL = 10;
const W_FLAGS = 11;
const W_CALLER = 12;
const W_CPU = 13;
const W_STATE = 14;

const RESERVED = 1;
const COMMITTED = 2;
const FINALIZED = 3;
const REUSABLE = 4;

/** What a writer holds between `reserve` and a commit. One object a ring, reused: writers do not overlap. */
export interface PrbReservedEntry {
  seq: number;
  /** Offset in the heap of the space, and its size; after `reserveInLast` the text so far lies at its start. */
  textAt: number;
  textBufSize: number;
  textLen: number;
  tsUsec: Usec;
  facility: number;
  level: number;
  flags: number;
  callerId: number;
  cpu: number;
  dev: DevPrintkInfo | undefined;
  comm: string;
}

/** What printk asks of a ring; the byte ring of 4.2 is the other one (`logbuf.ts`). */
export interface Ringbuffer {
  readonly heap: Heap;
  /** Bytes of text space. */
  readonly size: number;
  /** The oldest seq that may still be read, and the one that the next record gets. */
  readonly firstSeq: number;
  readonly nextSeq: number;
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

export interface RingbufferOptions {
  readonly recordShare: 'whole' | 'half';
  readonly perfectFit: boolean;
}

export class PrintkRingbuffer implements Ringbuffer {
  readonly heap: Heap;
  readonly size: number;
  fail = 0;
  readonly #descs: number;
  readonly #count: number;
  readonly #text: number;
  readonly #maxBlock: number;
  readonly #perfectFit: boolean;
  /** Of the text ring. */
  #head = 0;
  #tail = 0;
  /** The record whose block lies at `#tail`; -1 when the ring is empty. */
  #tailOwner = -1;
  #headSeq = 0;
  #tailSeq = 0;
  /** Seldom set, so kept beside the descriptors; by slot. */
  #devs: (DevPrintkInfo | undefined)[] | undefined;
  #comms: string[] | undefined;
  readonly #entry: PrbReservedEntry;

  constructor(heap: Heap, sizeBits: number, options: RingbufferOptions) {
    this.heap = heap;
    this.size = 2 ** sizeBits;
    this.#count = 2 ** (sizeBits - PRB_AVGBITS);
    this.#descs = heap.alloc(this.#count * DESC_BYTES, 64);
    this.#text = heap.alloc(this.size, 64);
    this.#maxBlock = options.recordShare === 'half' ? this.size / 2 : this.size - ID_BYTES;
    this.#perfectFit = options.perfectFit;
    this.#entry = {
      seq: 0,
      textAt: 0,
      textBufSize: 0,
      textLen: 0,
      tsUsec: 0 as Usec,
      facility: 0,
      level: 0,
      flags: 0,
      callerId: 0,
      cpu: 0,
      dev: undefined,
      comm: '',
    };
  }

  get firstSeq(): number {
    return this.#tailSeq;
  }

  get nextSeq(): number {
    return this.#headSeq;
  }

  startAt(seq: number): void {
    if (this.#headSeq !== this.#tailSeq) return;
    this.#headSeq = seq;
    this.#tailSeq = seq;
  }

  skipTo(seq: number): void {
    const { f64, u32 } = this.heap;
    if (this.#headSeq > this.#tailSeq) this.#finalize(this.#headSeq - 1);
    if (seq - this.#headSeq >= this.#count) {
      // Everything that is there would be overwritten on the way.
      this.#pushTail(this.#head);
      this.#headSeq = seq - this.#count;
      this.#tailSeq = this.#headSeq;
    }
    while (this.#headSeq < seq) {
      if (this.#headSeq - this.#tailSeq >= this.#count && !this.#pushDescTail()) return;
      const at = this.#desc(this.#headSeq);
      f64[(at >> 3) + D_SEQ] = this.#headSeq++;
      f64[(at >> 3) + D_BEGIN] = FAILED_LPOS;
      u32[(at >> 2) + W_TEXT_LEN] = 0;
      u32[(at >> 2) + W_STATE] = FINALIZED;
    }
  }

  #finalize(seq: number): void {
    const { u32 } = this.heap;
    const w = (this.#desc(seq) >> 2) + W_STATE;
    if (u32[w] === COMMITTED) u32[w] = FINALIZED;
  }

  #desc(seq: number): number {
    const slot = seq < 0x80000000 ? seq & (this.#count - 1) : seq % this.#count;
    return this.#descs + slot * DESC_BYTES;
  }

  #index(lpos: number): number {
    return lpos < 0x80000000 ? lpos & (this.size - 1) : lpos % this.size;
  }

  /** Linux: to_blk_size(). */
  #blockSize(textBufSize: number): number {
    return Math.ceil((textBufSize + ID_BYTES) / 8) * 8;
  }

  /** Where a block of `block` bytes from `begin` ends. Linux: get_next_lpos(). */
  #next(begin: number, block: number): number {
    const S = this.size;
    const next = begin + block;
    const lap = Math.floor(begin / S);
    const last = this.#perfectFit ? next - 1 : next;
    return Math.floor(last / S) === lap ? next : (lap + 1) * S + block;
  }

  /** Overwrites the oldest until the text ring's tail is at `to` at least. False: one of them is still being written. */
  #pushTail(to: number): boolean {
    const { f64, u32 } = this.heap;
    while (this.#tail < to && this.#tailOwner >= 0) {
      const at = this.#desc(this.#tailOwner);
      const w = at >> 2;
      const state = u32[w + W_STATE]!;
      if (state === RESERVED || state === COMMITTED) return false;
      u32[w + W_STATE] = REUSABLE;
      this.#tail = f64[(at >> 3) + D_NEXT]!;
      let owner = this.#tailOwner + 1;
      for (; owner < this.#headSeq; owner++) if (f64[(this.#desc(owner) >> 3) + D_BEGIN] !== FAILED_LPOS) break;
      this.#tailOwner = owner < this.#headSeq ? owner : -1;
    }
    // Behind the newest block there is nothing to overwrite but the new one itself.
    return this.#tail >= to;
  }

  /** Makes room for one descriptor. Linux: desc_push_tail(). */
  #pushDescTail(): boolean {
    const { f64, u32 } = this.heap;
    const at = this.#desc(this.#tailSeq);
    const state = u32[(at >> 2) + W_STATE]!;
    if (state === RESERVED || state === COMMITTED) return false;
    u32[(at >> 2) + W_STATE] = REUSABLE;
    if (f64[(at >> 3) + D_BEGIN] !== FAILED_LPOS && !this.#pushTail(f64[(at >> 3) + D_NEXT]!)) return false;
    const following = u32[(this.#desc(this.#tailSeq + 1) >> 2) + W_STATE]!;
    if (following !== FINALIZED && following !== REUSABLE) return false;
    this.#tailSeq++;
    return true;
  }

  reserve(textBufSize: number): PrbReservedEntry | undefined {
    const { f64, u32 } = this.heap;
    const block = this.#blockSize(textBufSize);
    if (block > this.#maxBlock || (this.#headSeq - this.#tailSeq >= this.#count && !this.#pushDescTail())) {
      this.fail++;
      return undefined;
    }
    const seq = this.#headSeq++;
    if (seq > this.#tailSeq) this.#finalize(seq - 1);
    const at = this.#desc(seq);
    const d = at >> 3;
    f64[d + D_SEQ] = seq;
    u32[(at >> 2) + W_STATE] = RESERVED;
    // Without text until there is room: what this slot held before must not be taken for a block.
    f64[d + D_BEGIN] = FAILED_LPOS;
    const begin = this.#head;
    const next = this.#next(begin, block);
    if (!this.#pushTail(next - this.size)) {
      // The seq is used up; its record stays without text.
      u32[(at >> 2) + W_TEXT_LEN] = 0;
      u32[(at >> 2) + W_STATE] = FINALIZED;
      this.fail++;
      return undefined;
    }
    f64[d + D_BEGIN] = begin;
    f64[d + D_NEXT] = next;
    this.#head = next;
    if (this.#tailOwner < 0) this.#tailOwner = seq;
    const e = this.#entry;
    e.seq = seq;
    e.textAt = this.#textAt(begin, next);
    e.textBufSize = textBufSize;
    e.textLen = 0;
    e.dev = undefined;
    e.comm = '';
    e.cpu = 0;
    return e;
  }

  /** Of a block's text: behind its id; at index 0 if the block wrapped. */
  #textAt(begin: number, next: number): number {
    const S = this.size;
    const last = this.#perfectFit ? next - 1 : next;
    const wrapped = Math.floor(begin / S) !== Math.floor(last / S);
    return this.#text + (wrapped ? 0 : this.#index(begin)) + ID_BYTES;
  }

  reserveInLast(callerId: number, textBufSize: number, max: number): PrbReservedEntry | undefined {
    const { f64, u32, bytes } = this.heap;
    const seq = this.#headSeq - 1;
    if (seq < this.#tailSeq) return undefined;
    const at = this.#desc(seq);
    const w = at >> 2;
    const d = at >> 3;
    if (u32[w + W_STATE] !== COMMITTED || u32[w + W_CALLER] !== callerId >>> 0) return undefined;
    const textLen = u32[w + W_TEXT_LEN]!;
    const size = textLen + textBufSize;
    const block = this.#blockSize(size);
    const begin = f64[d + D_BEGIN]!;
    if (begin === FAILED_LPOS || size > max || block > this.#maxBlock || f64[d + D_NEXT] !== this.#head)
      return undefined;
    u32[w + W_STATE] = RESERVED;
    const old = this.#textAt(begin, this.#head);
    const next = this.#next(begin, block);
    if (next > this.#head) {
      if (!this.#pushTail(next - this.size)) {
        u32[w + W_STATE] = COMMITTED;
        return undefined;
      }
      const moved = this.#textAt(begin, next);
      if (moved !== old) bytes.copyWithin(moved, old, old + textLen);
      this.#head = next;
      f64[d + D_NEXT] = next;
    }
    const e = this.#entry;
    const slot = (at - this.#descs) / DESC_BYTES;
    e.seq = seq;
    e.textAt = this.#textAt(begin, this.#head);
    e.textBufSize = size;
    e.textLen = textLen;
    e.tsUsec = f64[d + D_TS] as Usec;
    e.facility = u32[w + W_FACILITY]!;
    e.level = u32[w + W_LEVEL]!;
    e.flags = u32[w + W_FLAGS]!;
    e.callerId = u32[w + W_CALLER]!;
    e.cpu = u32[w + W_CPU]!;
    e.dev = this.#devs?.[slot];
    e.comm = this.#comms?.[slot] ?? '';
    return e;
  }

  #store(e: PrbReservedEntry, state: number): void {
    const { f64, u32 } = this.heap;
    const at = this.#desc(e.seq);
    const w = at >> 2;
    f64[(at >> 3) + D_TS] = e.tsUsec;
    u32[w + W_TEXT_LEN] = e.textLen;
    u32[w + W_FACILITY] = e.facility;
    u32[w + W_LEVEL] = e.level;
    u32[w + W_FLAGS] = e.flags;
    u32[w + W_CALLER] = e.callerId;
    u32[w + W_CPU] = e.cpu;
    u32[w + W_STATE] = state;
    if (e.dev !== undefined) this.#devs ??= new Array(this.#count).fill(undefined);
    if (this.#devs !== undefined) this.#devs[(at - this.#descs) / DESC_BYTES] = e.dev;
    if (e.comm !== '') this.#comms ??= new Array(this.#count).fill('');
    if (this.#comms !== undefined) this.#comms[(at - this.#descs) / DESC_BYTES] = e.comm;
  }

  commit(entry: PrbReservedEntry): void {
    this.#store(entry, COMMITTED);
  }

  finalCommit(entry: PrbReservedEntry): void {
    this.#store(entry, FINALIZED);
  }

  read(seq: number, into: PrintkRecord): PrbRead {
    if (seq >= this.#headSeq) return 'none';
    if (seq < this.#tailSeq) return 'lost';
    const { f64, u32 } = this.heap;
    const at = this.#desc(seq);
    const w = at >> 2;
    const d = at >> 3;
    const state = u32[w + W_STATE]!;
    if (state === RESERVED || state === COMMITTED) return 'none';
    const begin = f64[d + D_BEGIN]!;
    if (state === REUSABLE || begin === FAILED_LPOS) return 'lost';
    into.seq = seq;
    into.tsUsec = f64[d + D_TS] as Usec;
    into.textLen = u32[w + W_TEXT_LEN]!;
    into.facility = u32[w + W_FACILITY]!;
    into.level = u32[w + W_LEVEL]!;
    into.flags = u32[w + W_FLAGS]!;
    into.callerId = u32[w + W_CALLER]!;
    into.cpu = u32[w + W_CPU]!;
    const slot = (at - this.#descs) / DESC_BYTES;
    into.dev = this.#devs?.[slot];
    into.comm = this.#comms?.[slot] ?? '';
    into.textAt = this.#textAt(begin, f64[d + D_NEXT]!);
    return 'ok';
  }

  release(): void {
    this.heap.free(this.#descs);
    this.heap.free(this.#text);
  }
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
