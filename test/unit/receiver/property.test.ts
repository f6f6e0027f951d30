/** However a stream is mixed up within the window, each record is delivered once, whole and in order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReceiver, type DialectName } from '../../../src/receiver/index.js';
import { datagram, drain, pieces, readResponse, string } from './datagrams.js';

const SEED = Number(process.env['SEED'] ?? 20150416);
const FORMS = { 'heo-2015': 'off@i/n', netconsd: 'off/total', mainline: 'off/total' } as const;
const EMERGENCY = { 'heo-2015': ',emg=1', netconsd: ',ncemg=1', mainline: '' } as const;
const PREFIX = { 'heo-2015': 'nca', netconsd: 'ncrx' } as const;

/** A text that tells its seq, in any bytes but a newline. */
function body(seq: number, length: number): string {
  const fill = String.fromCharCode((seq * 7) % 10 === 0 ? 0 : 0x20 + (seq % 0x5f));
  return `${seq}:${fill.repeat(length)}\n K=${seq}\n`;
}

interface Sent {
  readonly seq: number;
  readonly payload: Uint8Array;
}

function send(dialect: DialectName, seq: number, length: number, size: number, emergency: boolean): Sent[] {
  const extra = emergency ? EMERGENCY[dialect] : '';
  const text = body(seq, length);
  const all = text.length > size ? pieces(seq, text, size, FORMS[dialect], extra) : [datagram(seq, text, extra)];
  return all.map((payload) => ({ seq, payload }));
}

describe.each(['heo-2015', 'netconsd', 'mainline'] as const)('%s', (dialect) => {
  const record = fc.record({
    length: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 500, max: 3000 })),
    size: fc.constantFrom(31, 200, 700),
    again: fc.nat(2),
    emergency: fc.boolean(),
  });

  it('any permutation with duplication', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 2, maxLength: 50 }),
        fc.infiniteStream(fc.nat(1_000_000)),
        fc.constantFrom(0, 1, 255, 4_000_000_000, 2 ** 52),
        (records, random, base) => {
          const rx = createReceiver({ dialect, nrSlots: 96, retxStride: 16 });
          const expected = records.map((r, i) => body(base + i, r.length));
          const stream = records.flatMap((r, i) =>
            Array.from({ length: r.again + 1 }, (_, n) =>
              send(dialect, base + i, r.length, r.size, n === 0 ? false : r.emergency),
            ).flat(),
          );
          // The first record comes first, or it would begin the stream elsewhere; the others as chance has it.
          const first = stream.filter((p) => p.seq === base).slice(0, 1);
          const rest = stream.filter((p) => p !== first[0]);
          for (let i = rest.length - 1; i > 0; i--) {
            const j = random.next().value % (i + 1);
            [rest[i], rest[j]] = [rest[j]!, rest[i]!];
          }
          const got: string[] = [];
          [...first, ...rest].forEach(({ payload }, i) => {
            const copy = payload.slice();
            rx.process(copy, i / 100);
            copy.fill(0);
            for (const r of drain(rx)) {
              expect(r).toMatchObject({ complete: true, oos: false, seq: base + got.length, skipped: 0 });
              expect(r.seqReset).toBe(got.length === 0);
              got.push(`${string(r.text)}\n${string(r.dict)}`);
            }
            const response = rx.response();
            if (response !== undefined && dialect !== 'mainline') readResponse(response, PREFIX[dialect]);
          });
          expect(got).toEqual(expected);
          expect([rx.held, rx.heldBytes]).toEqual([0, 0]);
        },
      ),
      { seed: SEED, numRuns: 150 },
    );
  });

  if (dialect === 'mainline') return;

  it('whatever is lost comes on request, and is delivered once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 30, max: 300 }),
        fc.constantFrom(10, 30, 50, 70),
        fc.infiniteStream(fc.nat(99)),
        (count, lossPercent, chance) => {
          const rx = createReceiver({
            dialect,
            nrSlots: 512,
            retxStride: 32,
            ackIntvMs: 500,
            retxIntvMs: 100,
            msgTimeoutMs: 3_600_000,
          });
          const got: number[] = [];
          const asked: number[] = [];
          const lost = () => chance.next().value < lossPercent;
          let acked = -1n;
          const step = (payload: Uint8Array | undefined, now: number): void => {
            rx.process(payload, now);
            for (const r of drain(rx)) {
              expect(r.complete && !r.oos && string(r.text) === body(r.seq, (r.seq * 37) % 900).split('\n')[0]).toBe(
                true,
              );
              got.push(r.seq);
            }
            const response = rx.response();
            if (response === undefined || lost()) return;
            const { ack, missing } = readResponse(response, PREFIX[dialect]);
            if (ack !== undefined && ack > acked) acked = ack;
            asked.push(...missing.map(Number));
          };
          let now = 0;
          for (let seq = 0; seq < count; seq++, now++) {
            // The ends arrive: nothing tells a receiver of what lies before the first or behind the last.
            const edge = seq === 0 || seq === count - 1;
            for (const p of send(dialect, seq, (seq * 37) % 900, 300, false)) if (edge || !lost()) step(p.payload, now);
          }
          for (let turn = 0; turn < 100_000; turn++) {
            const wanted = asked.shift();
            if (wanted !== undefined) {
              for (const p of send(dialect, wanted, (wanted * 37) % 900, 300, false)) if (!lost()) step(p.payload, now);
              continue;
            }
            const deadline = rx.nextDeadline();
            if (deadline === undefined) break;
            expect(deadline).toBeGreaterThan(now);
            now = deadline;
            step(undefined, now);
          }
          expect(got).toEqual(Array.from({ length: count }, (_, i) => i));
          expect(rx.nextDeadline()).toBeUndefined();
          expect(rx.heldBytes).toBe(0);
          expect(Number(acked)).toBeLessThan(count);
        },
      ),
      { seed: SEED, numRuns: 25 },
    );
  });
});
