import { describe, expect, it } from 'vitest';
import { CON_CONSDEV, CON_EXTENDED, CON_PRINTBUFFER, type Console, writing } from '../../../src/console/index.js';
import { insideOf } from '../../../src/kernel/index.js';
import { type Bench, BOTH, bench, errno, MODERN, PRB } from '../../support/harness.js';

/** A console that keeps what it is given, under its name. */
function console(name: string, out: string[], flags = 0): Console {
  return {
    name,
    flags,
    emit: writing((bytes, start, end) =>
      out.push(`${name}: ${Buffer.from(bytes.subarray(start, end)).toString('latin1')}`),
    ),
  };
}
const register = ({ kernel }: Bench, con: Console) =>
  insideOf(kernel).call(() => insideOf(kernel).consoles.register(con));
const unregister = ({ kernel }: Bench, con: Console) =>
  insideOf(kernel).call(() => insideOf(kernel).consoles.unregister(con));
const legacy = PRB.filter((name) => Number.parseInt(name, 10) < 7);
const nbcon = PRB.filter((name) => Number.parseInt(name, 10) >= 7);

describe('what a registration says', () => {
  it.each(MODERN)('%s', (name) => {
    const b = bench(name);
    const con = console('netcon', []);
    register(b, con);
    unregister(b, con);
    const prefix = /^4/.test(name)
      ? 'console'
      : /^6\.(8|12|14|16|17|18|19)/.test(name)
        ? 'printk: legacy console'
        : 'printk: console';
    expect(b.texts()).toEqual([`${prefix} [netcon0] enabled`, `${prefix} [netcon0] disabled`]);
    expect(b.log()[0]).toMatch(/^6,/);
  });

  it('twice is EEXIST, and unregistering what is not there is false', () => {
    const b = bench('6.12');
    const con = console('a', []);
    expect(insideOf(b.kernel).consoles.unregister(con)).toBe(false);
    register(b, con);
    expect(errno(() => register(b, con))).toBe('EEXIST');
  });
});

describe('order', () => {
  it('the console of /dev/console is first, every other is put in second', () => {
    const b = bench('6.12');
    const out: string[] = [];
    for (const [name, flags] of [
      ['a', 0],
      ['tty', CON_CONSDEV],
      ['b', 0],
      ['c', 0],
    ] as const)
      register(b, console(name, out, flags));
    expect(insideOf(b.kernel).consoles.list.map((con) => con.name)).toEqual(['tty', 'c', 'b', 'a']);
  });

  it.each(legacy)('%s: every console prints a record before any prints the next', (name) => {
    const b = bench(name);
    const out: string[] = [];
    register(b, console('a', out, CON_CONSDEV));
    register(b, console('b', out));
    out.length = 0;
    insideOf(b.kernel).consoles.trylock();
    b.kernel.printk('1\n');
    b.kernel.printk('2\n');
    expect(out).toEqual([]);
    insideOf(b.kernel).consoles.unlock();
    expect(out).toEqual([
      'a: [    1.000000] 1\n',
      'b: [    1.000000] 1\n',
      'a: [    1.000000] 2\n',
      'b: [    1.000000] 2\n',
    ]);
  });

  it.each(nbcon)('%s: every console has a thread, and prints all it has', (name) => {
    const b = bench(name);
    const out: string[] = [];
    register(b, console('a', out, CON_CONSDEV));
    register(b, console('b', out));
    out.length = 0;
    insideOf(b.kernel).call(() => {
      b.kernel.printk('1\n');
      b.kernel.printk('2\n');
      expect(out).toEqual([]);
    });
    expect(out.filter((line) => line.startsWith('a'))).toEqual(['a: [    1.000000] 1\n', 'a: [    1.000000] 2\n']);
    expect(out.filter((line) => line.startsWith('b'))).toEqual(['b: [    1.000000] 1\n', 'b: [    1.000000] 2\n']);
    expect(out.map((line) => line[0]).join('')).toMatch(/^(aabb|bbaa)$/);
  });

  it.each(legacy)('%s: on the wire, per record the plain target, then the extended', (name) => {
    const b = bench(name);
    b.kernel.insmod('netconsole', BOTH);
    b.take();
    b.kernel.printk('1\n');
    b.kernel.printk('2\n');
    expect(b.take().map((payload) => payload.replace(/^.*[;\]] ?/, ''))).toEqual(['1\n', '1\n', '2\n', '2\n']);
    b.kernel.printk('3\n');
    expect(b.frames().map(({ message }) => message?.kind)).toEqual(['plain', 'extended']);
  });
});

