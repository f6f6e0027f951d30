/** The whole path, from whatever is done to a kernel to frames: nothing throws, leaks, or makes a frame that does not decode. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelError } from '../../src/errno.js';
import { insideOf } from '../../src/kernel/index.js';
import { Heap } from '../../src/memory/heap.js';
import type { Interface } from '../../src/net/interface.js';
import { createMemoryDevice, type MemoryDevice } from '../../src/net/memory.js';
import { type BenchOptions, bench, MODERN } from '../support/harness.js';

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.uint8Array({ maxLength: 1400 }),
  fc.integer({ min: 900, max: 1030 }).map((n) => new Uint8Array(n).fill(0x61)),
  fc.string({ unit: 'grapheme', maxLength: 40 }).map((s) => new Uint8Array(Buffer.from(`\x01${s}`))),
);
const nth = fc.nat({ max: 2 });
const action = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('printk' as const),
      bytes,
      facility: fc.constantFrom(0, 0, 1, 255),
      cont: fc.boolean(),
      newline: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('kmsg' as const), bytes }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('enable' as const), nth, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('extend' as const), nth, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('userdata' as const), nth, bytes }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sysdata' as const), nth, on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('busy' as const, 'up' as const), on: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('unplug' as const, 'plug' as const, 'rename' as const, 'oops' as const, 'inject' as const),
      bytes,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('load' as const), on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.nat({ max: 6000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lock' as const), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('loglevel' as const), level: fc.nat({ max: 15 }) }) },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

interface Outcome {
  readonly pcap: Buffer;
  readonly log: string[];
  readonly inUse: readonly number[];
  readonly odd: readonly string[];
  readonly bad: number;
  readonly sent: number;
}

/** Does it all, then lets what waits leave. Errors of the kernel's own are the caller's to have; others are bugs. */
function perform(name: string, actions: readonly Action[], options: BenchOptions = {}): Outcome {
  const b = bench(name, { logBufShift: 12, ...options });
  const { kernel } = b;
  const devices: MemoryDevice[] = [b.device];
  let dev: Interface | undefined = b.eth0;
  let device: MemoryDevice = b.device;
  const may = (fn: () => unknown) => {
    try {
      fn();
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
    }
  };
  const path = (n: number) => `netconsole/t${n}`;
  const make = () => {
    may(() => kernel.insmod('netconsole', '@/eth0,7001@10.0.0.9/;+@/eth0,7002@10.0.0.9/'));
    for (const n of [0, 1, 2]) {
      may(() => kernel.fs.mkdir(path(n)));
      may(() => kernel.fs.write(`${path(n)}/remote_ip`, `10.0.0.${n + 2}`));
      may(() => kernel.fs.write(`${path(n)}/remote_port`, `${7010 + n}`));
      if (n > 0) may(() => kernel.fs.write(`${path(n)}/extended`, '1'));
      may(() => kernel.fs.mkdir(`${path(n)}/userdata/k`));
      may(() => kernel.fs.write(`${path(n)}/enabled`, '1'));
    }
  };
  make();
  for (const a of actions) {
    switch (a.do) {
      case 'printk': {
        const end = a.newline ? '\n' : '';
        const text = Buffer.concat([Buffer.from(a.cont ? '\x01c' : ''), a.bytes, Buffer.from(end)]);
        expect(() => kernel.printk(text, { facility: a.facility })).not.toThrow();
        break;
      }
      case 'kmsg':
        may(() => kernel.kmsg.write(a.bytes));
        break;
      case 'enable':
        may(() => kernel.fs.write(`${path(a.nth)}/enabled`, a.on ? '1' : '0'));
        break;
      case 'extend':
        may(() => kernel.fs.write(`${path(a.nth)}/extended`, a.on ? '1' : '0'));
        break;
      case 'userdata':
        may(() => kernel.fs.write(`${path(a.nth)}/userdata/k/value`, a.bytes));
        break;
      case 'sysdata':
        may(() => kernel.fs.write(`${path(a.nth)}/userdata/msgid_enabled`, a.on ? '1' : '0'));
        may(() => kernel.fs.write(`${path(a.nth)}/userdata/release_enabled`, a.on ? '1' : '0'));
        break;
      case 'busy':
        device.busy = a.on;
        break;
      case 'up':
        if (dev !== undefined) kernel.ip((all) => all.setUp(dev!, a.on));
        break;
      case 'unplug':
        if (dev !== undefined) kernel.removeDevice(dev);
        dev = undefined;
        break;
      case 'plug':
        if (dev !== undefined) break;
        device = createMemoryDevice('eth0', { mac: b.device.mac, keep: true, slots: 8 });
        devices.push(device);
        dev = kernel.addDevice(device, { addresses: ['10.0.0.1/24'] });
        break;
      case 'rename':
        if (dev !== undefined) may(() => kernel.ip((all) => all.rename(dev!, dev!.name === 'eth0' ? 'wan0' : 'eth0')));
        break;
      case 'oops':
        kernel.oops(() => kernel.printk(Buffer.concat([a.bytes, Buffer.from('\n')])));
        break;
      case 'inject':
        device.inject(a.bytes);
        break;
      case 'load':
        if (a.on) {
          make();
        } else {
          for (const n of [0, 1, 2]) {
            may(() => kernel.fs.rmdir(`${path(n)}/userdata/k`));
            may(() => kernel.fs.rmdir(path(n)));
          }
          may(() => kernel.rmmod('netconsole'));
        }
        break;
      case 'time':
        kernel.advanceTo(kernel.now() + a.ms * 1000);
        break;
      case 'lock':
        if (a.on) insideOf(kernel).consoles.trylock();
        else insideOf(kernel).call(() => insideOf(kernel).consoles.unlock());
        break;
      case 'loglevel':
        insideOf(kernel).consoles.consoleLoglevel = a.level;
        break;
    }
  }
  insideOf(kernel).call(() => insideOf(kernel).consoles.unlock());
  for (const d of devices) d.busy = false;
  for (let i = 0; i < 100 && kernel.nextDeadline() !== undefined; i++) kernel.advanceTo(kernel.nextDeadline()!);
  const log = b.log();
  const frames = b.frames();
  const result: Outcome = {
    pcap: b.pcap(),
    log,
    inUse: devices.map((d) => d.slab.inUse),
    odd: frames.flatMap(({ odd, message }) => [...odd, ...(message?.kind === 'extended' ? message.odd : [])]),
    sent: frames.length,
    bad: frames.filter(({ udp, ip }) => udp?.checksum !== 'good' || ip?.checksum !== 'good').length,
  };
  kernel.close();
  for (const d of devices) void d.close();
  return result;
}

