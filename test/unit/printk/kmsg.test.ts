import { describe, expect, it } from 'vitest';
import { insideOf } from '../../../src/kernel/index.js';
import type { KmsgFile } from '../../../src/printk/kmsg.js';
import { type Bench, bench, errno, MODERN } from '../../support/harness.js';

const text = (bytes: Uint8Array | undefined) =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1');
const write = ({ kernel }: Bench, data: string | Uint8Array) => kernel.kmsg.write(data);

describe('writing', () => {
  it.each([
    ['<6>x\n', '14', 'x'],
    ['<0>x\n', '8', 'x'],
    ['x\n', '12', 'x'],
    ['<191>x\n', '191', 'x'],
    ['<>x\n', '8', 'x'],
    ['<30>x', '30', 'x'],
    ['<4294967295>x\n', '2047', 'x'],
    ['<4294967296>x\n', '8', 'x'],
    ['<6 x\n', '12', '<6 x'],
    ['<6', '12', '<6'],
    ['<-1>x\n', '12', '<-1>x'],
    ['<+6>x\n', '12', '<+6>x'],
    [' <6>x\n', '12', ' <6>x'],
    ['<6><3>x\n', '14', '<3>x'],
    ['<6>\x01' + '3x\n', '14', '\\x013x'],
    ['<6>one\ntwo\n', '14', 'one\\x0atwo'],
    ['<6>two\n\n', '14', 'two\\x0a'],
    ['<6>ab\0cd\n', '14', 'ab'],
    ['\0<6>x', '12', ''],
    ['<6>\0', '14', ''],
    ['<6>back\\slash\t\x7f\xff', '14', 'back\\x5cslash\\x09\\x7f\\xff'],
  ])('%j', (data, prio, said) => {
    const b = bench('6.12');
    const bytes = Buffer.from(data, 'latin1');
    expect(write(b, bytes)).toBe(bytes.length);
    write(b, 'next\n');
    expect(b.log()[0]).toBe(`${prio},0,1000000,-;${said}`);
  });

  it('4.2 takes the facility modulo 256', () => {
    const b = bench('4.2');
    write(b, '<2056>x\n');
    expect(b.log()[0]).toMatch(/^8,/);
  });

  it.each([
    ['4.2', 992],
    ['6.1', 992],
    ['6.1s', 992],
    ['6.3', 1024],
    ['6.12', 1024],
    ['7.3', 1024],
  ])('%s takes %i bytes at most', (name, max) => {
    const b = bench(name);
    expect(write(b, 'x'.repeat(max))).toBe(max);
    expect(errno(() => write(b, 'x'.repeat(max + 1)))).toBe('EINVAL');
    write(b, '\n');
    expect(b.texts()).toEqual(['x'.repeat(max - 1), '']);
  });

  it.each([
    ['6.1', 976],
    ['6.3', 1024],
  ])('%s with a caller field takes %i', (name, max) => {
    const b = bench(name, { kconfig: { caller: true } });
    expect(write(b, 'x'.repeat(max))).toBe(max);
    expect(errno(() => write(b, 'x'.repeat(max + 1)))).toBe('EINVAL');
  });

  it('text without newline waits for the next record', () => {
    const b = bench('7.3');
    write(b, 'x');
    expect(b.log()).toEqual([]);
    write(b, 'y\n');
    expect(b.texts()).toEqual(['x', 'y']);
  });
});

