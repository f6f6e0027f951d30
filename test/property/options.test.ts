/** Each option of each entry point, set to each of twenty wrong values, is refused at once and by its name. */
import { describe, expect, it } from 'vitest';
import { createKernel } from '../../src/kernel/index.js';
import { createMemoryDevice } from '../../src/net/memory.js';
import { createReceiver } from '../../src/receiver/index.js';
import { readLog, replay } from '../../src/replay/index.js';
import { createFleet, createHarness } from '../../src/testing/index.js';

const WRONG: readonly unknown[] = [
  ...[Number.NaN, -1, 1.5, 2 ** 60, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ...['', 'x', '6', null, {}, [], [5], true, 5n, Symbol('s'), () => {}, new Map(), new Date(0), Uint8Array.of(1)],
];

type Right = (value: unknown) => boolean;
const whole: Right = () => false;
const amount: Right = (value) => typeof value === 'number' && value >= 0 && value < 2 ** 53;
const text: Right = (value) => typeof value === 'string';
const flag: Right = (value) => typeof value === 'boolean';
const fn: Right = (value) => typeof value === 'function';
const object: Right = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const texts: Right = (value) => Array.isArray(value) && value.every((one) => typeof one === 'string');

const KERNEL: Readonly<Record<string, Right>> = {
  HZ: whole,
  logBufShift: whole,
  kconfig: (value) => object(value),
  time: flag,
  devkmsg: () => false,
  loglevel: (value) => value === -1,
  firstSeq: whole,
  reliable: () => false,
  answerArp: flag,
};

interface Entry {
  readonly name: string;
  readonly call: (options: object) => unknown;
  readonly options: Readonly<Record<string, Right>>;
}
const log = new URL('../../examples/boot.kmsg', import.meta.url).pathname;
const ENTRIES: readonly Entry[] = [
  { name: 'createKernel', call: (options) => createKernel(options), options: KERNEL },
  {
    name: 'createHarness',
    call: (options) => createHarness(options),
    options: { ...KERNEL, lose: fn, receiver: object },
  },
  {
    name: 'createFleet',
    call: (options) => createFleet({ hosts: 1, ...options }),
    options: { hosts: whole, bootSpread: amount, seed: whole, lose: fn },
  },
  {
    name: 'createReceiver',
    call: (options) => createReceiver(options),
    options: { dialect: () => false, nrSlots: whole, retxStride: whole },
  },
  {
    name: 'replay',
    call: (options) => replay(readLog(log), createMemoryDevice(), options),
    options: {
      targets: (value) => texts(value) && (value as string[]).length === 0,
      loglevel: whole,
      speed: (value) => amount(value) && value !== 0,
      hosts: whole,
      firstHost: whole,
      logBufShift: whole,
      release: text,
      reliable: () => false,
      as: () => false,
      lingerSeconds: amount,
      clock: () => false,
      signal: () => false,
      stamp: () => false,
      onReady: fn,
      onProgress: fn,
    },
  },
];

describe.each(ENTRIES)('$name', ({ call, options }) => {
  it.each(Object.entries(options))('%s', async (name, right) => {
    for (const value of WRONG.filter((value) => !right(value))) {
      const error: unknown = await Promise.resolve()
        .then(() => call({ [name]: value }))
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
      expect(error, `${name}: ${String(value)}`).toBeInstanceOf(Error);
      expect(['KernelError', 'RangeError', 'TypeError']).toContain((error as Error).name);
      expect((error as Error).message).toContain(name);
    }
  });

  it('an unknown one', async () => {
    const [name] = Object.keys(options);
    await expect(Promise.resolve().then(() => call({ [`${name}s`]: 1 }))).rejects.toThrow(`"${name}s"`);
  });
});
