/**
 * The printk ring buffer, from 5.10 on: a ring of descriptors and a ring of text, with a control
 * block before them, in the heap.
 *
 * A record is a descriptor and, in the text ring, one block: 8 bytes of id and the text, rounded up
 * to 8. Writing takes two steps, so that a writer can fill the space it was given:
 *
 *   const e = ring.reserve(size);           // a descriptor, seq and space; undefined: no room
 *   heap.bytes.set(text, e.textAt); e.textLen = text.length; ...
 *   ring.finalCommit(e);                    // or commit(e): may still be continued
 *
 * Nearly every record is whole and final from the start: `store` then does both steps at once, in
 * the lane (`lane/lane.ts` prbStore). It leaves everything that is less simple to the steps.
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
 * Invariants: positions (`head`, `tail`, a block's begin and next) run freely, modulo 2^32, and an
 * index is a position modulo the ring's size; seq grows by one per reserved descriptor, also when
 * its text found no room (`begin` is then FAILED_LPOS and the seq reads as lost); the oldest are
 * overwritten first, whole records, by text space or by descriptors, whichever runs out; a block
 * never wraps: one that would starts again at index 0, leaving a gap.
 *
 * Linux: kernel/printk/printk_ringbuffer.c. Differs: there is one writer at a time, so there are no
 * atomics and no torn reads.
 */
import { DESC_HAS_DICT, FAILED_LPOS, ID_BYTES, INFO, PRB, STATE } from '../lane/layout.js';
import { loadSeq, saveSeq } from '../lane/seq.js';
import type { Heap } from '../memory/heap.js';
import type { Usec } from '../time/index.js';
import {
  PrbReader,
  packInfo,
  type RingbufferOptions,
  W_BEGIN,
  W_CALLER,
  W_CPU,
  W_INFO,
  W_NEXT,
  W_STATE,
} from './prb.js';
import { printkRecord, type Task } from './record.js';
import type { PrbReservedEntry, PrbRing } from './ring.js';
import { ContinuedStore } from './store/continued.js';
import type { StoreContext, StoreStrategy } from './store/strategy.js';
import { WholeStore } from './store/whole.js';

/** The ring of one kernel from 5.10 on. */
export class PrintkRingbuffer extends PrbReader implements PrbRing {
  /** Reservations that found no room. */
  fail = 0;
  readonly #entry: PrbReservedEntry;

  constructor(heap: Heap, sizeBits: number, options: RingbufferOptions) {
    super(heap, sizeBits, options);
    this.#entry = { ...printkRecord(), textBufSize: 0 };
  }

  strategy(context: StoreContext): StoreStrategy {
    return new WholeStore(this, context, new ContinuedStore(this, context));
  }

