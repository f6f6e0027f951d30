import { describe, expect, it } from 'vitest';
import { insideOf } from '../../../src/kernel/index.js';
import { type Bench, bench, MODERN, PRB } from '../../support/harness.js';

const SOH = '\x01';
const prefix = (record: string | undefined) => record?.slice(0, record.indexOf(','));
const flag = (record: string | undefined) => record?.split(/[,;]/)[3];
const task = (pid: number, cpu = 0) => ({ pid, comm: 'test', cpu });

describe('level markers', () => {
  it.each([
    ['none: the default level', 'x\n', '4', 'x'],
    ['a digit', `${SOH}6x\n`, '6', 'x'],
    ['of two, the first counts and both go', `${SOH}3${SOH}6x\n`, '3', 'x'],
    ['a marker in the middle stays', `a${SOH}6b\n`, '4', 'a\\x016b'],
    ['an unknown one stays', `${SOH}9x\n`, '4', '\\x019x'],
    ['0', `${SOH}0x\n`, '0', 'x'],
    ['7', `${SOH}7x\n`, '7', 'x'],
    ['one alone at the end', `${SOH}6`, '6', ''],
  ])('%s', (_, text, level, said) => {
    const { kernel, log } = bench('6.12');
    kernel.printk(text);
    kernel.printk('next\n');
    expect(log()[0]).toBe(`${level},0,1000000,-;${said}`);
  });

  it('only the first three pairs are read, but all are stripped', () => {
    const { kernel, log } = bench('6.12');
    kernel.printk(`${SOH}c${SOH}c${SOH}c${SOH}6x\n`);
    expect(log()[0]).toBe('4,0,1000000,c;x');
  });

  it('a level given beside the text overrides the marker', () => {
    const { kernel, log } = bench('6.12');
    kernel.printk(`${SOH}6x\n`, { level: 2 });
    expect(log()[0]).toBe('2,0,1000000,-;x');
  });

  it('user space gets neither: markers of a facility stay in the text', () => {
    const { kernel, log } = bench('6.12');
    kernel.printk(`${SOH}6x\n`, { facility: 1, level: 5 });
    expect(log()[0]).toBe('13,0,1000000,-;\\x016x');
  });
});

describe('newline', () => {
  it.each([...PRB, '4.4', '4.14', '5.4'])('%s: an option stands for the one at the end', (name) => {
    const texts = [
      '',
      'x',
      'two\nlines',
      'its own\n',
      `${SOH}6x`,
      `${SOH}`,
      `${SOH}6`,
      `${SOH}c${SOH}3${SOH}4${SOH}5x`,
    ];
    for (const text of [...texts, 'y'.repeat(1100), `${SOH}2${'z'.repeat(5000)}`]) {
      for (const options of [{}, { facility: 1 }, { dev: { subsystem: 'net', device: 'n1' } }, { cont: true }]) {
        const [with_, without] = [bench(name), bench(name)];
        const stored = with_.kernel.printk(`${text}\n`, options);
        expect(without.kernel.printk(text, { ...options, newline: true })).toBe(stored);
        expect(without.kernel.printk(Buffer.from(text), { ...options, newline: true })).toBe(stored);
        with_.kernel.printk(Buffer.from(`${text}\n`), options);
        expect(without.log()).toEqual(with_.log());
      }
    }
  });

  it.each(PRB)('%s: text without one is seen when the next record is stored, with its own stamp', (name) => {
    const { kernel, log } = bench(name);
    kernel.printk(`${SOH}6open`);
    expect(log()).toEqual([]);
    kernel.advanceTo(2_000_000);
    kernel.printk(`${SOH}6next\n`);
    expect(log()).toEqual(['6,0,1000000,-;open', '6,1,2000000,-;next']);
  });

  it('only one is taken off', () => {
    const { kernel, log } = bench('6.12');
    kernel.printk('a\n\n');
    expect(log()).toEqual(['4,0,1000000,-;a\\x0a']);
  });

  it('an empty message is a record', () => {
    const { kernel, log } = bench('6.12');
    kernel.printk('\n');
    kernel.printk('');
    kernel.printk('x\n');
    expect(log()).toEqual(['4,0,1000000,-;', '4,1,1000000,-;', '4,2,1000000,-;x']);
  });
});

