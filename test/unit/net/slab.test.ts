import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../../src/memory/heap.js';
import { createSlab, PAYLOAD_OFFSET, SLOT_BYTES } from '../../../src/net/slab.js';

const heap = new Heap({ size: 16 * 65536, lane: 'plain' });

describe('a slab', () => {
  it('hands out every slot once, the one that was freed last first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.nat({ max: 12 }), { maxLength: 80 }), (count, steps) => {
        const slab = createSlab(count, heap);
        const free = Array.from({ length: count }, (_, i) => count - 1 - i);
        const used: number[] = [];
        for (const step of steps) {
          if (step % 2 === 0) {
            const want = free.pop() ?? -1;
            expect(slab.alloc()).toBe(want);
            if (want >= 0) used.push(want);
          } else if (used.length > 0) {
            const [slot] = used.splice(step % used.length, 1);
            slab.free(slot!);
            free.push(slot!);
          }
          expect(slab.inUse).toBe(used.length);
        }
        slab.release();
      }),
    );
  });

  it('payloads are aligned, and stay in their slots', () => {
    const slab = createSlab(4, heap);
    expect(slab.base % 4096).toBe(0);
    for (let i = 0; i < 4; i++) {
      expect(slab.payloadAt(i)).toBe(slab.base + i * SLOT_BYTES + PAYLOAD_OFFSET);
      expect(slab.payloadAt(i) % 64).toBe(0);
    }
    slab.release();
  });

  it('gives its memory back', () => {
    const used = heap.used;
    const slab = createSlab(8, heap);
    expect(heap.used).toBe(used + 8 * SLOT_BYTES);
    slab.release();
    expect(heap.used).toBe(used);
  });
});
