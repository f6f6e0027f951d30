import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../../src/memory/heap.js';
import { printkRecord } from '../../../src/printk/record.js';
import { readValid } from '../../../src/printk/ring.js';
import { PrintkRingbuffer } from '../../../src/printk/ringbuffer.js';
import type { Usec } from '../../../src/time/index.js';
import { type OracleOptions, OracleRing } from '../../support/oracle-ringbuffer.js';

const plain = new Heap({ size: 64 * 65536, lane: 'plain' });
const simd = new Heap({ size: 64 * 65536, lane: 'simd' });

/** A record that shows when a byte of it is not its own: its length and one letter, repeated. */
function selfVerifying(length: number, letter: number): string {
  const head = `${length}:`;
  return length < head.length
    ? '#'.repeat(length)
    : head + String.fromCharCode(97 + (letter % 26)).repeat(length - head.length);
}

class Pair {
  readonly ring: PrintkRingbuffer;
  readonly oracle: OracleRing;
  readonly heap: Heap;
  letter = 0;
  /** Records that were stored at once. */
  whole = 0;
  /** Whether that is tried. */
  readonly #atOnce: boolean;

  constructor(options: OracleOptions, heap = plain, atOnce = false) {
    this.heap = heap;
    this.#atOnce = atOnce;
    this.ring = new PrintkRingbuffer(heap, options.sizeBits, options);
    this.oracle = new OracleRing(options);
  }

  /** Stores in both; whether there was room. */
  write(bytes: number, caller: number, final: boolean): boolean {
    const { heap } = this;
    const seq = this.ring.nextSeq;
    const record = this.oracle.reserve(bytes, caller);
    const at = final && this.#atOnce ? this.ring.store(bytes, bytes - 1, seq as Usec, caller, undefined) : 0;
    if (at > 0) {
      this.whole++;
      expect(record?.seq).toBe(seq);
      record!.text = selfVerifying(bytes - 1, this.letter++);
      record!.state = 'final';
      heap.bytes.set(Buffer.from(record!.text), at);
      return true;
    }
    const entry = this.ring.reserve(bytes);
    expect(entry?.seq).toBe(record?.seq);
    if (record === undefined || entry === undefined) return false;
    const text = selfVerifying(bytes - 1, this.letter++);
    record.text = text;
    record.state = final ? 'final' : 'committed';
    heap.bytes.set(Buffer.from(text), entry.textAt);
    entry.textLen = text.length;
    entry.callerId = caller;
    entry.tsUsec = record.seq as Usec;
    entry.facility = entry.level = entry.flags = 0;
    if (final) this.ring.finalCommit(entry);
    else this.ring.commit(entry);
    return true;
  }

  continue(bytes: number, caller: number, final: boolean, max: number): boolean {
    const { heap } = this;
    const record = this.oracle.reserveInLast(bytes, caller, max);
    const entry = this.ring.reserveInLast(caller, bytes, max);
    expect(entry?.seq).toBe(record?.seq);
    if (record === undefined || entry === undefined) return false;
    const text = selfVerifying(bytes - 1, this.letter++);
    expect(Buffer.from(heap.bytes.subarray(entry.textAt, entry.textAt + entry.textLen)).toString()).toBe(record.text);
    heap.bytes.set(Buffer.from(text), entry.textAt + entry.textLen);
    entry.textLen += text.length;
    record.text += text;
    record.state = final ? 'final' : 'committed';
    if (final) this.ring.finalCommit(entry);
    else this.ring.commit(entry);
    return true;
  }

  check(): void {
    const { heap } = this;
    const record = printkRecord();
    const made: { seq: number; text: string }[] = [];
    for (let seq = 0; readValid(this.ring, seq, record); seq = record.seq + 1) {
      expect(record.tsUsec).toBe(record.seq);
      made.push({
        seq: record.seq,
        text: Buffer.from(heap.bytes.subarray(record.textAt, record.textAt + record.textLen)).toString(),
      });
    }
    expect(made).toEqual(this.oracle.readable());
    expect(this.ring.nextSeq).toBe(this.oracle.records.length);
    expect(this.ring.firstSeq).toBe(this.oracle.tailSeq);
  }

  release(): void {
    this.ring.release();
  }
}

