import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/errno.js';
import { type DeviceHost, NETDEV_TX_BUSY, NETDEV_TX_OK, type NetDevice } from '../../../src/net/device.js';
import { SendingDevice, type Sent } from '../../../src/transport/link.js';

class Scripted extends SendingDevice {
  readonly script: Sent[] = [];
  readonly sent: number[] = [];

  constructor() {
    super({ name: 'test0', mac: new Uint8Array(6), caps: { medium: 'ethernet', mtu: 100, padding: 'none' }, slots: 4 });
  }

  protected override send(slot: number): Sent {
    const result = this.script.shift() ?? 'sent';
    if (result === 'sent') this.sent.push(slot);
    return result;
  }

  protected override release(): void {}

  vanish(): void {
    this.lost(new KernelError('ENXIO', 'test0', 'test0: gone'));
  }
}

function host(): DeviceHost & { calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    txWake: () => calls.push('wake'),
    receive: () => calls.push('receive'),
    down: (reason) => calls.push(`down ${reason.code}`),
  };
}

function take(device: NetDevice, length = 60): number {
  const slot = device.slab.alloc();
  device.slab.start[slot] = device.slab.payloadAt(slot);
  device.slab.end[slot] = device.slab.payloadAt(slot) + length;
  return slot;
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('SendingDevice', () => {
  it('counts what was sent and frees its slot', () => {
    const device = new Scripted();
    expect(device.startXmit(take(device))).toBe(NETDEV_TX_OK);
    expect(device.stats).toMatchObject({ txPackets: 1, txBytes: 60, txErrors: 0, txDropped: 0 });
    expect(device.slab.inUse).toBe(0);
  });

  it('gives a busy frame back and wakes the host once, later', async () => {
    const device = new Scripted();
    const kernel = host();
    device.attach(kernel);
    device.script.push('busy', 'busy');
    const slot = take(device);
    expect(device.startXmit(slot)).toBe(NETDEV_TX_BUSY);
    expect(device.startXmit(slot)).toBe(NETDEV_TX_BUSY);
    expect(device.slab.inUse).toBe(1);
    expect(kernel.calls).toEqual([]);
    await moment();
    expect(kernel.calls).toEqual(['wake']);
    expect(device.startXmit(slot)).toBe(NETDEV_TX_OK);
    expect(device.stats).toMatchObject({ txPackets: 1, txErrors: 0, txDropped: 0 });
  });

  it.each([
    ['a frame over the MTU and its header', 115, { txPackets: 0, txErrors: 1 }],
    ['not one of exactly that', 114, { txPackets: 1, txErrors: 0 }],
  ])('refuses %s', (_, length, stats) => {
    const device = new Scripted();
    expect(device.startXmit(take(device, length))).toBe(NETDEV_TX_OK);
    expect(device.stats).toMatchObject(stats);
    expect(device.slab.inUse).toBe(0);
  });

  it('tells the host that it is gone after the call, and drops what comes then', async () => {
    const device = new Scripted();
    const kernel = host();
    device.attach(kernel);
    device.vanish();
    device.vanish();
    expect(kernel.calls).toEqual([]);
    expect(device.startXmit(take(device))).toBe(NETDEV_TX_OK);
    expect(device.stats).toMatchObject({ txPackets: 0, txDropped: 1 });
    await moment();
    expect(kernel.calls).toEqual(['down ENXIO']);
  });

  it('closes twice without harm and wakes nobody afterwards', async () => {
    const device = new Scripted();
    const kernel = host();
    device.attach(kernel);
    device.script.push('busy');
    device.startXmit(take(device));
    await device.close();
    await device.close();
    await moment();
    expect(kernel.calls).toEqual([]);
  });
});
