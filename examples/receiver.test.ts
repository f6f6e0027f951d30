/**
 * Tests, with vitest, fourteen situations that a receiver of netconsole meets. `MyReceiver` stands
 * for yours.
 */
import { createHarness, type HarnessOptions } from 'netconsole-emulator/testing';
import { oops } from 'netconsole-emulator/workload';
import { expect, test } from 'vitest';

class MyReceiver {
  readonly lines: string[] = [];
  readonly gaps: number[] = [];
  #last = -1;
  #parts = new Map<number, string>();

  handle(datagram: Uint8Array): void {
    const text = new TextDecoder().decode(datagram);
    const [, seq, offset, total, body] = /^\d+,(\d+),\d+,[^;]*?(?:ncfrag=(\d+)\/(\d+))?;(.*)/s.exec(text) ?? [];
    if (seq === undefined) return void this.lines.push(text.trimEnd());
    const whole = offset === undefined ? body! : `${this.#parts.get(+seq) ?? ''}${body}`;
    this.#parts.set(+seq, whole);
    if (total !== undefined && whole.length < +total) return;
    if (+seq > this.#last + 1 && this.#last >= 0) this.gaps.push(+seq - this.#last - 1);
    if (+seq !== this.#last) this.lines.push(whole.split('\n')[0]!);
    this.#last = +seq;
  }
}

function meet(options: HarnessOptions = {}) {
  const mine = new MyReceiver();
  const harness = createHarness({ profile: '6.12', onDatagram: (datagram) => mine.handle(datagram), ...options });
  const say = (...texts: unknown[]) => {
    for (const text of texts) harness.kernel.printk(`${text}\n`);
  };
  return { harness, kernel: harness.kernel, mine, say };
}

test.each<[name: string, options: HarnessOptions, says: string, line: string]>([
  ['a line', {}, 'hello', 'hello'],
  ['a long record, in fragments', {}, 'x'.repeat(1010), 'x'.repeat(1010)],
  ['a plain target', { target: '@/eth0,@192.0.2.2/' }, 'hello', '[  400.000000] hello'],
  ['IPv6', { target: '+@/eth0,@2001:db8::2/' }, 'hello', 'hello'],
])('%s', (_, options, says, line) => {
  const { mine, say } = meet(options);
  say(says);
  expect(mine.lines).toEqual([line]);
});
test('a line in two parts', () => {
  const { kernel, mine } = meet();
  kernel.printk('half ');
  kernel.printk('and half\n', { cont: true });
  expect(mine.lines).toEqual(['half and half']);
});
test('a dictionary', () => {
  const { kernel, mine } = meet();
  kernel.printk('link\n', { dev: { subsystem: 'net', device: 'n2' } });
  expect(mine.lines).toEqual(['link']);
});
test('the loglevel', () => {
  const { kernel, mine } = meet({ loglevel: 4 });
  for (const level of [3, 4] as const) kernel.printk(`${level}\n`, { level });
  expect(mine.lines).toEqual(['3']);
});
test('a ring that overflows', () => {
  const { harness, mine, say } = meet({ logBufShift: 12 });
  say('before');
  harness.stall(() => say(...Array(500).keys()));
  expect(mine.gaps[0]).toBeGreaterThan(300);
});
test('frames that are lost', () => {
  let count = 0;
  const { mine, say } = meet({ lose: () => ++count % 2 === 0 });
  say(...Array(5).keys());
  expect(mine).toMatchObject({ lines: ['0', '2', '4'], gaps: [1, 1] });
});
test('frames that are doubled', () => {
  const { mine, say } = meet({ impair: { seed: 1, out: { duplicate: 1 } } });
  say('one', 'two', 'three');
  expect(mine).toMatchObject({ lines: ['one', 'two', 'three'], gaps: [] });
});
test('an oops', () => {
  const { kernel, mine } = meet();
  oops(kernel, { seed: 1 });
  expect(mine.lines.join('\n')).toMatch(/Oops|BUG/);
});
test('a panic', () => {
  const { kernel, mine, say } = meet({ panicTimeout: -1 });
  kernel.panic('Attempted to kill init!');
  say('never');
  expect(mine.lines).not.toContain('never');
});
test('a NIC that goes and comes back', () => {
  const { harness, mine, say } = meet({ profile: '7.3' });
  harness.unplug();
  say('out');
  harness.plug();
  harness.advance(1000);
  say('back');
  expect(mine.lines).toContain('back');
});
test('a reboot', () => {
  const { harness, mine, say } = meet();
  say(...Array(1000).keys());
  harness.reboot();
  say('again');
  expect(mine.lines.at(-1)).toBe('again');
});