describe.each(PRB)('%s: continuation', (name) => {
  const c = `${SOH}c`;

  it('appends to the newest unfinished record; level and stamp of the first stay', () => {
    const { kernel, log } = bench(name);
    kernel.printk(`${SOH}3one `);
    kernel.advanceTo(2_000_000);
    kernel.printk(`${c}two `);
    kernel.printk(`${c}${SOH}6three\n`);
    kernel.printk('next\n');
    expect(log()).toEqual(['3,0,1000000,-;one two three', '4,1,2000000,-;next']);
  });

  it('without a marker begins a new record', () => {
    const { kernel, log } = bench(name);
    kernel.printk('one ');
    kernel.printk('two\n');
    expect(log()).toEqual(['4,0,1000000,-;one ', '4,1,1000000,-;two']);
  });

  it('of a finished record begins a new one, flagged c', () => {
    const { kernel, log } = bench(name);
    kernel.printk('one\n');
    kernel.printk(`${c}two\n`);
    expect(log()).toEqual(['4,0,1000000,-;one', '4,1,1000000,c;two']);
  });

  it('of another task or processor begins a new one', () => {
    const { kernel, log } = bench(name);
    kernel.printk('one ', { task: task(7) });
    kernel.printk(`${c}two `, { task: task(8) });
    kernel.printk(`${c}three `, { task: task(0, 1) });
    kernel.printk(`${c}four\n`, { task: task(0, 1) });
    expect(
      log().map((record) => record.slice(record.indexOf(',-;') < 0 ? record.indexOf(',c;') : record.indexOf(',-;'))),
    ).toEqual([',-;one ', ',c;two ', ',c;three four']);
  });

  it('stops at the record maximum', () => {
    const { kernel, texts } = bench(name);
    const max = insideOf(kernel).store.recordMax;
    kernel.printk('x'.repeat(max - 50));
    kernel.printk(`${c}${'y'.repeat(47)}`);
    kernel.printk(`${c}z\n`);
    // 50 bytes are left; the marker and a terminator count: 47 + 2 + 1.
    expect(texts()).toEqual([`${'x'.repeat(max - 50)}${'y'.repeat(47)}`, 'z']);
  });

  it('nothing of an unfinished record is printed', () => {
    const { kernel, take } = bench(name);
    kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
    take();
    kernel.printk(`${SOH}6one `);
    expect(take()).toEqual([]);
    kernel.printk(`${c}two\n`);
    expect(take()).toEqual(['[    1.000000] one two\n']);
  });
});

describe('devices', () => {
  it('a message about a device has a dictionary, and cannot be continued', () => {
    const { kernel, log } = bench('6.12');
    kernel.printk('e1000 0000:00:03.0: up', { level: 6, dev: { subsystem: 'pci', device: '+pci:0000:00:03.0' } });
    kernel.printk(`${SOH}c more\n`);
    expect(log()).toEqual([
      '6,0,1000000,-;e1000 0000:00:03.0: up\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00:03.0',
      '4,1,1000000,c; more',
    ]);
  });

  it('values are cut to 15 and 47 bytes, and escaped', () => {
    const { kernel, log } = bench('6.12');
    kernel.printk('x', { dev: { subsystem: 's'.repeat(20), device: `+a\\b\x01${'d'.repeat(60)}` } });
    expect(log()[0]).toBe(`4,0,1000000,-;x\n SUBSYSTEM=${'s'.repeat(15)}\n DEVICE=+a\\x5cb\\x01${'d'.repeat(42)}`);
  });

  it('empty values are left out', () => {
    const { kernel, log } = bench('6.12');
    kernel.printk('x', { dev: { subsystem: '', device: 'n2' } });
    expect(log()[0]).toBe('4,0,1000000,-;x\n DEVICE=n2');
  });
});

describe('the record limit', () => {
  const longest = ({ kernel, texts }: Bench) => {
    kernel.printk('x'.repeat(3000));
    kernel.printk('\n');
    return texts()[0]!.length;
  };
  it.each(MODERN)('%s', (name) => {
    const want = MODERN.indexOf(name) < MODERN.indexOf('6.3') ? 991 : 1023;
    expect(longest(bench(name))).toBe(want);
  });
  it.each([
    ['6.1', 975],
    ['6.1s', 975],
    ['6.3', 1023],
    ['7.3', 1023],
  ])('%s with a caller field', (name, want) => expect(longest(bench(name, { kconfig: { caller: true } }))).toBe(want));

  it('a newline that is cut off does not finish the record', () => {
    const { kernel, texts } = bench('6.12');
    kernel.printk(`${'x'.repeat(1023)}\n`);
    expect(texts()).toEqual([]);
    kernel.printk(`${'y'.repeat(1022)}\n`);
    expect(texts().map((text) => text.length)).toEqual([1023, 1022]);
  });

  it('markers count in the reservation', () => {
    const { kernel, texts } = bench('6.12');
    kernel.printk(`${SOH}6${'x'.repeat(2000)}`);
    kernel.printk('\n');
    expect(texts()[0]!.length).toBe(1021);
  });

  it('bytes, not characters, are counted and cut', () => {
    const { kernel, texts } = bench('6.1');
    kernel.printk('\u00e4'.repeat(600));
    kernel.printk('\n');
    expect(texts()[0]).toBe(`${'\\xc3\\xa4'.repeat(495)}\\xc3`);
  });
});

