/**
 * A record goes from printk to its frame without a new object: what was allocated over many frames, divided by
 * them, is next to nothing. Heap numbers of the code that the compiler has not got to yet are why it is warmed up first.
 */
import { describe, expect, it } from 'vitest';
import { createKernel, type KernelOptions } from '../../src/kernel/index.js';
import { createMemoryDevice } from '../../src/net/memory.js';

const BATCH = 64;
const BATCHES = 400;

/** Bytes allocated a frame; the median of some tries, as a collection in between hides what was allocated. */
function allocated(options: KernelOptions, param: string, line: string | Uint8Array): number {
  const device = createMemoryDevice('eth0', { keep: false });
  const kernel = createKernel({ firstSeq: 1000, ...options });
  kernel.addDevice(device, { addresses: ['10.0.0.1/24'] });
  kernel.insmod('netconsole', param);
  const batch = () => {
    for (let k = 0; k < BATCH; k++) kernel.printk(line);
  };
  const run = () => {
    for (let i = 0; i < BATCHES; i++) {
      kernel.advanceTo(kernel.now() + BATCH);
      kernel.batch(batch);
    }
  };
  const sent = device.stats.txPackets;
  const warmUp = 12;
  for (let i = 0; i < warmUp; i++) run();
  expect(device.stats.txPackets - sent).toBeGreaterThanOrEqual(warmUp * BATCHES * BATCH);
  const tries = Array.from({ length: 10 }, () => {
    const before = process.memoryUsage().heapUsed;
    run();
    return (process.memoryUsage().heapUsed - before) / (BATCHES * BATCH);
  });
  kernel.close();
  const kept = tries.filter((bytes) => bytes >= 0).sort((a, b) => a - b);
  return kept[kept.length >> 1]!;
}

const bytes = (length: number) => new TextEncoder().encode(`\x016${'x'.repeat(length)}\n`);
const ext = '+@/eth0,@10.0.0.2/02:00:00:00:00:02';
const plain = '@/eth0,@10.0.0.2/02:00:00:00:00:02';
const v6 = '+@fd00::1/eth0,@fd00::2/02:00:00:00:00:02';

describe('bytes allocated a frame', () => {
  it.each([
    ['extended, 6.12', { profile: '6.12' }, ext, bytes(130)],
    ['extended, 7.2: printer threads', { profile: '7.2' }, ext, bytes(130)],
    ['extended, a full datagram', { profile: '6.12' }, ext, bytes(970)],
    ['extended, IPv6', { profile: '6.12' }, v6, bytes(130)],
    ['extended, caller', { profile: '6.12', kconfig: { caller: true } }, ext, bytes(130)],
    ['extended, after a year, seq beyond 2^31', { profile: '6.12', startUsec: 3e13, firstSeq: 3e9 }, ext, bytes(130)],
    ['plain', { profile: '6.12' }, plain, bytes(130)],
    ['plain, two datagrams', { profile: '6.12' }, plain, bytes(1010)],
  ] as const)('%s: none', { retry: 2 }, (_name, options, param, line) => {
    // A heap number a frame would be 16; each batch makes some objects. Tried again, as what is inlined is not the same in every run.
    expect(allocated(options, param, line)).toBeLessThan(8);
  });

  it('a string: no more than what its encoding tells', () => {
    expect(allocated({ profile: '6.12' }, ext, `\x016${'x'.repeat(130)}\n`)).toBeLessThan(64);
  });
});
