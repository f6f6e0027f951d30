import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../../src/memory/heap.js';
import { printkRecord } from '../../../src/printk/record.js';
import { readValid } from '../../../src/printk/ring.js';
import { PrintkRingbuffer } from '../../../src/printk/ringbuffer.js';

const SHIFT = 10;
const heap = new Heap({ size: 64 * 65536 });

function open(): PrintkRingbuffer {
  return new PrintkRingbuffer(heap, SHIFT, { recordShare: 'whole', perfectFit: true });
}

function put(ring: PrintkRingbuffer, text: string, final = true): number {
  const entry = ring.reserve(text.length + 1)!;
  heap.bytes.set(Buffer.from(text), entry.textAt);
  entry.textLen = text.length;
  if (final) ring.finalCommit(entry);
  else ring.commit(entry);
  return entry.seq;
}

/** All that can be read, oldest first. */
function all(ring: PrintkRingbuffer): [number, string][] {
  const record = printkRecord();
  const found: [number, string][] = [];
  for (let seq = 0; readValid(ring, seq, record); seq = record.seq + 1) {
    found.push([
      record.seq,
      Buffer.from(heap.bytes.subarray(record.textAt, record.textAt + record.textLen)).toString(),
    ]);
  }
  return found;
}

describe('skipTo', () => {
  it('leaves what is there, and a gap that reads as lost', () => {
    const ring = open();
    put(ring, 'a');
    ring.skipTo(5);
    put(ring, 'b');
    expect(all(ring)).toEqual([
      [0, 'a'],
      [5, 'b'],
    ]);
    const record = printkRecord();
    expect([0, 1, 4, 5, 6].map((seq) => ring.read(seq, record))).toEqual(['ok', 'lost', 'lost', 'ok', 'none']);
    ring.release();
  });

  it('finalizes the record before the gap', () => {
    const ring = open();
    put(ring, 'a', false);
    ring.skipTo(3);
    expect(all(ring)).toEqual([[0, 'a']]);
    ring.release();
  });

  it('forgets everything over a gap that is longer than the ring', () => {
    const ring = open();
    for (let i = 0; i < 50; i++) put(ring, `record ${i}`);
    ring.skipTo(1e12);
    expect(all(ring)).toEqual([]);
    expect(put(ring, 'x')).toBe(1e12);
    expect(all(ring)).toEqual([[1e12, 'x']]);
    ring.release();
  });

  it('does nothing for a seq that is not later', () => {
    const ring = open();
    put(ring, 'a');
    ring.skipTo(1);
    ring.skipTo(0);
    expect(put(ring, 'b')).toBe(1);
    ring.release();
  });

  it('never shows a record that was not stored, nor a stored one twice or out of order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(0, 0, 0, 1, 2, 7, 31, 32, 33, 1000), fc.integer({ min: 0, max: 120 })), {
          maxLength: 200,
        }),
        (steps) => {
          const ring = open();
          const stored = new Map<number, string>();
          let next = 0;
          for (const [gap, length] of steps) {
            next += gap;
            ring.skipTo(next);
            const text = String.fromCharCode(97 + (next % 26)).repeat(length);
            expect(put(ring, text)).toBe(next);
            stored.set(next++, text);
          }
          const read = all(ring);
          for (const [seq, text] of read) expect(text).toBe(stored.get(seq));
          expect(read.map(([seq]) => seq)).toEqual([...stored.keys()].slice(stored.size - read.length));
          if (steps.length > 0) expect(read.length).toBeGreaterThan(0);
          ring.release();
        },
      ),
    );
  });
});
