import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { insideOf } from '../../../src/kernel/index.js';
import { initialJiffies, type Jiffies, jiffiesToUsec, TimerBase, usecToJiffies } from '../../../src/time/index.js';
import { bench } from '../../support/harness.js';

const j = (n: number) => n as Jiffies;

describe('jiffies', () => {
  it.each([100, 250, 1000])('HZ %i: begin five minutes before a 32-bit counter wraps', (HZ) => {
    expect(initialJiffies(HZ)).toBe(2 ** 32 - 300 * HZ);
    expect(usecToJiffies(0, HZ)).toBe(initialJiffies(HZ));
    expect(usecToJiffies(300e6, HZ)).toBe(2 ** 32);
  });

  it('there and back: the first microsecond at which a jiffy has come', () => {
    fc.assert(
      fc.property(fc.constantFrom(100, 250, 300, 1000), fc.nat({ max: 2 ** 40 }), (HZ, usec) => {
        const now = usecToJiffies(usec, HZ);
        const first = jiffiesToUsec(now, HZ);
        expect(first).toBeLessThanOrEqual(usec);
        expect(usecToJiffies(first, HZ)).toBe(now);
        if (first > 0) expect(usecToJiffies(first - 1, HZ)).toBe(now - 1);
      }),
    );
  });
});

describe('timers', () => {
  it('fire in order of expiry, then of arming', () => {
    const base = new TimerBase(j(0));
    const fired: string[] = [];
    const arm = (name: string, at: number) =>
      base.modTimer(
        base.setupTimer(() => fired.push(name)),
        j(at),
      );
    arm('c', 5);
    arm('a', 3);
    arm('d', 5);
    arm('b', 4);
    expect(base.nextExpiry()).toBe(3);
    expect(base.run(j(4))).toBe(2);
    expect(base.run(j(100))).toBe(2);
    expect(fired).toEqual(['a', 'b', 'c', 'd']);
    expect(base.nextExpiry()).toBeUndefined();
  });

  it('armed again move, and say whether they were pending', () => {
    const base = new TimerBase(j(0));
    let fired = 0;
    const timer = base.setupTimer(() => fired++);
    expect([
      timer.pending,
      base.modTimer(timer, j(5)),
      base.modTimer(timer, j(9)),
      timer.pending,
      timer.expires,
    ]).toEqual([false, false, true, true, 9]);
    base.run(j(5));
    expect(fired).toBe(0);
    base.run(j(9));
    expect([fired, timer.pending, base.delTimer(timer)]).toEqual([1, false, false]);
  });

  it('armed for the past inside a callback fire in the same run', () => {
    const base = new TimerBase(j(0));
    const fired: number[] = [];
    const again = base.setupTimer(() => fired.push(2));
    base.modTimer(
      base.setupTimer(() => {
        fired.push(1);
        base.modTimer(again, j(1));
      }),
      j(3),
    );
    base.run(j(3));
    expect(fired).toEqual([1, 2]);
  });

  it('deleted ones do not fire, also when deleted by another', () => {
    const base = new TimerBase(j(0));
    const fired: number[] = [];
    const second = base.setupTimer(() => fired.push(2));
    base.modTimer(
      base.setupTimer(() => {
        fired.push(1);
        base.delTimer(second);
      }),
      j(3),
    );
    base.modTimer(second, j(3));
    base.run(j(10));
    expect(fired).toEqual([1]);
  });

  it('do what a sorted list says', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            timer: fc.nat({ max: 5 }),
            at: fc.option(fc.nat({ max: 30 }), { nil: undefined }),
            run: fc.boolean(),
          }),
          { maxLength: 60 },
        ),
        (steps) => {
          const base = new TimerBase(j(0));
          const fired: number[] = [];
          const wanted: number[] = [];
          const timers = Array.from({ length: 6 }, (_, i) => base.setupTimer(() => fired.push(i)));
          let list: { i: number; at: number; armed: number }[] = [];
          let now = 0;
          steps.forEach(({ timer, at, run }, armed) => {
            if (run) {
              now += timer;
              base.run(j(now));
              const due = list.filter((t) => t.at <= now).sort((a, b) => a.at - b.at || a.armed - b.armed);
              wanted.push(...due.map(({ i }) => i));
              list = list.filter((t) => t.at > now);
            } else {
              list = list.filter((t) => t.i !== timer);
              if (at === undefined) {
                base.delTimer(timers[timer]!);
              } else {
                base.modTimer(timers[timer]!, j(now + at));
                list.push({ i: timer, at: now + at, armed });
              }
            }
            const next = list.length === 0 ? undefined : Math.min(...list.map((t) => t.at));
            expect(base.nextExpiry()).toBe(next);
          });
          expect(fired).toEqual(wanted);
        },
      ),
    );
  });
});

describe('a kernel', () => {
  it('does not go back in time', () => {
    const { kernel } = bench('7.3');
    kernel.advanceTo(2_000_000);
    kernel.advanceTo(2_000_000);
    expect(() => kernel.advanceTo(1_999_999)).toThrow(RangeError);
    expect(kernel.now()).toBe(2_000_000);
  });

  it('runs timers at their own time, not at the time that was asked for', () => {
    const { kernel } = bench('7.3', { HZ: 100 });
    const at: number[] = [];
    insideOf(kernel).delay(10, () => {
      at.push(kernel.now());
      kernel.printk('late\n');
    });
    insideOf(kernel).delay(5, () => at.push(kernel.now()));
    expect(kernel.nextDeadline()).toBe(1_050_000);
    kernel.advanceTo(9_000_000);
    expect(at).toEqual([1_050_000, 1_100_000]);
    expect(kernel.nextDeadline()).toBeUndefined();
  });

  it('early is harmless', () => {
    const { kernel } = bench('7.3', { HZ: 100 });
    let fired = 0;
    insideOf(kernel).delay(10, () => fired++);
    for (let t = 1_000_000; t < 1_100_000; t += 7919) kernel.advanceTo(t);
    expect(fired).toBe(0);
    kernel.advanceTo(1_100_000);
    expect(fired).toBe(1);
  });
});
