import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/errno.js';
import { type DeviceHost, NETDEV_TX_BUSY, NETDEV_TX_OK } from '../../../src/net/device.js';
import { type FaultDevice, type FaultOptions, faultDevice, type Verdict } from '../../../src/net/fault.js';
import { createMemoryDevice, type MemoryDevice } from '../../../src/net/memory.js';
import { createRandom } from '../../../src/net/random.js';
import { tapDevice } from '../../../src/net/tap.js';

interface Rig {
  readonly inner: MemoryDevice;
  readonly device: FaultDevice;
  readonly received: number[];
  /** Offers a frame of 20 bytes whose last is `mark`. */
  send(mark: number): number;
  /** The last byte of every frame that left. */
  readonly sent: number[];
}

function rig(options: FaultOptions, slots = 8): Rig {
  const inner = createMemoryDevice('eth0', { slots });
  const device = faultDevice(inner, options);
  const received: number[] = [];
  const host: DeviceHost = {
    txWake: () => undefined,
    receive: (packet) => received.push(packet[19]!),
    down: () => undefined,
  };
  device.attach(host);
  const { slab } = device;
  return {
    inner,
    device,
    received,
    send(mark) {
      const slot = slab.alloc();
      const at = slab.payloadAt(slot);
      slab.bytes.fill(0, at, at + 20);
      slab.bytes[at + 19] = mark;
      slab.start[slot] = at;
      slab.end[slot] = at + 20;
      const result = device.startXmit(slot);
      if (result !== NETDEV_TX_OK) slab.free(slot);
      return result;
    },
    get sent() {
      return inner.frames.map((frame) => frame[19]!);
    },
  };
}

/** One verdict after another, then `pass`. */
const verdicts =
  (...list: Verdict[]) =>
  (): Verdict =>
    list.shift() ?? 'pass';

const inject = (r: Rig, mark: number) => {
  const frame = new Uint8Array(20);
  frame[19] = mark;
  r.inner.inject(frame);
};

