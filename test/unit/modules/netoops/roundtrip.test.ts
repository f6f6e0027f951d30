/** Any log through netoops and back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { insideOf, type Kernel } from '../../../../src/kernel/index.js';
import { printkRecord } from '../../../../src/printk/record.js';
import { readValid } from '../../../../src/printk/ring.js';
import { NetoopsReceiver } from '../../../../src/receiver/netoops.js';
import type { NetoopsDump } from '../../../../src/receiver/netoops-dump.js';
import { testMachine } from '../machine.js';

/** The slow twin: the log as the byte ring had it, from the records, and how it lies in two segments. */
function naive(kernel: Kernel): { older: string; newer: string; total: number } {
  let text = '';
  const record = printkRecord();
  for (let seq = insideOf(kernel).ring.firstSeq; readValid(insideOf(kernel).ring, seq, record); seq = record.seq + 1) {
    const said = Buffer.from(
      insideOf(kernel).heap.bytes.subarray(record.textAt, record.textAt + record.textLen),
    ).toString('latin1');
    const seconds = String(Math.floor(record.tsUsec / 1e6)).padStart(5);
    const stamp = insideOf(kernel).format.time ? `[${seconds}.${String(record.tsUsec % 1e6).padStart(6, '0')}] ` : '';
    for (const line of said.split('\0')[0]!.split('\n'))
      text += `<${record.facility * 8 + record.level}>${stamp}${line}\n`;
  }
  const { size } = insideOf(kernel).ring;
  // Byte by byte into the ring.
  const ring = new Array<string>(size).fill('');
  for (let i = 0; i < text.length; i++) ring[i % size] = text[i]!;
  const end = text.length % size;
  if (text.length < size) return { older: '', newer: text, total: text.length };
  return { older: ring.slice(end).join(''), newer: ring.slice(0, end).join(''), total: text.length };
}

/** What the defect leaves of a segment. */
function afterDefect(segment: string): string {
  return segment.length % 1024 === 0 ? segment.slice(0, -1024) : segment;
}

function textOf(dump: NetoopsDump | undefined): string {
  return (dump?.pieces ?? [])
    .map((piece) => ('text' in piece ? Buffer.from(piece.text).toString('latin1') : ''))
    .join('');
}

interface Log {
  readonly shift: number;
  readonly time: boolean;
  readonly lines: readonly string[];
  /** Of a last line, which makes the log's length a multiple of 1024; or not. */
  readonly fill: boolean;
}

const line = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.string({ unit: fc.constantFrom('a', '\n', 'é', '\0', '\\', '\x1b', ' '), maxLength: 60 }),
  fc.integer({ min: 0, max: 700 }).map((n) => 'x'.repeat(n)),
);
const log: fc.Arbitrary<Log> = fc.record({
  shift: fc.integer({ min: 11, max: 12 }),
  time: fc.boolean(),
  lines: fc.array(line, { maxLength: 60, size: 'max' }),
  fill: fc.boolean(),
});

/** Logs all of it and lets the kernel oops; the payloads that left, three rounds. */
function dumped({ shift, time, lines, fill }: Log, withDefects: boolean) {
  const { kernel, payloads } = testMachine({ profile: '2.6.37', time, logBufShift: shift });
  kernel.insmod('netoops', { params: '@/eth0,@10.0.2.2/', withDefects });
  for (const text of lines) {
    kernel.advanceTo(kernel.now() + 1234567);
    kernel.printk(`${text}\n`);
  }
  if (fill && insideOf(kernel).ring.firstSeq === 0) {
    const rest = (2048 - (naive(kernel).total % 1024) - (time ? 19 : 4)) % 1024;
    kernel.printk(`${'f'.repeat(rest)}\n`);
  }
  kernel.oops(() => {});
  const sent = payloads().map((p) => Uint8Array.from(Buffer.from(p, 'latin1')));
  return { kernel, sent, round: sent.length / 3 };
}

function received(payloads: readonly Uint8Array[]): NetoopsDump[] {
  const receiver = new NetoopsReceiver();
  for (const [i, payload] of payloads.entries()) receiver.process(payload, i);
  receiver.flush();
  const dumps: NetoopsDump[] = [];
  for (let dump = receiver.next(); dump !== undefined; dump = receiver.next()) dumps.push(dump);
  return dumps;
}