const options = fc.record({
  sizeBits: fc.constantFrom(10, 11, 12),
  recordShare: fc.constantFrom('whole' as const, 'half' as const),
  perfectFit: fc.boolean(),
});
const bytes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 64 }) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 600 }) },
  { weight: 1, arbitrary: fc.integer({ min: 400, max: 4200 }) },
);
const op = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant('write' as const), bytes, fc.constantFrom(1, 2), fc.boolean()) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('continue' as const), bytes, fc.constantFrom(1, 2), fc.boolean()) },
);

describe.each([
  ['by steps', plain, false],
  ['whole records at once, plain', plain, true],
  ['whole records at once, compiled', simd, true],
] as const)('the ring, %s', (_how, heap, atOnce) => {
  it('does what the sequential rules say, whatever is written', () => {
    let whole = 0;
    fc.assert(
      fc.property(options, fc.array(op, { minLength: 1, maxLength: 160 }), (o, ops) => {
        const pair = new Pair(o, heap, atOnce);
        try {
          for (const [what, n, caller, final] of ops) {
            if (what === 'write') pair.write(n, caller, final);
            else pair.continue(n, caller, final, 1024);
            pair.check();
          }
        } finally {
          whole += pair.whole;
          pair.release();
        }
      }),
      { numRuns: 600 },
    );
    if (!atOnce) expect(whole).toBe(0);
    else expect(whole).toBeGreaterThan(300);
  });

  it.each([10, 11, 12])('2^%i bytes: many laps of small records, evicted by descriptors and by text', (sizeBits) => {
    for (const perfectFit of [false, true]) {
      const pair = new Pair({ sizeBits, recordShare: 'whole', perfectFit }, heap, atOnce);
      for (let i = 0; i < 3 * 2 ** (sizeBits - 4); i++) {
        // Of 16-byte blocks there are more than descriptors; of 72-byte blocks fewer.
        pair.write(i % 7 === 0 ? 64 : 1 + (i % 8), 1, true);
        if (i % 5 === 0) pair.check();
      }
      pair.check();
      pair.release();
    }
  });

  it('descriptors run out before the text when records are short', () => {
    const pair = new Pair({ sizeBits: 10, recordShare: 'whole', perfectFit: false }, heap, atOnce);
    for (let i = 0; i < 100; i++) pair.write(1, 1, true);
    pair.check();
    expect(pair.ring.nextSeq - pair.ring.firstSeq).toBe(32);
    pair.release();
  });
});

describe('a block that ends exactly at the end of the ring', () => {
  const fill = (perfectFit: boolean) => {
    const pair = new Pair({ sizeBits: 10, recordShare: 'whole', perfectFit });
    // Eight blocks of 128 bytes.
    for (let i = 0; i < 8; i++) pair.write(120, 1, true);
    pair.check();
    const readable = pair.oracle.readable().length;
    pair.release();
    return readable;
  };
  it('stays where it is in the newer kernels', () => expect(fill(true)).toBe(8));
  it('moves to the start of the next lap in the older ones', () => expect(fill(false)).toBe(7));
});

describe('the largest block', () => {
  const largest = (recordShare: 'whole' | 'half') => {
    const fits = (n: number) => {
      const pair = new Pair({ sizeBits: 12, recordShare, perfectFit: false });
      const ok = pair.write(n, 1, true);
      pair.release();
      return ok;
    };
    let n = 1;
    while (fits(n + 8)) n += 8;
    while (fits(n + 1)) n++;
    return n;
  };
  it('leaves room for one id', () => expect(largest('whole')).toBe(4096 - 8 - 8));
  it('is half of the ring in the newer kernels', () => expect(largest('half')).toBe(4096 / 2 - 8));
});

describe('a block that would wrap onto itself', () => {
  it('finds no room, and its seq is used up', () => {
    const pair = new Pair({ sizeBits: 10, recordShare: 'whole', perfectFit: false });
    pair.write(100, 1, true);
    expect(pair.write(1000, 1, true)).toBe(false);
    pair.write(10, 1, true);
    pair.check();
    expect(pair.ring.nextSeq).toBe(3);
    expect(pair.oracle.readable().map(({ seq }) => seq)).toEqual([2]);
    pair.release();
  });
});

