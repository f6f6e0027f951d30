/** Intervals of a run: sums stay what they are, however they are sampled and joined. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Series } from '../../../src/net/series.js';

const make = () => new Series({ sums: ['frames', 'acks'], levels: ['waitMs'] });

describe('Series', () => {
  it('counts moments in their intervals', () => {
    const series = make();
    for (const usec of [0, 999_999, 1_000_000, 2_500_000]) series.add('frames', usec, 2);
    expect(series.intervals.map(({ from, seconds, frames, acks }) => [from, seconds, frames, acks])).toEqual([
      [0, 1, 4, 0],
      [1, 1, 2, 0],
      [2, 1, 2, 0],
    ]);
  });

  it('spreads what came between two samples, and keeps the highest level', () => {
    const series = make();
    series.sample(1_000_000, { frames: 10 }, { waitMs: 7 });
    series.sample(4_000_000, { frames: 40, acks: 1 }, { waitMs: 3 });
    series.sample(4_500_000, { frames: 40, acks: 1 }, { waitMs: 9 });
    expect(series.intervals.map(({ frames, acks, waitMs }) => [frames, acks, waitMs])).toEqual([
      [10, 0, 7],
      [10, 0, 0],
      [10, 1, 0],
      [10, 0, 3],
      [0, 0, 9],
    ]);
  });

  it('starts again where totals went back', () => {
    const series = make();
    series.sample(500_000, { frames: 10 });
    series.sample(900_000, { frames: 4 });
    series.sample(1_000_000, { frames: 6 });
    expect(series.intervals[0]!.frames).toBe(12);
  });

  it('loses nothing, and has no more than 3600 intervals of one length', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 900_000_000 }), fc.integer({ min: 0, max: 1000 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const series = make();
        let usec = 0;
        let frames = 0;
        let added = 0;
        let highest = 0;
        for (const [wait, count] of all) {
          usec += wait;
          frames += count;
          added += count;
          highest = Math.max(highest, count);
          series.add('acks', usec, count);
          series.sample(usec, { frames }, { waitMs: count });
        }
        const { intervals } = series;
        expect(intervals.length).toBeLessThanOrEqual(3600);
        expect(intervals.reduce((sum, one) => sum + one.frames, 0)).toBe(frames);
        expect(intervals.reduce((sum, one) => sum + one.acks, 0)).toBe(added);
        expect(Math.max(0, ...intervals.map(({ waitMs }) => waitMs))).toBe(highest);
        for (const [i, { from, seconds, frames: some }] of intervals.entries()) {
          expect(from).toBe(i * seconds);
          expect(some).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 30 },
    );
  });
});
