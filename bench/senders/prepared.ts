/**
 * Sends the frames of a capture file through one of our transports: `prepared.ts SPEC FILE
 * SECONDS`. Prints one line of JSON, as bench/c/send.c does.
 */
import { readFileSync } from 'node:fs';
import { openDevice } from 'netconsole-emulator/transport';
import { PcapReader } from 'netconsole-emulator/wire';

const WARM_UP_MS = 250;
const [spec, file, seconds] = process.argv.slice(2) as [string, string, string];
const frames = new PcapReader().push(readFileSync(file)).map((packet) => packet.frame);
const device = await openDevice(spec, { receive: false });
const wake: () => void = () => undefined;
device.attach({
  txWake: () => wake(),
  receive: () => undefined,
  down: (reason) => {
    throw reason;
  },
});
const { slab } = device;
const HEADERS = 42;
const skipped = { ethernet: 0, ip: 14, udp: 34 }[device.caps.medium];
const asynchronous = device.caps.medium === 'udp';
for (let slot = 0; slot < slab.count; slot++) {
  const at = slab.payloadAt(slot) - HEADERS;
  const frame = frames[slot % frames.length]!;
  slab.bytes.set(frame, at);
  slab.start[slot] = at + skipped;
  slab.end[slot] = at + frame.length;
}

function some(): number {
  let sent = 0;
  for (let i = 0; i < 1024; i++) {
    const slot = slab.alloc();
    if (slot < 0) {
      device.poll();
      if (asynchronous) return sent;
      continue;
    }
    if (device.startXmit(slot) === 0) sent++;
    else {
      slab.free(slot);
      if (asynchronous) return sent;
      device.poll();
    }
  }
  return sent;
}

async function run(ms: number): Promise<{ frames: number; seconds: number; cpuSeconds: number }> {
  let count = 0;
  const before = process.cpuUsage();
  const begin = performance.now();
  let now = begin;
  for (; now - begin < ms; now = performance.now()) {
    count += some();
    if (asynchronous) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const { user, system } = process.cpuUsage(before);
  return { frames: count, seconds: (now - begin) / 1000, cpuSeconds: (user + system) / 1e6 };
}

const warmUp = await run(WARM_UP_MS);
const measured = await run(Number(seconds) * 1000);
await device.close();
process.stdout.write(`${JSON.stringify({ ...measured, total: warmUp.frames + measured.frames })}\n`);
