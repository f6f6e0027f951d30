/**
 * Positions in the text ring run freely and are kept modulo 2^32: the ring does the same before, at and after the places where they
 * become negative (2^31) and zero (2^32), and so it does with seqs around 2^31, 2^32 and beyond.
 *
 * A ring gets there by long records; the model, whose positions are exact, is given a few of them, whole laps fewer, and stands in the
 * same state.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../../src/memory/heap.js';
import { printkRecord } from '../../../src/printk/record.js';
import { readValid } from '../../../src/printk/ring.js';
import { PrintkRingbuffer } from '../../../src/printk/ringbuffer.js';
import type { Usec } from '../../../src/time/index.js';
import { type OracleOptions, type OracleRecord, OracleRing } from '../../support/oracle-ringbuffer.js';

/** Who writes whole records: the steps, or the lane. Its plain arm is held to the compiled one by `lane.test.ts`, at these positions too. */
const WRITERS = {
  steps: { heap: new Heap({ size: 16 * 65536, lane: 'plain' }), atOnce: false },
  lane: { heap: new Heap({ size: 16 * 65536, lane: 'simd' }), atOnce: true },
} as const;
type Writer = (typeof WRITERS)[keyof typeof WRITERS];
/** How far around a crossing records are written and read. */
const LAPS = 3;
const MAX = 1024;

class Pair {
  readonly ring: PrintkRingbuffer;
  readonly oracle: OracleRing;
  /** What the ring is ahead of the model, in seqs and in positions. */
  #seqs = 0;
  #positions = 0;
  #letter = 0;
  readonly #writer: Writer;
  /** Records that the lane stored. */
  atOnce = 0;

  constructor(options: OracleOptions, writer: Writer) {
    this.#writer = writer;
    this.oracle = new OracleRing(options);
    this.ring = new PrintkRingbuffer(writer.heap, options.sizeBits, options);
  }

  /**
   * Fills both until the oldest descriptor goes with each new one, and the ring on to `LAPS` before `position`, by whole laps. `seq`,
   * for the first time only: the ring is to be somewhat before it then.
   */
  approach(position: number, seq?: number): void {
    const { size, count, records } = this.oracle;
    // Blocks of half of the ring find room wherever the head is.
    const bytes = size / 2 - 8;
    const fill = (n: number) => {
      for (let i = 0; i < n; i++) this.oracle.reserve(bytes, 0)!.state = 'final';
    };
    fill(count + 4);
    const before = this.head;
    // A lap, or two.
    fill(2);
    const step = this.head - before;
    const steps = Math.floor((position - LAPS * size - this.head) / step);
    const fillers = count + 6 + 2 * steps;
    this.#seqs += 2 * steps;
    this.#positions += steps * step;
    if (seq !== undefined) {
      this.ring.startAt(seq - 20 - fillers);
      this.#seqs = seq - 20 - records.length;
    }
    for (let i = 0; i < fillers; i++) {
      if (this.#writer.atOnce && this.#store(bytes, 0, 0) > 0) continue;
      const entry = this.ring.reserve(bytes)!;
      entry.tsUsec = 0 as Usec;
      entry.callerId = entry.facility = entry.level = entry.flags = 0;
      this.ring.finalCommit(entry);
    }
  }

  /** Where the next block begins, counted from 0 without end. */
  get head(): number {
    const last = this.oracle.records.findLast(({ block }) => block !== undefined)!;
    return last.block!.next + this.#positions;
  }

  #seq(record: OracleRecord | undefined): number | undefined {
    return record && record.seq + this.#seqs;
  }

