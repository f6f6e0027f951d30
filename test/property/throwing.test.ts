/**
 * Functions of the user's that throw, wherever one is called: the error comes out of the verb that was called, no other
 * one does, and the kernel is as usable afterwards as one to which nothing of the kind has happened.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writing } from '../../src/console/index.js';
import { createKernel, insideOf, type Kernel } from '../../src/kernel/index.js';
import type { NetDevice } from '../../src/net/device.js';
import { faultDevice } from '../../src/net/fault.js';
import type { Interface } from '../../src/net/interface.js';
import { createMemoryDevice, type MemoryDevice } from '../../src/net/memory.js';
import { tapDevice } from '../../src/net/tap.js';
import { decodeFrame } from '../../src/wire/decode.js';

const TARGET = '+@/eth0,@10.0.0.2/02:00:00:00:00:02';

class Mine extends Error {}

interface Machine {
  readonly kernel: Kernel;
  readonly memory: MemoryDevice;
  readonly dev: Interface;
  /** Throws while it is armed, and disarms. */
  readonly armed: { now: boolean };
  readonly sent: string[];
}

type Place = (fail: () => void, memory: MemoryDevice) => NetDevice;

const DEVICES: Record<string, Place> = {
  'startXmit, the frame not taken': (fail, memory) => overriding(memory, { before: fail }),
  'startXmit, the frame taken': (fail, memory) => overriding(memory, { after: fail }),
  poll: (fail, memory) => overriding(memory, { poll: fail }),
  'a fault rule': (fail, memory) =>
    faultDevice(memory, {
      rules: [
        () => {
          fail();
          return 'pass';
        },
      ],
    }),
  'a tap': (fail, memory) => tapDevice(memory, fail),
};

function overriding(
  device: MemoryDevice,
  at: { before?: () => void; after?: () => void; poll?: () => void },
): NetDevice {
  return {
    name: device.name,
    mac: device.mac,
    caps: device.caps,
    slab: device.slab,
    stats: device.stats,
    attach: (host) => device.attach(host),
    startXmit(slot) {
      at.before?.();
      const status = device.startXmit(slot);
      at.after?.();
      return status;
    },
    poll() {
      at.poll?.();
      device.poll();
    },
    close: () => device.close(),
  };
}

function boot(profile: string, place: Place | undefined, onFrame: boolean): Machine {
  const armed = { now: false };
  const fail = () => {
    if (!armed.now) return;
    armed.now = false;
    throw new Mine('mine');
  };
  const sent: string[] = [];
  const memory = createMemoryDevice('eth0', {
    slots: 16,
    onFrame: (frame) => {
      sent.push(Buffer.from(decodeFrame(frame).payload ?? []).toString('latin1'));
      if (onFrame) fail();
    },
  });
  const kernel = createKernel({ profile, startUsec: 400e6, loglevel: 8 });
  const dev = kernel.addDevice(place === undefined ? memory : place(fail, memory), { addresses: ['10.0.0.1/24'] });
  kernel.insmod('netconsole', TARGET);
  sent.length = 0;
  return { kernel, memory, dev, armed, sent };
}

/** Nothing is locked, lost or leaked: what is logged leaves at once. */
function expectWhole({ kernel, memory, armed, sent }: Machine): void {
  armed.now = false;
  const { consoles, panics } = insideOf(kernel);
  expect([consoles.locked, consoles.emergency, panics.inProgress, kernel.queued]).toEqual([false, 0, 0, 0]);
  // Where another console failed, a record may still wait for the next.
  kernel.printk('next\n');
  sent.length = 0;
  for (let i = 0; i < 40; i++) kernel.printk(`after ${i}\n`);
  expect(sent.map((text) => text.slice(text.indexOf(';') + 1, -1))).toEqual(
    Array.from({ length: 40 }, (_, i) => `after ${i}`),
  );
  expect(memory.slab.inUse).toBe(0);
}

const profiles = ['4.2', '6.12', '7.3'];

