import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRamp, Shaper } from '../../../src/net/shaper.js';

/** When `count` frames that are all due at once leave. */
const rush = (shaper: Shaper, count: number, due = 0) => Array.from({ length: count }, () => shaper.next(due));

describe('a shaper', () => {
  it('without a rate lets frames go when they are due', () => {
    expect([5, 5, 7].map((due) => new Shaper({}).next(due))).toEqual([5, 5, 7]);
  });

  it('begins with an empty bucket', () => {
    expect(rush(new Shaper({ rate: 1000 }), 3)).toEqual([1000, 2000, 3000]);
  });

  it('holds a millisecond of frames, or what it is told, after a pause', () => {
    const burstAfter = (shaper: Shaper) => rush(shaper, 200, 1e6).filter((at) => at === 1e6).length;
    expect(burstAfter(new Shaper({ rate: 20_000 }))).toBe(20);
    expect(burstAfter(new Shaper({ rate: 20_000, burst: 1 }))).toBe(1);
    expect(burstAfter(new Shaper({ rate: 20_000, burst: 150 }))).toBe(150);
    expect(burstAfter(new Shaper({ rate: 10 }))).toBe(1);
  });

  it('never lets more go in any window than the rate and the burst allow, and wastes nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.nat(20_000), { minLength: 1, maxLength: 300 }),
        (rate, burst, gaps) => {
          const shaper = new Shaper({ rate, burst });
          let due = 0;
          const sent = gaps.map((gap) => {
            due += gap;
            const at = shaper.next(due);
            expect(at).toBeGreaterThanOrEqual(due);
            return at;
          });
          for (let i = 0; i < sent.length; i++) {
            if (i > 0) expect(sent[i]!).toBeGreaterThanOrEqual(sent[i - 1]!);
            if (i >= burst) {
              const window = sent[i]! - sent[i - burst]!;
              expect(window * rate).toBeGreaterThanOrEqual(0.999 * 1e6 * 1 - 1e-3 * rate);
            }
          }
        },
      ),
    );
  });

  it('does not drift: after ten thousand million frames, with and without pauses, each leaves when it should', () => {
    const rate = 29_989;
    const steady = new Shaper({ rate });
    const paused = new Shaper({ rate, burst: 7 });
    let frames = 0;
    let at = 0;
    let idle = 0;
    for (let i = 1; frames < 1e10; i++) {
      const some = 1_000_003 + (i % 11) * 977;
      frames += some;
      // Whoever waits is due when the one before it left.
      at = steady.next(at, some);
      // A pause of three seconds now and then; the bucket that it fills holds seven.
      if (i % 100 === 0) idle += 3e6 - (7 * 1e6) / rate;
      const due = i % 100 === 0 ? paused.next(0, 0) + 3e6 : 0;
      const after = paused.next(due, some);
      if (i % 1000 === 0) expect(Math.abs(after - idle - (frames * 1e6) / rate)).toBeLessThan(1);
    }
    expect(Math.abs(at - (frames * 1e6) / rate)).toBeLessThan(0.001);
  });

  it('ramps evenly from one rate to another', () => {
    const shaper = new Shaper({ ramp: { from: 100, to: 1000, seconds: 10 }, burst: 1 });
    const sent = rush(shaper, 8000);
    const within = (a: number, b: number) => sent.filter((at) => at >= a * 1e6 && at < b * 1e6).length;
    expect(within(0, 10)).toBeGreaterThan(5480);
    expect(within(0, 10)).toBeLessThan(5520);
    expect(within(0, 1)).toBeGreaterThan(140);
    expect(within(0, 1)).toBeLessThan(150);
    expect(within(10, 12)).toBeGreaterThan(1990);
    expect(within(10, 12)).toBeLessThan(2010);
    const down = rush(new Shaper({ ramp: { from: 1000, to: 100, seconds: 10 }, burst: 1 }), 5500);
    expect(down.at(-1)! / 1e6).toBeCloseTo(10, 1);
  });

  it.each([
    [{ rate: 0 }, /rate is 0/],
    [{ rate: 1e12 }, /rate is 1000000000000, not frames a second, above 0 and at most/],
    [{ rate: Number.NaN }, /rate is NaN/],
    [{ burst: 0 }, /burst is 0/],
    [{ rate: 1, ramp: { from: 1, to: 2, seconds: 3 } }, /not both/],
    [{ ramp: { from: 0, to: 2, seconds: 3 } }, /from is 0/],
    [{ ramp: { from: 1, to: 2, seconds: 0 } }, /seconds is 0/],
  ])('refuses %j', (options, message) => expect(() => new Shaper(options)).toThrow(message));

  it('reads a ramp', () => {
    expect(parseRamp('100:20000:60')).toEqual({ from: 100, to: 20_000, seconds: 60 });
    for (const text of ['', '1:2', '1:2:3:4', 'a:2:3', '1:-2:3'])
      expect(() => parseRamp(text)).toThrow(/FROM:TO:SECONDS/);
  });
});
