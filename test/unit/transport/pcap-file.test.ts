import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { KernelError } from '../../../src/errno.js';
import type { NetDevice } from '../../../src/net/device.js';
import { openPcapFile } from '../../../src/transport/pcap-file.js';
import { PcapReader } from '../../../src/wire/pcap.js';

const folder = mkdtempSync(join(tmpdir(), 'nce-pcap-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function send(device: NetDevice, frame: Uint8Array): void {
  const slot = device.slab.alloc();
  const at = device.slab.payloadAt(slot) - 42;
  device.slab.bytes.set(frame, at);
  device.slab.start[slot] = at;
  device.slab.end[slot] = at + frame.length;
  expect(device.startXmit(slot)).toBe(0);
}

const frame = (i: number, length: number) => Uint8Array.from({ length }, (_, k) => i + k);

function read(file: string) {
  const reader = new PcapReader();
  const packets = reader.push(readFileSync(file));
  expect(reader.end()).toBeUndefined();
  return packets;
}

describe('openPcapFile', () => {
  it.each([
    ['micro', false, [1_700_000_000_000, 1_700_000_000_001]],
    ['nano', true, [1_700_000_000_000.25, 1_700_000_000_001.25]],
  ])('writes %sseconds and every frame', async (name, nanosecond, times) => {
    const file = join(folder, `${name}.pcap`);
    let next = 0;
    const device = openPcapFile(file, { now: () => 1_700_000_000_000.25 + next++, nanosecond });
    send(device, frame(1, 60));
    send(device, frame(2, 1514));
    await device.close();
    expect(device.stats).toMatchObject({ txPackets: 2, txBytes: 1574, txErrors: 0 });
    const packets = read(file);
    expect(packets.map((packet) => packet.tsUsec)).toEqual(times);
    expect(packets.map((packet) => packet.frame)).toEqual([frame(1, 60), frame(2, 1514)]);
  });

  it('makes identical files in two runs, of more than a buffer', async () => {
    const files = ['one.pcap', 'two.pcap'].map((name) => join(folder, name));
    for (const file of files) {
      let now = 0;
      const device = openPcapFile(file, { now: () => now++ });
      for (let i = 0; i < 400; i++) send(device, frame(i, 60 + ((i * 7) % 1400)));
      await device.close();
    }
    expect(readFileSync(files[0]!)).toEqual(readFileSync(files[1]!));
    expect(read(files[0]!).length).toBe(400);
  });

  it('writes what it holds when it is idle', async () => {
    const file = join(folder, 'idle.pcap');
    const device = openPcapFile(file, { now: () => 0 });
    send(device, frame(1, 60));
    expect(readFileSync(file).length).toBe(24);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(readFileSync(file).length).toBe(24 + 16 + 60);
    await device.close();
  });

  it('refuses a frame over the MTU and counts it', async () => {
    const device = openPcapFile(join(folder, 'mtu.pcap'), { now: () => 0, mtu: 100 });
    send(device, frame(1, 115));
    expect(device.stats).toMatchObject({ txPackets: 0, txErrors: 1 });
    await device.close();
  });

  it.each([
    ['/dev/full', 'ENOSPC', /disk is full/],
    [join(folder, 'no', 'such.pcap'), 'ENOENT', /no such folder/],
    [folder, 'EISDIR', /is a folder/],
  ])('%s: %s in one sentence', (path, code, message) => {
    let error: KernelError | undefined;
    try {
      openPcapFile(path, { now: () => 0 });
    } catch (caught) {
      error = caught as KernelError;
    }
    expect(error?.code).toBe(code);
    expect(error?.message).toMatch(message);
    expect(error?.message).not.toContain('\n');
  });

  it('is down when the reader of a pipe has gone, and counts what was lost', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = spawn('head', ['-c', '24', pipe], { stdio: 'ignore' });
    const device = openPcapFile(pipe, { now: () => 0 });
    await once(reader, 'close');
    const reasons: KernelError[] = [];
    device.attach({ txWake: () => undefined, receive: () => undefined, down: (reason) => reasons.push(reason) });
    for (let i = 0; i < 10; i++) send(device, frame(i, 60));
    await new Promise((resolve) => setTimeout(resolve, 300));
    send(device, frame(10, 60));
    expect(reasons.map((reason) => reason.code)).toEqual(['EPIPE']);
    expect(device.stats).toMatchObject({ txPackets: 0, txBytes: 0, txErrors: 10, txDropped: 1 });
    await device.close();
  });

  it.runIf(process.getuid?.() === 0)('on a full disk leaves whole records and counts the others', async () => {
    const mount = join(folder, 'small');
    mkdirSync(mount);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', mount], { stdio: 'ignore' });
    } catch {
      return;
    }
    try {
      const file = join(mount, 'full.pcap');
      const device = openPcapFile(file, { now: () => 0 });
      const reasons: KernelError[] = [];
      device.attach({ txWake: () => undefined, receive: () => undefined, down: (reason) => reasons.push(reason) });
      for (let i = 0; i < 1000; i++) send(device, frame(i, 999));
      await device.close();
      await new Promise((resolve) => setImmediate(resolve));
      expect(reasons.map((reason) => reason.code)).toEqual(['ENOSPC']);
      const packets = read(file);
      expect(packets.length).toBeGreaterThan(400);
      expect(packets.length).toBeLessThan(530);
      expect(device.stats.txPackets).toBe(packets.length);
      expect(device.stats.txBytes).toBe(packets.length * 999);
      expect(device.stats.txErrors).toBeGreaterThan(0);
      expect(device.stats.txPackets + device.stats.txErrors + device.stats.txDropped).toBe(1000);
    } finally {
      execFileSync('umount', [mount]);
    }
  });
});

it.skipIf(process.platform !== 'linux')(
  'a second writer of a file is refused, and the file stays as it was',
  async () => {
    const path = join(folder, 'twice.pcap');
    const device = openPcapFile(path, { now: () => 0 });
    send(device, frame(1, 60));
    expect(() => openPcapFile(path, { now: () => 0 })).toThrow(/this process is writing it/);
    await device.close();
    expect(read(path).length).toBe(1);
    const other = spawn(process.execPath, [
      '-e',
      'require("fs").openSync(process.argv[1], "a"); console.log(1); setInterval(() => {}, 1e3)',
      path,
    ]);
    await once(other.stdout, 'data');
    expect(() => openPcapFile(path, { now: () => 0 })).toThrow(new RegExp(`process ${other.pid} is writing it`));
    expect(read(path).length).toBe(1);
    other.kill();
    await once(other, 'exit');
    await openPcapFile(path, { now: () => 0 }).close();
    expect(read(path).length).toBe(0);
  },
);
