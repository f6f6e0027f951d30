/**
 * Linear memory: where everything lies that is touched on the way of a log line: the text and
 * descriptor rings of printk, the consoles' buffers, the slabs that frames are built in.
 *
 * One heap is one fixed run of memory, reserved whole and never grown, so that neither its views
 * nor its address ever change; the operating system gives real pages only to what has been touched.
 * It is a `WebAssembly.Memory` where there is WebAssembly with SIMD, so that the compiled loops
 * (`lane/`) work on it in place, and an ordinary `ArrayBuffer` where there is not; the code above
 * sees no difference.
 *
 * Invariants: an offset handed out by `alloc` is a multiple of its alignment, at least 16, and
 * never 0; the bytes are zero, since a used block is cleared when it is handed out again. A freed
 * block waits for the next request of its size, so that making and closing kernels takes the same
 * time however many there are; the blocks are merged with their free neighbours when nothing else
 * is left.
 *
 *   const heap = defaultHeap();
 *   const at = heap.alloc(4096);
 *   heap.bytes.set(text, at);
 *   heap.free(at);
 */

import { KernelError } from '../errno.js';
import { type Lane, type LaneArm, openLane } from '../lane/index.js';
import { HEAP_OVERREAD, HEAP_START } from '../lane/layout.js';
import { checkOptions, type OptionRules, oneOf, wholeNumber } from '../options.js';
import { hidden, showAs } from '../show.js';

/**
 * The size of the process's heap, enough for ten thousand small kernels and their devices. The
 * memory is reserved, but not used until something is written there.
 */
const HEAP_BYTES: number = 256 * 1024 * 1024;
const PAGE = 65536;
/**
 * What `borrow` lends: room for the longest console message there is (8192 bytes), and a notice of
 * lost messages before it.
 */
export const BORROWED_BYTES: number = 8192 + 1024;

/** How large a heap is, and which loops work on it. */
export interface HeapOptions {
  /** A multiple of 64 KiB. */
  readonly size?: number;
  /**
   * `plain` uses no WebAssembly, and has the same results. Default: `simd` where it works, see
   * `lane/index.ts`.
   */
  readonly lane?: LaneArm;
}

/** What 32 bits can address. */
const PAGES_MAX = 65_535;
const RULES: OptionRules<HeapOptions> = {
  size: {
    expected: `a multiple of ${PAGE}, up to ${PAGES_MAX} times that`,
    holds: (size) => wholeNumber(PAGE, PAGES_MAX * PAGE).holds(size) && (size as number) % PAGE === 0,
  },
  lane: oneOf('plain', 'simd'),
};

interface Block {
  readonly at: number;
  readonly size: number;
}

/**
 * One run of memory that never moves, from which rings, slabs and buffers are cut. Kernels share
 * one of 256 MiB, unless they are given another.
 */
export class Heap {
  // Declared here and defined below as not enumerable, since comparing two devices must not compare
  // 256 MiB.
  /** The memory itself. */
  declare readonly buffer: ArrayBuffer;
  /** The memory as bytes: an offset is an index. */
  declare readonly bytes: Uint8Array;
  /** The memory as signed words of 32 bits: the index is an offset divided by 4. */
  declare readonly i32: Int32Array;
  /** The memory as unsigned words of 32 bits: the index is an offset divided by 4. */
  declare readonly u32: Uint32Array;
  /** The memory as doubles: the index is an offset divided by 8. */
  declare readonly f64: Float64Array;
  /** The loops that work on this memory. @internal */
  declare readonly lane: Lane;
  /** Free blocks by ascending offset, merged; the last one is what was never handed out. */
  #free: Block[];
  /** Freed blocks that are not merged, by their size; the one freed last at the end. */
  readonly #freed = new Map<number, number[]>();
  /** The last size for which no free block was found. */
  #tooLarge = Number.POSITIVE_INFINITY;
  readonly #used = new Map<number, number>();
  #usedBytes = 0;
  /** Where the memory begins that was never handed out. */
  #touched = 0;
  readonly #idle: number[] = [];

  constructor(options: HeapOptions = {}) {
    checkOptions('Heap', options, RULES);
    const size = options.size ?? HEAP_BYTES;
    const { buffer, lane } = openLane(size, options.lane);
    hidden<Heap>(this, {
      buffer,
      lane,
      bytes: new Uint8Array(buffer),
      i32: new Int32Array(buffer),
      u32: new Uint32Array(buffer),
      f64: new Float64Array(buffer),
    });
    this.#free = [{ at: HEAP_START, size: size - HEAP_START - HEAP_OVERREAD }];
  }

  /**
   * Lends a buffer of `BORROWED_BYTES` for the time of one call, so that ten thousand kernels need
   * not keep one each. Nested calls get other buffers. The caller gives it back when the call ends.
   */
  borrow(): number {
    return this.#idle.pop() ?? this.alloc(BORROWED_BYTES, 64);
  }

  /** Takes back a buffer that `borrow` lent. */
  giveBack(at: number): void {
    this.#idle.push(at);
  }

