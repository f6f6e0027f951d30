/**
 * The slots that frames are built in: one run of memory, cut into slots of `SLOT_BYTES`.
 *
 * Slot `i` owns the bytes from `base + i * SLOT_BYTES`. A frame's UDP payload always begins at
 * `PAYLOAD_OFFSET` in its slot and the headers are written in front of it, so that the payload is aligned
 * whatever the headers' length, and nothing moves when they are added.
 *
 *   |<- 66 or 86 ->|<- Ethernet, IP, UDP: 62 or 42 ->|<- payload, up to 1920 ->|
 *   base           start                             payloadAt                end
 *
 * States of a slot: free; owned by who called `alloc`; owned by the device between an accepted `startXmit` and
 * `free`. `start` and `end` are absolute offsets into `bytes`, set by who built the frame.
 *
 * The memory lies in the heap (`memory/heap.ts`), which never moves, so a transport may give its address to
 * the kernel (iovecs, AF_XDP's UMEM) once and for all.
 */
import { type Heap, heapFor } from '../memory/heap.js';
import { hidden, showAs } from '../show.js';

export const SLOT_BYTES = 2048;
/** From the slot's base. Not a multiple of a page: same-offset copies of page-aligned frames cost 10 %. */
export const PAYLOAD_OFFSET = 128;
/** The largest payload a slot can hold. */
export const SLOT_PAYLOAD_MAX: number = SLOT_BYTES - PAYLOAD_OFFSET;

export interface FrameSlab {
  readonly heap: Heap;
  /** The heap's bytes; `start`, `end` and `payloadAt` are offsets into it. */
  readonly bytes: Uint8Array;
  /** Offset of slot 0 in `bytes`; a multiple of 4096. */
  readonly base: number;
  readonly count: number;
  /** Where the device's medium begins, and one past the last byte, per slot. */
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** Slots that are not free. */
  readonly inUse: number;
  /** A free slot, or -1. Never throws, never allocates memory. */
  alloc(): number;
  free(slot: number): void;
  payloadAt(slot: number): number;
  /** Gives the memory back to the heap; no slot may be touched afterwards. */
  release(): void;
}

class Slab implements FrameSlab {
  declare readonly heap: Heap;
  declare readonly bytes: Uint8Array;
  readonly base: number;
  readonly count: number;
  declare readonly start: Uint32Array;
  declare readonly end: Uint32Array;
  /** Free slots, the one freed last at the end: it is taken first, as its memory is still near the processor. */
  readonly #free: Int32Array;
  #freeCount: number;

  constructor(count: number, heap: Heap) {
    this.count = count;
    this.base = heap.alloc(count * SLOT_BYTES, 4096);
    hidden<Slab>(this, { heap, bytes: heap.bytes, start: new Uint32Array(count), end: new Uint32Array(count) });
    this.#free = Int32Array.from({ length: count }, (_, i) => count - 1 - i);
    this.#freeCount = count;
  }

  get inUse(): number {
    return this.count - this.#freeCount;
  }

  alloc(): number {
    return this.#freeCount > 0 ? this.#free[--this.#freeCount]! : -1;
  }

  free(slot: number): void {
    this.#free[this.#freeCount++] = slot;
  }

  payloadAt(slot: number): number {
    return this.base + slot * SLOT_BYTES + PAYLOAD_OFFSET;
  }

  release(): void {
    this.heap.free(this.base);
    this.#freeCount = 0;
  }
}

showAs(Slab, ({ count, inUse }) => ({ slots: count, inUse }));

/** A slab of `count` slots in `heap` (default: the process's own, while it has room). */
export function createSlab(count = 64, heap: Heap = heapFor(count * SLOT_BYTES)): FrameSlab {
  return new Slab(count, heap);
}
