/** A receiver that answers once and never again, for a virtual month: the sender stays as it is. */
import { describe, expect, it } from 'vitest';
import { createKernel, insideOf } from '../../src/kernel/index.js';
import { createMemoryDevice } from '../../src/net/memory.js';
import { datagramFrame } from '../../src/scenario/datagram.js';
import { reachableBytes } from '../support/reachable.js';

const DAY_USEC = 86_400e6;
const START_USEC = 400_000_000;

describe.each([1, 10])('a cap of %d s', (emergencyCap) => {
  it('a month without an ack: one frame an interval, constant memory', () => {
    const HZ = 1000;
    const kernel = createKernel({ profile: '6.12', HZ, emergencyCap, reliable: 'heo-2015', startUsec: START_USEC });
    const times: number[] = [];
    let frames = 0;
    const device = createMemoryDevice('eth0', {
      onFrame: () => {
        frames++;
        times[frames % 8] = kernel.now();
      },
    });
    kernel.addDevice(device, { addresses: ['10.0.2.15/24'] });
    kernel.insmod('netconsole', '+@10.0.2.15/eth0,@10.0.2.2/');
    const nca = { op: 'datagram', from: '10.0.2.2:6666', to: '10.0.2.15:6665', data: 'nca5' };
    device.inject(datagramFrame(nca, device.mac));
    const { reliable } = insideOf(kernel).modules.targets[0]!;

    const used: number[] = [];
    const sent: number[] = [];
    for (let day = 1; day <= 30; day++) {
      const before = frames;
      kernel.advanceTo(START_USEC + day * DAY_USEC);
      sent.push(frames - before);
      used.push(reachableBytes());
      expect(device.slab.inUse).toBe(0);
      expect(reliable!.emgTxIntv).toBe(emergencyCap * HZ);
      // The timer, and nothing else, waits.
      const next = kernel.nextDeadline()!;
      expect(next - kernel.now()).toBeLessThanOrEqual(emergencyCap * 1e6);
    }
    // The first day has its first 10 s and its short intervals; every other is the same, give or take where its end falls.
    for (const count of sent.slice(1)) expect(Math.abs(count - 86_400 / emergencyCap)).toBeLessThanOrEqual(1);
    const sorted = [...times].sort((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++) expect(sorted[i]! - sorted[i - 1]!).toBe(emergencyCap * 1e6);
    // The first ten days against the last.
    const early = Math.min(...used.slice(0, 10));
    const late = Math.min(...used.slice(20));
    expect(late - early).toBeLessThan(4 << 20);
    expect(insideOf(kernel).ring.nextSeq).toBe(11);
    expect(insideOf(kernel).modules.targets[0]!.stats).toMatchObject({
      enomemCount: 0,
      xmitDropCount: 0,
    });
  });
});
