import { describe, expect, it } from 'vitest';
import { insideOf } from '../../../src/kernel/index.js';
import { NETDEV_TX_BUSY, NETDEV_TX_OK } from '../../../src/net/device.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { cutName, isUnicastMac } from '../../../src/netpoll/setup.js';
import { type Bench, bench, MODERN } from '../../support/harness.js';

const loaded = (name = '6.18', options = {}) => {
  const b = bench(name, options);
  b.kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
  b.take();
  b.device.frames.length = 0;
  return b;
};
const texts = (b: Bench) => b.take().map((payload) => payload.slice(15, -1));
const say = (b: Bench, ...lines: string[]) => {
  for (const line of lines) b.kernel.printk(`${line}\n`);
};

describe('a device that is busy', () => {
  it.each(MODERN)('%s: frames wait, and leave in order when it wakes', (name) => {
    const b = loaded(name);
    b.device.busy = true;
    say(b, '1', '2', '3');
    expect(texts(b)).toEqual([]);
    expect(b.device.slab.inUse).toBe(3);
    b.device.busy = false;
    expect(texts(b)).toEqual(['1', '2', '3']);
    expect(b.device.slab.inUse).toBe(0);
    expect(insideOf(b.kernel).modules.targets[0]!.stats).toMatchObject({
      xmitDropCount: 0,
      enomemCount: 0,
    });
  });

  it.each([100, 250, 1000])('HZ %i: is tried so often while a jiffy could pass', (HZ) => {
    let tries = 0;
    let refuse = 0;
    const device = createMemoryDevice('eth1', { mac: Uint8Array.of(2, 0, 0, 0, 0, 1) });
    const real = device.startXmit.bind(device);
    device.startXmit = (slot) => {
      tries++;
      return refuse-- > 0 ? NETDEV_TX_BUSY : real(slot);
    };
    const b = bench('6.12', { HZ });
    b.kernel.addDevice(device, { addresses: ['10.1.0.1/24'] });
    b.kernel.insmod('netconsole', '@/eth1,@10.1.0.2/');
    const limit = 1e6 / HZ / 50;
    device.frames.length = 0;
    tries = 0;
    refuse = limit - 1;
    say(b, 'taken at the last try');
    expect([tries, device.frames.length]).toEqual([limit, 1]);
    tries = 0;
    refuse = limit + 1;
    say(b, 'queued');
    // Once more by the worker, when the call returns.
    expect([tries, device.frames.length, device.slab.inUse]).toEqual([limit + 1, 1, 1]);
    expect(b.kernel.nextDeadline()).toBe(b.kernel.now() + 100_000);
    b.kernel.advanceTo(b.kernel.now() + 99_999);
    expect(device.frames.length).toBe(1);
    b.kernel.advanceTo(b.kernel.now() + 1);
    expect([device.frames.length, device.slab.inUse]).toEqual([2, 0]);
    expect(b.kernel.nextDeadline()).toBeUndefined();
  });

  it('is asked every tenth of a second, and nothing overtakes what waits', () => {
    const b = loaded();
    b.device.busy = true;
    say(b, '1');
    b.device.busy = false;
    b.device.frames.length = 0;
    b.device.busy = true;
    say(b, '2', '3');
    for (let i = 0; i < 5; i++) b.kernel.advanceTo(b.kernel.nextDeadline()!);
    expect(b.device.frames.length).toBe(0);
    expect(b.kernel.now()).toBe(1_500_000);
    b.device.busy = false;
    say(b, '4');
    expect(texts(b).map((text) => text.replace(/^.*\] /, ''))).toEqual(['2', '3', '4']);
    expect(b.kernel.nextDeadline()).toBeUndefined();
  });

  it('a frame behind a queue is queued though the device would take it', () => {
    let refuse = 0;
    const device = createMemoryDevice('eth1', { mac: Uint8Array.of(2, 0, 0, 0, 0, 1) });
    const real = device.startXmit.bind(device);
    device.startXmit = (slot) => (refuse-- > 0 ? NETDEV_TX_BUSY : real(slot));
    const b = bench('6.12');
    b.kernel.addDevice(device, { addresses: ['10.1.0.1/24'] });
    b.kernel.insmod('netconsole', '@/eth1,@10.1.0.2/');
    device.frames.length = 0;
    insideOf(b.kernel).call(() => {
      refuse = 80;
      say(b, '1');
      say(b, '2');
      expect(device.frames.length).toBe(0);
    });
    expect(device.frames.map((frame) => Buffer.from(frame).toString('latin1').at(-2))).toEqual(['1', '2']);
  });

  it('slots run out: what finds none is counted and lost, the rest is kept', () => {
    const b = loaded('6.18', { slots: 4 });
    b.kernel.fs.mkdir('netconsole/cmdline0');
    b.device.busy = true;
    say(b, '1', '2', '3', '4', '5', '6');
    expect(insideOf(b.kernel).modules.targets[0]!.stats.enomemCount).toBe(2);
    expect(b.kernel.fs.read('netconsole/cmdline0/transmit_errors')).toBe('2\n');
    b.device.busy = false;
    expect(texts(b)).toEqual(['1', '2', '3', '4']);
    say(b, '7');
    expect(texts(b)).toEqual(['7']);
  });

  it('goes away: what waited is dropped and counted', () => {
    const b = loaded();
    b.device.busy = true;
    say(b, '1', '2');
    b.kernel.removeDevice(b.eth0);
    expect([b.device.slab.inUse, insideOf(b.kernel).netpoll.stats.txQueueDropped, b.kernel.nextDeadline()]).toEqual([
      0,
      2,
      undefined,
    ]);
    b.device.busy = false;
    expect(b.device.frames).toEqual([]);
  });

  it('is taken down: what waited is dropped', () => {
    const b = loaded();
    b.device.busy = true;
    say(b, '1');
    b.kernel.ip((all) => all.setUp(b.eth0, false));
    b.kernel.advanceTo(2_000_000);
    expect([b.device.slab.inUse, b.device.frames.length]).toEqual([0, 0]);
  });

  it('tells the deadline', () => {
    const b = loaded();
    const told: (number | undefined)[] = [];
    b.kernel.onDeadline = (next) => told.push(next);
    b.device.busy = true;
    say(b, '1');
    expect(told).toEqual([1_100_000]);
    b.device.busy = false;
    expect(told).toEqual([1_100_000, undefined]);
  });
});

