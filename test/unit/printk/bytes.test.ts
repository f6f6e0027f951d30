/** How the kernels before 5.10 keep lines back, and what their consoles show of them. */
import { describe, expect, it } from 'vitest';
import { insideOf } from '../../../src/kernel/index.js';
import { type Bench, bench } from '../../support/harness.js';

const OLD = ['4.2', '4.4'];
const MARKED = ['4.9', '4.14', '4.18', '4.19', '5.4'];
const STOPS = ['4.2', '4.4', '4.9', '4.14', '4.18', '4.19'];
const AT_ONCE = ['4.2', '4.4', '4.9'];

const A = { pid: 11, comm: 'a', cpu: 0 };
const B = { pid: 12, comm: 'b', cpu: 0 };
/** Header and text of every record, without seq and stamp. */
const records = (b: Bench) => b.log().map((line) => line.replace(/^(\d+),\d+,\d+,(.)/, '$1$2'));
const plain = (name: string) => {
  const b = bench(name);
  b.kernel.insmod('netconsole', '@/eth0,6666@10.0.0.2/');
  b.take();
  return b;
};
const extended = (name: string) => {
  const b = bench(name);
  b.kernel.insmod('netconsole', '+@/eth0,6666@10.0.0.2/;@/eth0,6667@10.0.0.2/');
  b.take();
  return b;
};

describe('a line that is kept back', () => {
  it.each(OLD)('%s: is continued by what has no level, of the same task', (name) => {
    const b = bench(name);
    b.kernel.printk('\x016one ', { task: A });
    expect(b.log()).toEqual([]);
    b.kernel.printk('two ', { task: A });
    b.kernel.printk('three\n', { task: A });
    expect(records(b)).toEqual(['6-;one two three']);
  });

  it.each(OLD)('%s: is ended by a level, and by another task', (name) => {
    const b = bench(name);
    b.kernel.printk('one', { task: A });
    b.kernel.printk('\x014two\n', { task: A });
    b.kernel.printk('three', { task: A });
    b.kernel.printk('four\n', { task: B });
    expect(records(b)).toEqual(['4-;one', '4-;two', '4-;three', '4-;four']);
  });

  it.each(MARKED)('%s: is continued by what is marked, of the same task', (name) => {
    const b = bench(name);
    b.kernel.printk('\x016one ', { task: A });
    b.kernel.printk('\x01ctwo ', { task: A });
    b.kernel.printk('\x01cthree\n', { task: A });
    expect(records(b)).toEqual(['6-;one two three']);
  });

  it.each(MARKED)('%s: is ended by what is not marked, and by another task, whose text is a fragment then', (name) => {
    const b = bench(name);
    b.kernel.printk('\x016one', { task: A });
    b.kernel.printk('two\n', { task: A });
    b.kernel.printk('\x016three', { task: A });
    b.kernel.printk('\x01cfour\n', { task: B });
    expect(records(b)).toEqual(['6-;one', '4-;two', '6-;three', '4c;four']);
  });

  it.each(MARKED)('%s: an empty continuation of another task only ends it', (name) => {
    const b = bench(name);
    b.kernel.printk('\x016one', { task: A });
    b.kernel.printk('\x01c\n', { task: B });
    expect(records(b)).toEqual(['6-;one']);
  });

  it.each(MARKED)('%s: several markers are read, and the first level counts', (name) => {
    const b = bench(name);
    b.kernel.printk('\x016\x013\x01cone\n', { task: A });
    expect(records(b)).toEqual(['6c;one']);
  });

  it.each(MARKED)('%s: has the time of its beginning', (name) => {
    const b = bench(name);
    b.kernel.printk('\x016one');
    b.kernel.advanceTo(5_000_000);
    b.kernel.printk('two\n');
    expect(b.log().map((line) => line.split(',')[2])).toEqual(['1000000', '5000000']);
  });

  it.each([...OLD, ...MARKED])('%s: a line that grows too long is parted', (name) => {
    const b = bench(name);
    b.kernel.printk(`\x016${'a'.repeat(600)}`, { task: A });
    b.kernel.printk(`${OLD.includes(name) ? '' : '\x01c'}${'b'.repeat(600)}`, { task: A });
    b.kernel.printk('\x016end\n', { task: B });
    const [first, second] = b.texts();
    expect([first, second]).toEqual(['a'.repeat(600), 'b'.repeat(600)]);
  });

  it.each(STOPS)('%s: nothing is kept while an extended console is there, and that is said', (name) => {
    const b = extended(name);
    expect(b.texts()).toContain(
      'printk: continuation disabled due to ext consoles, expect more fragments in /dev/kmsg',
    );
    const marker = OLD.includes(name) ? '' : '\x01c';
    for (const text of ['\x016one ', `${marker}two `, `${marker}three\n`]) b.kernel.printk(text, { task: A });
    const flags = { '4.2': 'c++', '4.4': 'c++', '4.9': '-c+' }[name] ?? '-cc';
    expect(records(b).slice(-3)).toEqual([`6${flags[0]};one `, `4${flags[1]};two `, `4${flags[2]};three`]);
    // Up to 4.9 a plain target sees one line, in pieces; later every fragment is a line.
    const joined = b.take(6667).join('');
    expect(joined).toBe(
      {
        '4.2': '[    1.000000] one two three\n',
        '4.4': '[    1.000000] one two three\n',
        '4.9': '[    1.000000] one \n[    1.000000] two three\n',
      }[name] ?? '[    1.000000] one \n[    1.000000] two \n[    1.000000] three\n',
    );
  });

  it('5.4: is kept beside an extended console too', () => {
    const b = extended('5.4');
    b.kernel.printk('\x016one ', { task: A });
    expect(b.take()).toEqual([]);
    b.kernel.printk('\x01ctwo\n', { task: A });
    expect(b.take(6666)).toEqual([expect.stringMatching(/;one two\n$/)]);
  });
});