describe('where a console begins', () => {
  it.each(PRB)('%s: with PRINTBUFFER at the oldest, else at the next record', (name) => {
    for (const [flags, want] of [
      [CON_PRINTBUFFER, ['1', '2']],
      [0, []],
    ] as const) {
      const b = bench(name);
      const out: string[] = [];
      b.kernel.printk('1\n');
      b.kernel.printk('2\n');
      register(b, console('a', out, flags));
      b.kernel.printk('3\n');
      const said = out.map((line) => /\] (.*)\n$/s.exec(line)![1]!);
      expect(said).toEqual([...want, expect.stringContaining('[a0] enabled'), '3']);
    }
  });

  it('PRINTBUFFER begins where syslog readers are', () => {
    const b = bench('6.12');
    const out: string[] = [];
    for (const text of ['1', '2', '3']) b.kernel.printk(`${text}\n`);
    insideOf(b.kernel).consoles.syslogSeq = 2;
    register(b, console('a', out, CON_PRINTBUFFER));
    expect(out[0]).toBe('a: [    1.000000] 3\n');
  });

  it.each(legacy)('%s: each new console drains the backlog before the next is registered', (name) => {
    const b = bench(name);
    for (const text of ['1', '2', '3']) b.kernel.printk(`${text}\n`);
    b.kernel.insmod('netconsole', BOTH);
    const kinds = b.frames().map(({ message }) => message?.kind);
    const switches = kinds.filter((kind, i) => i > 0 && kind !== kinds[i - 1]).length;
    // The extended backlog; the plain backlog; then both, record by record.
    expect(kinds.slice(0, 3)).toEqual(['extended', 'extended', 'extended']);
    expect(kinds.indexOf('plain')).toBeGreaterThanOrEqual(3);
    expect(switches).toBeGreaterThanOrEqual(1);
  });
});

describe('the level filter', () => {
  const printed = (level: number, setup: (b: Bench) => void = () => {}) => {
    const b = bench('6.12');
    const out: string[] = [];
    register(b, console('a', out));
    out.length = 0;
    insideOf(b.kernel).consoles.consoleLoglevel = level;
    setup(b);
    for (let i = 0; i < 8; i++) b.kernel.printk(`${i}\n`, { level: i as 0 });
    return out.map((line) => line.at(-2)).join('');
  };
  it.each([
    [1, '0'],
    [4, '0123'],
    [7, '0123456'],
    [8, '01234567'],
    [15, '01234567'],
    [0, ''],
  ])('%i', (level, want) => expect(printed(level)).toBe(want));
  it('is off with ignore_loglevel', () => {
    expect(printed(1, ({ kernel }) => (insideOf(kernel).consoles.ignoreLoglevel = true))).toBe('01234567');
  });

  it('counts when a console prints, not when a message is stored', () => {
    const b = bench('6.12');
    const out: string[] = [];
    register(b, console('a', out));
    out.length = 0;
    insideOf(b.kernel).consoles.trylock();
    b.kernel.printk('x\n', { level: 7 });
    insideOf(b.kernel).consoles.consoleLoglevel = 7;
    insideOf(b.kernel).consoles.unlock();
    expect(out).toEqual([]);
  });

  it('does not hold back what is forced', () => {
    const b = bench('6.18');
    const out: string[] = [];
    register(b, console('a', out));
    out.length = 0;
    insideOf(b.kernel).consoles.consoleLoglevel = 1;
    b.kernel.printk('x\n', { level: 7, force: true });
    expect(out.length).toBe(1);
  });
});

