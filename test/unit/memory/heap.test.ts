import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HEAP_OVERREAD, HEAP_START } from '../../../src/lane/layout.js';
import { BORROWED_BYTES, Heap } from '../../../src/memory/heap.js';
import { printkRecord } from '../../../src/printk/record.js';
import { PrintkRingbuffer } from '../../../src/printk/ringbuffer.js';
import { profile } from '../../../src/profile/index.js';
import type { Usec } from '../../../src/time/index.js';
import { errno } from '../../support/harness.js';

const PAGE = 65536;

describe('a heap', () => {
  it('hands out aligned, zeroed, separate blocks, and takes them back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('plain' as const, 'simd' as const),
        fc.array(
          fc.oneof(
            fc.record({ alloc: fc.integer({ min: 0, max: 9000 }), align: fc.constantFrom(16, 64, 4096) }),
            fc.record({ free: fc.nat() }),
          ),
          { maxLength: 60 },
        ),
        (lane, steps) => {
          const heap = new Heap({ size: 8 * PAGE, lane });
          const blocks: { at: number; size: number }[] = [];
          for (const step of steps) {
            if ('alloc' in step) {
              let at: number;
              try {
                at = heap.alloc(step.alloc, step.align);
              } catch {
                continue;
              }
              expect(at % step.align).toBe(0);
              expect(at).toBeGreaterThanOrEqual(HEAP_START);
              expect(heap.bytes.subarray(at, at + step.alloc).every((byte) => byte === 0)).toBe(true);
              for (const other of blocks) expect(at >= other.at + other.size || at + step.alloc <= other.at).toBe(true);
              heap.bytes.fill(0xff, at, at + step.alloc);
              blocks.push({ at, size: step.alloc });
            } else if (blocks.length > 0) {
              heap.free(blocks.splice(step.free % blocks.length, 1)[0]!.at);
            }
          }
          for (const { at } of blocks) heap.free(at);
          expect(heap.used).toBe(0);
          // All of it is one block again.
          expect(heap.alloc(8 * PAGE - HEAP_START - HEAP_OVERREAD)).toBe(HEAP_START);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps an eighth for what its kernels ask for later', () => {
    const heap = new Heap({ size: 16 << 20 });
    expect(heap.fits(15 << 20)).toBe(false);
    expect(heap.fits(13 << 20)).toBe(true);
  });

  it('says ENOMEM when it is full, and works on', () => {
    const heap = new Heap({ size: PAGE, lane: 'plain' });
    const at = heap.alloc(50_000);
    expect(errno(() => heap.alloc(50_000))).toBe('ENOMEM');
    heap.free(at);
    expect(heap.alloc(50_000)).toBe(at);
  });

  it('frees a block once, and nothing it did not hand out', () => {
    const heap = new Heap({ size: PAGE, lane: 'plain' });
    const at = heap.alloc(100);
    heap.free(at + 16);
    heap.free(12345);
    expect(heap.used).toBeGreaterThan(0);
    heap.free(at);
    heap.free(at);
    expect(heap.used).toBe(0);
  });

  it('lends buffers, nested ones apart', () => {
    const heap = new Heap({ size: 4 * PAGE, lane: 'plain' });
    const one = heap.borrow();
    const two = heap.borrow();
    expect(Math.abs(one - two)).toBeGreaterThanOrEqual(BORROWED_BYTES);
    heap.giveBack(two);
    expect(heap.borrow()).toBe(two);
  });

  it('is of the process while that has room, else a new one', async () => {
    // What tests before took of the process's heap may have left it in pieces.
    vi.resetModules();
    const fresh = await import('../../../src/memory/heap.js');
    expect(fresh.heapFor(1000)).toBe(fresh.defaultHeap());
    const apart = fresh.heapFor(2 ** 29);
    expect(apart).not.toBe(fresh.defaultHeap());
    expect(apart.buffer.byteLength).toBeGreaterThan(2 ** 29);
  });
});

describe.each(['plain', 'simd'] as const)('beyond 2 GiB, %s', (lane) => {
  const heap = new Heap({ size: 3 * 2 ** 30, lane });

  it('blocks are as large as asked for', () => {
    const large = heap.alloc(2 ** 31 + 8);
    expect(heap.alloc(16)).toBe(large + 2 ** 31 + 16);
  });

  it('a ring works there', () => {
    const ring = new PrintkRingbuffer(heap, 12, profile('6.12'));
    expect(ring.prb).toBeGreaterThan(2 ** 31);
    const record = printkRecord();
    for (let i = 0; i < 100; i++) {
      const at = ring.store(101, 100, 0 as Usec, 1, undefined);
      expect(at).toBeGreaterThan(ring.prb);
      heap.bytes.fill(i, at, at + 100);
      expect(ring.read(i, record)).toBe('ok');
      expect(record.textAt).toBe(at);
    }
  });
});

it('kernels that nobody closes are as good as the first, however many there are', async () => {
  // A process's heaps as they are at its start, whatever was allocated before this test.
  vi.resetModules();
  const { createKernel, insideOf } = await import('../../../src/kernel/index.js');
  // More than the process's heap has room for: they lie in further ones.
  const kernels = Array.from({ length: 1200 }, () => createKernel({ profile: '6.12', startUsec: 400e6 }));
  for (const kernel of kernels) expect(kernel.printk('x\n')).toBe(1);
  expect(new Set(kernels.map((kernel) => insideOf(kernel).heap)).size).toBeGreaterThan(1);
  for (const kernel of kernels) kernel.close();
});

describe('without memory for one more heap', () => {
  afterEach(() => vi.unstubAllGlobals());
  const noMemory = class {
    constructor() {
      throw new RangeError('Array buffer allocation failed');
    }
  };

  it('a kernel is refused with what to do about it, the others work on, and that helps', async () => {
    vi.resetModules();
    const { createKernel } = await import('../../../src/kernel/index.js');
    const kernels = [createKernel({ logBufShift: 20 })];
    vi.stubGlobal(
      'WebAssembly',
      new Proxy(WebAssembly, { get: (all, name) => (name === 'Memory' ? noMemory : all[name as never]) }),
    );
    vi.stubGlobal('ArrayBuffer', noMemory);
    const more = () => kernels.push(createKernel({ logBufShift: 20 }));
    const fill = () => {
      for (;;) more();
    };
    expect(fill).toThrow(/close\(\) those that are done with/);
    expect(kernels.length).toBeGreaterThan(50);
    expect(errno(more)).toBe('ENOMEM');
    for (const kernel of kernels) expect(kernel.printk('x\n')).toBe(1);
    // Any of them, not only the last.
    for (const i of [0, 5, 30]) {
      kernels[i]!.close();
      more();
      expect(kernels.at(-1)!.printk('x\n')).toBe(1);
      expect(errno(more)).toBe('ENOMEM');
    }
    for (const kernel of kernels) kernel.close();
  });
});
