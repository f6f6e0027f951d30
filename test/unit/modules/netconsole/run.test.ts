/**
 * A run of records that is sent in one go (`Netpoll.sendRecords`) does what they would do one by one, also when something comes in between:
 * the same on a heap where whole runs are sent and on one where every record takes the steps.
 */
import { describe, expect, it } from 'vitest';
import { createKernel, insideOf, type Kernel, type KernelOptions } from '../../../../src/kernel/index.js';
import { Heap } from '../../../../src/memory/heap.js';
import { NETDEV_TX_BUSY } from '../../../../src/net/device.js';
import { createMemoryDevice } from '../../../../src/net/memory.js';
import { createSlab } from '../../../../src/net/slab.js';

const heaps = (['plain', 'simd'] as const).map((lane) => new Heap({ size: 64 * 65536, lane }));
const TARGET = '+@/eth0,@10.0.0.2/02:00:00:00:00:02';

interface Script {
  readonly options?: KernelOptions;
  /** Called inside the device's transmit, with how many frames have left. */
  readonly onFrame?: (kernel: Kernel, frames: number) => void;
  /** Default: eight short messages. */
  readonly log?: (kernel: Kernel) => void;
}

/** What left, and what was counted, of messages that are logged while the console is locked. */
function play(heap: Heap, { options, onFrame, log }: Script): unknown {
  const frames: string[] = [];
  let started = false;
  const device = createMemoryDevice('eth0', {
    slab: createSlab(64, heap),
    onFrame: (frame) => {
      if (!started) return;
      frames.push(Buffer.from(frame).toString('latin1'));
      onFrame?.(kernel, frames.length);
    },
  });
  const kernel = createKernel({ profile: '6.12', heap, ...options });
  const eth0 = kernel.addDevice(device, { addresses: ['10.0.0.1/24'] });
  expect(eth0.name).toBe('eth0');
  kernel.insmod('netconsole', TARGET);
  started = true;
  insideOf(kernel).call(() => {
    insideOf(kernel).consoles.trylock();
    if (log === undefined) for (let i = 0; i < 8; i++) kernel.printk(`m${i}\n`);
    else log(kernel);
    insideOf(kernel).consoles.unlock();
  });
  const stats = insideOf(kernel).modules.targets.map((nt) => ({ ...nt.stats }));
  kernel.close();
  void device.close();
  return { frames, stats, device: { ...device.stats } };
}

const at = (n: number, act: (kernel: Kernel) => void) => (kernel: Kernel, frames: number) => {
  if (frames === n) act(kernel);
};
const write = (kernel: Kernel, attribute: string, value: string) => {
  kernel.fs.write(`netconsole/cmdline0/${attribute}`, value);
};

const scripts: Record<string, Script> = {
  'nothing comes in between': {},
  'the target is disabled': {
    onFrame: at(2, (kernel) => {
      kernel.fs.mkdir('netconsole/cmdline0');
      write(kernel, 'enabled', '0');
    }),
  },
  'the target becomes a plain one': {
    onFrame: at(2, (kernel) => {
      kernel.fs.mkdir('netconsole/cmdline0');
      write(kernel, 'enabled', '0');
      write(kernel, 'extended', '0');
      write(kernel, 'enabled', '1');
    }),
  },
  'the target gets userdata': {
    onFrame: at(2, (kernel) => {
      kernel.fs.mkdir('netconsole/cmdline0');
      kernel.fs.mkdir('netconsole/cmdline0/userdata/k');
      kernel.fs.write('netconsole/cmdline0/userdata/k/value', 'v');
    }),
  },
  'the interface goes down': {
    onFrame: at(2, (kernel) => kernel.ip((ip) => ip.setUp(ip.byName('eth0')!, false))),
  },
  'the interface is removed': {
    onFrame: at(2, (kernel) => kernel.removeDevice(insideOf(kernel).netdevs.byName('eth0')!)),
  },
  'the kernel oopses, and prints every level': {
    onFrame: at(2, (kernel) => kernel.oops(() => void kernel.printk('\x017trace\n'))),
  },
  'a message is logged from inside': { onFrame: at(2, (kernel) => void kernel.printk('inside\n')) },
  'no level passes': { options: { loglevel: -1 } },
  'a gap of 2^32': {
    log: (kernel) => {
      for (let i = 0; i < 6; i++) kernel.printk(`a${i}\n`);
      insideOf(kernel).ring.skipTo(insideOf(kernel).ring.nextSeq + 2 ** 32);
      for (let i = 0; i < 9; i++) kernel.printk(`b${i}\n`);
    },
  },
  'a caller id and a level as C has them': {
    options: { kconfig: { caller: true } },
    log: (kernel) => {
      kernel.printk('cpu\n', { callerId: 0x80000000 | 2 });
      kernel.printk('\x013default\n', { level: -1 as 0 });
    },
  },
};

describe('a run of records', () => {
  it.each(Object.entries(scripts))('%s', (_name, script) => {
    const [steps, run] = heaps.map((heap) => play(heap, script));
    expect(run).toEqual(steps);
  });

  it('what a bare unlock left in the queue goes out with the next message', () => {
    const device = createMemoryDevice('eth0');
    const startXmit = device.startXmit.bind(device);
    let refused = 0;
    device.startXmit = (slot) => (refused++ < 80 ? NETDEV_TX_BUSY : startXmit(slot));
    const kernel = createKernel({ profile: '6.12' });
    kernel.addDevice(device, { addresses: ['10.0.0.1/24'] });
    kernel.insmod('netconsole', TARGET);
    const before = device.frames.length;
    refused = 0;
    for (let i = 0; i < 20; i++) {
      insideOf(kernel).consoles.trylock();
      kernel.printk(`m${i}\n`);
      insideOf(kernel).consoles.unlock();
    }
    expect(device.frames.length - before).toBeGreaterThan(0);
    kernel.printk('last\n');
    expect(device.frames.length - before).toBe(21);
  });
});