describe('what a device holds back', () => {
  it('is pushed out when the call that sent it ends', () => {
    const calls: string[] = [];
    const device = createMemoryDevice('eth1', { mac: Uint8Array.of(2, 0, 0, 0, 0, 1) });
    const real = device.startXmit.bind(device);
    device.startXmit = (slot) => {
      calls.push('frame');
      return real(slot);
    };
    device.poll = () => void calls.push('poll');
    const b = bench('6.12');
    b.kernel.addDevice(device, { addresses: ['10.1.0.1/24'] });
    b.kernel.insmod('netconsole', '@/eth1,@10.1.0.2/;@/eth1,@10.1.0.3/');
    calls.length = 0;
    insideOf(b.kernel).consoles.trylock();
    say(b, '1', '2', '3');
    insideOf(b.kernel).consoles.unlock();
    expect(calls).toEqual([...Array(6).fill('frame'), 'poll']);
  });
});

describe('media', () => {
  it.each([
    ['ethernet', 0],
    ['ip', 14],
    ['udp', 34],
  ] as const)('%s: the device is given the frame from byte %i on', (medium, skip) => {
    const lengths: number[] = [];
    const device = createMemoryDevice('eth1', { mac: Uint8Array.of(2, 0, 0, 0, 0, 1) });
    const odd = { ...device.caps, medium };
    Object.defineProperty(device, 'caps', { value: odd });
    const real = device.startXmit.bind(device);
    device.startXmit = (slot) => {
      lengths.push(device.slab.end[slot]! - device.slab.start[slot]!);
      expect(real(slot)).toBe(NETDEV_TX_OK);
      return NETDEV_TX_OK;
    };
    const b = bench('6.12');
    b.kernel.addDevice(device, { addresses: ['10.1.0.1/24'] });
    b.kernel.insmod('netconsole', '@/eth1,@10.1.0.2/');
    lengths.length = 0;
    say(b, 'x');
    expect(lengths).toEqual([42 + 17 - skip]);
    const frame = Buffer.from(device.frames.at(-1)!);
    if (medium === 'udp') expect(frame.toString('latin1', 8)).toBe('[    1.000000] x\n');
    if (medium === 'ip') expect(frame[0]).toBe(0x45);
  });
});

describe('names and addresses', () => {
  it.each([
    [[0x52, 0x54, 0, 0, 0, 1], true],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff], false],
    [[1, 0, 0, 0, 0, 0], false],
    [[0, 0, 0, 0, 0, 0], false],
  ])('%j is a unicast address: %s', (mac, want) => expect(isUnicastMac(Uint8Array.from(mac))).toBe(want));
  it('a name has 15 bytes', () => expect(cutName('x'.repeat(20))).toBe('x'.repeat(15)));
});
