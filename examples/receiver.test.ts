/** Fourteen situations that a receiver of netconsole meets, for vitest. The thirty lines at the top stand for yours. */

import { createHarness, type HarnessOptions } from 'netconsole-emulator/testing';
import { decodeFrame } from 'netconsole-emulator/wire';
import { oops } from 'netconsole-emulator/workload';
import { expect, test } from 'vitest';
import 'netconsole-emulator/vitest';

class MyReceiver {
  readonly lines: string[] = [];
  readonly gaps: number[] = [];
  #last = -1;
  #parts = new Map<number, string>();

  handle(frame: Uint8Array): void {
    const text = new TextDecoder().decode(decodeFrame(frame).payload);
    const [, seq, offset, total, body] = /^\d+,(\d+),\d+,[^;]*?(?:ncfrag=(\d+)\/(\d+))?;(.*)/s.exec(text) ?? [];
    if (seq === undefined) return void this.lines.push(text.trimEnd());
    const whole = offset === undefined ? body! : `${this.#parts.get(+seq) ?? ''}${body}`;
    this.#parts.set(+seq, whole);
    if (total !== undefined && whole.length < +total) return;
    if (this.#last >= 0 && +seq > this.#last + 1) this.gaps.push(+seq - this.#last - 1);
    if (+seq > this.#last) this.lines.push(whole.split('\n')[0]!);
    this.#last = Math.max(this.#last, +seq);
  }
}

function setup(options: HarnessOptions = {}) {
  const harness = createHarness({ profile: '6.12', ...options });
  const mine = () => {
    const receiver = new MyReceiver();
    for (const frame of harness.frames) receiver.handle(frame);
    return receiver;
  };
  return { ...harness, harness, kernel: harness.kernel, mine };
}

test('a line', () => {
  const { kernel, frames, mine } = setup();
  kernel.printk('hello\n', { level: 6 });
  expect(frames[0]).toBeRecord({ level: 6, text: 'hello' });
  expect(mine().lines).toEqual(['hello']);
});
test('a line in two parts', () => {
  const { kernel, mine } = setup();
  kernel.printk('half ');
  kernel.printk('and half\n', { cont: true });
  expect(mine().lines).toEqual(['half and half']);
});
test('a long record, in fragments', () => {
  const { kernel, frames, mine } = setup();
  kernel.printk(`${'x'.repeat(1010)}\n`);
  expect(frames[0]).toBeRecord({ fragment: /^0\// });
  expect(mine().lines).toEqual(['x'.repeat(1010)]);
});
test('a plain target', () => {
  const { kernel, mine } = setup({ target: '@/eth0,@192.0.2.2/' });
  kernel.printk('hello\n');
  expect(mine().lines).toEqual(['[  400.000000] hello']);
});
test('IPv6', () => {
  const { kernel, mine } = setup({ target: '+@/eth0,@2001:db8::2/' });
  kernel.printk('hello\n');
  expect(mine().lines).toEqual(['hello']);
});
test('a dictionary', () => {
  const { kernel, frames } = setup();
  kernel.printk('link\n', { dev: { subsystem: 'net', device: 'n2' } });
  expect(frames[0]).toBeRecord({
    dictionary: [
      ['SUBSYSTEM', 'net'],
      ['DEVICE', 'n2'],
    ],
  });
});
test('the loglevel', () => {
  const { kernel, mine } = setup({ loglevel: 4 });
  kernel.printk('error\n', { level: 3 });
  kernel.printk('warning\n', { level: 4 });
  expect(mine().lines).toEqual(['error']);
});
test('a ring that overflows', () => {
  const { harness, kernel, mine } = setup({ logBufShift: 12 });
  kernel.printk('before\n');
  harness.stall(() => Array.from({ length: 500 }, (_, i) => kernel.printk(`${i}\n`)));
  expect(mine().gaps[0]).toBeGreaterThan(300);
});
test('frames that are lost', () => {
  let count = 0;
  const { harness, kernel } = setup({ lose: () => ++count % 2 === 0 });
  for (let i = 0; i < 6; i++) kernel.printk(`${i}\n`);
  harness.advance(1000);
  expect(harness.texts()).toEqual(['0', '2', '4']);
});
test('frames that are lost, and sent again', () => {
  let count = 0;
  const { harness, kernel } = setup({ reliable: 'netconsd', lose: (_, way) => way === 'out' && ++count % 3 === 0 });
  for (let i = 0; i < 30; i++) kernel.printk(`r${i}\n`);
  harness.advance(60_000);
  expect(harness.texts().filter((text) => /^r\d/.test(text)).length).toBe(30);
});
test('an oops', () => {
  const { kernel, mine } = setup();
  oops(kernel, { seed: 1 });
  expect(mine().lines.join('\n')).toMatch(/Oops|BUG/);
});
test('a panic', () => {
  const { kernel, mine } = setup({ panicTimeout: -1 });
  kernel.panic('Attempted to kill init!');
  kernel.printk('never\n');
  expect(mine().lines.at(-1)).not.toBe('never');
});
test('a NIC that goes and comes back', () => {
  const { harness, kernel, mine } = setup({ profile: '7.3' });
  harness.unplug();
  kernel.printk('out\n');
  harness.plug();
  harness.advance(1000);
  kernel.printk('back\n');
  expect(mine().lines).toContain('back');
});
test('a reboot', () => {
  const { harness } = setup();
  for (let i = 0; i < 5000; i++) harness.kernel.printk(`${i}\n`);
  harness.reboot();
  harness.kernel.printk('again\n');
  expect(harness.frames.at(-1)).toBeRecord({ text: 'again', tsUsec: 400e6 });
});
