/**
 * The slots that frames are built in: one run of memory, cut into slots of `SLOT_BYTES`.
 *
 * Slot `i` owns the bytes from `base + i * SLOT_BYTES`. A frame's UDP payload always begins at
 * `PAYLOAD_OFFSET` in its slot and the headers are written in front of it, so that the payload is
 * aligned whatever the headers' length, and nothing moves when they are added.
 *
 *   |<- 66 or 86 ->|<- Ethernet, IP, UDP: 62 or 42 ->|<- payload, up to 1920 ->|
 *   base           start                             payloadAt                end
 *
 * States of a slot: free; owned by whoever called `alloc`; owned by the device between an accepted
 * `startXmit` and `free`. `start` and `end` are absolute offsets into `bytes`, set by whoever built
 * the frame.
 *
 * The memory lies in the heap (`memory/heap.ts`), which never moves, so a transport may give its
 * address to the kernel (iovecs, AF_XDP's UMEM) once and for all.
 */
import { type Heap, heapFor } from '../memory/heap.js';
import { checkArgument, type OptionRule, wholeNumber } from '../options.js';
import { hidden, showAs } from '../show.js';

/** Bytes of a slot. */
export const SLOT_BYTES = 2048;
/**
 * Where the payload begins, from the slot's base. This is not a multiple of a page, as copies
 * between frames at the same offset in their pages cost 10 % more.
 */
export const PAYLOAD_OFFSET = 128;
/** How many slots a slab may have. */
export const SLOT_COUNT: OptionRule = wholeNumber(1, 65_536);

/** A device's slots for frames, with the states that the head of this file names. */
export interface FrameSlab {
  /** Where the slots lie. */
  readonly heap: Heap;
  /** The heap's bytes; `start`, `end` and `payloadAt` are offsets into it. */
  readonly bytes: Uint8Array;
  /** Offset of slot 0 in `bytes`; a multiple of 4096. */
  readonly base: number;
  /** How many slots there are, numbered from 0 on. */
  readonly count: number;
  /** For each slot, where the device's medium begins in the frame. */
  readonly start: Uint32Array;
  /** For each slot, one past the frame's last byte. */
  readonly end: Uint32Array;
  /** How many slots are not free. */
  readonly inUse: number;
  /** Takes a free slot, or returns -1. It never throws, and never allocates memory. */
  alloc(): number;
  /**
   * Frees a slot. Throws RangeError for a slot that is free already. Once the memory was released,
   * it does nothing.
   */
  free(slot: number): void;
  /** Returns where the UDP payload of a slot begins, as an offset into `bytes`. */
  payloadAt(slot: number): number;
  /**
   * Gives the memory back to the heap. A second call does nothing. No slot may be touched
   * afterwards.
   */
  release(): void;
}

/** No slot is free after this one. */
const LAST = -1;
/** Somebody owns the slot. */
const OUT = -2;

class Slab implements FrameSlab {
  declare readonly heap: Heap;
  declare readonly bytes: Uint8Array;
  readonly base: number;
  readonly count: number;
  declare readonly start: Uint32Array;
  declare readonly end: Uint32Array;
  /** Of a free slot the one that is taken after it, or LAST; OUT of all others. */
  readonly #next: Int32Array;
  /** The slot freed last, which is taken first, as its memory is still near the processor. */
  #first = 0;
  #inUse = 0;
  #released = false;

  constructor(count: number, heap: Heap) {
    this.count = count;
    this.base = heap.alloc(count * SLOT_BYTES, 4096);
    hidden<Slab>(this, { heap, bytes: heap.bytes, start: new Uint32Array(count), end: new Uint32Array(count) });
    this.#next = Int32Array.from({ length: count }, (_, i) => (i + 1 < count ? i + 1 : LAST));
  }

  get inUse(): number {
    return this.#inUse;
  }

  alloc(): number {
    const slot = this.#first;
    if (slot < 0) return -1;
    const next = this.#next;
    this.#first = next[slot]!;
    next[slot] = OUT;
    this.#inUse++;
    return slot;
  }

  free(slot: number): void {
    const next = this.#next;
    if (next[slot] !== OUT) {
      if (this.#released) return;
      throw new RangeError(
        `slab.free(${slot}): that slot is not out; it was freed before, or is none of 0 to ${this.count - 1}`,
      );
    }
    next[slot] = this.#first;
    this.#first = slot;
    this.#inUse--;
  }

  payloadAt(slot: number): number {
    return this.base + slot * SLOT_BYTES + PAYLOAD_OFFSET;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#next.fill(LAST);
    this.#first = LAST;
    this.#inUse = this.count;
    this.heap.free(this.base);
  }
}

/**
 * Makes a slab of `count` slots, 1 to 65,536, in `heap` (default: the process's own, while it has
 * room). Throws EINVAL for another count, and ENOMEM.
 */
export function createSlab(count = 64, heap?: Heap): FrameSlab {
  checkArgument('createSlab', 'count', count, SLOT_COUNT);
  return new Slab(count, heap ?? heapFor(count * SLOT_BYTES));
}
showAs(Slab, ({ count, inUse }) => ({ slots: count, inUse }));