describe('printk.devkmsg', () => {
  it('off: cannot be opened', () => expect(errno(() => write(bench('6.12', { devkmsg: 'off' }), 'x'))).toBe('EPERM'));

  it('off while a file is open: writes succeed and are lost', () => {
    const b = bench('6.12');
    const file = b.kernel.kmsg.open();
    b.kernel.kmsg.mode = 'off';
    expect(file.write('x\n')).toBe(2);
    expect(b.log()).toEqual([]);
  });

  it('ratelimit: ten writes in five seconds for each open file; the rest is said when it is closed', () => {
    const b = bench('6.12', { devkmsg: 'ratelimit' });
    b.kernel.current = { pid: 9, comm: 'logger', cpu: 0 };
    const file = b.kernel.kmsg.open();
    const other = b.kernel.kmsg.open();
    for (let i = 0; i < 14; i++) expect(file.write(`${i}\n`)).toBe(`${i}\n`.length);
    other.write('other\n');
    expect(b.texts()).toEqual([...Array(10).keys()].map(String).concat('other'));
    other.close();
    file.close();
    expect(b.log().at(-1)).toMatch(/^4,11,\d+,-;logger: 4 output lines suppressed due to ratelimiting$/);
    expect(b.log().length).toBe(12);
  });

  it('ratelimit: after five seconds ten more', () => {
    const b = bench('6.12', { devkmsg: 'ratelimit' });
    const file = b.kernel.kmsg.open();
    const ten = () => {
      for (let i = 0; i < 11; i++) file.write('x\n');
      return b.log().length;
    };
    expect(ten()).toBe(10);
    b.kernel.advanceTo(6_000_000);
    expect(ten()).toBe(10);
    b.kernel.advanceTo(6_004_000);
    // The window that ends says nothing of what it refused: that is for close.
    expect(ten()).toBe(20);
    file.close();
    // One of the first window, all eleven within it a second time, one of the last.
    expect(b.texts().at(-1)).toBe('init: 13 output lines suppressed due to ratelimiting');
  });

  it('4.2 has no limit', () => {
    const b = bench('4.2', { devkmsg: 'ratelimit' });
    const file = b.kernel.kmsg.open();
    for (let i = 0; i < 30; i++) file.write('x\n');
    expect(b.log().length).toBe(30);
  });
});

describe('reading', () => {
  const open = (b: Bench): KmsgFile => b.kernel.kmsg.open();

  it('gives one record a call, in the extended form', () => {
    const b = bench('6.12');
    const file = open(b);
    expect(file.read()).toBeUndefined();
    b.kernel.printk('a\n', { dev: { subsystem: 'net', device: 'n2' } });
    b.kernel.printk('b\n');
    expect(text(file.read())).toBe('4,0,1000000,-;a\n SUBSYSTEM=net\n DEVICE=n2\n');
    expect(text(file.read())).toBe('4,1,1000000,-;b\n');
    expect(file.read()).toBeUndefined();
  });

  it('says EPIPE once when it was overtaken, then goes on at the oldest', () => {
    const b = bench('6.12', { logBufShift: 10 });
    const file = open(b);
    for (let i = 0; i < 40; i++) b.kernel.printk(`${i}\n`);
    expect(errno(() => file.read())).toBe('EPIPE');
    expect(text(file.read())).toMatch(/^4,8,1000000,-;8\n$/);
    expect(text(file.read())).toMatch(/;9\n$/);
  });

  it('seeks to the oldest, to after the last clear, to the end', () => {
    const b = bench('6.12');
    for (let i = 0; i < 5; i++) b.kernel.printk(`${i}\n`);
    const file = open(b);
    file.seek('end');
    expect(file.read()).toBeUndefined();
    file.seek('set');
    expect(text(file.read())).toMatch(/;0\n/);
    insideOf(b.kernel).kmsg.clearSeq = 3;
    file.seek('data');
    expect(text(file.read())).toMatch(/;3\n/);
  });

  it('is not moved by what others read', () => {
    const b = bench('6.12');
    b.kernel.printk('a\n');
    const [one, two] = [open(b), open(b)];
    one.read();
    expect(text(two.read())).toMatch(/;a\n/);
  });

  it.each(MODERN)('%s: whatever the console level, all of it', (name) => {
    const b = bench(name, { loglevel: 1 });
    b.kernel.printk('x\n', { level: 7 });
    expect(b.log().length).toBe(1);
  });
});