describe('faultDevice, frames that leave', () => {
  it.each<[string, Verdict[], number[]]>([
    ['pass', ['pass'], [1, 2, 3]],
    ['drop', ['pass', 'drop'], [1, 3]],
    ['duplicate', ['duplicate'], [1, 1, 2, 3]],
    ['reorder: the next one overtakes', ['reorder'], [2, 1, 3]],
    ['reorder twice: the next that passes overtakes both', ['reorder', 'reorder'], [3, 1, 2]],
    ['reorder the last: it stays', ['pass', 'pass', 'reorder'], [1, 2]],
    ['duplicate what overtakes', ['reorder', 'duplicate'], [2, 2, 1, 3]],
  ])('%s', (_name, list, expected) => {
    const r = rig({ rules: [verdicts(...list)] });
    for (const mark of [1, 2, 3]) expect(r.send(mark)).toBe(NETDEV_TX_OK);
    expect(r.sent).toEqual(expected);
    expect(r.device.slab.inUse).toBe(0);
  });

  it('corrupt changes one bit, behind the Ethernet header', () => {
    for (let seed = 0; seed < 50; seed++) {
      const r = rig({ seed, corrupt: 1 });
      r.send(0);
      const [frame] = r.inner.frames;
      expect(frame!.subarray(0, 14).every((b) => b === 0)).toBe(true);
      const bits = [...frame!].map((b) => b.toString(2).replaceAll('0', '').length).reduce((a, b) => a + b);
      expect(bits).toBe(1);
      expect(r.device.faults.tx).toMatchObject({ corrupted: 1, passed: 0 });
    }
  });

  it('a frame that the device refuses is judged once', () => {
    let judged = 0;
    const rule = (): Verdict => {
      judged++;
      return 'corrupt';
    };
    const r = rig({ rules: [rule] });
    r.inner.busy = true;
    const { slab } = r.device;
    const slot = slab.alloc();
    const at = slab.payloadAt(slot);
    slab.bytes.fill(0, at, at + 20);
    slab.start[slot] = at;
    slab.end[slot] = at + 20;
    for (let i = 0; i < 5; i++) expect(r.device.startXmit(slot)).toBe(NETDEV_TX_BUSY);
    r.inner.busy = false;
    expect(r.device.startXmit(slot)).toBe(NETDEV_TX_OK);
    expect(judged).toBe(1);
    expect(r.inner.frames[0]!.filter((b) => b !== 0)).toHaveLength(1);
    expect(r.device.faults.tx.corrupted).toBe(1);
  });

  it('pushes out what comes late and what waited for room: no kernel polls then', () => {
    const inner = createMemoryDevice('eth0');
    let polls = 0;
    inner.poll = () => void polls++;
    let late: () => void = () => undefined;
    const device = faultDevice(inner, {
      rules: [verdicts({ delayUsec: 5 })],
      schedule: (_after, fn) => {
        late = fn;
      },
    });
    device.attach({ txWake: () => undefined, receive: () => undefined, down: () => undefined });
    const slot = device.slab.alloc();
    device.slab.start[slot] = device.slab.end[slot] = device.slab.payloadAt(slot);
    device.startXmit(slot);
    expect([polls, inner.frames.length]).toEqual([0, 0]);
    late();
    expect([polls, inner.frames.length]).toEqual([1, 1]);
    inner.busy = true;
    inner.busy = false;
    expect(polls).toBe(2);
  });

  it('delays, and lets the rest overtake', () => {
    const due: [number, () => void][] = [];
    const r = rig({ rules: [verdicts({ delayUsec: 500 })], schedule: (usec, fn) => due.push([usec, fn]) });
    r.send(1);
    r.send(2);
    expect(r.sent).toEqual([2]);
    expect(due.map(([usec]) => usec)).toEqual([500]);
    due[0]![1]();
    expect(r.sent).toEqual([2, 1]);
    expect(r.device.slab.inUse).toBe(0);
  });

  it('what is due while the device is busy leaves when it has room, or is counted', async () => {
    const due: (() => void)[] = [];
    const r = rig({
      rules: [verdicts({ delayUsec: 1 }, { delayUsec: 1 }, 'reorder')],
      schedule: (_usec, fn) => due.push(fn),
    });
    for (const mark of [1, 2, 3]) r.send(mark);
    r.inner.busy = true;
    due[0]!();
    expect(r.sent).toEqual([]);
    r.inner.busy = false;
    expect(r.sent).toEqual([1]);
    await r.device.close();
    due[1]!();
    expect(r.device.faults.tx).toMatchObject({ delayed: 2, reordered: 1, lost: 2 });
  });

  it('a copy has the headers in front of the medium too', () => {
    const r = rig({ rules: [verdicts('duplicate')] });
    const { slab } = r.device;
    const inFront: number[] = [];
    const { startXmit } = r.inner;
    r.inner.startXmit = (slot) => {
      inFront.push(slab.bytes[slab.start[slot]! - 20]!);
      return startXmit.call(r.inner, slot);
    };
    const slot = slab.alloc();
    slab.start[slot] = slab.payloadAt(slot) - 8;
    slab.end[slot] = slab.payloadAt(slot) + 30;
    slab.bytes[slab.start[slot]! - 20] = 0x45;
    r.device.startXmit(slot);
    expect(inFront).toEqual([0x45, 0x45]);
  });

  it('keeps a bounded number of frames', () => {
    const r = rig({ reorder: 1 });
    for (let i = 0; i < 3000; i++) r.send(i & 0xff);
    expect(r.device.faults.tx).toMatchObject({ reordered: 1024, lost: 1976 });
    expect(r.device.slab.inUse).toBe(0);
  });
});

