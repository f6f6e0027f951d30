/**
 * Sends with npm `cap` in a plain loop, as a user would write it: `cap-loop.ts INTERFACE FILE
 * SECONDS`. Prints one line of JSON, as bench/c/send.c does.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PcapReader } from '../../src/wire/pcap.js';

interface Cap {
  open(device: string, filter: string, bufSize: number, buffer: Buffer): string;
  send(buffer: Buffer, length: number): void;
  close(): void;
}

const [name, file, seconds] = process.argv.slice(2) as [string, string, string];
const { Cap } = createRequire(import.meta.url)('cap') as { Cap: { new (): Cap } };
const frames = new PcapReader().push(readFileSync(file)).map((packet) => Buffer.from(packet.frame));
const cap = new Cap();
cap.open(name, 'less 1', 4096, Buffer.alloc(2048));
let next = 0;

function run(ms: number): { frames: number; seconds: number; cpuSeconds: number } {
  let count = 0;
  const before = process.cpuUsage();
  const begin = performance.now();
  let now = begin;
  for (; now - begin < ms; now = performance.now()) {
    for (let i = 0; i < 512; i++) {
      const frame = frames[next++ % frames.length]!;
      cap.send(frame, frame.length);
    }
    count += 512;
  }
  const { user, system } = process.cpuUsage(before);
  return { frames: count, seconds: (now - begin) / 1000, cpuSeconds: (user + system) / 1e6 };
}

const warmUp = run(250);
const measured = run(Number(seconds) * 1000);
cap.close();
process.stdout.write(`${JSON.stringify({ ...measured, total: warmUp.frames + measured.frames })}\n`);
