/** Whatever prints or compares an object of ours is done at once: nothing walks the memory that it lies in. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { format } from '@vitest/pretty-format';
import { describe, expect, it } from 'vitest';
import { createKernel, createMemoryDevice, createSlab, faultDevice, shareDevice, tapDevice } from '../../src/index.js';
import { defaultHeap } from '../../src/memory/heap.js';
import { createReceiver } from '../../src/receiver/index.js';
import { createDriver } from '../../src/run/index.js';
import { createFleet, createHarness } from '../../src/testing/index.js';

const OBJECTS: Readonly<Record<string, () => object>> = {
  kernel: () => createKernel(),
  interface: () => createKernel().addDevice(createMemoryDevice('eth0')),
  device: () => createMemoryDevice('eth0'),
  'faulty device': () => faultDevice(createMemoryDevice('eth0'), {}),
  'device that is listened to': () => tapDevice(createMemoryDevice('eth0'), () => {}),
  'shared device': () => shareDevice(createMemoryDevice('eth0')),
  port: () => shareDevice(createMemoryDevice('eth0')).port(),
  slab: () => createSlab(8),
  heap: () => defaultHeap(),
  driver: () => createDriver(createKernel()),
  receiver: () => createReceiver(),
  harness: () => createHarness(),
  host: () => createFleet({ hosts: 2 }).hosts[1]!,
  fleet: () => createFleet({ hosts: 2 }),
};

describe.each(Object.entries(OBJECTS))('%s', (_, make) => {
  it('prints short', () => {
    const object = make();
    for (const text of [inspect(object), format(object, { maxDepth: 4 }), JSON.stringify(object) ?? ''])
      expect(text.length).toBeLessThan(30_000);
  });

  it('is compared, and a failing assertion ends', () => {
    const [a, b] = [make(), { another: 1 }];
    expect(() => expect(a).toBe(b)).toThrow();
    expect(() => expect(a).toEqual(b)).toThrow();
    expect(() => assert.deepEqual(a, b)).toThrow();
  });
});
