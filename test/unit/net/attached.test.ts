/** A device has one kernel; whoever made a device, a receiver or a driver may leave the end of it to its block. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  createKernel,
  createMemoryDevice,
  faultDevice,
  shareDevice,
  tapDevice,
  wrapDevice,
} from '../../../src/index.js';
import { AutoReceiver, createReceiver, Netconsole2001Receiver, NetoopsReceiver } from '../../../src/receiver/index.js';
import { createDriver, createManualClock } from '../../../src/run/index.js';
import { limitDevice, openDevice } from '../../../src/transport/index.js';

const BUSY = expect.objectContaining({
  code: 'EBUSY',
  message: expect.stringMatching(/eth0 is attached already; .*shareDevice/),
});

describe('a device that a kernel has', () => {
  it('is refused by every other kernel, by the same one, and by wrappers', () => {
    const eth0 = createMemoryDevice('eth0');
    const [one, two] = [createKernel(), createKernel()];
    one.addDevice(eth0, { addresses: ['10.0.0.1/24'] });
    expect(() => two.addDevice(eth0)).toThrow(BUSY);
    expect(() => one.addDevice(eth0, { name: 'eth1' })).toThrow(BUSY);
    expect(() => shareDevice(eth0)).toThrow(BUSY);
    expect(() => faultDevice(eth0)).toThrow(BUSY);
    expect(() => tapDevice(eth0, () => {})).toThrow(BUSY);
    expect(() => wrapDevice(eth0, {})).toThrow(BUSY);
    expect(() => limitDevice(eth0, { rate: 1 })).toThrow(BUSY);
    expect(one.inspect().interfaces.map(({ name }) => name)).toEqual(['eth0']);
    expect(two.inspect().interfaces).toEqual([]);
    one.insmod('netconsole', '+@/eth0,@10.0.0.2/02:00:00:00:00:02');
    expect(eth0.frames.length).toBeGreaterThan(0);
  });

  it('may go to another when it was removed, or the kernel was closed', () => {
    const eth0 = createMemoryDevice('eth0');
    const [one, two, three] = [createKernel(), createKernel(), createKernel()];
    one.removeDevice(one.addDevice(eth0));
    two.addDevice(eth0);
    two.close();
    expect(three.addDevice(eth0).name).toBe('eth0');
  });

  it('may be shared by ports', () => {
    const shared = shareDevice(createMemoryDevice('eth0'));
    for (let i = 0; i < 3; i++) createKernel().addDevice(shared.port({ mac: Uint8Array.of(2, 0, 0, 0, 0, i) }));
    expect(shared.ports).toBe(3);
  });
});

describe('at the end of its block', () => {
  it('a device is closed, with what it held back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nce-dispose-'));
    const file = join(folder, 'a.pcap');
    {
      await using device = await openDevice(`pcap:${file}`);
      const kernel = createKernel({ profile: '6.12' });
      kernel.addDevice(device, { addresses: ['10.0.0.1/24'] });
      kernel.insmod('netconsole', '+@/eth0,@10.0.0.2/02:00:00:00:00:02');
      kernel.printk('in the file\n');
    }
    expect(readFileSync(file, 'latin1')).toContain('in the file');
    rmSync(folder, { recursive: true });
  });

  it('every device gives its slots back', async () => {
    const memory = () => createMemoryDevice('eth0');
    const made = [
      memory,
      () => faultDevice(memory()),
      () => tapDevice(memory(), () => {}),
      () => wrapDevice(memory(), {}),
    ];
    for (const make of made) {
      const device = make();
      {
        await using _ = device;
      }
      expect(device.slab.alloc()).toBe(-1);
    }
    const inner = memory();
    {
      await using _ = shareDevice(inner);
    }
    expect(inner.slab.alloc()).toBe(-1);
  });

  it('a driver stops, and a receiver flushes', () => {
    const clock = createManualClock();
    const kernel = createKernel();
    {
      using driver = createDriver(kernel, clock);
      driver.start();
    }
    expect(kernel.onDeadline).toBeUndefined();
    for (const make of [
      createReceiver,
      () => new AutoReceiver(),
      () => new NetoopsReceiver(),
      () => new Netconsole2001Receiver(),
    ]) {
      using _ = make();
    }
  });
});