describe('a log', () => {
  it('without the defects comes back as it was', () => {
    let wrapped = 0;
    let full = 0;
    fc.assert(
      fc.property(log, (described) => {
        const { kernel, sent } = dumped(described, false);
        const { older, newer } = naive(kernel);
        if (older !== '') wrapped++;
        if (older.length % 1024 === 0 && newer.length % 1024 === 0) full++;
        const dumps = received(sent);
        expect(dumps.map((dump) => dump.missing)).toEqual([0]);
        expect(textOf(dumps[0])).toBe(older + newer);
      }),
      // Seeded, because what follows counts.
      { numRuns: 120, seed: 2010 },
    );
    // Otherwise this shows nothing.
    expect(wrapped).toBeGreaterThan(10);
    expect(full).toBeGreaterThan(10);
  });

  it('with the defects loses the last 1024 bytes of a segment that is a multiple of 1024, and nothing else', () => {
    fc.assert(
      fc.property(log, (described) => {
        const { kernel, sent } = dumped(described, true);
        const { older, newer } = naive(kernel);
        const [dump] = received(sent);
        const left = afterDefect(older) + afterDefect(newer);
        expect(textOf(dump)).toBe(left);
        // Of a log of 1024 bytes nothing at all leaves, so that nobody can say what is lost.
        if (sent.length === 0) return;
        const lost = dump!.pieces.reduce((sum, piece) => sum + ('missingBytes' in piece ? piece.missingBytes : 0), 0);
        expect(lost).toBe(older.length + newer.length - afterDefect(older).length - afterDefect(newer).length);
        expect(dump!.pieces.every((piece) => 'text' in piece || piece.sender)).toBe(true);
      }),
      { numRuns: 120 },
    );
  });

  it('survives the loss of any two of its three rounds', () => {
    fc.assert(
      fc.property(log, fc.nat(2), (described, kept) => {
        const { kernel, sent, round } = dumped(described, false);
        const { older, newer } = naive(kernel);
        const dumps = received(sent.slice(kept * round, (kept + 1) * round));
        expect(dumps.map(textOf)).toEqual([older + newer]);
      }),
      { numRuns: 40 },
    );
  });

  it('survives if one of three copies of each packet comes, in whatever order', () => {
    const chosen = fc.array(fc.tuple(fc.nat(2), fc.double({ min: 0, max: 1, noNaN: true })), {
      minLength: 40,
      maxLength: 40,
    });
    fc.assert(
      fc.property(log, chosen, (described, choices) => {
        const { kernel, sent, round } = dumped(described, false);
        const { older, newer } = naive(kernel);
        const some = Array.from({ length: round }, (_, i) => {
          const [copy, order] = choices[i % choices.length]!;
          return { payload: sent[copy * round + i]!, order };
        });
        some.sort((a, b) => a.order - b.order);
        expect(received(some.map((one) => one.payload)).map(textOf)).toEqual([older + newer]);
      }),
      { numRuns: 40 },
    );
  });

  it('with packets missing in all rounds says how many bytes, and where', () => {
    fc.assert(
      fc.property(log, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (described, lose) => {
        const { kernel, sent, round } = dumped(described, false);
        const { older, newer } = naive(kernel);
        const left = sent.filter((_, i) => !lose[(i % round) % lose.length]);
        const [dump] = received(left);
        if (left.length === 0) {
          expect(dump).toBeUndefined();
          return;
        }
        expect(dump!.missing).toBe(round - left.length / 3);
        // What is there stands in the log in that order.
        let at = 0;
        for (const piece of dump!.pieces) {
          if (!('text' in piece)) continue;
          const text = Buffer.from(piece.text).toString('latin1');
          const found = (older + newer).indexOf(text, at);
          expect(found).toBeGreaterThanOrEqual(at);
          at = found + text.length;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('of any profile goes out, and of a whole ring', () => {
    for (const profile of ['2.6.37', '4.2', '6.1', '7.3']) {
      const { kernel, payloads } = testMachine({ profile, logBufShift: 15 });
      kernel.insmod('netoops', { params: '@/eth0,@10.0.2.2/', withDefects: false });
      for (let i = 0; i < 1000; i++) kernel.printk(`record ${i} ${'.'.repeat(i % 90)}\n`);
      kernel.oops(() => {});
      const { older, newer } = naive(kernel);
      const dumps = received(payloads().map((p) => Uint8Array.from(Buffer.from(p, 'latin1'))));
      expect(dumps.map(textOf)).toEqual([older + newer]);
      expect((older + newer).length).toBe(2 ** 15);
    }
  });
});