  /** A word of the control block. */
  #word(offset: number): number {
    return this.heap.i32[(this.prb + offset) >>> 2]!;
  }

  #setWord(offset: number, value: number): void {
    this.heap.i32[(this.prb + offset) >>> 2] = value;
  }

  #setSeq(offset: number, seq: number): void {
    saveSeq(this.heap.i32, this.prb + offset, seq);
  }

  startAt(seq: number): void {
    if (this.nextSeq !== this.firstSeq) return;
    this.#setSeq(PRB.headSeq, seq);
    this.#setSeq(PRB.tailSeq, seq);
  }

  skipTo(seq: number): void {
    const { i32 } = this.heap;
    if (this.nextSeq > this.firstSeq) this.#finalize(this.nextSeq - 1);
    if (seq - this.nextSeq >= this.count) {
      // All records of the ring would be overwritten on the way.
      this.#pushTail(this.#word(PRB.head));
      this.#setSeq(PRB.headSeq, seq - this.count);
      this.#setSeq(PRB.tailSeq, seq - this.count);
    }
    for (let next = this.nextSeq; next < seq; next++) {
      if (next - this.firstSeq >= this.count && !this.#pushDescTail()) break;
      const w = this.desc(next) >>> 2;
      i32[w + W_BEGIN] = FAILED_LPOS;
      i32[w + W_INFO] = 0;
      i32[w + W_STATE] = STATE.finalized;
      this.#setSeq(PRB.headSeq, next + 1);
    }
  }

  #finalize(seq: number): void {
    const { i32 } = this.heap;
    const w = (this.desc(seq) >>> 2) + W_STATE;
    if (i32[w] === STATE.committed) i32[w] = STATE.finalized;
  }

  /** Linux: to_blk_size(). */
  #blockSize(textBufSize: number): number {
    return (textBufSize + ID_BYTES + 7) & ~7;
  }

  /** Where a block of `block` bytes from `begin` ends. Linux: get_next_lpos(). */
  #next(begin: number, block: number): number {
    const next = (begin + block) | 0;
    return this.wraps(begin, next) ? ((begin | this.mask) + 1 + block) | 0 : next;
  }

  /**
   * Overwrites the oldest records until the text ring's tail is at `to` or beyond. Returns false if
   * one of them is still being written.
   */
  #pushTail(to: number): boolean {
    const { i32 } = this.heap;
    const head = this.nextSeq;
    let tail = this.#word(PRB.tail);
    let owner = loadSeq(i32, this.prb + PRB.tailOwner);
    while (((to - tail) | 0) > 0 && owner >= 0) {
      const desc = this.desc(owner);
      if (this.open(desc)) return false;
      const w = desc >>> 2;
      i32[w + W_STATE] = STATE.reusable;
      tail = i32[w + W_NEXT]!;
      this.#setWord(PRB.tail, tail);
      for (owner++; owner < head; owner++) if (i32[(this.desc(owner) >>> 2) + W_BEGIN] !== FAILED_LPOS) break;
      if (owner >= head) owner = -1;
      this.#setSeq(PRB.tailOwner, owner);
    }
    // Behind the newest block there is nothing to overwrite but the new one itself.
    return ((to - tail) | 0) <= 0;
  }

  /** Makes room for one descriptor. Linux: desc_push_tail(). */
  #pushDescTail(): boolean {
    const { i32 } = this.heap;
    const tailSeq = this.firstSeq;
    const desc = this.desc(tailSeq);
    if (this.open(desc)) return false;
    const w = desc >>> 2;
    if (i32[w + W_STATE] !== STATE.reusable) {
      i32[w + W_STATE] = STATE.reusable;
      if (i32[w + W_BEGIN] !== FAILED_LPOS && !this.#pushTail(i32[w + W_NEXT]!)) return false;
    }
    if (this.open(this.desc(tailSeq + 1))) return false;
    this.#setSeq(PRB.tailSeq, tailSeq + 1);
    return true;
  }

  reserve(textBufSize: number): PrbReservedEntry | undefined {
    const { i32 } = this.heap;
    const block = this.#blockSize(textBufSize);
    const seq = this.nextSeq;
    if (block > this.#word(PRB.maxBlock) || (seq - this.firstSeq >= this.count && !this.#pushDescTail())) {
      this.fail++;
      return undefined;
    }
    this.#setSeq(PRB.headSeq, seq + 1);
    if (seq > this.firstSeq) this.#finalize(seq - 1);
    const w = this.desc(seq) >>> 2;
    i32[w + W_STATE] = STATE.reserved;
    // Without text until there is room: what this slot held before must not be taken for a block.
    i32[w + W_BEGIN] = FAILED_LPOS;
    const begin = this.#word(PRB.head);
    const next = this.#next(begin, block);
    if (!this.#pushTail((next - this.size) | 0)) {
      // The seq is used up; its record stays without text.
      i32[w + W_INFO] = 0;
      i32[w + W_STATE] = STATE.finalized;
      this.fail++;
      return undefined;
    }
    i32[w + W_BEGIN] = begin;
    i32[w + W_NEXT] = next;
    this.#setWord(PRB.head, next);
    if (loadSeq(i32, this.prb + PRB.tailOwner) < 0) this.#setSeq(PRB.tailOwner, seq);
    const e = this.#entry;
    e.seq = seq;
    e.textAt = this.textAt(begin, next);
    e.textBufSize = textBufSize;
    e.textLen = 0;
    e.dev = undefined;
    e.comm = '';
    e.cpu = 0;
    return e;
  }

  reserveInLast(callerId: number, textBufSize: number, max: number): PrbReservedEntry | undefined {
    const { i32, bytes } = this.heap;
    const seq = this.nextSeq - 1;
    if (seq < this.firstSeq) return undefined;
    const w = this.desc(seq) >>> 2;
    if (i32[w + W_STATE] !== STATE.committed || i32[w + W_CALLER] !== (callerId | 0)) return undefined;
    const textLen = i32[w + W_INFO]! & INFO.textLenMask;
    const size = textLen + textBufSize;
    const block = this.#blockSize(size);
    const begin = i32[w + W_BEGIN]!;
    const head = this.#word(PRB.head);
    if (begin === FAILED_LPOS || size > max || block > this.#word(PRB.maxBlock) || i32[w + W_NEXT] !== head)
      return undefined;
    i32[w + W_STATE] = STATE.reserved;
    const old = this.textAt(begin, head);
    const next = this.#next(begin, block);
    if (((next - head) | 0) > 0) {
      if (!this.#pushTail((next - this.size) | 0)) {
        i32[w + W_STATE] = STATE.committed;
        return undefined;
      }
      const moved = this.textAt(begin, next);
      if (moved !== old) bytes.copyWithin(moved, old, old + textLen);
      this.#setWord(PRB.head, next);
      i32[w + W_NEXT] = next;
    }
    const e = this.#entry;
    this.fill(seq, e);
    e.textBufSize = size;
    return e;
  }

  #store(e: PrbReservedEntry, state: number): void {
    const { f64, i32 } = this.heap;
    const at = this.desc(e.seq);
    const w = at >>> 2;
    f64[at >>> 3] = e.tsUsec;
    i32[w + W_INFO] = packInfo(e.textLen, e.facility, e.level, e.flags);
    i32[w + W_CALLER] = e.callerId;
    i32[w + W_CPU] = e.dev === undefined ? e.cpu & ~DESC_HAS_DICT : e.cpu | DESC_HAS_DICT;
    i32[w + W_STATE] = state;
    if (e.dev !== undefined || e.comm !== '' || this.described) this.describe(e.seq, e.dev, e.comm);
  }

  store(textBufSize: number, info: number, tsUsec: Usec, callerId: number, task: Task | undefined): number {
    const cpu = task === undefined ? 0 : task.cpu & ~DESC_HAS_DICT;
    const at = this.heap.lane.prbStore(this.prb, textBufSize, info, tsUsec, callerId, cpu) >>> 0;
    if (at > 0 && (task !== undefined || this.described === true))
      this.describe(this.nextSeq - 1, undefined, task?.comm ?? '');
    return at;
  }

  commit(entry: PrbReservedEntry): void {
    this.#store(entry, STATE.committed);
  }

  finalCommit(entry: PrbReservedEntry): void {
    this.#store(entry, STATE.finalized);
  }
}
