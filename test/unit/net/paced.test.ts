import { describe, expect, it } from 'vitest';
import { NETDEV_TX_OK } from '../../../src/net/device.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { Meter } from '../../../src/net/meter.js';
import { pacedDevice } from '../../../src/net/paced.js';
import type { ShaperOptions } from '../../../src/net/shaper.js';
import { RunObserver } from '../../../src/run/observer.js';

/** A device on a clock that the test moves, and when each frame left. */
function rig(rate: ShaperOptions) {
  const clock = { usec: 0 };
  const observer = new RunObserver({ clock: { now: () => clock.usec, at: () => () => {} } });
  const meter = new Meter(observer.series);
  const left: number[] = [];
  const inner = createMemoryDevice('eth0', { keep: false, onFrame: () => left.push(clock.usec) });
  const device = pacedDevice(inner, { rate, meter, now: () => clock.usec });
  const offer = () => {
    const slot = device.slab.alloc();
    const at = device.slab.payloadAt(slot);
    device.slab.start[slot] = at;
    device.slab.end[slot] = at + 60;
    const taken = device.startXmit(slot) === NETDEV_TX_OK;
    if (!taken) device.slab.free(slot);
    return taken;
  };
  /** Offers as often as the device takes, at each microsecond that `at` names. */
  const run = (at: Iterable<number>) => {
    for (const usec of at) {
      clock.usec = usec;
      while (offer());
    }
  };
  return { clock, meter, observer, left, device, offer, run };
}

function* every(usec: number, from: number, until: number): Generator<number> {
  for (let at = from; at < until; at += usec) yield at;
}

describe('a paced device', () => {
  it('lets the n-th frame go n / rate after the start, and says when the next one may', () => {
    const { left, run, device, clock } = rig({ rate: 1000 });
    run(every(10, 0, 10_000));
    expect(left).toEqual([1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000]);
    expect(device.nextUsec).toBe(10_000);
    clock.usec = 9_900;
    expect(device.waitUsec).toBe(100);
  });

  it('keeps the rate whoever wakes it late, for it catches up', () => {
    const { left, run, meter, observer, device } = rig({ rate: 20_000 });
    // Woken each 3 ms, for ten seconds.
    run(every(3000, 0, 10e6));
    expect(left.length).toBeGreaterThan(199_800);
    for (const { from, asked, achieved } of observer.intervals.slice(0, -1)) {
      expect(asked, `asked for from ${from} s on`).toBeGreaterThan(19_990);
      expect(Math.abs(achieved / asked - 1)).toBeLessThan(0.01);
    }
    expect(meter.lateness.max).toBeLessThan(6.1);
    expect(device.stalledUsec).toBe(0);
  });

  it('makes up for a late wake-up half as fast again, not in one burst', () => {
    const { left, run } = rig({ rate: 20_000 });
    run(every(10, 0, 100_000));
    const before = left.length;
    run(every(10, 150_000, 400_000));
    const in5ms = (from: number) => left.filter((at) => at >= from && at < from + 5000).length;
    // What may leave at once is five milliseconds' at that speed.
    expect(left.filter((at) => at === 150_000).length).toBeLessThanOrEqual(151);
    for (let at = 155_000; at < 390_000; at += 5000) expect(in5ms(at)).toBeLessThanOrEqual(151);
    expect(before).toBeGreaterThan(1990);
    expect(left.length).toBeGreaterThan(7950);
  });

  it('does not make up for a long stop, and says how long it was', () => {
    const { left, run, device } = rig({ rate: 1000 });
    run(every(100, 0, 1e6));
    run(every(100, 5e6, 6e6));
    expect(left.length).toBeLessThan(2010);
    expect(device.stalledUsec).toBeGreaterThan(3.9e6);
    expect(device.stalledUsec).toBeLessThan(4.1e6);
  });

  it('a frame is late against the time that it was due', () => {
    const { clock, meter, offer, device } = rig({ rate: 1e6 });
    device.dueUsec = 2000;
    clock.usec = 9000;
    expect(offer()).toBe(true);
    expect(meter.lateness.max).toBeCloseTo(7, 1);
    device.dueUsec = undefined;
    clock.usec = 20_000_000;
    expect(offer()).toBe(true);
    expect(device.stalledUsec).toBe(0);
    expect(meter.lateness.max).toBeCloseTo(7, 1);
  });
});
