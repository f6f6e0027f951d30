/**
 * The memory of a printk ring and how it is read: a control block, then descriptors, then text
 * (`lane/layout.ts` PRB, DESC).
 *
 * This memory holds all there is to know about a ring, so that the compiled loops and the steps of
 * `ringbuffer.ts` may take turns. Only the names of devices and tasks, which few records have, are
 * kept elsewhere.
 *
 * Linux: kernel/printk/printk_ringbuffer.c prb_read().
 */
import { DESC, DESC_HAS_DICT, DESC_SHIFT, FAILED_LPOS, ID_BYTES, INFO, PRB, STATE } from '../lane/layout.js';
import { loadSeq, saveSeq } from '../lane/seq.js';
import type { Heap } from '../memory/heap.js';
import type { Usec } from '../time/index.js';
import type { DevPrintkInfo, PrintkRecord } from './record.js';
import type { PrbRead } from './ring.js';

/** Average size of a record, by which descriptors are counted. Linux: PRB_AVGBITS. */
const PRB_AVGBITS = 5;

/**
 * Where a descriptor's `begin` lies, in words of 32 bits from the descriptor's start, see `DESC`;
 * its other fields likewise.
 */
export const W_BEGIN: number = DESC.begin >> 2;
export const W_NEXT: number = DESC.next >> 2;
export const W_INFO: number = DESC.info >> 2;
export const W_CALLER: number = DESC.caller >> 2;
export const W_CPU: number = DESC.cpu >> 2;
export const W_STATE: number = DESC.state >> 2;

/**
 * Packs the fields of a record that share a descriptor's `info`. Each must be within its bits, see
 * `INFO`.
 */
export function packInfo(textLen: number, facility: number, level: number, flags: number): number {
  return textLen | (facility << INFO.facilityShift) | (level << INFO.levelShift) | (flags << INFO.flagsShift);
}

/** What differs between the kernels' rings. */
export interface RingbufferOptions {
  /** The part of the text ring that the largest record may take. */
  readonly recordShare: 'whole' | 'half';
  /** Whether a block may end exactly where the ring ends. */
  readonly perfectFit: boolean;
}

/** A ring that can be read. */
export class PrbReader {
  /** Where the ring lies. */
  readonly heap: Heap;
  /** Where in the heap the control block lies. */
  readonly prb: number;
  /** Bytes of text space. */
  readonly size: number;
  /** How many descriptors there are. */
  protected readonly count: number;
  /** The bits of a position that are its index. */
  protected readonly mask: number;
  protected readonly perfectFit: boolean;
  readonly #descs: number;
  readonly #text: number;
  /** Names of devices, which few records have, by the slot of the descriptor. */
  #devs: (DevPrintkInfo | undefined)[] | undefined;
  #comms: string[] | undefined;
  /** Whether a name of a device or a task is kept. */
  protected described = false;

