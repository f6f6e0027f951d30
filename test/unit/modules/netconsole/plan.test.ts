/** What a message is cut into, by lengths alone: no device, no memory. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Datagrams,
  MAX_PRINT_CHUNK,
  type MessageShape,
  planEdge,
  planFragments,
  planReliable,
  planWhole,
  putInsert,
} from '../../../../src/modules/netconsole/plan.js';
import { RELIABLE_DIALECTS } from '../../../../src/wire/dialects.js';

/** A run of bytes with a header of `header` characters, a semicolon and a body. */
function run({ total, header }: MessageShape): string {
  const body = Array.from({ length: Math.max(0, total - header - 1) }, (_, i) => String.fromCharCode(97 + (i % 26)));
  return `${'h'.repeat(header)};${body.join('')}`.slice(0, total);
}

/** The inserts of a message's datagrams, and the lengths of their pieces. */
function pieces(plan: Datagrams): [insert: string, length: number][] {
  return plan.cuts.slice(1).map((end, i) => {
    const bytes = new Uint8Array(64);
    return [new TextDecoder().decode(bytes.subarray(0, putInsert(plan, i, bytes, 0))), end - plan.cuts[i]!];
  });
}

const payloads = (text: string, plan: Datagrams): string[] =>
  pieces(plan).map(([insert, length], i) => {
    const from = plan.cuts[i]!;
    return text.slice(0, plan.head) + insert + text.slice(from, from + length);
  });

const shape = fc
  .record({ header: fc.integer({ min: 7, max: 300 }), body: fc.integer({ min: 1, max: 9000 }) })
  .map(({ header, body }) => ({ header, total: header + 1 + body }));

/** Header, key of the emergency, place and body of a piece's payload. */
const PIECE = /^(h+)(?:,(\w+)=1)?(?:,ncfrag=(\d+)(?:@(\d+))?\/(\d+))?;(.*)$/;

describe('planFragments', () => {
  it('gives pieces that put the body together again, all full but the last', () => {
    fc.assert(
      fc.property(shape, (s) => {
        const text = run(s);
        const sent = payloads(text, planFragments(s));
        let body = '';
        for (const [i, p] of sent.entries()) {
          const [, header, , offset, , total, part] = PIECE.exec(p)!;
          expect([header!.length, Number(offset), Number(total)]).toEqual([
            s.header,
            body.length,
            s.total - s.header - 1,
          ]);
          if (i < sent.length - 1) expect(p.length).toBe(MAX_PRINT_CHUNK);
          expect(p.length).toBeLessThanOrEqual(MAX_PRINT_CHUNK);
          body += part;
        }
        expect(body).toBe(text.slice(s.header + 1));
      }),
    );
  });

  it('computes each header anew', () => {
    expect(pieces(planFragments({ header: 20, total: 2021 }))).toEqual([
      [',ncfrag=0/2000;', 965],
      [',ncfrag=965/2000;', 963],
      [',ncfrag=1928/2000;', 72],
    ]);
  });
});

describe.each(RELIABLE_DIALECTS)('planReliable, $name', (dialect) => {
  it('gives pieces of one length that put the body together again', () => {
    fc.assert(
      fc.property(shape, fc.constantFrom('ordinary' as const, 'emergency' as const), (s, transmission) => {
        const text = run(s);
        const plan = planReliable(s, dialect, transmission);
        const sent = payloads(text, plan);
        const chunk = MAX_PRINT_CHUNK - s.header - dialect.extra;
        let body = '';
        for (const [i, p] of sent.entries()) {
          const [, , key, offset, index, last, part] = PIECE.exec(p)!;
          expect(key).toBe(transmission === 'emergency' ? dialect.emergencyKey : undefined);
          expect(plan.insert!.fragment).toBe(sent.length > 1 ? dialect.fragment : undefined);
          if (sent.length > 1) {
            expect(Number(offset)).toBe(i * chunk);
            if (dialect.fragment === 'index') expect([Number(index), Number(last)]).toEqual([i, sent.length]);
            else expect([index, Number(last)]).toEqual([undefined, s.total - s.header - 1]);
          }
          if (i < sent.length - 1) expect(part!.length).toBe(chunk);
          body += part;
        }
        expect(body).toBe(text.slice(s.header + 1));
      }),
    );
  });

  it('sends nothing if the header leaves no room, or an emergency has no body', () => {
    expect(pieces(planReliable({ header: 1000 - dialect.extra, total: 1200 }, dialect, 'ordinary'))).toEqual([]);
    const byte = planReliable({ header: 999 - dialect.extra, total: 1200 }, dialect, 'ordinary');
    expect(pieces(byte).length).toBeGreaterThan(100);
    expect(pieces(planReliable({ header: 20, total: 21 }, dialect, 'emergency'))).toEqual([]);
  });
});

describe('a message that fits', () => {
  const full = { header: 20, total: MAX_PRINT_CHUNK };

  it('is one datagram, as it is', () => {
    expect(payloads(run(full), planWhole(full.total))).toEqual([run(full)]);
  });

  it('loses its last byte where the buffer has no room for a terminator, or gains a NUL if nothing is appended', () => {
    expect(payloads(run(full), planEdge(full.total, 10))).toEqual([run(full).slice(0, -1)]);
    expect(payloads(run(full), planEdge(full.total, 0))).toEqual([`${run(full).slice(0, -1)}\0`]);
    const shorter = { total: MAX_PRINT_CHUNK - 1, header: 20 };
    for (const appended of [0, 10]) {
      expect(payloads(run(shorter), planEdge(shorter.total, appended))).toEqual([run(shorter)]);
    }
  });
});
