/** A wrapper does what it is given, and is the inner device in all else. */
import { describe, expect, it } from 'vitest';
import { createKernel } from '../../../src/kernel/index.js';
import { NETDEV_TX_BUSY } from '../../../src/net/device.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { wrapDevice } from '../../../src/net/wrap.js';

const TARGET = '+@/eth0,@192.0.2.2/';

describe('wrapDevice', () => {
  it('passes through what is not overridden', async () => {
    const memory = createMemoryDevice('eth0');
    const wrapped = wrapDevice(memory, {});
    const { name, mac, caps, slab, stats } = memory;
    expect([wrapped.name, wrapped.mac, wrapped.caps, wrapped.slab, wrapped.stats]).toEqual([
      name,
      mac,
      caps,
      slab,
      stats,
    ]);
    const kernel = createKernel();
    kernel.addDevice(wrapped, { addresses: ['192.0.2.1/24'] });
    kernel.insmod('netconsole', TARGET);
    expect(memory.frames.length).toBeGreaterThan(0);
    await wrapped.close();
    expect(() => memory.inject(new Uint8Array(60))).toThrow(/closed/);
  });

  it('does the rest its own way', () => {
    const memory = createMemoryDevice('eth0');
    let room = 0;
    const wrapped = wrapDevice(memory, {
      startXmit: (slot) => (room-- > 0 ? memory.startXmit(slot) : NETDEV_TX_BUSY),
    });
    const kernel = createKernel({ profile: '6.12' });
    kernel.addDevice(wrapped, { addresses: ['192.0.2.1/24'] });
    kernel.mute();
    kernel.insmod('netconsole', TARGET);
    room = 2;
    for (let i = 0; i < 5; i++) kernel.printk('x\n');
    expect([memory.frames.length, kernel.queued]).toEqual([2, 3]);
  });
});