  #text(length: number): string {
    const text = `${length}:${String.fromCharCode(97 + (this.#letter++ % 26)).repeat(length)}`;
    return text.slice(0, length);
  }

  /** A whole record in the lane's way; 0: it leaves that to the steps. */
  #store(bytes: number, textLen: number, caller: number): number {
    return this.ring.store(bytes, textLen, this.ring.nextSeq as Usec, caller, undefined);
  }

  write(bytes: number, caller: number, final: boolean): void {
    const record = this.oracle.reserve(bytes, caller);
    const text = this.#text(bytes - 1);
    const seq = this.ring.nextSeq;
    const at = this.#writer.atOnce && final ? this.#store(bytes, text.length, caller) : 0;
    if (at > 0) {
      this.atOnce++;
      expect(seq).toBe(this.#seq(record));
      this.#writer.heap.bytes.set(Buffer.from(text), at);
      record!.text = text;
      record!.state = 'final';
      return;
    }
    const entry = this.ring.reserve(bytes);
    expect(entry?.seq).toBe(this.#seq(record));
    if (record === undefined || entry === undefined) return;
    entry.textLen = 0;
    entry.callerId = caller;
    entry.tsUsec = entry.seq as Usec;
    entry.facility = entry.level = entry.flags = 0;
    this.#commit(record, entry, text, final);
  }

  continue(bytes: number, caller: number, final: boolean): void {
    const record = this.oracle.reserveInLast(bytes, caller, MAX);
    const entry = this.ring.reserveInLast(caller, bytes, MAX);
    expect(entry?.seq).toBe(this.#seq(record));
    if (record === undefined || entry === undefined) return;
    expect(this.#writer.heap.bytes.subarray(entry.textAt, entry.textAt + entry.textLen)).toEqual(
      new Uint8Array(Buffer.from(record.text)),
    );
    this.#commit(record, entry, this.#text(bytes - 1), final);
  }

  #commit(
    record: OracleRecord,
    entry: NonNullable<ReturnType<PrintkRingbuffer['reserve']>>,
    text: string,
    final: boolean,
  ): void {
    this.#writer.heap.bytes.set(Buffer.from(text), entry.textAt + entry.textLen);
    entry.textLen += text.length;
    record.text += text;
    record.state = final ? 'final' : 'committed';
    if (final) this.ring.finalCommit(entry);
    else this.ring.commit(entry);
  }

  #textOf({ textAt, textLen }: { textAt: number; textLen: number }): string {
    return Buffer.from(this.#writer.heap.bytes.subarray(textAt, textAt + textLen)).toString();
  }

  /** What is read, by seq and from the oldest on, is what the model has. */
  check(): void {
    const { ring, oracle } = this;
    const record = printkRecord();
    const seqs = this.#seqs;
    expect([ring.firstSeq, ring.nextSeq]).toEqual([oracle.tailSeq + seqs, oracle.records.length + seqs]);
    const made: unknown[] = [];
    const due: unknown[] = [];
    for (let seq = oracle.tailSeq - 2; seq < oracle.records.length + 2; seq++) {
      const read = ring.read(seq + seqs, record);
      made.push(read === 'ok' ? [record.seq - seqs, this.#textOf(record)] : read);
      due.push(stateOf(oracle, seq));
    }
    expect(made).toEqual(due);
    const valid: unknown[] = [];
    for (let seq = 0; readValid(ring, seq, record); seq = record.seq + 1)
      valid.push({ seq: record.seq - seqs, text: this.#textOf(record) });
    expect(valid).toEqual(oracle.readable().map(({ seq, text }) => ({ seq, text })));
  }
}

/** The text; or what reading the record says. */
function stateOf(oracle: OracleRing, seq: number): unknown {
  const record = oracle.records[seq];
  if (record === undefined) return 'none';
  if (seq < oracle.tailSeq || record.block === undefined || record.state === 'reusable') return 'lost';
  return record.state === 'final' ? [seq, record.text] : 'none';
}

const options = fc.record({
  sizeBits: fc.constantFrom(13, 14),
  recordShare: fc.constantFrom('whole' as const, 'half' as const),
  perfectFit: fc.boolean(),
});
const bytes = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 64 }) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 700 }) },
  { weight: 1, arbitrary: fc.integer({ min: 400, max: 16400 }) },
);
const op = fc.tuple(fc.constantFrom('write', 'write', 'continue'), bytes, fc.constantFrom(1, 2), fc.boolean());
const ops = fc.array(op, { minLength: 20, maxLength: 60 });
type Ops = typeof ops extends fc.Arbitrary<infer T> ? T : never;

