/**
 * Linear memory: where everything lies that the path of a log line touches: the text and descriptor
 * rings of printk, the consoles' buffers, the slabs that frames are built in.
 *
 * One heap is one fixed run of memory, reserved whole and never grown, so that neither its views nor its address ever
 * change; the operating system gives real pages only to what has been touched. It is a `WebAssembly.Memory`
 * where there is WebAssembly with SIMD, so that the compiled loops (`lane/`) work on it in place, and an ordinary
 * `ArrayBuffer` where there is not; the code above sees no difference.
 *
 * Invariants: an offset handed out by `alloc` is a multiple of its alignment, at least 16, and never 0; the
 * bytes are zero; freed blocks are merged with free neighbours.
 *
 *   const heap = defaultHeap();
 *   const at = heap.alloc(4096);
 *   heap.bytes.set(text, at);
 *   heap.free(at);
 */
import { KernelError } from '../errno.js';
import { type Lane, type LaneArm, openLane } from '../lane/index.js';
import { HEAP_OVERREAD, HEAP_START } from '../lane/layout.js';

/** Enough for ten thousand small kernels and their devices. Reserved, not used. */
export const HEAP_BYTES: number = 256 * 1024 * 1024;
const PAGE = 65536;
/** Room for the longest console message there is (8192), and a dropped notice before it. */
export const BORROWED_BYTES: number = 8192 + 1024;

export interface HeapOptions {
  /** A multiple of 64 KiB. */
  readonly size?: number;
  /** `plain`: no WebAssembly, the same results. Default: `simd` where it works, see `lane/index.ts`. */
  readonly lane?: LaneArm;
}

export class Heap {
  readonly buffer: ArrayBuffer;
  readonly bytes: Uint8Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
  /** The loops that work on this memory. */
  readonly lane: Lane;
  /** Free blocks by ascending offset: start, size. */
  readonly #free: { at: number; size: number }[];
  readonly #used = new Map<number, number>();
  readonly #idle: number[] = [];

  constructor(options: HeapOptions = {}) {
    const size = options.size ?? HEAP_BYTES;
    const { buffer, lane } = openLane(size, options.lane);
    this.buffer = buffer;
    this.lane = lane;
    this.bytes = new Uint8Array(this.buffer);
    this.i32 = new Int32Array(this.buffer);
    this.u32 = new Uint32Array(this.buffer);
    this.f64 = new Float64Array(this.buffer);
    this.#free = [{ at: HEAP_START, size: size - HEAP_START - HEAP_OVERREAD }];
  }

  /**
   * A buffer of `BORROWED_BYTES` for the time of one call, so that ten thousand kernels need not keep one each. Give it
   * back when the call ends; nested calls get others.
   */
  borrow(): number {
    return this.#idle.pop() ?? this.alloc(BORROWED_BYTES, 64);
  }

  giveBack(at: number): void {
    this.#idle.push(at);
  }

  /** Whether a block of `bytes`, and some buffers beside it, can be had. */
  fits(bytes: number): boolean {
    return this.#free.some((block) => block.size >= bytes + PRIVATE_SLACK);
  }

  /** Bytes handed out and not freed. */
  get used(): number {
    let sum = 0;
    for (const size of this.#used.values()) sum += size;
    return sum;
  }

  /** Offset of `size` zeroed bytes. ENOMEM when the heap is full. `align`: a power of two. */
  alloc(size: number, align = 16): number {
    const want = Math.max(16, Math.ceil(size / 16) * 16);
    for (let i = 0; i < this.#free.length; i++) {
      const block = this.#free[i]!;
      const at = ((block.at + align - 1) & -align) >>> 0;
      const gap = at - block.at;
      if (block.size < gap + want) continue;
      const rest = block.size - gap - want;
      const pieces = [];
      if (gap > 0) pieces.push({ at: block.at, size: gap });
      if (rest > 0) pieces.push({ at: at + want, size: rest });
      this.#free.splice(i, 1, ...pieces);
      this.#used.set(at, want);
      return at;
    }
    throw new KernelError('ENOMEM', 'heap', `no ${want} bytes left in a heap of ${this.buffer.byteLength}`);
  }

  free(at: number): void {
    const size = this.#used.get(at);
    if (size === undefined) return;
    this.#used.delete(at);
    this.bytes.fill(0, at, at + size);
    let i = this.#free.findIndex((block) => block.at > at);
    if (i < 0) i = this.#free.length;
    this.#free.splice(i, 0, { at, size });
    const merge = (k: number) => {
      const a = this.#free[k];
      const b = this.#free[k + 1];
      if (a && b && a.at + a.size === b.at) {
        a.size += b.size;
        this.#free.splice(k + 1, 1);
      }
    };
    merge(i);
    merge(i - 1);
  }
}

let shared: Heap | undefined;

/** The process's heap: kernels and devices that share it pass frames without crossing memories. */
export function defaultHeap(): Heap {
  shared ??= new Heap();
  return shared;
}

/** The process's heap if `bytes` more fit into it, else one of its own: slower to send from, but never full. */
export function heapFor(bytes: number): Heap {
  const heap = defaultHeap();
  if (heap.fits(bytes)) return heap;
  return new Heap({ size: Math.ceil((bytes + PRIVATE_SLACK) / PAGE) * PAGE });
}

const PRIVATE_SLACK = 16 * PAGE;
