/** A kernel, a device, a slab after `close`; times and options that are none; how they all print. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createKernel, insideOf, type KernelOptions } from '../../../src/kernel/index.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { createSlab } from '../../../src/net/slab.js';
import { decodeFrame } from '../../../src/wire/decode.js';

function boot(options: KernelOptions = {}) {
  const kernel = createKernel({ startUsec: 400e6, ...options });
  const eth0 = createMemoryDevice('eth0');
  const dev = kernel.addDevice(eth0, { addresses: ['192.0.2.1/24'] });
  kernel.insmod('netconsole', '+@/eth0,@192.0.2.2/');
  eth0.frames.length = 0;
  return { kernel, eth0, dev };
}

describe.each(['4.2', '6.12', '7.3'])('a closed kernel (%s)', (profile) => {
  it('stores nothing and touches no memory of the next one', () => {
    const old = boot({ profile });
    old.kernel.close();
    const next = boot({ profile });
    expect(old.kernel.printk('GHOST\n')).toBe(0);
    expect(old.kernel.printk('GHOST\n', { level: 0 })).toBe(0);
    next.kernel.printk('mine\n');
    const payloads = next.eth0.frames.map((frame) => Buffer.from(decodeFrame(frame).payload!).toString());
    expect(payloads).toHaveLength(1);
    expect(payloads[0]).toMatch(/;mine\n$/);
    expect(old.eth0.frames).toEqual([]);
  });

  it('answers EBADF whatever is asked of it', () => {
    const { kernel, dev, eth0 } = boot({ profile });
    const file = kernel.kmsg.open();
    kernel.close();
    kernel.close();
    const calls: (() => unknown)[] = [
      () => kernel.batch(() => {}),
      () => kernel.skipTo(1e6),
      () => kernel.insmod('netconsole'),
      () => kernel.rmmod('netconsole'),
      () => kernel.fs.readdir(''),
      () => kernel.fs.mkdir('netconsole/t'),
      () => kernel.kmsg.open(),
      () => kernel.kmsg.write('x'),
      () => kernel.kmsg.records(),
      () => kernel.addDevice(createMemoryDevice('eth1')),
      () => kernel.removeDevice(dev),
      () => kernel.ip(() => {}),
      () => kernel.retarget(() => ({})),
      () => kernel.advanceTo(1e12),
      () => kernel.oops(() => {}),
      () => kernel.panic('x'),
      () => kernel.sysrq('1'),
      () => kernel.addConsole({ name: 'x', flags: 0, emit: () => {} }),
      () => file.read(),
      () => file.seek('set'),
    ];
    for (const call of calls) expect(call, String(call)).toThrow(expect.objectContaining({ code: 'EBADF' }));
    expect(kernel.nextDeadline()).toBeUndefined();
    expect(kernel.inspect().closed).toBe(true);
    // Its device may live on, and finds nobody.
    eth0.inject(new Uint8Array(64));
    eth0.busy = true;
    eth0.busy = false;
  });

  it('gives back the slots of frames that waited, and its memory', () => {
    const before = insideOf(boot({ profile }).kernel).heap.used;
    const { kernel, eth0 } = boot({ profile });
    const { heap } = insideOf(kernel);
    eth0.busy = true;
    for (let i = 0; i < 5; i++) kernel.printk('waits\n');
    kernel.close();
    expect(eth0.slab.inUse).toBe(0);
    void eth0.close();
    expect(heap.used).toBeLessThanOrEqual(before);
  });

  it('may be closed by a device, in the middle of a call', () => {
    const kernel = createKernel({ profile });
    const eth0 = createMemoryDevice('eth0', { onFrame: () => kernel.close() });
    kernel.addDevice(eth0, { addresses: ['192.0.2.1/24'] });
    kernel.insmod('netconsole', '+@/eth0,@192.0.2.2/');
    kernel.printk('x\n');
    expect(kernel.inspect().closed).toBe(true);
    expect(kernel.printk('x\n')).toBe(0);
  });

  it('is closed at the end of its block', () => {
    const { kernel } = boot({ profile });
    kernel[Symbol.dispose]();
    expect(kernel.inspect().closed).toBe(true);
  });
});

describe('a closed device', () => {
  it('takes nothing in, and its slab has no slot', async () => {
    const { kernel, eth0 } = boot();
    await eth0.close();
    await eth0.close();
    expect(() => eth0.inject(new Uint8Array(60))).toThrow(expect.objectContaining({ code: 'EBADF' }));
    kernel.printk('x\n');
    expect(eth0.frames).toEqual([]);
    expect(kernel.inspect().targets[0]!.stats.enomemCount).toBe(1);
  });
});

describe('time', () => {
  it.each([Number.NaN, -1, 399e6, Number.POSITIVE_INFINITY, 2 ** 60])('does not go to %s', (now) => {
    const { kernel } = boot();
    expect(() => kernel.advanceTo(now)).toThrow(RangeError);
    expect(kernel.now()).toBe(400e6);
  });

  it('never goes back, whoever advances inside of it', () => {
    const { kernel } = boot();
    const seen: number[] = [];
    insideOf(kernel).delay(5, () => {
      kernel.advanceTo(kernel.now() + 5e6);
      seen.push(kernel.now());
    });
    kernel.advanceTo(401e6);
    expect(kernel.now()).toBe(seen[0]);
    expect(kernel.now()).toBeGreaterThan(405e6);
  });
});

describe('options', () => {
  it.each([
    [{ HZ: 0 }, 'HZ'],
    [{ HZ: Number.NaN }, 'HZ'],
    [{ loglevel: Number.NaN }, 'loglevel'],
    [{ devkmsg: 'x' }, 'devkmsg'],
    [{ release: 5 }, 'release'],
    [{ profiel: '6.12' }, 'profiel.*profile'],
    [{ startUsec: -5 }, 'startUsec'],
    [{ startUsec: 1e17 }, 'startUsec'],
    [{ firstSeq: 2 ** 53 }, 'firstSeq'],
    [{ logBufShift: 31 }, 'logBufShift'],
    [{ emergencyCap: 0 }, 'emergencyCap'],
    [{ kconfig: { caler: true } }, 'caler.*caller'],
    [{ kconfig: { caller: 1 } }, 'caller'],
    [{ reliable: 'tcp' }, 'reliable'],
  ])('%j is refused by name', (options, name) => {
    expect(() => createKernel(options as KernelOptions)).toThrow(new RegExp(name));
  });

  it.each([
    [{ tsUsec: -1 }, 'tsUsec'],
    [{ tsUsec: 1e300 }, 'tsUsec'],
    [{ tsUsec: Number.NaN }, 'tsUsec'],
    [{ level: 9 }, 'level'],
    [{ level: '6' }, 'level'],
    [{ facility: -1 }, 'facility'],
    [{ callerId: 2 ** 33 }, 'callerId'],
    [{ dev: {} }, 'dev'],
  ])('printk with %j is refused by name, and stores nothing', (options, name) => {
    const { kernel } = boot();
    const { nextSeq } = kernel.inspect().log;
    expect(() => kernel.printk('x\n', options as object)).toThrow(new RegExp(name));
    expect(kernel.inspect().log.nextSeq).toBe(nextSeq);
  });

  it.each([undefined, null, 5, {}])('printk of %j is a TypeError', (text) => {
    expect(() => boot().kernel.printk(text as unknown as string)).toThrow(TypeError);
  });

  it.each([
    [{ mac: Uint8Array.of(1) }, 'mac'],
    [{ mac: '02:00:00:00:00:01' }, 'mac'],
    [{ mtu: -1 }, 'mtu'],
    [{ slots: 0 }, 'slots'],
    [{ slots: 1.5 }, 'slots'],
    [{ slots: 1e9 }, 'slots'],
    [{ onframe: () => {} }, 'onframe.*onFrame'],
  ])('a memory device with %j is refused by name', (options, name) => {
    expect(() => createMemoryDevice('eth0', options as object)).toThrow(new RegExp(name));
  });

  it.each([0, -1, 1.5, 1e9])('a slab of %s slots is refused', (count) => {
    expect(() => createSlab(count)).toThrow(/count/);
  });

  it.each([
    [{ mac: Uint8Array.of(1) }, 'mac'],
    [{ addresses: '10.0.0.1' }, 'addresses'],
    [{ carrierDelayUsec: -1 }, 'carrierDelayUsec'],
    [{ adresses: [] }, 'adresses.*addresses'],
  ])('an interface with %j is refused by name, and there is none', (options, name) => {
    const kernel = createKernel();
    expect(() => kernel.addDevice(createMemoryDevice('eth0'), options as object)).toThrow(new RegExp(name));
    expect(() => kernel.addDevice({} as never)).toThrow(/device/);
    expect(kernel.inspect().interfaces).toEqual([]);
  });
});

describe('what is printed of them', () => {
  it('is short, in an assertion, in JSON and on the console', () => {
    const { kernel, eth0, dev } = boot();
    for (const thing of [kernel, eth0, dev, eth0.slab, insideOf(kernel).heap, kernel.insmod('netoops', '')]) {
      expect(inspect(thing, { depth: 3 }).length).toBeLessThan(3000);
      expect(JSON.stringify(thing).length).toBeLessThan(3000);
      expect(() => expect(thing).toBe(1)).toThrow(/expected/);
    }
    expect(JSON.parse(JSON.stringify(kernel))).toMatchObject({
      interfaces: [{ name: 'eth0', addresses: ['192.0.2.1'] }],
    });
  });
});