/** Around positions of 2^31 and 2^32; `seq`: one to be passed at the first of them. */
function cross(writer: Writer, options: OracleOptions, ops: Ops, seq?: number): void {
  const pair = new Pair(options, writer);
  try {
    const { size } = pair.oracle;
    for (const crossing of [2 ** 31, 2 ** 32]) {
      pair.approach(crossing, crossing === 2 ** 31 ? seq : undefined);
      if (crossing === 2 ** 31 && seq !== undefined) expect(pair.ring.nextSeq).toBe(seq - 20);
      expect(pair.head).toBeLessThan(crossing - size);
      pair.check();
      for (let i = 0; pair.head < crossing + LAPS * size; i++) {
        const [what, n, caller, final] = ops[i % ops.length]!;
        // Of every round the first is short: all others may find no room.
        if (i % ops.length === 0) pair.write(32, caller, final);
        else if (what === 'write') pair.write(n, caller, final);
        else pair.continue(n, caller, final);
        if (i % 4 === 0 || Math.abs(pair.head - crossing) < size) pair.check();
      }
      pair.check();
      if (seq !== undefined) expect(pair.ring.nextSeq).toBeGreaterThan(seq + 20);
    }
    // A short line behind another one always goes at once; what comes behind an open one may not.
    const line = (op: Ops[number] | undefined) => op?.[0] === 'write' && op[1] <= 64 && op[3];
    if (writer.atOnce && ops.some((op, i) => i > 1 && line(op) && line(ops[i - 1])))
      expect(pair.atOnce).toBeGreaterThan(0);
  } finally {
    pair.ring.release();
  }
}

/** Just before the crossing, with so many bytes before it: what gets over it. */
const OVER: Record<string, (pair: Pair, left: number) => void> = {
  'a record that ends there, and is continued': (pair, left) => {
    pair.write(left - 8, 1, false);
    pair.continue(40, 1, false);
    pair.continue(40, 1, true);
  },
  'a record that finds no room before it, and is continued': (pair, left) => {
    pair.write(left + 8, 1, false);
    pair.continue(40, 1, true);
  },
  'a continuation that ends there, and another one': (pair, left) => {
    pair.write(17, 1, false);
    // 16 bytes of text are there; the last one is the terminator's.
    pair.continue(left - 8 - 16, 1, false);
    pair.continue(40, 1, true);
  },
  'a continuation that finds no room before it': (pair, left) => {
    pair.write(17, 1, false);
    pair.continue(left, 1, true);
  },
};

function crossBy(writer: Writer, perfectFit: boolean, over: (pair: Pair, left: number) => void): void {
  const pair = new Pair({ sizeBits: 14, recordShare: 'whole', perfectFit }, writer);
  try {
    for (const crossing of [2 ** 31, 2 ** 32]) {
      pair.approach(crossing);
      while (crossing - pair.head > 400) pair.write(200, 1, true);
      pair.check();
      expect(pair.head).toBeLessThan(crossing);
      over(pair, crossing - pair.head);
      expect(pair.head).toBeGreaterThanOrEqual(crossing);
      pair.check();
      for (let i = 0; pair.head < crossing + 2 * pair.oracle.size; i++) {
        pair.write(200, 1, true);
        if (i % 16 === 0) pair.check();
      }
      pair.check();
    }
  } finally {
    pair.ring.release();
  }
}

describe.each(Object.entries(WRITERS))('around positions of 2^31 and 2^32, written by the %s', (_, writer) => {
  it.each(Object.entries(OVER))('%s', (_, over) => {
    for (const perfectFit of [false, true]) crossBy(writer, perfectFit, over);
  });

  it.each([
    ['small', undefined],
    ['around 2^31', 2 ** 31],
    ['around 2^32', 2 ** 32],
    ['around 2^40', 2 ** 40],
  ])('the ring reads the same, with seqs that are %s', (_, seq) => {
    fc.assert(
      fc.property(options, ops, (o, list) => cross(writer, o, list, seq)),
      { numRuns: 1, endOnFailure: true },
    );
  });

  it('and so does a ring of one page', () => {
    fc.assert(
      fc.property(fc.boolean(), ops, (perfectFit, list) =>
        cross(writer, { sizeBits: 12, recordShare: 'whole', perfectFit }, list),
      ),
      { numRuns: 1, endOnFailure: true },
    );
  });
});
