import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/errno.js';
import { Heap } from '../../../src/memory/heap.js';
import { NETDEV_TX_BUSY, NETDEV_TX_OK } from '../../../src/net/device.js';
import { createMemoryDevice, type MemoryDevice } from '../../../src/net/memory.js';

function send(device: MemoryDevice, text: string) {
  const slot = device.slab.alloc();
  const at = device.slab.payloadAt(slot);
  device.slab.bytes.set(Buffer.from(text), at);
  device.slab.start[slot] = at;
  device.slab.end[slot] = at + text.length;
  const answer = device.startXmit(slot);
  return { slot, answer };
}

describe('a wire in memory', () => {
  it('keeps copies of what was sent, and counts', () => {
    const device = createMemoryDevice();
    expect(send(device, 'one').answer).toBe(NETDEV_TX_OK);
    send(device, 'three');
    expect(device.frames.map((frame) => Buffer.from(frame).toString())).toEqual(['one', 'three']);
    expect(device.stats).toMatchObject({ txPackets: 2, txBytes: 8, txErrors: 0, txDropped: 0 });
    expect(device.slab.inUse).toBe(0);
  });

  it('hands frames to a listener instead, in place', () => {
    const heard: string[] = [];
    const device = createMemoryDevice('x', { onFrame: (frame) => heard.push(Buffer.from(frame).toString()) });
    send(device, 'one');
    expect([heard, device.frames]).toEqual([['one'], []]);
  });

  it('busy: leaves the slot to its owner, and wakes the host once when it no longer is', () => {
    const device = createMemoryDevice();
    const wakes: string[] = [];
    device.attach({ txWake: () => wakes.push('wake'), receive: () => {}, down: () => {} });
    device.busy = true;
    const { slot, answer } = send(device, 'one');
    expect([answer, device.frames.length, device.slab.inUse]).toEqual([NETDEV_TX_BUSY, 0, 1]);
    device.busy = false;
    device.busy = false;
    expect(wakes).toEqual(['wake']);
    expect(device.startXmit(slot)).toBe(NETDEV_TX_OK);
  });

  it('hands in frames, and dies', () => {
    const device = createMemoryDevice();
    const got: string[] = [];
    device.attach({
      txWake: () => {},
      receive: (packet) => got.push(Buffer.from(packet).toString()),
      down: (reason) => got.push(reason.code),
    });
    device.inject(Buffer.from('in'));
    device.fail(new KernelError('ENODEV', 'test', 'gone'));
    expect(got).toEqual(['in', 'ENODEV']);
    expect(device.stats.rxPackets).toBe(1);
  });

  it('gives its memory back when it is closed', async () => {
    const device = createMemoryDevice('x', { slots: 8 });
    const { heap, base } = device.slab;
    await device.close();
    await device.close();
    expect(heap.alloc(8 * 2048, 4096)).toBe(base);
    heap.free(base);
  });

  it('has the address, size and padding it was given', () => {
    const mac = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const device = createMemoryDevice('y', { mac, mtu: 9000, padding: 'zero60' });
    expect([device.name, device.mac, device.caps]).toEqual([
      'y',
      mac,
      { medium: 'ethernet', mtu: 9000, padding: 'zero60' },
    ]);
    expect(new Heap({ size: 65536, lane: 'plain' }).lane.arm).toBe('plain');
  });
});