describe.each(profiles)('%s: a device that throws', (profile) => {
  it.each([...Object.keys(DEVICES), 'onFrame'])('in %s', (name) => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.constantFrom('printk', 'long', 'batch', 'oops', 'kmsg', 'unfinished'), fc.constant('arm')),
          {
            maxLength: 30,
          },
        ),
        (steps) => {
          const machine = boot(profile, DEVICES[name], name === 'onFrame');
          const { kernel, armed } = machine;
          for (const step of steps) {
            const was = armed.now;
            let thrown: unknown;
            try {
              if (step === 'arm') armed.now = true;
              else if (step === 'printk') kernel.printk('x\n');
              else if (step === 'unfinished') kernel.printk('x');
              else if (step === 'long') kernel.printk(`${'y'.repeat(900)}\\\\\\\\${'z'.repeat(50)}\n`);
              else if (step === 'kmsg') kernel.kmsg.write('<6>x\n');
              else if (step === 'oops') kernel.oops(() => kernel.printk('BUG\n'));
              else {
                kernel.batch(() => {
                  for (let i = 0; i < 5; i++) kernel.printk(`${i}\n`);
                });
              }
            } catch (error) {
              thrown = error;
            }
            // It was thrown where it happened, as it is, and only then.
            expect(thrown instanceof Mine).toBe(was && !armed.now);
            if (thrown !== undefined) expect(thrown).toBeInstanceOf(Mine);
          }
          armed.now = false;
          kernel.skipTo(insideOf(kernel).ring.nextSeq);
          expectWhole(machine);
          kernel.close();
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe.each(profiles)('%s: a function that throws', (profile) => {
  const mine = () => {
    throw new Mine('mine');
  };
  const calls: Record<string, (m: Machine) => void> = {
    batch: ({ kernel }) => kernel.batch(mine),
    'batch, after records': ({ kernel }) =>
      kernel.batch(() => {
        kernel.printk('x\n');
        mine();
      }),
    ip: ({ kernel }) => kernel.ip(mine),
    oops: ({ kernel }) => kernel.oops(mine),
    'the header of a SysRq': ({ kernel }) => kernel.sysrq('h', { header: mine }),
    retarget: ({ kernel }) => kernel.retarget(mine),
    carrierDelayUsec: ({ kernel }) =>
      void kernel.addDevice(createMemoryDevice('eth1'), { carrierDelayUsec: mine as () => number }),
    'attach of a device': ({ kernel }) => {
      const device = createMemoryDevice('eth1');
      kernel.addDevice({ ...overriding(device, {}), attach: mine });
    },
    'write of a console': ({ kernel }) => {
      const remove = kernel.addConsole({ name: 'mine', flags: 0, emit: writing(mine) });
      try {
        kernel.printk('x\n');
      } finally {
        remove();
      }
    },
    onDeadline: ({ kernel }) => {
      kernel.onDeadline = mine;
      try {
        insideOf(kernel).call(() => insideOf(kernel).delay(5, () => {}));
      } finally {
        kernel.onDeadline = undefined;
      }
    },
    'whoever holds the consoles': ({ kernel }) => insideOf(kernel).consoles.whileLocked(mine),
    'a worker': ({ kernel }) => insideOf(kernel).call(() => insideOf(kernel).queueWork(mine)),
    'a timer': ({ kernel }) => {
      insideOf(kernel).delay(1, mine);
      kernel.advanceTo(kernel.now() + 1e6);
    },
  };

  it.each(Object.keys(calls))('%s', (name) => {
    const machine = boot(profile, undefined, false);
    expect(() => calls[name]!(machine)).toThrow(Mine);
    expectWhole(machine);
  });

  it.each(['oops', 'panic'])('the trace of a panic (%s before it)', (before) => {
    const { kernel, sent } = boot(profile, undefined, false);
    if (before === 'oops') expect(() => kernel.oops(mine)).toThrow(Mine);
    expect(() => kernel.panic('dead', { trace: mine })).toThrow(Mine);
    expect(sent.join('')).toContain('end Kernel panic - not syncing: dead');
    expect(kernel.printk('nothing more\n')).toBe(0);
  });
});

describe('a device that breaks its contract is named', () => {
  const broken = (startXmit: (device: MemoryDevice, slot: number) => unknown) => {
    const memory = createMemoryDevice('eth0', { slots: 4 });
    const kernel = createKernel();
    kernel.addDevice(
      { ...overriding(memory, {}), startXmit: (slot) => startXmit(memory, slot) as 0 },
      { addresses: ['10.0.0.1/24'] },
    );
    kernel.mute();
    kernel.insmod('netconsole', TARGET);
    return { kernel, memory };
  };

  it.each([undefined, 7, 'OK', Number.NaN])('startXmit returns %s', (answer) => {
    const { kernel, memory } = broken((device, slot) => {
      device.slab.free(slot);
      return answer;
    });
    for (let i = 0; i < 6; i++) expect(() => kernel.printk('x\n')).toThrow(/device eth0: startXmit returned/);
    expect(memory.slab.inUse).toBe(0);
  });

  it('a slot is freed twice, or was never out', () => {
    const { kernel, memory } = broken((device, slot) => {
      device.slab.free(slot);
      device.slab.free(slot);
      return 0;
    });
    expect(() => kernel.printk('x\n')).toThrow(/slab\.free\(\d\): that slot is not out/);
    for (const slot of [-1, 99, 1.5, Number.NaN]) expect(() => memory.slab.free(slot)).toThrow(RangeError);
    expect(memory.slab.inUse).toBe(0);
  });

  it('txWake is called inside startXmit', () => {
    let host: Parameters<NetDevice['attach']>[0] | undefined;
    const memory = createMemoryDevice('eth0');
    const kernel = createKernel();
    kernel.addDevice(
      {
        ...overriding(memory, {}),
        attach: (given) => {
          host = given;
        },
        startXmit: () => {
          host!.txWake();
          return 0x10;
        },
      },
      { addresses: ['10.0.0.1/24'] },
    );
    kernel.mute();
    kernel.insmod('netconsole', TARGET);
    expect(() => kernel.printk('x\n')).toThrow(/called txWake from inside startXmit/);
  });
});
