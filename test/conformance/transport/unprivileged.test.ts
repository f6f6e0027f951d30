/** The arms that run everywhere: the same frames through memory, a capture file and UDP sockets on loopback. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { NetDevice } from '../../../src/net/device.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { openDevice } from '../../../src/transport/open.js';
import { PcapReader } from '../../../src/wire/pcap.js';
import { naiveFrame } from '../../support/naive.js';
import { headerBytes, type TestFrame, testFrames } from './frames.js';

async function sendAll(device: NetDevice, frames: readonly TestFrame[]): Promise<void> {
  let wake: () => void = () => undefined;
  device.attach({ txWake: () => wake(), receive: () => undefined, down: (reason) => expect.fail(reason.message) });
  const { slab } = device;
  for (const [i, frame] of frames.entries()) {
    const slot = slab.alloc();
    const at = slab.payloadAt(slot) - headerBytes(frame);
    slab.bytes.set(frame.bytes, at);
    slab.start[slot] = device.caps.medium === 'udp' ? slab.payloadAt(slot) - 8 : at;
    slab.end[slot] = at + frame.bytes.length;
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (device.startXmit(slot) === 0) break;
      await woken;
    }
    if (i % 70 === 69) device.poll();
  }
  device.poll();
  await device.close();
  expect(device.stats).toMatchObject({ txPackets: frames.length, txErrors: 0, txDropped: 0 });
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const frames = testFrames(300);
const expected = frames.map((frame) => hex(frame.bytes));

it('memory: every byte, in order', async () => {
  const device = createMemoryDevice();
  await sendAll(device, frames);
  expect(device.frames.map(hex)).toEqual(expected);
});

it('pcap: every byte, in order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nce-arm-'));
  try {
    const file = join(folder, 'wire.pcap');
    await sendAll(await openDevice(`pcap:${file}`, { now: () => 0 }), frames);
    expect(new PcapReader().push(readFileSync(file)).map((packet) => hex(packet.frame))).toEqual(expected);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('udp: every payload, in order, from the port in the header', async () => {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const got: string[] = [];
  const ports = new Set<number>();
  socket.on('message', (data, from) => {
    got.push(hex(data));
    ports.add(from.port);
  });
  const srcPort = 20000 + (process.pid % 20000);
  const loopback = testFrames(100, false).map(({ bytes }) => ({
    ipv6: false,
    bytes: naiveFrame({
      srcMac: '02:00:00:00:00:01',
      dstMac: '02:00:00:00:00:02',
      srcIp: '127.0.0.1',
      dstIp: '127.0.0.1',
      srcPort,
      dstPort: socket.address().port,
      payload: bytes.subarray(42),
    }),
  }));
  await sendAll(await openDevice('udp', { slots: 64 }), loopback);
  for (let ms = 0; ms < 2000 && got.length < loopback.length; ms += 10) await new Promise((r) => setTimeout(r, 10));
  socket.close();
  expect(got).toEqual(loopback.map((frame) => hex(frame.bytes.subarray(42))));
  expect([...ports]).toEqual([srcPort]);
});
