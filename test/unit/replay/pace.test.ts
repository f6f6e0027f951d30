import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pace, parseSpeed } from '../../../src/replay/pace.js';

describe('Pace', () => {
  it.each<[string, number | 'max', (number | undefined)[], number[]]>([
    ['as recorded', 1, [5e6, 5.5e6, 8e6], [0, 5e5, 3e6]],
    ['twice as fast', 2, [5e6, 6e6, 9e6], [0, 5e5, 2e6]],
    ['half as fast', 0.5, [0, 1e6], [0, 2e6]],
    ['without waiting', 'max', [0, 1e6, 9e9], [0, 0, 0]],
    ['records without a stamp', 1, [undefined, 1e6, undefined, 2e6], [0, 0, 0, 1e6]],
    ['stamps a little out of order', 1, [1e6, 1.2e6, 1.1e6, 1.3e6], [0, 2e5, 2e5, 3e5]],
    ['a second boot', 1, [1e6, 9e6, 0, 1e6], [0, 8e6, 8e6, 9e6]],
  ])('%s', (_, speed, stamps, due) => {
    const pace = new Pace(speed);
    expect(stamps.map((stamp) => pace.dueUsec(stamp))).toEqual(due);
  });

  it.each<[string, number, number, number[], number[], number]>([
    ['a weekend', 1, 1e6, [1e6, 1.1e6, 65536e6, 65536.1e6], [0, 1e5, 1.1e6, 1.2e6], 1],
    ['two gaps', 1, 2e6, [0, 9e6, 10e6, 20e6], [0, 2e6, 3e6, 5e6], 2],
    ['gaps on the clock, not in the log', 10, 1e6, [0, 9e6, 29e6], [0, 0.9e6, 1.9e6], 1],
    ['none', 1, 1e6, [0, 1e6, 2e6], [0, 1e6, 2e6], 0],
  ])('shortens gaps: %s', (_, speed, maxGap, stamps, due, shortened) => {
    const pace = new Pace(speed, maxGap);
    expect(stamps.map((stamp) => Math.round(pace.dueUsec(stamp)))).toEqual(due);
    expect(pace.shortened).toBe(shortened);
    const last = stamps.at(-1)! / speed;
    expect(Math.round(pace.savedUsec)).toBe(Math.round(last - stamps[0]! / speed - due.at(-1)!));
  });

  it('keeps the schedules of hosts whose records lie between each other', () => {
    const pace = new Pace(1);
    const due = [
      [5e6, 0],
      [90e6, 1],
      [6e6, 0],
      [91e6, 1],
      [92e6, 1],
    ].map(([stamp, boot]) => pace.dueUsec(stamp, boot));
    expect(due).toEqual([0, 0, 1e6, 1e6, 2e6]);
  });

  it('never goes back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.nat(), { nil: undefined })),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (stamps, speed) => {
          const pace = new Pace(speed, 1000 * speed);
          const due = stamps.map((stamp, i) => pace.dueUsec(stamp, i % 3));
          expect(due).toEqual(due.toSorted((a, b) => a - b));
        },
      ),
    );
  });
});

describe('parseSpeed', () => {
  it.each<[string, number | 'max']>([
    ['max', 'max'],
    ['1', 1],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['10x', 10],
  ])('%s', (text, speed) => {
    expect(parseSpeed(text)).toBe(speed);
  });

  it.each(['', '0', '-1', 'fast', '1e400', 'NaN', '1.2.3'])('refuses %j', (text) => {
    expect(() => parseSpeed(text)).toThrow(/say "max", or how many times/);
  });
});
