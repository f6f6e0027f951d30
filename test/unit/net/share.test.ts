import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/errno.js';
import { createKernel, type Kernel } from '../../../src/kernel/index.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { type SharedDevice, shareDevice } from '../../../src/net/share.js';
import { decodeFrame } from '../../../src/wire/decode.js';

const mac = (last: number): Uint8Array => Uint8Array.of(2, 0, 0, 0, 0, last);

function kernelOn(shared: SharedDevice, number: number): Kernel {
  const kernel = createKernel({ profile: '6.12', logBufShift: 12 });
  kernel.addDevice(shared.port({ name: 'eth0', mac: mac(number) }), { addresses: [`192.0.2.${number}/24`] });
  kernel.insmod('netconsole', '+@/eth0,@192.0.2.99/02:00:00:00:00:63');
  return kernel;
}

const frameTo = (destination: Uint8Array): Uint8Array => {
  const frame = new Uint8Array(60);
  frame.set(destination);
  return frame;
};

describe('shareDevice', () => {
  it('lets each kernel send from its own addresses', () => {
    const device = createMemoryDevice('veth0');
    const shared = shareDevice(device);
    const kernels = [1, 2, 3].map((n) => kernelOn(shared, n));
    device.frames.length = 0;
    for (const kernel of kernels) kernel.printk('hello\n');
    expect(device.frames.map((f) => decodeFrame(f)).map((d) => [d.ethernet?.src, d.ip?.src])).toEqual([
      ['02:00:00:00:00:01', '192.0.2.1'],
      ['02:00:00:00:00:02', '192.0.2.2'],
      ['02:00:00:00:00:03', '192.0.2.3'],
    ]);
    expect(device.slab.inUse).toBe(0);
  });

  it('counts for each port what the device took of it', () => {
    const device = createMemoryDevice('veth0');
    const shared = shareDevice(device);
    const ports = [shared.port({ mac: mac(1) }), shared.port({ mac: mac(2) })];
    for (const port of ports) port.attach({ txWake: () => {}, receive: () => {}, down: () => {} });
    for (const [port, bytes] of [
      [0, 60],
      [0, 100],
      [1, 70],
    ] as const) {
      const slot = device.slab.alloc();
      device.slab.start[slot] = device.slab.payloadAt(slot);
      device.slab.end[slot] = device.slab.payloadAt(slot) + bytes;
      ports[port]!.startXmit(slot);
    }
    expect(ports.map((p) => [p.stats.txPackets, p.stats.txBytes])).toEqual([
      [2, 160],
      [1, 70],
    ]);
    expect(device.stats.txBytes).toBe(230);
    device.busy = true;
    const slot = device.slab.alloc();
    ports[0]!.startXmit(slot);
    expect(ports[0]!.stats.txPackets).toBe(2);
  });

  it('hands what comes in to the port it is for, and broadcast to all', () => {
    const device = createMemoryDevice('veth0');
    const shared = shareDevice(device);
    const heard: string[] = [];
    for (const n of [1, 2]) {
      const receive = (frame: Uint8Array) => heard.push(`${n}: ${frame[5]}`);
      shared.port({ mac: mac(n) }).attach({ txWake: () => {}, receive, down: () => {} });
    }
    device.inject(frameTo(mac(2)));
    device.inject(frameTo(mac(9)));
    device.inject(frameTo(new Uint8Array(6).fill(0xff)));
    device.inject(new Uint8Array(3));
    expect(heard).toEqual(['2: 2', '1: 255', '2: 255']);
    expect(shared.foreign).toBe(2);
  });

  it('tells all ports of room, each of them first in its turn', () => {
    const device = createMemoryDevice('veth0');
    const shared = shareDevice(device);
    const woken: number[] = [];
    for (const n of [1, 2, 3]) {
      shared.port({ mac: mac(n) }).attach({ txWake: () => woken.push(n), receive: () => {}, down: () => {} });
    }
    for (let i = 0; i < 2; i++) {
      device.busy = true;
      device.busy = false;
    }
    expect(woken).toEqual([1, 2, 3, 2, 3, 1]);
  });

  it('sends what waited in the order of each kernel when there is room again', () => {
    const device = createMemoryDevice('veth0');
    const shared = shareDevice(device);
    const kernels = [1, 2].map((n) => kernelOn(shared, n));
    device.frames.length = 0;
    device.busy = true;
    for (let i = 0; i < 3; i++) for (const kernel of kernels) kernel.printk(`line ${i}\n`);
    expect(device.frames.length).toBe(0);
    device.busy = false;
    const sent = device.frames
      .map((f) => decodeFrame(f))
      .map((d) => `${d.ip?.src} ${Buffer.from(d.payload!).toString().split(';')[1]}`);
    for (const n of [1, 2]) {
      expect(sent.filter((s) => s.startsWith(`192.0.2.${n} `))).toEqual(
        [0, 1, 2].map((i) => `192.0.2.${n} line ${i}\n`),
      );
    }
    expect(sent.length).toBe(6);
  });

  it('takes all ports along when it goes, late ones too', () => {
    const device = createMemoryDevice('veth0');
    const shared = shareDevice(device);
    const down: string[] = [];
    const attach = (n: number) =>
      shared
        .port({ mac: mac(n) })
        .attach({ txWake: () => {}, receive: () => {}, down: (r) => down.push(`${n} ${r.code}`) });
    attach(1);
    device.fail(new KernelError('ENETDOWN', 'test', 'gone'));
    attach(2);
    expect(down).toEqual(['1 ENETDOWN', '2 ENETDOWN']);
    expect(shared.gone?.code).toBe('ENETDOWN');
  });

  it('lets a port go without the device', async () => {
    const device = createMemoryDevice('veth0');
    const shared = shareDevice(device);
    const heard: number[] = [];
    const ports = [1, 2].map((n) => {
      const port = shared.port({ mac: mac(n) });
      port.attach({ txWake: () => heard.push(n), receive: () => heard.push(n), down: () => {} });
      return port;
    });
    await ports[0]!.close();
    device.inject(frameTo(mac(1)));
    device.inject(frameTo(mac(2)));
    expect(heard).toEqual([2]);
    expect(shared.ports).toBe(1);
    await ports[0]!.close();
    expect(shared.ports).toBe(1);
  });
});
