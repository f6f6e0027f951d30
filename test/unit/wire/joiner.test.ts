import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExtendedRecord, parseBody, parsePayload } from '../../../src/wire/extended.js';
import { FragmentJoiner, type IncompleteRecord } from '../../../src/wire/joiner.js';
import { naiveExtended, naiveFragments, naiveFragments2015 } from '../../support/naive.js';

const flow = { src: '10.0.0.1', srcPort: 6665, dst: '10.0.0.2', dstPort: 6666 };
const parse = (payload: Uint8Array) => parsePayload(payload) as ExtendedRecord;
const fragment = (header: string, body: string) => parse(Buffer.from(`${header};${body}`));
const message = (seq: number, length: number) =>
  naiveExtended({ level: 6, seq, tsUsec: 5, text: Array.from({ length }, (_, i) => String(i % 10)).join('') });

describe('FragmentJoiner', () => {
  it('joins in any order, with repeats, in both dialects', () => {
    const count = fc.integer({ min: 1, max: 4000 });
    fc.assert(
      fc.property(count, fc.boolean(), fc.infiniteStream(fc.nat(1000)), (length, old, order) => {
        const whole = message(7, length + 1000);
        const payloads = old ? naiveFragments2015(whole) : naiveFragments(whole);
        const pieces = payloads.map(parse);
        const shuffled = [...pieces, pieces[0]!].map((piece) => [order.next().value, piece] as const);
        shuffled.sort(([a], [b]) => a - b);
        const joiner = new FragmentJoiner();
        const done = shuffled.map(([, piece]) => joiner.push(flow, piece)).filter((record) => record !== undefined);
        expect(done).toHaveLength(1);
        expect(Buffer.from(done[0]!.record.body).toString()).toBe(whole.toString().slice(whole.indexOf(';') + 1));
        expect(done[0]).toMatchObject({ flow, pieces: payloads.length, record: { seq: 7, odd: [] } });
        expect(done[0]!.record.fragment).toBeUndefined();
      }),
    );
  });

  it('keeps flows and numbers apart', () => {
    const joiner = new FragmentJoiner();
    const [first, second] = naiveFragments(message(1, 1100)).map(parse);
    const [, other] = naiveFragments(message(2, 1100)).map(parse);
    expect(joiner.push(flow, first!)).toBeUndefined();
    expect(joiner.push({ ...flow, srcPort: 1 }, second!)).toBeUndefined();
    expect(joiner.push(flow, other!)).toBeUndefined();
    expect(joiner.push(flow, second!)?.record.seq).toBe(1);
  });

  it('joins overlapping pieces, as those of two chunk sizes', () => {
    const joiner = new FragmentJoiner();
    expect(joiner.push(flow, fragment('6,1,2,-,ncfrag=0/6', 'abcd'))).toBeUndefined();
    expect(joiner.push(flow, fragment('6,1,2,-,ncfrag=1/6', 'bc'))).toBeUndefined();
    const joined = joiner.push(flow, fragment('6,1,2,-,ncfrag=3/6', 'def'));
    expect(parseBody(joined!.record.body).text).toBe('abcdef');
  });

  it('does not count pieces behind the last fragment', () => {
    const given: IncompleteRecord[] = [];
    const joiner = new FragmentJoiner((record) => given.push(record));
    // Fragment 2 of 3 is the last and ends at 6; another claims to begin at 9.
    for (const piece of ['4@2/3;ef', '9@1/3;zzzz']) {
      const [value, body] = piece.split(';');
      expect(joiner.push(flow, fragment(`6,1,2,-,ncfrag=${value}`, body!))).toBeUndefined();
    }
    const joined = joiner.push(flow, fragment('6,1,2,-,ncfrag=0@0/3', 'abcd'));
    expect(parseBody(joined!.record.body).text).toBe('abcdef');
    expect(given).toEqual([]);
  });

  it('reports what it gives up: another record under the same number, and what is left at the end', () => {
    const given: IncompleteRecord[] = [];
    const joiner = new FragmentJoiner((record) => given.push(record));
    joiner.push(flow, fragment('6,1,2,-,ncfrag=2/6', 'cd'));
    joiner.push(flow, fragment('6,1,2,-,ncfrag=0/9', 'abc'));
    expect(given).toEqual([{ flow, seq: 1, pieces: 1, haveBytes: 2, totalBytes: 6 }]);
    joiner.push(flow, fragment('6,2,2,-,ncfrag=3@1/3', 'abc'));
    joiner.end();
    expect(given.slice(1)).toEqual([
      { flow, seq: 1, pieces: 1, haveBytes: 3, totalBytes: 9 },
      { flow, seq: 2, pieces: 1, haveBytes: 3, totalBytes: 0 },
    ]);
    joiner.end();
    expect(given).toHaveLength(3);
  });

  it('holds 64 unfinished records, and gives up the oldest', () => {
    const given: number[] = [];
    const joiner = new FragmentJoiner((record) => given.push(record.seq));
    for (let seq = 0; seq < 70; seq++) joiner.push(flow, fragment(`6,${seq},2,-,ncfrag=0/6`, 'abc'));
    expect(given).toEqual([0, 1, 2, 3, 4, 5]);
    expect(joiner.push(flow, fragment('6,6,2,-,ncfrag=3/6', 'def'))?.record.seq).toBe(6);
  });

  it.each([
    ['longer than its record', '6,1,2,-,ncfrag=5/6', 'abc'],
    ['of a huge record', '6,1,2,-,ncfrag=0/999999999', 'abc'],
    ['far out', '6,1,2,-,ncfrag=999999999@1/3', 'abc'],
    ['that is empty', '6,1,2,-,ncfrag=0/6', ''],
    ['that is none', '6,1,2,-', 'abc'],
  ])('ignores a fragment %s', (_name, header, body) => {
    const given: IncompleteRecord[] = [];
    const joiner = new FragmentJoiner((record) => given.push(record));
    expect(joiner.push(flow, fragment(header, body))).toBeUndefined();
    joiner.end();
    expect(given).toEqual([]);
  });

  it('gives up a record of too many pieces', () => {
    const given: IncompleteRecord[] = [];
    const joiner = new FragmentJoiner((record) => given.push(record));
    for (let i = 0; i < 1025; i++) joiner.push(flow, fragment(`6,1,2,-,ncfrag=${i * 2}/4000`, 'a'));
    expect(given).toMatchObject([{ pieces: 1025, haveBytes: 1025 }]);
  });

  it('gives up a record that overlaps itself without end', () => {
    const given: IncompleteRecord[] = [];
    const joiner = new FragmentJoiner((record) => given.push(record));
    const body = 'a'.repeat(60_000);
    for (let i = 0; i < 9; i++) joiner.push(flow, fragment(`6,1,2,-,ncfrag=${i + 1}/100000`, body));
    expect(given).toMatchObject([{ pieces: 9, haveBytes: 60_008 }]);
  });

  it('never throws, whatever the fragments claim', () => {
    const number = fc.nat(12);
    const claim = fc.tuple(fc.boolean(), number, number, number, fc.string({ unit: 'binary-ascii', maxLength: 12 }));
    fc.assert(
      fc.property(fc.array(claim, { maxLength: 30 }), (claims) => {
        const joiner = new FragmentJoiner();
        for (const [old, offset, index, last, body] of claims) {
          const value = old ? `${offset}@${index}/${last}` : `${offset}/${last}`;
          const joined = joiner.push(flow, fragment(`6,1,2,-,ncfrag=${value}`, body));
          if (joined && !old) expect(joined.record.body.length).toBe(last);
        }
        joiner.end();
      }),
      { numRuns: 1000 },
    );
  });
});
