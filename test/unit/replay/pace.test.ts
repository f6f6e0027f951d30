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

  it('never goes back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.nat(), { nil: undefined })),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (stamps, speed) => {
          const pace = new Pace(speed);
          const due = stamps.map((stamp) => pace.dueUsec(stamp));
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
