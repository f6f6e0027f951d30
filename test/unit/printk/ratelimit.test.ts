import { describe, expect, it } from 'vitest';
import { ratelimit, ratelimitState } from '../../../src/printk/ratelimit.js';

describe('a rate limit', () => {
  it('lets ten through in five seconds', () => {
    const state = ratelimitState(100);
    const passed = (jiffies: number, calls: number) =>
      Array.from({ length: calls }, () => ratelimit(state, jiffies)).filter(Boolean).length;
    expect(passed(1000, 12)).toBe(10);
    expect(passed(1500, 1)).toBe(0);
    expect(passed(1501, 12)).toBe(10);
  });

  it('says how many it refused when the next window begins', () => {
    const state = ratelimitState(100);
    const said: number[] = [];
    const call = (jiffies: number) => ratelimit(state, jiffies, (missed) => said.push(missed));
    for (let i = 0; i < 13; i++) call(0);
    call(501);
    call(1200);
    expect(said).toEqual([3]);
  });

  it('with interval 0 limits nothing, with burst 0 everything', () => {
    const always = { ...ratelimitState(100), interval: 0 };
    const never = { ...ratelimitState(100), burst: 0 };
    for (let i = 0; i < 100; i++) expect([ratelimit(always, i), ratelimit(never, i * 1000)]).toEqual([true, false]);
  });

  it('begins its window at the first call, not at zero', () => {
    const state = ratelimitState(100);
    for (let i = 0; i < 10; i++) expect(ratelimit(state, 5000)).toBe(true);
    expect(ratelimit(state, 5500)).toBe(false);
    expect(ratelimit(state, 5501)).toBe(true);
  });
});