describe('what was lost', () => {
  /** A plain and an extended console that fell behind by `lost` records; then one message that is printed. */
  const flood = (name: string, said = 'last\n', level = 7, lost = 'x\n') => {
    const b = bench(name, { logBufShift: 12 });
    const out: string[] = [];
    register(b, console('plain', out));
    register(b, console('ext', out, CON_EXTENDED));
    out.length = 0;
    insideOf(b.kernel).consoles.trylock();
    // Blocks of 16 bytes: the 128 descriptors run out first. In 4.2 20 bytes of the one ring.
    for (let i = 0; i < (PRB.includes(name) ? 200 : 400); i++) b.kernel.printk(lost, { level: 7 });
    insideOf(b.kernel).consoles.consoleLoglevel = level;
    b.kernel.printk(said, { level: 6 });
    insideOf(b.kernel).consoles.unlock();
    insideOf(b.kernel).call(() => {});
    return out;
  };
  // 202 were stored behind the position of the first console, 201 behind the second's; 128 are left.
  const NOTICE = /\*\* \d+ printk messages dropped \*\*/;

  const OWN = ['5.10', '5.10s', '5.14', '5.15', '6.1', '6.1s'];
  it.each(OWN)('%s: a write of its own before the message', (name) => {
    const out = flood(name).filter((line) => line.startsWith('plain'));
    expect(out).toEqual(['plain: ** 73 printk messages dropped **\n', 'plain: [    1.000000] last\n']);
  });

  it.each(legacy.filter((name) => !OWN.includes(name)))(
    '%s: in front of the next message that is printed, in the same write',
    (name) => {
      const out = flood(name).filter((line) => line.startsWith('plain'));
      expect(out).toEqual(['plain: ** 73 printk messages dropped **\n[    1.000000] last\n']);
    },
  );

  it.each(nbcon)('%s: in front of the next message; by itself if the level holds that back', (name) => {
    const out = flood(name).filter((line) => line.startsWith('plain'));
    expect(out).toEqual(['plain: ** 73 printk messages dropped **\n', 'plain: [    1.000000] last\n']);
    const printed = flood(name, 'last\n', 8).filter((line) => line.startsWith('plain'));
    expect(printed[0]).toBe('plain: ** 73 printk messages dropped **\n[    1.000000] x\n');
    expect(printed.length).toBe(128);
  });

  it.each([
    ['4.9', ' '],
    ['4.14', ' '],
    ['4.18', '\n'],
    ['4.19', '\n'],
    ['5.4', '\n'],
  ])(
    '%s: in front of the next message that is printed, and what it takes of the buffer the message lacks',
    (name, end) => {
      const out = flood(name).filter((line) => line.startsWith('plain'));
      expect(out.length).toBe(1);
      expect(out[0]).toMatch(
        new RegExp(`^plain: \\*\\* (19|20)\\d printk messages dropped \\*\\*${end}\\[ {4}1\\.000000\\] last\\n$`),
      );
      const long = flood(name, `${'y'.repeat(950)}\n${'z'.repeat(30)}\n`).filter((line) => line.startsWith('plain'));
      expect(long[0]!.length).toBeLessThan('plain: '.length + 1024);
      expect(long[0]).not.toContain('z');
    },
  );

  it.each(['4.2', '4.4'])('%s: lost with a message that the level holds back, else in front of it', (name) => {
    expect(flood(name).filter((line) => line.startsWith('plain'))).toEqual(['plain: [    1.000000] last\n']);
    const printed = flood(name, 'last\n', 8).filter((line) => line.startsWith('plain'));
    expect(printed[0]).toMatch(/^plain: \*\* (19|20)\d printk messages dropped \*\* \[ {4}1\.000000\] x\n$/);
    expect(printed.at(-1)).toBe('plain: [    1.000000] last\n');
  });

  it.each(MODERN)('%s: never on an extended console', (name) => {
    const out = flood(name).filter((line) => line.startsWith('ext'));
    expect(out.length).toBe(1);
    expect(out[0]).not.toMatch(NOTICE);
  });

  it.each(['6.3', '6.18', '7.3'])('%s: a message that would not fit behind it is cut', (name) => {
    const long = `${'\n'.repeat(150)}\n`;
    const out = flood(name, long, 8, long).filter((line) => line.startsWith('plain'));
    expect(out[0]!.length - 'plain: '.length).toBe(2047);
    expect(out[0]).toMatch(/^plain: \*\* \d+ printk messages dropped \*\*\n\[ /);
  });

  it('is counted over records that the level holds back, and told once', () => {
    const b = bench('6.12', { logBufShift: 12 });
    const out: string[] = [];
    register(b, console('a', out));
    out.length = 0;
    insideOf(b.kernel).consoles.trylock();
    for (let i = 0; i < 200; i++) b.kernel.printk('x\n', { level: 7 });
    insideOf(b.kernel).consoles.consoleLoglevel = 7;
    insideOf(b.kernel).consoles.unlock();
    expect(out).toEqual([]);
    b.kernel.printk('1\n', { level: 6 });
    b.kernel.printk('2\n', { level: 6 });
    expect(out).toEqual(['a: ** 72 printk messages dropped **\n[    1.000000] 1\n', 'a: [    1.000000] 2\n']);
  });

  it.each([
    ['6.12', 73],
    ['7.3', 0],
  ])('%s: a console that begins at what is overwritten already counts %i', (name, lost) => {
    const b = bench(name, { logBufShift: 12 });
    for (let i = 0; i < 200; i++) b.kernel.printk('x\n');
    const out: string[] = [];
    register(b, console('a', out, CON_PRINTBUFFER));
    const notices = out.flatMap((line) => NOTICE.exec(line) ?? []);
    // The message that it is enabled took the place of one more, in the kernels that store it first.
    expect(notices).toEqual(lost === 0 ? [] : [`** ${lost} printk messages dropped **`]);
  });

  it('records whose text found no room count too', () => {
    const b = bench('6.12', { logBufShift: 10 });
    const out: string[] = [];
    register(b, console('a', out));
    out.length = 0;
    b.kernel.printk(`${'x'.repeat(400)}\n`);
    out.length = 0;
    // Wraps onto itself: two seqs are used up, the second of them stored, cut.
    b.kernel.printk(`${'y'.repeat(900)}\n`);
    b.kernel.printk('\n');
    expect(out.join('')).toMatch(/^a: \*\* 1 printk messages dropped \*\*\n\[ {4}1\.000000\] y+<truncated>\n/);
  });
});

describe('the console lock', () => {
  it.each(PRB)('%s: many messages under it are one flush', (name) => {
    const b = bench(name);
    let flushes = 0;
    const out: string[] = [];
    register(b, { ...console('a', out), flushed: () => flushes++ });
    out.length = 0;
    flushes = 0;
    expect(insideOf(b.kernel).consoles.trylock()).toBe(true);
    expect(insideOf(b.kernel).consoles.trylock()).toBe(false);
    for (let i = 0; i < 10; i++) b.kernel.printk(`${i}\n`);
    expect([out.length, flushes]).toEqual([0, 0]);
    insideOf(b.kernel).consoles.unlock();
    insideOf(b.kernel).call(() => {});
    expect([out.length, flushes]).toEqual([10, 1]);
    expect(insideOf(b.kernel).consoles.locked).toBe(false);
  });

  it.each(PRB)('%s: what a console logs while it prints comes after, by the same holder', (name) => {
    const b = bench(name);
    const out: string[] = [];
    const con = console('a', out);
    let depth = 0;
    let deepest = 0;
    let logged = 0;
    register(b, {
      ...con,
      emit: writing((bytes, start, end) => {
        deepest = Math.max(deepest, ++depth);
        if (logged < 3) b.kernel.printk(`inner ${logged++}\n`);
        out.push(`a: ${Buffer.from(bytes.subarray(start, end)).toString('latin1')}`);
        depth--;
      }),
    });
    logged = 0;
    out.length = 0;
    b.kernel.printk('outer\n');
    expect(out.map((line) => line.slice(18))).toEqual(['outer\n', 'inner 0\n', 'inner 1\n', 'inner 2\n']);
    expect(deepest).toBe(1);
  });

  it.each(PRB)('%s: printk from inside startXmit is sent after the frame that caused it', (name) => {
    let left = 2;
    const b: Bench = bench(name, {
      device: {
        keep: true,
        onFrame: () => {
          if (left-- > 0) b.kernel.printk(`e1000: hello ${left}\n`);
        },
      },
    });
    left = 0;
    b.kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
    b.take();
    left = 2;
    b.kernel.printk('first\n');
    expect(b.take().map((payload) => payload.slice(15))).toEqual(['first\n', 'e1000: hello 1\n', 'e1000: hello 0\n']);
    expect(b.device.slab.inUse).toBe(0);
  });
});

describe('threads', () => {
  it.each(nbcon)('%s: stand still in an emergency, and catch up after it', (name) => {
    const b = bench(name);
    b.kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
    b.take();
    b.kernel.oops(() => {
      b.kernel.printk('in the oops\n');
      expect(b.take()).toEqual([]);
    });
    expect(b.take().map((payload) => payload.slice(15))).toEqual(['in the oops\n']);
  });

  it.each(legacy)('%s: there are none, an oops is printed as it is logged', (name) => {
    const b = bench(name);
    b.kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
    b.take();
    b.kernel.oops(() => {
      b.kernel.printk('in the oops\n');
      expect(b.take().length).toBe(1);
    });
  });
});
