import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Impairments, Link } from '../../../src/net/impair.js';

const frame = (n: number) => Uint8Array.from({ length: 100 }, (_, i) => (i < 8 ? (n >> (8 * (i & 3))) & 255 : i));
const numberOf = (bytes: Uint8Array) => bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16);

interface Arrival {
  readonly n: number;
  readonly atUsec: number;
  readonly frame: Uint8Array;
}

/** `count` frames, a millisecond apart, and what arrives of them. */
function sent(impairments: Impairments, count = 20_000): { link: Link; arrived: Arrival[]; whole: boolean[] } {
  const link = new Link(impairments);
  const arrived: Arrival[] = [];
  const whole: boolean[] = [];
  for (let n = 0; n < count; n++) {
    whole.push(
      link.carry(frame(n), n * 1000, 'out', (copy, atUsec) => {
        arrived.push({ n: numberOf(copy), atUsec, frame: copy });
      }),
    );
  }
  return { link, arrived, whole };
}

describe('a link', () => {
  it('without impairments passes everything at once, in place', () => {
    const one = frame(1);
    const seen: unknown[] = [];
    expect(new Link().carry(one, 5, 'in', (...args) => seen.push(args))).toBe(true);
    expect(seen).toEqual([[one, 5]]);
  });

  it('loses as often as it is told, the same for the same seed', () => {
    const { link, arrived, whole } = sent({ seed: 7, out: { loss: 0.1 } });
    expect(arrived.length + link.stats.out.lost).toBe(20_000);
    expect(link.stats.out.lost).toBeGreaterThan(1800);
    expect(link.stats.out.lost).toBeLessThan(2200);
    expect(whole.filter((ok) => !ok).length).toBe(link.stats.out.lost);
    expect(sent({ seed: 7, out: { loss: 0.1 } }).arrived.map(({ n }) => n)).toEqual(arrived.map(({ n }) => n));
    expect(sent({ seed: 8, out: { loss: 0.1 } }).arrived.map(({ n }) => n)).not.toEqual(arrived.map(({ n }) => n));
  });

  it('loses in bursts whose length is that of the bad state', () => {
    const { whole } = sent({ out: { loss: { toBad: 0.01, toGood: 0.2 } } }, 100_000);
    const bursts = whole
      .map((ok) => (ok ? '.' : 'x'))
      .join('')
      .match(/x+/g)!;
    const mean = bursts.reduce((sum, burst) => sum + burst.length, 0) / bursts.length;
    expect(mean).toBeGreaterThan(4.5);
    expect(mean).toBeLessThan(5.5);
  });

  it('doubles, delays, jitters and reorders', () => {
    const { link, arrived } = sent({
      out: { duplicate: 0.2, delayUsec: 500, jitterUsec: 300, reorder: 0.05, reorderUsec: 5000 },
    });
    const { duplicated, reordered } = link.stats.out;
    expect(arrived.length).toBe(20_000 + duplicated);
    const late = arrived.map(({ n, atUsec }) => atUsec - n * 1000);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(500);
    expect(late.filter((usec) => usec > 800).length).toBe(reordered);
    expect(Math.max(...late)).toBeLessThanOrEqual(5800);
    expect(duplicated).toBeGreaterThan(3700);
  });

  it('cuts and damages copies, never the frame itself', () => {
    const link = new Link({ out: { truncate: 0.5, corrupt: 0.5 } });
    for (let n = 0; n < 1000; n++) {
      const given = frame(n);
      const whole = link.carry(given, n, 'out', (copy) => {
        expect(copy === given).toBe(copy.length === 100 && copy.every((b, i) => b === frame(n)[i]));
        expect([...copy.subarray(0, 14)]).toEqual([...frame(n).subarray(0, 14)]);
        expect(copy.length).toBeGreaterThanOrEqual(14);
      });
      expect([...given]).toEqual([...frame(n)]);
      if (!whole) continue;
    }
    const { truncated, corrupted } = link.stats.out;
    expect(truncated).toBeGreaterThan(400);
    expect(corrupted).toBeGreaterThan(400);
  });

  it('is cut by partitions, in one direction or both', () => {
    const partitions = [
      { fromUsec: 1000, untilUsec: 2000 },
      { fromUsec: 5000, untilUsec: 6000, direction: 'in' as const },
    ];
    const link = new Link({ partitions });
    const passes = (at: number, direction: 'out' | 'in') => link.carry(frame(1), at, direction, () => {});
    expect([999, 1000, 1999, 2000].map((at) => passes(at, 'out'))).toEqual([true, false, false, true]);
    expect([5500, 6000].map((at) => passes(at, 'in'))).toEqual([false, true]);
    expect(passes(5500, 'out')).toBe(true);
    expect(link.stats.out.partitioned + link.stats.in.partitioned).toBe(3);
  });

  it('an effect that is added does not change what the others draw', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const lost = (out: Impairments['out']) => {
          const { arrived } = sent({ seed, out: out! }, 300);
          return new Set(arrived.map(({ n }) => n));
        };
        expect(lost({ loss: 0.3, duplicate: 0.5, delayUsec: 7 })).toEqual(lost({ loss: 0.3 }));
      }),
      { numRuns: 30 },
    );
  });
});

describe('impairments are refused by name', () => {
  it.each([
    [{ out: { loss: 1.5 } }, /impairments\.out: loss is 1\.5, not a number from 0 to 1/],
    [{ out: { los: 1 } }, /there is no option "los"; did you mean "loss"\?/],
    [{ out: { loss: { toBad: 2, toGood: 0 } } }, /impairments\.out\.loss: toBad is 2/],
    [{ outt: {} }, /did you mean "out"\?/],
    [{ in: { delayUsec: -1 } }, /impairments\.in: delayUsec is -1/],
    [{ partitions: [{ fromUsec: 5, untilUsec: 5 }] }, /partitions\[0\]: it ends at 5, before it begins/],
    [{ partitions: [{ fromUsec: 5 }] }, /partitions/],
    [{ seed: 1.5 }, /seed is 1\.5/],
  ])('%j', (impairments, message) => {
    expect(() => new Link(impairments as never)).toThrow(message);
  });
});
