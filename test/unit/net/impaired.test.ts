import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DeviceHost, type Medium, NETDEV_TX_OK } from '../../../src/net/device.js';
import { type Impairments, Link } from '../../../src/net/impair.js';
import { impairDevice } from '../../../src/net/impaired.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { createManualClock } from '../../../src/run/clock.js';

const BYTES = 100;

function rig(impairments: Impairments, medium: Medium = 'ethernet', slots = 64) {
  const clock = createManualClock();
  const left: { readonly at: number; readonly frame: Uint8Array }[] = [];
  const memory = createMemoryDevice('eth0', {
    slots,
    onFrame: (frame) => left.push({ at: clock.now(), frame: frame.slice() }),
  });
  const inner = Object.assign(memory, { caps: { ...memory.caps, medium } });
  const device = impairDevice(inner, impairments, clock);
  const received: { readonly at: number; readonly mark: number }[] = [];
  const host: DeviceHost = {
    txWake: () => undefined,
    receive: (packet) => received.push({ at: clock.now(), mark: packet[BYTES - 1]! }),
    down: () => undefined,
  };
  device.attach(host);
  const { slab } = device;
  const offer = (slot: number) => device.startXmit(slot) === NETDEV_TX_OK;
  const make = (mark: number) => {
    const slot = slab.alloc();
    const at = slab.payloadAt(slot);
    slab.bytes.fill(mark, at, at + BYTES);
    slab.start[slot] = at;
    slab.end[slot] = at + BYTES;
    return slot;
  };
  return { clock, memory, device, left, received, make, offer, send: (mark: number) => offer(make(mark)) };
}

describe('a device behind a bad network', () => {
  it.each(['ethernet', 'ip', 'udp'] as const)('does to frames what a link does, byte for byte (%s)', (medium) => {
    const header = { ethernet: 14, ip: 40, udp: 8 }[medium];
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(),
          out: fc.record({
            loss: fc.double({ min: 0, max: 0.5, noNaN: true }),
            duplicate: fc.double({ min: 0, max: 0.5, noNaN: true }),
            reorder: fc.double({ min: 0, max: 0.5, noNaN: true }),
            delayUsec: fc.nat(3000),
            jitterUsec: fc.nat(3000),
            truncate: fc.double({ min: 0, max: 0.5, noNaN: true }),
            corrupt: fc.double({ min: 0, max: 0.5, noNaN: true }),
          }),
        }),
        (impairments) => {
          const { clock, left, device, send } = rig(impairments, medium);
          const link = new Link(impairments, header);
          const expected: { at: number; frame: Uint8Array }[] = [];
          for (let i = 0; i < 40; i++) {
            clock.advanceTo(i * 100);
            link.carry(new Uint8Array(BYTES).fill(i), clock.now(), 'out', (frame, at) => expected.push({ at, frame }));
            expect(send(i)).toBe(true);
          }
          clock.advanceTo(1e6);
          const inOrder = (list: typeof expected) =>
            list.map(({ at, frame }) => `${at} ${Buffer.from(frame).toString('hex')}`).sort();
          expect(inOrder(left)).toEqual(inOrder(expected));
          expect(device.network.out).toEqual(link.stats.out);
          expect(device.onTheWay).toBe(0);
          expect(device.slab.inUse).toBe(0);
          for (const { frame } of left) expect(new Set(frame.subarray(0, header)).size).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('judges a frame once, however often a busy device refuses it', () => {
    const { memory, device, make, offer, left } = rig({ out: { loss: 0.5 } });
    memory.busy = true;
    let passed = 0;
    for (let i = 0; i < 200; i++) {
      const slot = make(i);
      if (offer(slot)) continue;
      expect(offer(slot)).toBe(false);
      memory.busy = false;
      expect(offer(slot)).toBe(true);
      memory.busy = true;
      passed++;
    }
    expect(left.length).toBe(passed);
    expect(device.network.out).toMatchObject({ carried: 200, lost: 200 - passed });
  });

  it('keeps what it delays until the device has room, in order', () => {
    const { clock, memory, device, send, left } = rig({ out: { delayUsec: 1000 } });
    for (let i = 0; i < 5; i++) send(i);
    memory.busy = true;
    clock.advanceTo(1000);
    expect(device.waiting).toBe(5);
    expect(left).toEqual([]);
    memory.busy = false;
    device.poll();
    expect(left.map(({ frame }) => frame[20])).toEqual([0, 1, 2, 3, 4]);
  });

  it('delays and loses what comes in, too', () => {
    const { clock, memory, received, device } = rig({ seed: 3, in: { loss: 0.3, delayUsec: 500 } });
    for (let i = 0; i < 100; i++) memory.inject(new Uint8Array(BYTES).fill(i));
    expect(received).toEqual([]);
    clock.advanceTo(500);
    expect(received.length).toBe(100 - device.network.in.lost);
    expect(device.network.in.lost).toBeGreaterThan(15);
    expect(received.every(({ at }) => at === 500)).toBe(true);
  });

  it('a partition lets nothing pass while it lasts', () => {
    const { clock, send, left, device } = rig({ partitions: [{ fromUsec: 1000, untilUsec: 2000 }] });
    for (let at = 0; at < 3000; at += 100) {
      clock.advanceTo(at);
      send(at / 100);
    }
    expect(left.length).toBe(20);
    expect(device.network.out.partitioned).toBe(10);
  });

  it('when it is closed, what is on its way is lost, and counted', async () => {
    const { clock, send, left, device } = rig({ out: { delayUsec: 1000 } });
    send(1);
    send(2);
    await device.close();
    clock.advanceTo(2000);
    expect(left).toEqual([]);
    expect(device.onTheWay).toBe(2);
  });

  it('refuses what makes no sense, by name', () => {
    expect(() => rig({ out: { loss: 2 } })).toThrow(/loss is 2/);
    expect(() => rig({ partitions: [{ fromUsec: 2, untilUsec: 1 }] })).toThrow(/before it begins/);
  });
});