describe('an unfinished record', () => {
  it('is not read until the next one is reserved', () => {
    const pair = new Pair({ sizeBits: 10, recordShare: 'whole', perfectFit: false });
    pair.write(20, 1, false);
    pair.check();
    expect(pair.oracle.readable()).toEqual([]);
    pair.write(20, 1, true);
    pair.check();
    expect(pair.oracle.readable().length).toBe(2);
    pair.release();
  });

  it('is continued by its caller only, up to the maximum, and while it is the newest', () => {
    const pair = new Pair({ sizeBits: 12, recordShare: 'whole', perfectFit: false });
    pair.write(20, 1, false);
    expect(pair.continue(20, 2, true, 1024)).toBe(false);
    expect(pair.continue(1024 - 19 + 1, 1, true, 1024)).toBe(false);
    expect(pair.continue(1024 - 19, 1, true, 1024)).toBe(true);
    expect(pair.continue(1, 1, true, 1024)).toBe(false);
    pair.check();
    pair.release();
  });

  it('moves to the start of the ring when its continuation wraps', () => {
    const pair = new Pair({ sizeBits: 10, recordShare: 'whole', perfectFit: false });
    for (let i = 0; i < 7; i++) pair.write(120, 1, true);
    pair.write(60, 1, false);
    expect(pair.continue(100, 1, true, 1024)).toBe(true);
    pair.check();
    pair.release();
  });
});

describe('capacity', () => {
  it('28-byte messages take blocks of 40 bytes: 3276 fit the ring of 128 KiB', () => {
    const pair = new Pair({ sizeBits: 17, recordShare: 'whole', perfectFit: false });
    // Stored: 27 characters; reserved: the newline and a terminator more.
    for (let i = 0; i < 3276; i++) pair.ring.finalCommit(pair.ring.reserve(29)!);
    const record = printkRecord();
    expect(readValid(pair.ring, 0, record) && record.seq).toBe(0);
    pair.ring.finalCommit(pair.ring.reserve(29)!);
    expect(readValid(pair.ring, 0, record) && record.seq).toBe(1);
    // 32 bytes at the end of every lap hold no block: in the long run a whole block less.
    for (let i = 0; i < 10_000; i++) pair.ring.finalCommit(pair.ring.reserve(29)!);
    readValid(pair.ring, 0, record);
    expect(pair.ring.nextSeq - record.seq).toBeGreaterThanOrEqual(3275);
    expect(pair.ring.nextSeq - record.seq).toBeLessThanOrEqual(3276);
    pair.release();
  });
});

describe('a seq beyond 2^31', () => {
  it('is counted exactly', () => {
    const ring = new PrintkRingbuffer(plain, 10, { recordShare: 'half', perfectFit: true });
    ring.startAt(2 ** 40);
    const record = printkRecord();
    for (let i = 0; i < 100; i++) ring.finalCommit(ring.reserve(30)!);
    expect(ring.nextSeq).toBe(2 ** 40 + 100);
    expect(readValid(ring, 0, record)).toBe(true);
    expect(record.seq).toBe(ring.nextSeq - 25);
    ring.release();
  });
});

describe('seqs that are skipped', () => {
  it.each([1, 31, 32, 33, 5000])('%i: nothing to be read there, and what came before is evicted by count', (gap) => {
    const ring = new PrintkRingbuffer(plain, 10, { recordShare: 'half', perfectFit: true });
    const record = printkRecord();
    for (let i = 0; i < 3; i++) ring.finalCommit(ring.reserve(10)!);
    ring.skipTo(3 + gap);
    expect(ring.nextSeq).toBe(3 + gap);
    expect(readValid(ring, 3, record)).toBe(false);
    ring.finalCommit(ring.reserve(10)!);
    expect(readValid(ring, 3, record) && record.seq).toBe(3 + gap);
    expect(readValid(ring, 0, record) && record.seq).toBe(
      Math.max(0, Math.min(3 + gap, 3 + gap - 31)) > 2 ? 3 + gap : Math.max(0, gap - 28),
    );
    for (let i = 0; i < 100; i++) ring.finalCommit(ring.reserve(10)!);
    expect(readValid(ring, 0, record) && record.seq).toBe(3 + gap + 101 - 32);
    ring.release();
  });
});