  constructor(heap: Heap, sizeBits: number, options: RingbufferOptions) {
    this.heap = heap;
    // A shift makes an integer, where `2 **` would make a double and every index slow.
    this.size = (1 << sizeBits) >>> 0;
    this.count = (1 << (sizeBits - PRB_AVGBITS)) >>> 0;
    this.prb = heap.alloc(PRB.bytes + this.count * DESC.bytes + this.size, 64);
    this.#descs = this.prb + PRB.bytes;
    this.#text = this.#descs + this.count * DESC.bytes;
    this.mask = this.size - 1;
    this.perfectFit = options.perfectFit;
    const word = (offset: number, value: number) => {
      heap.u32[(this.prb + offset) >>> 2] = value;
    };
    word(PRB.count, this.count);
    word(PRB.descs, this.#descs);
    word(PRB.text, this.#text);
    word(PRB.size, this.size);
    word(PRB.maxBlock, options.recordShare === 'half' ? this.size / 2 : this.size - ID_BYTES);
    word(PRB.perfectFit, options.perfectFit ? 1 : 0);
    saveSeq(heap.i32, this.prb + PRB.tailOwner, -1);
  }

  /** The oldest seq that may still be read. */
  get firstSeq(): number {
    return loadSeq(this.heap.i32, this.prb + PRB.tailSeq);
  }

  /** The seq that the next record gets. */
  get nextSeq(): number {
    return loadSeq(this.heap.i32, this.prb + PRB.headSeq);
  }

  /**
   * One past the newest final record: where a reader starts that wants only new ones. Linux:
   * prb_next_seq().
   */
  get finalSeq(): number {
    const next = this.nextSeq;
    return next > this.firstSeq && this.open(this.desc(next - 1)) ? next - 1 : next;
  }

  /** Where the descriptor of `seq` lies. */
  protected desc(seq: number): number {
    return this.#descs + ((seq & (this.count - 1)) << DESC_SHIFT);
  }

  /**
   * Says whether a descriptor is still being written or may be continued, so that nothing may take
   * its place.
   */
  protected open(desc: number): boolean {
    return this.heap.i32[(desc >>> 2) + W_STATE]! < STATE.finalized;
  }

  /** Says whether a block between these positions goes beyond the end of the text ring. */
  protected wraps(begin: number, next: number): boolean {
    const last = this.perfectFit ? next - 1 : next;
    return ((begin ^ last) & ~this.mask) !== 0;
  }

  /** Returns where the text of a block lies: behind its id, or at index 0 if the block wrapped. */
  protected textAt(begin: number, next: number): number {
    return this.#text + (this.wraps(begin, next) ? 0 : begin & this.mask) + ID_BYTES;
  }

  /** Reads the record of `seq`. `into` is filled in only if that is `ok`. */
  read(seq: number, into: PrintkRecord): PrbRead {
    const { i32 } = this.heap;
    if (seq >= loadSeq(i32, this.prb + PRB.headSeq)) return 'none';
    if (seq < loadSeq(i32, this.prb + PRB.tailSeq)) return 'lost';
    const w = this.desc(seq) >>> 2;
    const state = i32[w + W_STATE]!;
    if (state < STATE.finalized) return 'none';
    if (state === STATE.reusable || i32[w + W_BEGIN] === FAILED_LPOS) return 'lost';
    this.fill(seq, into);
    return 'ok';
  }

  /**
   * Fills `into` from the descriptor of `seq` and the names kept for it, for a record that has
   * text.
   */
  protected fill(seq: number, into: PrintkRecord): void {
    const { f64, i32 } = this.heap;
    const at = this.desc(seq);
    const w = at >>> 2;
    const info = i32[w + W_INFO]!;
    into.seq = seq;
    into.tsUsec = f64[at >>> 3] as Usec;
    into.textAt = this.textAt(i32[w + W_BEGIN]!, i32[w + W_NEXT]!);
    into.textLen = info & INFO.textLenMask;
    into.facility = (info >> INFO.facilityShift) & 0xff;
    into.level = (info >> INFO.levelShift) & 7;
    into.flags = info >>> INFO.flagsShift;
    into.callerId = i32[w + W_CALLER]! >>> 0;
    into.cpu = i32[w + W_CPU]! & ~DESC_HAS_DICT;
    const slot = seq & (this.count - 1);
    into.dev = this.#devs?.[slot];
    into.comm = this.#comms?.[slot] ?? '';
  }

  /**
   * Keeps the names for which the descriptor of `seq` has no place, or forgets those that its slot
   * had.
   */
  protected describe(seq: number, dev: DevPrintkInfo | undefined, comm: string): void {
    this.described = true;
    const slot = seq & (this.count - 1);
    if (dev !== undefined) this.#devs ??= new Array(this.count).fill(undefined);
    if (this.#devs !== undefined) this.#devs[slot] = dev;
    if (comm !== '') this.#comms ??= new Array(this.count).fill('');
    if (this.#comms !== undefined) this.#comms[slot] = comm;
  }

  /** Gives the memory back; the ring must not be used afterwards. */
  release(): void {
    this.heap.free(this.prb);
  }
}