describe('a line that is kept back, at plain consoles', () => {
  it.each(AT_ONCE)('%s: leaves at once, and its end as a packet of its own', (name) => {
    const b = plain(name);
    b.kernel.kmsg.write('<6>one');
    expect(b.take()).toEqual(['[    1.000000] one']);
    b.kernel.current = B;
    b.kernel.kmsg.write('<6>two\n');
    expect(b.take()).toEqual(['\n', '[    1.000000] two\n']);
    expect(records(b).slice(-2)).toEqual(['14-;one', '14-;two']);
  });

  it.each(OLD)('%s: what continues it follows without a stamp', (name) => {
    const b = plain(name);
    b.kernel.printk('one ', { task: A });
    b.kernel.printk('two', { task: A });
    b.kernel.printk(' three\n', { task: A });
    expect(b.take()).toEqual(['[    1.000000] one ', 'two', ' three\n']);
    expect(b.texts().at(-1)).toBe('one two three');
  });

  it.each(['4.14', '4.18', '4.19', '5.4'])('%s: leaves when it is whole', (name) => {
    const b = plain(name);
    b.kernel.kmsg.write('<6>one');
    expect(b.take()).toEqual([]);
    b.kernel.current = B;
    b.kernel.kmsg.write('<6>two\n');
    expect(b.take()).toEqual(['[    1.000000] one\n', '[    1.000000] two\n']);
  });

  it.each(AT_ONCE)('%s: is printed whole to a console that comes later', (name) => {
    const b = bench(name);
    b.kernel.printk('\x016one', { task: A });
    b.kernel.printk('\x016two\n', { task: B });
    b.kernel.insmod('netconsole', '@/eth0,6666@10.0.0.2/');
    expect(b.take().slice(0, 2)).toEqual(['[    1.000000] one\n', '[    1.000000] two\n']);
  });

  it.each(AT_ONCE)('%s: waits behind records that are not printed yet', (name) => {
    const b = plain(name);
    insideOf(b.kernel).consoles.trylock();
    b.kernel.printk('\x016first\n', { task: A });
    b.kernel.printk('\x016one', { task: A });
    insideOf(b.kernel).consoles.unlock();
    expect(b.take()).toEqual(['[    1.000000] first\n']);
    b.kernel.printk('\x016two\n', { task: B });
    expect(b.take()).toEqual(['[    1.000000] one\n', '[    1.000000] two\n']);
  });

  it.each(AT_ONCE)('%s: is not printed at a level that the console holds back', (name) => {
    const b = plain(name);
    insideOf(b.kernel).consoles.consoleLoglevel = 4;
    b.kernel.printk('\x016one', { task: A });
    b.kernel.printk('\x013two\n', { task: B });
    expect(b.take()).toEqual(['[    1.000000] two\n']);
  });
});

describe('a SysRq', () => {
  it.each(STOPS)('%s: its header is two pieces', (name) => {
    const b = extended(name);
    b.kernel.sysrq('7');
    const [first, second, third] = b.texts().slice(-3);
    expect([first, second, third]).toEqual(['sysrq: SysRq : ', 'Changing Loglevel', 'sysrq: Loglevel set to 7']);
  });

  it.each(['4.4', '4.9'])('%s: two packets of a plain target', (name) => {
    const b = plain(name);
    b.kernel.sysrq('7');
    expect(b.take().slice(0, 2)).toEqual(['[    1.000000] sysrq: SysRq : ', 'Changing Loglevel\n']);
  });

  it.each([
    ['4.2', 'Fatal exception', '', false],
    ['4.14', 'Fatal exception', '', false],
    ['4.18', 'Fatal exception', ' ]---', false],
    ['4.19', 'Fatal exception', ' ]---', true],
    ['5.4', 'sysrq triggered crash', ' ]---', true],
    ['7.3', 'sysrq triggered crash', ' ]---', true],
  ])('%s: c ends in a panic: %s', (name, why, end, inside) => {
    const b = bench(name, { panicTimeout: 0 });
    b.kernel.insmod('netconsole', '@/eth0,6666@10.0.0.2/ oops_only=1');
    b.take();
    const heard: boolean[] = [];
    b.kernel.sysrq('c', { trace: () => heard.push(insideOf(b.kernel).oopsInProgress()) });
    expect(heard).toEqual([true]);
    expect(b.texts()).toContain(`Kernel panic - not syncing: ${why}`);
    expect(b.texts().at(-1)).toBe(`---[ end Kernel panic - not syncing: ${why}${end}`);
    const sent = b.take().join('');
    expect(sent).toContain(`Kernel panic - not syncing: ${why}\n`);
    expect(sent.includes('---[ end Kernel panic')).toBe(inside);
  });
});
