/**
 * Values that another realm made, and bytes whose memory is not as usual: taken for what they are,
 * or refused in words.
 */
import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import '../../src/vitest/index.js';
import { createMemoryDevice, KernelError } from '../../src/index.js';
import * as receiver from '../../src/receiver/index.js';
import { readLog, replay } from '../../src/replay/index.js';
import { checkFrame, createHarness } from '../../src/testing/index.js';
import { decodeFrame, decodePayload } from '../../src/wire/index.js';

const realm = vm.createContext({});
const foreign = (bytes: ArrayLike<number>): Uint8Array => vm.runInContext(`Uint8Array.of(${Array.from(bytes)})`, realm);
const encoded = (text: string) => new TextEncoder().encode(text);
const harness = () => createHarness({ profile: '6.12' });

describe('of another realm', () => {
  it('bytes are bytes', async () => {
    const { kernel, texts, frames } = harness();
    expect(foreign([1])).not.toBeInstanceOf(Uint8Array);
    kernel.printk(foreign(encoded('one\n')));
    kernel.kmsg.write(foreign(encoded('two\n')));
    expect(texts()).toEqual(['one', 'two']);
    const frame = foreign(frames[0]!);
    checkFrame(frame);
    expect(frame).toBeFrame();
    expect(decodeFrame(frame).message?.kind).toBe('extended');
    expect(createMemoryDevice('eth0', { mac: foreign([2, 0, 0, 0, 0, 1]) }).mac.length).toBe(6);
    expect(receiver.createReceiver().process(foreign(encoded('6,1,1,-;x\n')), 0)).toBe('stored');
    const log = (async function* () {
      yield foreign(encoded('6,1,1,-;x\n'));
    })();
    expect(await replay(readLog(log), createMemoryDevice('eth0'))).toMatchObject({ records: 1, frames: 1 });
  });

  it('options and functions are taken, and what a function throws comes out', () => {
    const options = vm.runInContext('({ profile: "6.12", target: ["+@/eth0,@192.0.2.2/"] })', realm);
    const { kernel } = createHarness(options);
    const fail = vm.runInContext('() => { throw new Error("theirs") }', realm);
    expect(() => kernel.batch(fail)).toThrow('theirs');
    expect(kernel.printk('x\n')).toBe(1);
  });
});

describe('bytes whose memory was given away', () => {
  const detached = encoded('6,1,1,-;x\n');
  structuredClone(detached.buffer, { transfer: [detached.buffer] });

  it('are an empty datagram, which every receiver refuses and no parser trips over', () => {
    expect(receiver.createReceiver().process(detached, 0)).toBe('no-semicolon');
    expect(receiver.createPlainReceiver().process(detached, 0)).toBe('stored');
    for (const made of [
      new receiver.NetoopsReceiver(),
      new receiver.Netconsole2001Receiver(),
      new receiver.AutoReceiver(),
    ])
      expect(() => made.process(detached, 0)).not.toThrow();
    expect(() => [decodeFrame(detached), decodePayload(detached)]).not.toThrow();
    expect(() => checkFrame(detached)).toThrow(/too short/);
  });

  it('are no text and no chunk: what comes after them is', async () => {
    const { kernel, texts } = harness();
    expect(() => kernel.printk(detached)).toThrow(TypeError);
    kernel.printk('after\n');
    expect(texts()).toEqual(['after']);
    const log = (async function* () {
      yield detached;
      yield '6,1,1,-;x\n';
    })();
    expect(await replay(readLog(log), createMemoryDevice('eth0'))).toMatchObject({ records: 1 });
  });
});

/** Not in the library of types that the package is compiled with. */
type Resizable = new (length: number, options: object) => ArrayBuffer & { resize(length: number): void };

it('memory that is shared, or that shrinks, is read as it is then', () => {
  const { kernel, texts } = harness();
  const shared = new Uint8Array(new SharedArrayBuffer(7));
  shared.set(encoded('shared\n'));
  kernel.printk(shared);
  const buffer = new (ArrayBuffer as unknown as Resizable)(8, { maxByteLength: 16 });
  const view = new Uint8Array(buffer);
  view.set(encoded('whole\n'));
  buffer.resize(6);
  kernel.printk(view);
  buffer.resize(0);
  kernel.printk(view);
  expect(texts()).toEqual(['shared', 'whole']);
});

