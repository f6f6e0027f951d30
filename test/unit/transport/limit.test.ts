import { afterEach, describe, expect, it, vi } from 'vitest';
import type { KernelError } from '../../../src/errno.js';
import { NETDEV_TX_BUSY, NETDEV_TX_OK, type NetDevice } from '../../../src/net/device.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { limitDevice } from '../../../src/transport/limit.js';

function offer(device: NetDevice): number {
  const slot = device.slab.alloc();
  device.slab.start[slot] = device.slab.payloadAt(slot);
  device.slab.end[slot] = device.slab.payloadAt(slot) + 60;
  const status = device.startXmit(slot);
  if (status === NETDEV_TX_BUSY) device.slab.free(slot);
  return status;
}

/** How many of `count` offers are accepted. */
function accepted(device: NetDevice, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) if (offer(device) === NETDEV_TX_OK) sum++;
  return sum;
}

const quiet = { receive: () => undefined, txWake: () => undefined, down: () => undefined };
const moment = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('limitDevice', () => {
  afterEach(() => vi.useRealTimers());

  it('is the device itself without limits', () => {
    const memory = createMemoryDevice();
    expect(limitDevice(memory, {})).toBe(memory);
  });

  it.each([{ rate: 0 }, { rate: Number.NaN }, { maxFrames: -1 }, { maxSeconds: 0 }])('refuses %o', (limits) => {
    expect(() => limitDevice(createMemoryDevice(), limits)).toThrow(/not a number above 0/);
  });

  it('begins with an empty bucket, and holds a millisecond of frames after a pause', async () => {
    let now = 0;
    const device = limitDevice(createMemoryDevice(), { rate: 20_000, now: () => now });
    device.attach(quiet);
    expect(accepted(device, 1)).toBe(0);
    now += 50;
    // Nobody waits any more: what comes in beyond a millisecond's frames is lost.
    expect(accepted(device, 1)).toBe(1);
    now += 10_000_000;
    expect(accepted(device, 20)).toBe(20);
    expect(accepted(device, 1)).toBe(0);
    expect(device.stats).toMatchObject({ txPackets: 21, txDropped: 0 });
    await device.close();
  });

  it('keeps the rate when a host that waits is woken late, without a burst', async () => {
    vi.useFakeTimers();
    const device = limitDevice(createMemoryDevice(), { rate: 20_000, now: () => Date.now() * 1000 });
    let atOnce = 0;
    let sent = 0;
    const offerAll = () => {
      const count = accepted(device, 1000);
      sent += count;
      atOnce = Math.max(atOnce, count);
    };
    device.attach({ ...quiet, txWake: offerAll });
    offerAll();
    for (let round = 0; round < 10; round++) {
      // The process stands still for 42 ms, and timers are late by as much.
      vi.setSystemTime(Date.now() + 42);
      vi.advanceTimersByTime(158);
      expect(Math.abs(sent - 4000 * (round + 1))).toBeLessThanOrEqual(20);
    }
    // Five milliseconds' at one and a half times the rate, and the one that was waiting.
    expect(atOnce).toBeLessThanOrEqual(151);
    expect(atOnce).toBeGreaterThan(20);
    await device.close();
  });

  it('lets one frame through at a time at low rates', async () => {
    let now = 0;
    const device = limitDevice(createMemoryDevice(), { rate: 2, now: () => now });
    expect(accepted(device, 5)).toBe(0);
    now += 500_000;
    expect(accepted(device, 5)).toBe(1);
    now += 499_999;
    expect(accepted(device, 5)).toBe(0);
    now += 1;
    expect(accepted(device, 5)).toBe(1);
    await device.close();
  });

  it('wakes the host when there is a token', async () => {
    let now = 0;
    const device = limitDevice(createMemoryDevice(), { rate: 1000, now: () => now });
    let woken = 0;
    device.attach({ ...quiet, txWake: () => woken++ });
    accepted(device, 1);
    await moment();
    expect(woken).toBe(0);
    now += 1000;
    await moment();
    expect(woken).toBe(1);
    await device.close();
  });

  it('drops and counts after the last frame, and says why once', async () => {
    const device = limitDevice(createMemoryDevice(), { maxFrames: 3 });
    const reasons: KernelError[] = [];
    device.attach({ ...quiet, down: (reason) => reasons.push(reason) });
    expect(accepted(device, 5)).toBe(5);
    expect(device.stats).toMatchObject({ txPackets: 3, txDropped: 2 });
    expect(device.slab.inUse).toBe(0);
    await moment();
    expect(reasons.map((reason) => reason.message)).toEqual([
      'eth0: stopped after 3 frames (maxFrames); raise or remove the limit',
    ]);
  });

  it('ends after its time', async () => {
    let now = 5_000_000;
    const device = limitDevice(createMemoryDevice(), { maxSeconds: 2, now: () => now });
    const reasons: KernelError[] = [];
    device.attach({ ...quiet, down: (reason) => reasons.push(reason) });
    now += 1_999_999;
    expect(accepted(device, 2)).toBe(2);
    now += 1;
    accepted(device, 2);
    expect(device.stats).toMatchObject({ txPackets: 2, txDropped: 2 });
    await moment();
    expect(reasons.map((reason) => reason.code)).toEqual(['ENETDOWN']);
  });

  it('ends in time though nothing is sent and timers are early by its clock', async () => {
    const device = limitDevice(createMemoryDevice(), { maxSeconds: 0.05, now: () => performance.now() * 900 });
    const reason = await new Promise<KernelError>((down) => device.attach({ ...quiet, down }));
    expect(reason.code).toBe('ENETDOWN');
  });

  it('goes on for longer than a timer can wait', async () => {
    const device = limitDevice(createMemoryDevice(), { maxSeconds: 3_000_000 });
    const reasons: KernelError[] = [];
    device.attach({ ...quiet, down: (reason) => reasons.push(reason) });
    await moment();
    expect(accepted(device, 1)).toBe(1);
    expect(reasons).toEqual([]);
    await device.close();
  });

  it('does not spend a token on a frame that the device below was too busy for', async () => {
    const memory = createMemoryDevice();
    const device = limitDevice(memory, { maxFrames: 1 });
    memory.busy = true;
    expect(accepted(device, 3)).toBe(0);
    memory.busy = false;
    expect(accepted(device, 1)).toBe(1);
    expect(device.stats.txPackets).toBe(1);
    await device.close();
  });
});