describe('<truncated>', () => {
  it.each([
    // A quarter of the ring, less the mark, less a terminator.
    ['6.18', 10, 600, 1024 / 4 - 11 - 1],
    ['6.18', 11, 1023, 2048 / 4 - 11 - 1],
    ['7.3', 10, 505, 1024 / 4 - 11 - 1],
  ])('%s, a ring of 2^%i: a message of %i bytes is over half of it', (name, logBufShift, length, kept) => {
    const { kernel, texts } = bench(name, { logBufShift });
    kernel.printk(`${'x'.repeat(length)}\n`);
    kernel.printk('\n');
    expect(texts()[0]).toBe(`${'x'.repeat(kept)}<truncated>`);
    expect(insideOf(kernel).ring.fail).toBe(1);
  });

  it('older kernels take the same message whole, when it does not wrap onto itself', () => {
    const { kernel, texts } = bench('6.12', { logBufShift: 10 });
    kernel.printk(`${'x'.repeat(600)}\n`);
    expect(texts()).toEqual(['x'.repeat(600)]);
    // At 616 of 1024: it would wrap, and end behind its own begin.
    kernel.printk(`${'y'.repeat(700)}\n`);
    kernel.printk('\n');
    expect(texts()).toEqual([`${'y'.repeat(244)}<truncated>`, '']);
    expect(insideOf(kernel).ring.nextSeq).toBe(4);
  });
});

describe('whoever logs', () => {
  it.each([
    ['a task', task(42), 'T42', '[   T42]'],
    ['a processor', task(0, 3), 'C3', '[    C3]'],
    ['a large pid', task(1234567), 'T1234567', '[T1234567]'],
  ])('%s is the caller', (_, who, extended, plain) => {
    const { kernel, log, take } = bench('6.12', { kconfig: { caller: true } });
    kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
    take();
    kernel.printk('x\n', { task: who });
    expect(log().at(-1)).toMatch(new RegExp(`^4,\\d+,1000000,-,caller=${extended};x$`));
    expect(take()).toEqual([`[    1.000000]${plain} x\n`]);
  });
});

describe('options', () => {
  it('printk.time off leaves no prefix, and the extended stamp', () => {
    const { kernel, log, take } = bench('6.12', { time: false });
    kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
    take();
    kernel.printk('a\nb\n');
    expect(take()).toEqual(['a\nb\n']);
    expect(log().at(-1)).toMatch(/,1000000,-;a\\x0ab$/);
  });

  it('console_msg_format=syslog puts the priority in front', () => {
    const { kernel, take } = bench('6.12', { syslogFormat: true });
    kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
    take();
    kernel.printk('a\nb\n', { level: 3, facility: 2 });
    expect(take()).toEqual(['<19>[    1.000000] a\n<19>[    1.000000] b\n']);
  });

  it('a stored stamp and caller may be given, for a log that is replayed', () => {
    const { kernel, log } = bench('6.12', { kconfig: { caller: true }, firstSeq: 500 });
    kernel.printk('x\n', { tsUsec: 5, callerId: 0x80000001, cont: true });
    expect(log()).toEqual(['4,500,5,c,caller=C1;x']);
  });

  it('default_message_loglevel is what unmarked text gets', () => {
    const { kernel, log } = bench('6.12');
    insideOf(kernel).store.defaultMessageLoglevel = 6;
    kernel.printk('x\n');
    expect(prefix(log()[0])).toBe('6');
    expect(flag(log()[0])).toBe('-');
  });

  it('suppressed printing stores nothing', () => {
    const { kernel, log } = bench('6.12');
    insideOf(kernel).store.suppress = true;
    expect(kernel.printk('x\n')).toBe(0);
    expect(log()).toEqual([]);
  });
});

describe('facility', () => {
  it.each([
    [1, 6, '14'],
    [0, 6, '6'],
    [255, 7, '2047'],
    [256, 1, '1'],
  ])('%i and level %i: %s', (facility, level, want) => {
    const { kernel, log } = bench('6.12');
    kernel.printk('x\n', { facility, level: level as 6 });
    expect(prefix(log()[0])).toBe(want);
  });
});