describe('what a receiver is given', () => {
  const MAKERS: Readonly<Record<string, () => receiver.SourceReceiver<unknown>>> = {
    Receiver: () => receiver.createReceiver(),
    PlainReceiver: () => receiver.createPlainReceiver(),
    AutoReceiver: () => new receiver.AutoReceiver(),
    NetoopsReceiver: () => new receiver.NetoopsReceiver(),
    Netconsole2001Receiver: () => new receiver.Netconsole2001Receiver(),
  };
  const record = encoded('6,1,1,-;x\n');

  it.each(Object.keys(MAKERS))('%s: no datagram and no time are refused by name, and nothing has changed', (name) => {
    const made = MAKERS[name]!();
    const before = JSON.stringify([made.stats, made.heldBytes, made.nextDeadline()]);
    for (const payload of [null, 5, 'x', {}, [], [1], new Map(), new DataView(new ArrayBuffer(4)), true, 5n])
      expect(() => made.process(payload as never, 0)).toThrow(/process: the payload is .*, not a Uint8Array/);
    for (const now of [Number.NaN, Number.POSITIVE_INFINITY, '5', null, undefined, {}, 5n, Symbol('s')])
      expect(() => made.process(record, now as never)).toThrow(/process: nowMs is .*, not a number of milliseconds/);
    expect(JSON.stringify([made.stats, made.heldBytes, made.nextDeadline()])).toBe(before);
  });

  it('a set, too, which makes no source of it', () => {
    const set = receiver.createReceiverSet(() => receiver.createReceiver());
    expect(() => set.process('a', 1, record, Number.NaN)).toThrow(RangeError);
    expect(() => set.process('a', 1, 'x' as never, 0)).toThrow(TypeError);
    expect(set.size).toBe(0);
  });

  it('a set whose `onForgotten` throws has taken the datagram all the same', () => {
    let armed = true;
    const set = receiver.createReceiverSet(() => receiver.createReceiver(), {
      maxSources: 2,
      onForgotten: () => {
        if (armed) throw new Error('mine');
      },
    });
    for (const host of ['a', 'b']) set.process(host, 1, record, 0);
    for (const host of ['c', 'd']) expect(() => set.process(host, 1, record, 0)).toThrow('mine');
    expect([set.size, set.stats]).toEqual([2, { sources: 4, evicted: 2, overrun: 0 }]);
    expect(() => set.flush()).toThrow('mine');
    armed = false;
    set.flush();
    const delivered: string[] = [];
    for (let d = set.next(); d !== undefined; d = set.next()) delivered.push(d.source.address);
    expect(delivered).toEqual(['a', 'b', 'c', 'd']);
    expect([set.size, set.heldBytes]).toEqual([0, 0]);
  });

  it('a set that hears in the middle of its flush ends it', () => {
    const set = receiver.createReceiverSet(() => receiver.createReceiver(), {
      onForgotten: () => set.process('again', 1, record, 0),
    });
    set.process('a', 1, record, 0);
    set.flush();
    expect(set.size).toBe(1);
  });
});

it.each([5, null, {}, [], true])('a chunk %j of a log is refused by name', async (chunk) => {
  const log = (async function* () {
    yield chunk as never;
  })();
  await expect(replay(readLog(log), createMemoryDevice('eth0'))).rejects.toThrow(
    /readLog: a chunk is .*, not a string or a Uint8Array/,
  );
  await expect(
    replay(
      readLog(
        (async function* () {
          yield chunk as never;
        })(),
      ),
      createMemoryDevice('eth0'),
    ),
  ).rejects.toThrow(KernelError);
});

it('`lose` that is async is refused: a promise would lose every frame', () => {
  const { kernel } = createHarness({ profile: '6.12', lose: (async () => false) as never });
  expect(() => kernel.printk('x\n')).toThrow(/lose: it is async/);
});