const actions = fc.array(action, { maxLength: 50 });

describe('whatever is done', () => {
  it('no frame is odd, no slot is lost, nothing throws', () => {
    let frames = 0;
    fc.assert(
      fc.property(fc.constantFrom(...MODERN), actions, fc.constantFrom(1, 4, 64), (name, list, slots) => {
        const { odd, bad, inUse, sent } = perform(name, list, { slots });
        frames += sent;
        expect({ odd, bad, inUse: inUse.filter((n) => n > 0) }).toEqual({ odd: [], bad: 0, inUse: [] });
      }),
      { numRuns: 300 },
    );
    // The actions do make kernels send.
    expect(frames).toBeGreaterThan(3000);
  });

  it('done twice, it gives the same bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MODERN), actions, (name, list) => {
        const [one, two] = [perform(name, list), perform(name, list)];
        expect(one.pcap.equals(two.pcap)).toBe(true);
        expect(one.log).toEqual(two.log);
      }),
      { numRuns: 100 },
    );
  });

  it('plain or compiled loops give the same bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MODERN), actions, (name, list) => {
        const [one, two] = (['plain', 'simd'] as const).map((lane) =>
          perform(name, list, { heap: new Heap({ size: 64 * 65536, lane }) }),
        );
        expect(one!.pcap.equals(two!.pcap)).toBe(true);
        expect(one!.log).toEqual(two!.log);
      }),
      { numRuns: 40 },
    );
  });

  it('a device of another memory gives the same bytes', () => {
    const apart = new Heap({ size: 64 * 65536 });
    fc.assert(
      fc.property(fc.constantFrom(...MODERN), actions, (name, list) => {
        const one = perform(name, list);
        const other = perform(name, list, { slabHeap: apart });
        expect(one.pcap.equals(other.pcap)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe('slots and batching do not change the bytes', () => {
  const quiet = actions.map((list) => list.filter((a) => a.do !== 'busy'));

  it('any slab that fits', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MODERN), quiet, fc.constantFrom(1, 2, 3, 17), (name, list, slots) => {
        expect(perform(name, list, { slots }).pcap.equals(perform(name, list, { slots: 64 }).pcap)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('many messages under the console lock, or one by one', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MODERN),
        fc.array(bytes, { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        (name, texts, extended) => {
          const [one, two] = [true, false].map((locked) => {
            const b = bench(name);
            b.kernel.insmod(
              'netconsole',
              `${extended ? '+' : ''}@/eth0,@10.0.0.2/;${extended ? '+' : ''}@/eth0,@10.0.0.3/`,
            );
            if (locked) insideOf(b.kernel).consoles.trylock();
            for (const text of texts) b.kernel.printk(Buffer.concat([text, Buffer.from('\n')]), { facility: 1 });
            if (locked) insideOf(b.kernel).call(() => insideOf(b.kernel).consoles.unlock());
            b.kernel.close();
            return b.pcap();
          });
          expect(one!.equals(two!)).toBe(true);
        },
      ),
      { numRuns: 80 },
    );
  });
});
