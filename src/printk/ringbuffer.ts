/**
 * The printk ring buffer, from 5.10 on: a ring of descriptors and a ring of text, with a control block before them, in the heap.
 *
 * A record is a descriptor and, in the text ring, one block: 8 bytes of id and the text, rounded up to 8.
 * Writing takes two steps, so that a writer can fill the space it was given:
 *
 *   const e = ring.reserve(size, max);      // a descriptor, seq and space; undefined: no room
 *   heap.bytes.set(text, e.textAt); e.textLen = text.length; ...
 *   ring.finalCommit(e);                    // or commit(e): may still be continued
 *
 * Nearly every record is whole and final from the start: `store` does both steps at once, compiled where that works
 * (`lane/lane.ts` prbStore), and these steps are its oracle and its long way.
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
 * Invariants: positions (`head`, `tail`, a block's begin and next) run freely, modulo 2^32, and an index is a position
 * modulo the ring's size; seq grows by one per reserved descriptor, also when its text found no room (`begin` is then
 * FAILED_LPOS and the seq reads as lost); the oldest are overwritten first, whole records, by
 * text space or by descriptors, whichever runs out; a block never wraps: one that would starts again at index 0,
 * leaving a gap.
 *
 * Linux: kernel/printk/printk_ringbuffer.c. Differs: one writer at a time, so no atomics and no torn reads.
 *
 * Over 300 lines: two rings that push each other's tails cannot be told apart.
 */

import { DESC, DESC_HAS_DICT, DESC_SHIFT, FAILED_LPOS, ID_BYTES, INFO, PRB, STATE } from '../lane/layout.js';
import type { Heap } from '../memory/heap.js';
import type { Usec } from '../time/index.js';
import { type DevPrintkInfo, type PrintkRecord, printkRecord } from './record.js';
import type { PrbRead, PrbReservedEntry, Ringbuffer } from './ring.js';

/** Average size of a record, by which descriptors are counted. Linux: PRB_AVGBITS. */
const PRB_AVGBITS = 5;

/** Fields of a descriptor as words from its start. */
const W_BEGIN: number = DESC.begin >> 2;
const W_NEXT: number = DESC.next >> 2;
const W_INFO: number = DESC.info >> 2;
const W_CALLER: number = DESC.caller >> 2;
const W_CPU: number = DESC.cpu >> 2;
const W_STATE: number = DESC.state >> 2;

const RESERVED: number = STATE.reserved;
const COMMITTED: number = STATE.committed;
const FINALIZED: number = STATE.finalized;
const REUSABLE: number = STATE.reusable;

/** A seq of the control block, 64 bits; kept as it is as long as it fits 32. */
function loadSeq(i32: Int32Array, at: number): number {
  const low = i32[at >>> 2]!;
  const high = i32[(at >>> 2) + 1]!;
  return high === low >> 31 ? low : high * 2 ** 32 + (low >>> 0);
}

function saveSeq(i32: Int32Array, at: number, seq: number): void {
  const low = seq | 0;
  i32[at >>> 2] = low;
  i32[(at >>> 2) + 1] = low === seq ? low >> 31 : Math.floor(seq / 2 ** 32);
}

export interface RingbufferOptions {
  readonly recordShare: 'whole' | 'half';
  readonly perfectFit: boolean;
}

export class PrintkRingbuffer implements Ringbuffer {
  readonly heap: Heap;
  readonly size: number;
  readonly prb: number;
  fail = 0;
  readonly #descs: number;
  readonly #count: number;
  readonly #text: number;
  /** Of an index in a position. */
  readonly #mask: number;
  readonly #maxBlock: number;
  readonly #perfectFit: boolean;
  /** The control block's fields, see PRB: the steps work on these, which are numbers of the machine as long as they are small. */
  #headSeq = 0;
  #tailSeq = 0;
  #tailOwner = -1;
  #head = 0;
  #tail = 0;
  /** The control block is newer than its fields here. */
  #stale = false;
  /** Seldom set, so kept beside the descriptors; by slot. */
  #devs: (DevPrintkInfo | undefined)[] | undefined;
  #comms: string[] | undefined;
  readonly #entry: PrbReservedEntry;