  /**
   * Says whether there is room for a block of `bytes`, and besides for what the heap's kernels ask
   * for later.
   */
  fits(bytes: number): boolean {
    const { byteLength } = this.buffer;
    if (byteLength - this.#usedBytes < bytes + Math.max(PRIVATE_SLACK, byteLength / 8)) return false;
    const wanted = bytes + PRIVATE_SLACK;
    if ((this.#free.at(-1)?.size ?? 0) >= wanted) return true;
    if (wanted < this.#tooLarge && this.#free.some(({ size }) => size >= wanted)) return true;
    if (this.#merge() && this.#free.some(({ size }) => size >= wanted)) return true;
    this.#tooLarge = Math.min(this.#tooLarge, wanted);
    return false;
  }

  /** Bytes handed out and not freed. */
  get used(): number {
    return this.#usedBytes;
  }

  /**
   * Returns the offset of `size` zeroed bytes. Throws ENOMEM when the heap is full. `align` is a
   * power of two.
   */
  alloc(size: number, align = 16): number {
    const want = Math.max(16, Math.ceil(size / 16) * 16);
    const freed = this.#freed.get(want);
    if (freed !== undefined && freed.length > 0 && freed.at(-1)! % align === 0) return this.#hand(freed.pop()!, want);
    const at = this.#take(want, align) ?? (this.#merge() ? this.#take(want, align) : undefined);
    if (at !== undefined) return this.#hand(at, want);
    throw new KernelError('ENOMEM', 'heap', `no ${want} bytes left in a heap of ${this.buffer.byteLength}`);
  }

  /** Takes a block back. An offset that is not handed out is ignored. */
  free(at: number): void {
    const size = this.#used.get(at);
    if (size === undefined) return;
    this.#used.delete(at);
    this.#usedBytes -= size;
    const same = this.#freed.get(size);
    if (same === undefined) this.#freed.set(size, [at]);
    else same.push(at);
  }

  #hand(at: number, size: number): number {
    // Pages that were never handed out are zero, and stay untouched.
    if (at < this.#touched) this.bytes.fill(0, at, Math.min(at + size, this.#touched));
    this.#touched = Math.max(this.#touched, at + size);
    this.#used.set(at, size);
    this.#usedBytes += size;
    return at;
  }

  /** Cuts a block out of a free one: the last, or else the first that is large enough. */
  #take(want: number, align: number): number | undefined {
    const start = ({ at }: Block) => Math.ceil(at / align) * align;
    const enough = (block: Block) => start(block) - block.at + want <= block.size;
    const last = this.#free.length - 1;
    const i = last >= 0 && enough(this.#free[last]!) ? last : this.#free.findIndex(enough);
    if (i < 0) return undefined;
    const block = this.#free[i]!;
    const at = start(block);
    const pieces = [
      { at: block.at, size: at - block.at },
      { at: at + want, size: block.at + block.size - at - want },
    ];
    this.#free.splice(i, 1, ...pieces.filter(({ size }) => size > 0));
    return at;
  }

  /** Merges freed blocks with their free neighbours; returns whether there were any. */
  #merge(): boolean {
    const freed = [...this.#freed].flatMap(([size, offsets]) => offsets.map((at) => ({ at, size })));
    if (freed.length === 0) return false;
    this.#freed.clear();
    const merged: { at: number; size: number }[] = [];
    for (const { at, size } of [...this.#free, ...freed].sort((a, b) => a.at - b.at)) {
      const last = merged.at(-1);
      if (last !== undefined && last.at + last.size === at) last.size += size;
      else merged.push({ at, size });
    }
    this.#free = merged;
    this.#tooLarge = Number.POSITIVE_INFINITY;
    return true;
  }
}

showAs(Heap, ({ bytes, used }) => ({ heap: bytes.length, used }));

let shared: Heap | undefined;

/**
 * Returns the process's heap, and makes it at the first call. Kernels and devices that share it
 * pass frames without crossing memories.
 */
export function defaultHeap(): Heap {
  shared ??= new Heap();
  return shared;
}

/**
 * The heaps that were made when the process's was full, the newest first. Only its kernels keep
 * such a heap alive.
 */
let overflow: readonly WeakRef<Heap>[] = [];
/** So many heaps reserve 16 GiB. */
const OVERFLOWS_MAX = 64;

/**
 * Returns the process's heap if `bytes` more fit into it, else another that is shared in the same
 * way; sending from there is slower if the device's slab lies in the first. Throws ENOMEM when
 * there is no memory for another.
 */
export function heapFor(bytes: number): Heap {
  const shared = defaultHeap();
  if (shared.fits(bytes)) return shared;
  for (const ref of overflow) {
    const heap = ref.deref();
    if (heap?.fits(bytes)) return heap;
  }
  overflow = overflow.filter((ref) => ref.deref() !== undefined);
  const heap =
    overflow.length < OVERFLOWS_MAX
      ? (reserved(Math.max(HEAP_BYTES, bytes + 2 * PRIVATE_SLACK)) ?? reserved(bytes + 2 * PRIVATE_SLACK))
      : undefined;
  if (heap === undefined) {
    throw new KernelError('ENOMEM', 'heap', 'no memory for another kernel or device: close() those that are done with');
  }
  overflow = [new WeakRef(heap), ...overflow];
  return heap;
}

/** Makes a heap of so many bytes; returns undefined if the machine has no room for it. */
function reserved(bytes: number): Heap | undefined {
  try {
    return new Heap({ size: Math.ceil(bytes / PAGE) * PAGE });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const PRIVATE_SLACK = 16 * PAGE;
