import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import type { KernelError } from '../../../src/errno.js';
import { NETDEV_TX_BUSY, NETDEV_TX_OK } from '../../../src/net/device.js';
import { openUdp, type UdpDevice } from '../../../src/transport/udp.js';
import { naiveFrame } from '../../support/naive.js';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function listen(ipv6 = false): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket(ipv6 ? 'udp6' : 'udp4');
  sockets.push(socket);
  socket.bind(0, ipv6 ? '::1' : '127.0.0.1');
  await once(socket, 'listening');
  return { socket, port: socket.address().port };
}

async function freePort(): Promise<number> {
  const { socket, port } = await listen();
  sockets.pop();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** Puts the whole frame into a slot, as netpoll does, and offers it from its UDP header on. */
function offer(device: UdpDevice, srcPort: number, dstPort: number, payload: string, ipv6 = false): number {
  const slot = device.slab.alloc();
  const host = ipv6 ? '::1' : '127.0.0.1';
  const mac = '02:00:00:00:00:01';
  const bytes = naiveFrame({
    srcMac: mac,
    dstMac: mac,
    srcIp: host,
    dstIp: host,
    srcPort,
    dstPort,
    payload: Buffer.from(payload),
  });
  const at = device.slab.payloadAt(slot) - (ipv6 ? 62 : 42);
  device.slab.bytes.set(bytes, at);
  device.slab.start[slot] = device.slab.payloadAt(slot) - 8;
  device.slab.end[slot] = at + bytes.length;
  const status = device.startXmit(slot);
  if (status === NETDEV_TX_BUSY) device.slab.free(slot);
  return status;
}

const ipv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));
const moment = () => new Promise((resolve) => setTimeout(resolve, 30));

describe('openUdp', () => {
  it.each([
    ['IPv4', false],
    ['IPv6', true],
  ])('sends over %s from the port and to the place that the headers name', async (_, six) => {
    if (six && !ipv6) return;
    const { socket, port } = await listen(six);
    const device = await openUdp();
    device.attach({ txWake: () => undefined, receive: () => undefined, down: (reason) => expect.fail(reason.message) });
    const from = await freePort();
    const got = once(socket, 'message');
    expect(offer(device, from, port, 'hello', six)).toBe(NETDEV_TX_OK);
    const [data, remote] = await got;
    expect(data.toString()).toBe('hello');
    expect(remote.port).toBe(from);
    await device.close();
    expect(device.stats).toMatchObject({ txPackets: 1, txBytes: 13, txErrors: 0, txDropped: 0 });
  });

  it('is not misled by an IPv6 header that an older frame left in the slot', async () => {
    if (!ipv6) return;
    const four = await listen();
    const device = await openUdp({ slots: 2 });
    const from = await freePort();
    for (let i = 0; i < 2; i++) {
      offer(device, from, 9, 'same length', true);
      await moment();
    }
    const got = once(four.socket, 'message');
    offer(device, from, four.port, 'same length');
    expect((await got)[0].toString()).toBe('same length');
    await device.close();
  });

  it('delivers what comes to the source port as a UDP packet, and says from where', async () => {
    const { socket, port } = await listen();
    const device = await openUdp();
    const packets: { bytes: Uint8Array; from: unknown }[] = [];
    device.attach({
      txWake: () => undefined,
      receive: (packet, from) => packets.push({ bytes: packet.slice(), from }),
      down: (reason) => expect.fail(reason.message),
    });
    const from = await freePort();
    const got = once(socket, 'message');
    offer(device, from, port, 'hello');
    await got;
    socket.send('ack', from, '127.0.0.1');
    await moment();
    expect(packets).toEqual([
      {
        bytes: Uint8Array.of(port >> 8, port & 255, from >> 8, from & 255, 0, 11, 0, 0, 0x61, 0x63, 0x6b),
        from: { ip: '127.0.0.1', port },
      },
    ]);
    expect(device.stats.rxPackets).toBe(1);
    await device.close();
  });

  it('is busy with half of its slots under way, and wakes', async () => {
    const { port } = await listen();
    const device = await openUdp({ slots: 8 });
    let woken = 0;
    device.attach({ txWake: () => woken++, receive: () => undefined, down: () => undefined });
    const from = await freePort();
    const statuses = Array.from({ length: 6 }, () => offer(device, from, port, 'x'));
    expect(statuses).toEqual([0, 0, 0, 0, NETDEV_TX_BUSY, NETDEV_TX_BUSY]);
    await moment();
    expect(woken).toBe(1);
    expect(device.slab.inUse).toBe(0);
    expect(offer(device, from, port, 'x')).toBe(NETDEV_TX_OK);
    await device.close();
    expect(device.stats.txPackets).toBe(5);
  });

  it('is down when another program has the source port, and counts the frame', async () => {
    const { port } = await listen();
    const device = await openUdp({ bind: '127.0.0.1' });
    const reasons: KernelError[] = [];
    device.attach({ txWake: () => undefined, receive: () => undefined, down: (reason) => reasons.push(reason) });
    expect(offer(device, port, 9, 'x')).toBe(NETDEV_TX_OK);
    await moment();
    expect(reasons.map((reason) => reason.code)).toEqual(['EBUSY']);
    expect(reasons[0]!.message).toContain(`port ${port}`);
    expect(device.stats.txDropped).toBe(1);
    expect(device.slab.inUse).toBe(0);
    await device.close();
  });

  it.each([
    ['192.0.2.1', 'EADDRNOTAVAIL'],
    ['localhost', 'EINVAL'],
  ])('says at once that %s cannot be bound to', async (bind, code) => {
    await expect(openUdp({ bind })).rejects.toMatchObject({ code });
  });

  it('refuses frames of the kind that its address is not', async () => {
    const device = await openUdp({ bind: '127.0.0.1' });
    offer(device, await freePort(), 9, 'x', true);
    expect(device.stats).toMatchObject({ txPackets: 0, txErrors: 1 });
    await device.close();
  });

  it('refuses and counts what cannot be sent', async () => {
    const device = await openUdp({ mtu: 100 });
    const from = await freePort();
    offer(device, from, 9, 'x'.repeat(73));
    offer(device, from, 0, 'x');
    expect(device.stats.txErrors).toBe(2);
    expect(device.slab.inUse).toBe(0);
    await device.close();
  });
});
