import { describe, expect, it } from 'vitest';
import { createKernel, insideOf } from '../../../src/kernel/index.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { createManualClock } from '../../../src/run/clock.js';
import { createDriver } from '../../../src/run/driver.js';

const TARGET = '+@192.0.2.1/eth0,@192.0.2.2/02:00:00:00:00:02';

function setUp(start = 0) {
  const clock = createManualClock(start);
  const kernel = createKernel({ profile: '6.12', HZ: 100 });
  return { clock, kernel, driver: createDriver(kernel, clock) };
}

describe('driver', () => {
  it('advances, then delivers', () => {
    const { clock, kernel, driver } = setUp(5_000_000);
    expect(kernel.now()).toBe(0);
    clock.advanceTo(5_001_500);
    driver.printk('x\n');
    expect(kernel.now()).toBe(1500);
    const seen: number[] = [];
    const eth0 = createMemoryDevice('eth0');
    driver.addDevice(eth0);
    clock.advanceTo(5_002_000);
    driver.call(() => seen.push(kernel.now()));
    expect(seen).toEqual([2000]);
  });

  it('advances before a device delivers', () => {
    const { clock, kernel, driver } = setUp();
    const eth0 = createMemoryDevice('eth0');
    driver.addDevice(eth0, { addresses: ['192.0.2.1/24'] });
    clock.advanceTo(700);
    eth0.inject(new Uint8Array(60));
    expect(kernel.now()).toBe(700);
    clock.advanceTo(800);
    eth0.busy = true;
    eth0.busy = false;
    expect(kernel.now()).toBe(800);
  });

  it('fires a timer when it is due, and not before', () => {
    const { clock, kernel, driver } = setUp();
    const fired: number[] = [];
    driver.start();
    insideOf(kernel).call(() => insideOf(kernel).delay(10, () => fired.push(kernel.now())));
    expect(clock.next).toBe(100_000);
    clock.advanceTo(99_999);
    expect(fired).toEqual([]);
    clock.advanceTo(100_000);
    expect(fired).toEqual([100_000]);
    expect(clock.next).toBeUndefined();
  });

  it('wakes for a deadline that an input moved while it slept on another, or on none', () => {
    const { clock, kernel, driver } = setUp();
    const fired: string[] = [];
    driver.start();
    expect(clock.next).toBeUndefined();
    insideOf(kernel).call(() => insideOf(kernel).delay(50, () => fired.push('late')));
    insideOf(kernel).call(() => insideOf(kernel).delay(5, () => fired.push('early')));
    expect(clock.next).toBe(50_000);
    clock.advanceTo(60_000);
    expect(fired).toEqual(['early']);
    clock.advanceTo(500_000);
    expect(fired).toEqual(['early', 'late']);
  });

  it('re-arms for a timer that a timer armed', () => {
    const { clock, kernel, driver } = setUp();
    let ticks = 0;
    const tick = () => {
      ticks++;
      insideOf(kernel).delay(10, tick);
    };
    driver.start();
    insideOf(kernel).call(() => insideOf(kernel).delay(10, tick));
    clock.advanceTo(1_000_000);
    expect(ticks).toBe(10);
  });

  it('fires nothing once it is stopped, and goes on when it is started again', () => {
    const { clock, kernel, driver } = setUp();
    let fired = 0;
    driver.start();
    driver.start();
    insideOf(kernel).call(() => insideOf(kernel).delay(10, () => fired++));
    driver.stop();
    clock.advanceTo(200_000);
    expect(fired).toBe(0);
    driver.start();
    expect(fired).toBe(1);
  });

  it('keeps the lead of a kernel that slept inside a call', () => {
    const { clock, kernel, driver } = setUp();
    const eth0 = createMemoryDevice('eth0');
    driver.addDevice(eth0, { addresses: ['192.0.2.1/24'], up: false, carrierDelayUsec: 2_000_000 });
    driver.call(() => kernel.insmod('netconsole', TARGET));
    expect(kernel.now()).toBe(2_000_000);
    clock.advanceTo(500);
    driver.printk('x\n');
    expect(driver.skewUsec).toBe(1_999_500 + 500 - 500);
    expect(kernel.now()).toBe(2_000_000);
    clock.advanceTo(1500);
    driver.advance();
    expect(kernel.now()).toBe(2_001_000);
  });

  it('never lets the kernel stand still or go back, whatever sleeps', () => {
    const { clock, kernel, driver } = setUp();
    driver.start();
    let last = 0;
    for (let i = 1; i <= 50; i++) {
      clock.advanceTo(i * 1000);
      driver.call(() => insideOf(kernel).sleepUntil(kernel.now() + (i % 7) * 300));
      expect(kernel.now()).toBeGreaterThanOrEqual(last);
      last = kernel.now();
    }
    clock.advanceTo(51_000);
    driver.advance();
    expect(kernel.now()).toBeGreaterThan(last);
  });

  it('sends what waited for a busy device on the real clock, and ends when it is told to', async () => {
    const kernel = createKernel({ profile: '6.12', HZ: 1000 });
    const driver = createDriver(kernel);
    const eth0 = createMemoryDevice('eth0');
    driver.addDevice(eth0, { addresses: ['192.0.2.1/24'] });
    driver.call(() => kernel.insmod('netconsole', TARGET));
    eth0.frames.length = 0;
    const stop = new AbortController();
    const running = driver.run(stop.signal);
    const started = performance.now();
    let fired = 0;
    driver.call(() =>
      insideOf(kernel).call(() =>
        insideOf(kernel).delay(30, () => {
          fired = performance.now() - started;
          stop.abort();
        }),
      ),
    );
    await running;
    expect(fired).toBeGreaterThanOrEqual(29);
    expect(kernel.onDeadline).toBeUndefined();
  });
});
