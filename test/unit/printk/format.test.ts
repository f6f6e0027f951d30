import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../../src/memory/heap.js';
import { type FormatOptions, formatExt, formatPlain } from '../../../src/printk/format.js';
import { type PrintkRecord, printkRecord } from '../../../src/printk/record.js';
import type { Usec } from '../../../src/time/index.js';
import { type NaiveRecord, naiveExtended, naivePlain } from '../../support/naive.js';

const heaps = [new Heap({ size: 8 * 65536, lane: 'plain' }), new Heap({ size: 8 * 65536 })] as const;
const places = heaps.map((heap) => ({ heap, text: heap.alloc(2048), out: heap.alloc(16384) }));
const OPTIONS: FormatOptions = { caller: false, time: true, syslog: false };

interface Input {
  readonly text: Uint8Array;
  readonly level?: number;
  readonly facility?: number;
  readonly seq?: number;
  readonly tsUsec?: number;
  readonly callerId?: number;
  readonly cont?: boolean;
  readonly dev?: PrintkRecord['dev'];
}

/** What both heaps make of it: the same, and nothing behind it. */
function format(kind: 'plain' | 'extended', input: Input, limit: number, options: Partial<FormatOptions> = {}): string {
  const outputs = places.map(({ heap, text, out }) => {
    const record = printkRecord();
    heap.bytes.set(input.text, text);
    Object.assign(record, {
      seq: input.seq ?? 1,
      tsUsec: (input.tsUsec ?? 1_000_000) as Usec,
      level: input.level ?? 6,
      facility: input.facility ?? 0,
      callerId: input.callerId ?? 1,
      flags: input.cont ? 8 : 2,
      dev: input.dev,
      textAt: text,
      textLen: input.text.length,
    });
    heap.bytes.fill(0xa5, out, out + 16384);
    const fn = kind === 'plain' ? formatPlain : formatExt;
    const length = fn(heap, record, out, limit, { ...OPTIONS, ...options });
    expect(length).toBeLessThanOrEqual(limit);
    expect(Buffer.from(heap.bytes.subarray(text, text + input.text.length)).equals(Buffer.from(input.text))).toBe(true);
    return Buffer.from(heap.bytes.subarray(out, out + length)).toString('latin1');
  });
  expect(outputs[1]).toBe(outputs[0]);
  return outputs[0]!;
}

const bytes = (text: string) => Buffer.from(text, 'latin1');
const callerText = (id: number) => (id >= 0x80000000 ? `C${id - 0x80000000}` : `T${id}`);
const naive = (input: Input, caller: boolean): NaiveRecord => ({
  level: input.level ?? 6,
  facility: input.facility ?? 0,
  seq: input.seq ?? 1,
  tsUsec: input.tsUsec ?? 1_000_000,
  flag: input.cont ? 'c' : '-',
  text: input.text,
  ...(caller ? { caller: callerText(input.callerId ?? 1) } : {}),
  dictionary: input.dev
    ? [
        ['SUBSYSTEM', input.dev.subsystem],
        ['DEVICE', input.dev.device],
      ]
    : [],
});

describe('plain', () => {
  const plain = (text: string, limit = 2048, more: Partial<Input> = {}, options: Partial<FormatOptions> = {}) =>
    format('plain', { text: bytes(text), ...more }, limit, options);

  it.each([
    ['x', '[    1.000000] x\n'],
    ['', '[    1.000000] \n'],
    ['a\nb', '[    1.000000] a\n[    1.000000] b\n'],
    ['a\n', '[    1.000000] a\n[    1.000000] \n'],
    ['\n', '[    1.000000] \n[    1.000000] \n'],
    ['raw \x01\xff\\', '[    1.000000] raw \x01\xff\\\n'],
  ])('%j', (text, want) => expect(plain(text)).toBe(want));

  it.each([
    [0, '[    0.000000] '],
    [999_999, '[    0.999999] '],
    [10_326_585, '[   10.326585] '],
    [99_999_000_001, '[99999.000001] '],
    [100_000_000_000, '[100000.000000] '],
    [2 ** 53 - 1, '[9007199254.740991] '],
  ])('a stamp of %i', (tsUsec, want) => expect(plain('x', 2048, { tsUsec })).toBe(`${want}x\n`));

  it('with a caller but without time', () => {
    expect(plain('a\nb', 2048, { callerId: 42 }, { time: false, caller: true })).toBe('[   T42] a\n[   T42] b\n');
  });

  // The kernel's own output: "Y2", a hundred newlines and "end".
  it.each([
    [1024, `Y2${'\n'.repeat(100)}end`, 1010],
    [2048, `Y2${'\n'.repeat(100)}end`, 1621],
  ])('in a buffer of %i: cut where the kernel cuts', (limit, text, want) => {
    expect(plain(text, limit, { tsUsec: 6_452_526 }).length).toBe(want);
  });
});