describe('faultDevice, frames that arrive', () => {
  it.each<[string, Verdict[], number[]]>([
    ['drop', ['pass', 'drop'], [1, 3]],
    ['duplicate', ['duplicate'], [1, 1, 2, 3]],
    ['reorder', ['reorder'], [2, 1, 3]],
  ])('%s', (_name, list, expected) => {
    const r = rig({ rules: [verdicts(...list)] });
    for (const mark of [1, 2, 3]) inject(r, mark);
    expect(r.received).toEqual(expected);
  });

  it('corrupts a copy', () => {
    const r = rig({ corrupt: 1 });
    const frame = new Uint8Array(20);
    r.inner.inject(frame);
    expect(frame.every((b) => b === 0)).toBe(true);
    expect(r.device.faults.rx.corrupted).toBe(1);
  });
});

describe('faultDevice, chances', () => {
  const run = (seed: number) => {
    const r = rig({ seed, drop: 0.2, duplicate: 0.1, reorder: 0.1, corrupt: 0.1 });
    for (let i = 0; i < 10_000; i++) r.send(i & 0xff);
    return r;
  };

  it('come as often as they should', () => {
    const { tx } = run(3).device.faults;
    expect(tx.dropped / 10_000).toBeCloseTo(0.2, 1);
    for (const name of ['duplicated', 'reordered', 'corrupted'] as const) expect(tx[name] / 10_000).toBeCloseTo(0.1, 1);
    expect(tx.passed + tx.dropped + tx.reordered + tx.corrupted).toBe(10_000);
  });

  it('the same seed gives the same, another another', () => {
    expect(run(3).sent).toEqual(run(3).sent);
    expect(run(3).sent).not.toEqual(run(4).sent);
  });

  it('one direction does not change the other', () => {
    const quiet = rig({ seed: 9, drop: 0.5 });
    const loud = rig({ seed: 9, drop: 0.5 });
    for (let i = 0; i < 100; i++) {
      quiet.send(i);
      loud.send(i);
      inject(loud, i);
    }
    expect(loud.sent).toEqual(quiet.sent);
    expect(loud.received.length).toBeGreaterThan(20);
  });

  it('can be for one direction', () => {
    const r = rig({ drop: 1, directions: ['rx'] });
    r.send(1);
    inject(r, 2);
    expect([r.sent, r.received]).toEqual([[1], []]);
  });

  it.each<[string, FaultOptions]>([
    ['above 1', { drop: 1.5 }],
    ['negative', { corrupt: -0.1 }],
    ['not a number', { reorder: Number.NaN }],
    ['above 1 together', { drop: 0.6, duplicate: 0.6 }],
    ['delay without schedule', { delay: 0.1 }],
  ])('refused: %s', (_name, options) => {
    expect(() => rig(options)).toThrow(KernelError);
  });
});

describe('tapDevice', () => {
  it('shows each frame once, as it was offered, also when it is refused first', () => {
    const inner = createMemoryDevice('eth0');
    const seen: [string, number, number][] = [];
    const device = tapDevice(faultDevice(inner, { corrupt: 1 }), (frame, direction) =>
      seen.push([direction, frame.length, direction === 'tx' ? frame.filter((b) => b !== 0).length : -1]),
    );
    const received: Uint8Array[] = [];
    device.attach({ txWake: () => undefined, receive: (p) => received.push(p), down: () => undefined });
    const slot = device.slab.alloc();
    const at = device.slab.payloadAt(slot);
    device.slab.bytes.fill(0, at, at + 30);
    device.slab.start[slot] = at;
    device.slab.end[slot] = at + 30;
    inner.busy = true;
    expect(device.startXmit(slot)).toBe(NETDEV_TX_BUSY);
    expect(seen).toEqual([]);
    inner.busy = false;
    expect(device.startXmit(slot)).toBe(NETDEV_TX_OK);
    inner.inject(Uint8Array.of(1, 2, 3));
    expect(seen.map(([direction, length]) => [direction, length])).toEqual([
      ['tx', 30],
      ['rx', 3],
    ]);
    expect(seen[0]![2]).toBe(0);
    expect(inner.frames[0]!.filter((b) => b !== 0)).toHaveLength(1);
    expect(received).toHaveLength(1);
  });
});

describe('createRandom', () => {
  it('is even, and below 1', () => {
    const random = createRandom(5);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[Math.floor(random() * 10)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});