  constructor(heap: Heap, sizeBits: number, options: RingbufferOptions) {
    this.heap = heap;
    // Not `2 **`, which makes doubles, and slow every index.
    this.size = (1 << sizeBits) >>> 0;
    this.#count = (1 << (sizeBits - PRB_AVGBITS)) >>> 0;
    this.prb = heap.alloc(PRB.bytes + this.#count * DESC.bytes + this.size, 64);
    this.#descs = this.prb + PRB.bytes;
    this.#text = this.#descs + this.#count * DESC.bytes;
    this.#mask = this.size - 1;
    this.#maxBlock = options.recordShare === 'half' ? this.size / 2 : this.size - ID_BYTES;
    this.#perfectFit = options.perfectFit;
    const { u32 } = heap;
    const w = this.prb >>> 2;
    u32[w + (PRB.count >> 2)] = this.#count;
    u32[w + (PRB.descs >> 2)] = this.#descs;
    u32[w + (PRB.text >> 2)] = this.#text;
    u32[w + (PRB.size >> 2)] = this.size;
    u32[w + (PRB.maxBlock >> 2)] = this.#maxBlock;
    u32[w + (PRB.perfectFit >> 2)] = this.#perfectFit ? 1 : 0;
    this.#save();
    this.#entry = { ...printkRecord(), textBufSize: 0 };
  }

  /** Takes over what `prbStore` made of the control block. */
  #load(): void {
    if (!this.#stale) return;
    const { i32 } = this.heap;
    this.#headSeq = loadSeq(i32, this.prb + PRB.headSeq);
    this.#tailSeq = loadSeq(i32, this.prb + PRB.tailSeq);
    this.#tailOwner = loadSeq(i32, this.prb + PRB.tailOwner);
    this.#head = i32[(this.prb + PRB.head) >>> 2]!;
    this.#tail = i32[(this.prb + PRB.tail) >>> 2]!;
    this.#stale = false;
  }

  /** Ends every step that changed the fields. */
  #save(): void {
    const { i32 } = this.heap;
    saveSeq(i32, this.prb + PRB.headSeq, this.#headSeq);
    saveSeq(i32, this.prb + PRB.tailSeq, this.#tailSeq);
    saveSeq(i32, this.prb + PRB.tailOwner, this.#tailOwner);
    i32[(this.prb + PRB.head) >>> 2] = this.#head;
    i32[(this.prb + PRB.tail) >>> 2] = this.#tail;
  }

  get firstSeq(): number {
    this.#load();
    return this.#tailSeq;
  }

  get nextSeq(): number {
    this.#load();
    return this.#headSeq;
  }

  get finalSeq(): number {
    this.#load();
    const newest = this.#headSeq - 1;
    if (newest < this.#tailSeq) return this.#headSeq;
    const state = this.heap.i32[(this.#desc(newest) >>> 2) + W_STATE]!;
    return state === RESERVED || state === COMMITTED ? newest : this.#headSeq;
  }

  startAt(seq: number): void {
    this.#load();
    if (this.#headSeq !== this.#tailSeq) return;
    this.#headSeq = seq;
    this.#tailSeq = seq;
    this.#save();
  }

  skipTo(seq: number): void {
    this.#load();
    const { i32 } = this.heap;
    if (this.#headSeq > this.#tailSeq) this.#finalize(this.#headSeq - 1);
    if (seq - this.#headSeq >= this.#count) {
      // Everything that is there would be overwritten on the way.
      this.#pushTail(this.#head);
      this.#headSeq = seq - this.#count;
      this.#tailSeq = this.#headSeq;
    }
    while (this.#headSeq < seq) {
      if (this.#headSeq - this.#tailSeq >= this.#count && !this.#pushDescTail()) break;
      const w = this.#desc(this.#headSeq++) >>> 2;
      i32[w + W_BEGIN] = FAILED_LPOS;
      i32[w + W_INFO] = 0;
      i32[w + W_STATE] = FINALIZED;
    }
    this.#save();
  }

  #finalize(seq: number): void {
    const { i32 } = this.heap;
    const w = (this.#desc(seq) >>> 2) + W_STATE;
    if (i32[w] === COMMITTED) i32[w] = FINALIZED;
  }

  #desc(seq: number): number {
    return this.#descs + ((seq & (this.#count - 1)) << DESC_SHIFT);
  }

  /** Linux: to_blk_size(). */
  #blockSize(textBufSize: number): number {
    return (textBufSize + ID_BYTES + 7) & ~7;
  }

  /** Where a block of `block` bytes from `begin` ends. Linux: get_next_lpos(). */
  #next(begin: number, block: number): number {
    const next = (begin + block) | 0;
    return this.#wraps(begin, next) ? ((begin | this.#mask) + 1 + block) | 0 : next;
  }

  /** Whether what begins and ends at these positions goes beyond the end of the text ring. */
  #wraps(begin: number, next: number): boolean {
    const last = this.#perfectFit ? next - 1 : next;
    return ((begin ^ last) & ~this.#mask) !== 0;
  }

  /** Overwrites the oldest until the text ring's tail is at `to` at least. False: one of them is still being written. */
  #pushTail(to: number): boolean {
    const { i32 } = this.heap;
    while (((to - this.#tail) | 0) > 0 && this.#tailOwner >= 0) {
      const w = this.#desc(this.#tailOwner) >>> 2;
      const state = i32[w + W_STATE]!;
      if (state === RESERVED || state === COMMITTED) return false;
      i32[w + W_STATE] = REUSABLE;
      this.#tail = i32[w + W_NEXT]!;
      let owner = this.#tailOwner + 1;
      for (; owner < this.#headSeq; owner++) if (i32[(this.#desc(owner) >>> 2) + W_BEGIN] !== FAILED_LPOS) break;
      this.#tailOwner = owner < this.#headSeq ? owner : -1;
    }
    // Behind the newest block there is nothing to overwrite but the new one itself.
    return ((to - this.#tail) | 0) <= 0;
  }

  /** Makes room for one descriptor. Linux: desc_push_tail(). */
  #pushDescTail(): boolean {
    const { i32 } = this.heap;
    const w = this.#desc(this.#tailSeq) >>> 2;
    const state = i32[w + W_STATE]!;
    if (state === RESERVED || state === COMMITTED) return false;
    if (state !== REUSABLE) {
      i32[w + W_STATE] = REUSABLE;
      if (i32[w + W_BEGIN] !== FAILED_LPOS && !this.#pushTail(i32[w + W_NEXT]!)) return false;
    }
    const following = i32[(this.#desc(this.#tailSeq + 1) >>> 2) + W_STATE]!;
    if (following !== FINALIZED && following !== REUSABLE) return false;
    this.#tailSeq++;
    return true;
  }

  reserve(textBufSize: number): PrbReservedEntry | undefined {
    this.#load();
    const entry = this.#reserve(textBufSize);
    this.#save();
    return entry;
  }

  #reserve(textBufSize: number): PrbReservedEntry | undefined {
    const { i32 } = this.heap;
    const block = this.#blockSize(textBufSize);
    if (block > this.#maxBlock || (this.#headSeq - this.#tailSeq >= this.#count && !this.#pushDescTail())) {
      this.fail++;
      return undefined;
    }
    const seq = this.#headSeq++;
    if (seq > this.#tailSeq) this.#finalize(seq - 1);
    const w = this.#desc(seq) >>> 2;
    i32[w + W_STATE] = RESERVED;
    // Without text until there is room: what this slot held before must not be taken for a block.
    i32[w + W_BEGIN] = FAILED_LPOS;
    const begin = this.#head;
    const next = this.#next(begin, block);
    const tail = (next - this.size) | 0;
    if (((tail - this.#tail) | 0) > 0 && !this.#pushTail(tail)) {
      // The seq is used up; its record stays without text.
      i32[w + W_INFO] = 0;
      i32[w + W_STATE] = FINALIZED;
      this.fail++;
      return undefined;
    }
    i32[w + W_BEGIN] = begin;
    i32[w + W_NEXT] = next;
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
    return this.#text + (this.#wraps(begin, next) ? 0 : begin & this.#mask) + ID_BYTES;
  }

  reserveInLast(callerId: number, textBufSize: number, max: number): PrbReservedEntry | undefined {
    this.#load();
    const entry = this.#reserveInLast(callerId, textBufSize, max);
    this.#save();
    return entry;
  }

  #reserveInLast(callerId: number, textBufSize: number, max: number): PrbReservedEntry | undefined {
    const { i32, bytes } = this.heap;
    const seq = this.#headSeq - 1;
    if (seq < this.#tailSeq) return undefined;
    const w = this.#desc(seq) >>> 2;
    if (i32[w + W_STATE] !== COMMITTED || i32[w + W_CALLER] !== (callerId | 0)) return undefined;
    const textLen = i32[w + W_INFO]! & INFO.textLenMask;
    const size = textLen + textBufSize;
    const block = this.#blockSize(size);
    const begin = i32[w + W_BEGIN]!;
    if (begin === FAILED_LPOS || size > max || block > this.#maxBlock || i32[w + W_NEXT] !== this.#head)
      return undefined;
    i32[w + W_STATE] = RESERVED;
    const old = this.#textAt(begin, this.#head);
    const next = this.#next(begin, block);
    if (((next - this.#head) | 0) > 0) {
      if (!this.#pushTail((next - this.size) | 0)) {
        i32[w + W_STATE] = COMMITTED;
        return undefined;
      }
      const moved = this.#textAt(begin, next);
      if (moved !== old) bytes.copyWithin(moved, old, old + textLen);
      this.#head = next;
      i32[w + W_NEXT] = next;
    }
    const e = this.#entry;
    this.#fill(seq, e);
    e.textBufSize = size;
    return e;
  }

  #store(e: PrbReservedEntry, state: number): void {
    const { f64, i32 } = this.heap;
    const at = this.#desc(e.seq);
    const w = at >>> 2;
    f64[at >>> 3] = e.tsUsec;
    i32[w + W_INFO] =
      e.textLen | (e.facility << INFO.facilityShift) | (e.level << INFO.levelShift) | (e.flags << INFO.flagsShift);
    i32[w + W_CALLER] = e.callerId;
    i32[w + W_CPU] = e.dev === undefined ? e.cpu & ~DESC_HAS_DICT : e.cpu | DESC_HAS_DICT;
    i32[w + W_STATE] = state;
    this.#describe(e.seq, e.dev, e.comm);
  }

  /**
   * Stores a whole final record but for its text, and returns where in the heap that belongs: to be written before anything
   * else is asked of the ring. 0: not this way; take the steps.
   */
  store(
    textBufSize: number,
    textLen: number,
    tsUsec: Usec,
    facility: number,
    level: number,
    flags: number,
    callerId: number,
    cpu: number,
    comm: string,
  ): number {
    const info = textLen | (facility << INFO.facilityShift) | (level << INFO.levelShift) | (flags << INFO.flagsShift);
    const at = this.heap.lane.prbStore(this.prb, textBufSize, info, tsUsec, callerId, cpu & ~DESC_HAS_DICT) >>> 0;
    // What it pushed out, it pushed out also when there was no room.
    this.#stale = true;
    if (at > 0 && (comm !== '' || this.#comms !== undefined || this.#devs !== undefined)) {
      this.#describe(this.nextSeq - 1, undefined, comm);
    }
    return at;
  }

  /** What is kept beside the descriptor. */
  #describe(seq: number, dev: DevPrintkInfo | undefined, comm: string): void {
    const slot = seq & (this.#count - 1);
    if (dev !== undefined) this.#devs ??= new Array(this.#count).fill(undefined);
    if (this.#devs !== undefined) this.#devs[slot] = dev;
    if (comm !== '') this.#comms ??= new Array(this.#count).fill('');
    if (this.#comms !== undefined) this.#comms[slot] = comm;
  }

  commit(entry: PrbReservedEntry): void {
    this.#store(entry, COMMITTED);
  }

  finalCommit(entry: PrbReservedEntry): void {
    this.#store(entry, FINALIZED);
  }

  read(seq: number, into: PrintkRecord): PrbRead {
    this.#load();
    if (seq >= this.#headSeq) return 'none';
    if (seq < this.#tailSeq) return 'lost';
    const { i32 } = this.heap;
    const w = this.#desc(seq) >>> 2;
    const state = i32[w + W_STATE]!;
    if (state === RESERVED || state === COMMITTED) return 'none';
    if (state === REUSABLE || i32[w + W_BEGIN] === FAILED_LPOS) return 'lost';
    this.#fill(seq, into);
    return 'ok';
  }

  /** What the descriptor of `seq`, and what is kept beside it, say of a record that has text. */
  #fill(seq: number, into: PrintkRecord): void {
    const { f64, i32 } = this.heap;
    const at = this.#desc(seq);
    const w = at >>> 2;
    const info = i32[w + W_INFO]!;
    into.seq = seq;
    into.tsUsec = f64[at >>> 3] as Usec;
    into.textAt = this.#textAt(i32[w + W_BEGIN]!, i32[w + W_NEXT]!);
    into.textLen = info & INFO.textLenMask;
    into.facility = (info >> INFO.facilityShift) & 0xff;
    into.level = (info >> INFO.levelShift) & 7;
    into.flags = info >>> INFO.flagsShift;
    into.callerId = i32[w + W_CALLER]! >>> 0;
    into.cpu = i32[w + W_CPU]! & ~DESC_HAS_DICT;
    const slot = seq & (this.#count - 1);
    into.dev = this.#devs?.[slot];
    into.comm = this.#comms?.[slot] ?? '';
  }

  release(): void {
    this.heap.free(this.prb);
  }
}