describe('extended', () => {
  const extended = (text: string, limit = 2048, more: Partial<Input> = {}, options: Partial<FormatOptions> = {}) =>
    format('extended', { text: bytes(text), ...more }, limit, options);

  it.each([
    ['x', 'x'],
    ['', ''],
    ['tab\there\\back\x7f\xe9\x1b[0m', 'tab\\x09here\\x5cback\\x7f\\xe9\\x1b[0m'],
    ['a\nb', 'a\\x0ab'],
    [' ~', ' ~'],
  ])('%j', (text, want) => expect(extended(text)).toBe(`6,1,1000000,-;${want}\n`));

  // The kernel's own output: "X" and a thousand bytes 0x01.
  it('a partial escape may remain, and the newline takes the last byte', () => {
    const out = extended(`X${'\x01'.repeat(1000)}`, 2048, { seq: 500, tsUsec: 9_207_537, facility: 1 });
    expect(out.length).toBe(2048);
    expect(out).toMatch(/\\x01\\x01\\\n$/);
  });

  it('a full buffer has no newline', () => {
    const header = '6,1,1000000,-;';
    expect(extended('x'.repeat(50), header.length + 50)).toBe(header + 'x'.repeat(50));
    expect(extended('x'.repeat(50), header.length + 51)).toBe(`${header}${'x'.repeat(50)}\n`);
  });

  it.each([
    [2047, 2 ** 53 - 1, 2 ** 53 - 1],
    [0, 0, 0],
    [191, 4294967296, 100_000_000],
    [14, 99_999_999, 99_999_999],
    [14, 100_000_000, 1e16 - 2 ** 50],
  ])('prio %i, seq %i, stamp %i', (prio, seq, tsUsec) => {
    expect(extended('x', 2048, { level: prio & 7, facility: prio >> 3, seq, tsUsec })).toBe(
      `${prio},${seq},${tsUsec},-;x\n`,
    );
  });

  it('dictionary lines are escaped, and cut with the rest', () => {
    const dev = { subsystem: 'p\\i', device: '+pci:x' };
    expect(extended('x', 2048, { dev })).toBe('6,1,1000000,-;x\n SUBSYSTEM=p\\x5ci\n DEVICE=+pci:x\n');
    const whole = extended('x', 2048, { dev });
    expect(extended('x', whole.length - 1, { dev })).toBe(whole.slice(0, -1));
  });
});

describe('whatever is formatted', () => {
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 1023 }),
    fc.array(fc.constantFrom(0x0a, 0x0a, 0x41, 0x5c, 0x01), { maxLength: 1023 }).map((list) => Uint8Array.from(list)),
    fc.integer({ min: 0, max: 1023 }).map((n) => new Uint8Array(n).fill(0x78)),
  );
  const input = fc.record({
    text,
    level: fc.integer({ min: 0, max: 7 }),
    facility: fc.integer({ min: 0, max: 255 }),
    seq: fc.oneof(fc.integer({ min: 0, max: 1e6 }), fc.maxSafeNat()),
    tsUsec: fc.oneof(fc.integer({ min: 0, max: 1e9 }), fc.maxSafeNat()),
    callerId: fc.oneof(fc.integer({ min: 1, max: 4e6 }), fc.integer({ min: 0x80000000, max: 0x80000fff })),
    cont: fc.boolean(),
    dev: fc.option(
      fc.record({
        subsystem: fc.string({ minLength: 1, maxLength: 15 }),
        device: fc.string({ minLength: 1, maxLength: 47 }),
      }),
      { nil: undefined },
    ),
  });

  it('plain: as the naive twin has it, in any buffer', () => {
    fc.assert(
      fc.property(
        input,
        fc.boolean(),
        fc.boolean(),
        fc.oneof(fc.constantFrom(1024, 2048), fc.integer({ min: 80, max: 2100 })),
        (i, time, caller, limit) => {
          const want = naivePlain(naive(i, caller), limit, time).toString('latin1');
          expect(format('plain', i, limit, { time, caller })).toBe(want);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('extended: as the naive twin has it, in any buffer', () => {
    fc.assert(
      fc.property(
        input,
        fc.boolean(),
        fc.oneof(fc.constantFrom(2048, 8192), fc.integer({ min: 80, max: 2100 })),
        (i, caller, limit) => {
          const want = naiveExtended(naive(i, caller), limit).toString('latin1');
          expect(format('extended', i, limit, { caller })).toBe(want);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('plain: the lines joined again are the text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const limit = 100_000;
        const prefix = '[    1.000000] ';
        const line = Buffer.from(bytes).toString('latin1');
        if (line.split('\n').length * prefix.length + line.length > 16000) return;
        const out = format('plain', { text: bytes }, Math.min(limit, 16384));
        const lines = out
          .slice(0, -1)
          .split('\n')
          .map((l) => l.slice(prefix.length));
        expect(lines.join('\n')).toBe(line);
      }),
    );
  });
});
