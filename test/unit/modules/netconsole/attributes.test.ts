import { describe, expect, it } from 'vitest';
import { insideOf } from '../../../../src/kernel/index.js';
import { profile as profileOf } from '../../../../src/profile/index.js';
import { type Bench, bench, errno, MODERN } from '../../../support/harness.js';

const T1 = 'netconsole/t1';
const since = (name: string, first: string) => MODERN.indexOf(name) >= MODERN.indexOf(first);

function made(name: string, options = {}): Bench {
  const b = bench(name, options);
  b.kernel.insmod('netconsole');
  b.kernel.fs.mkdir(T1);
  return b;
}
const put = (b: Bench, attribute: string, value: string | Uint8Array) =>
  errno(() => b.kernel.fs.write(`${T1}/${attribute}`, value));
const get = (b: Bench, attribute: string) => b.kernel.fs.read(`${T1}/${attribute}`);
const enable = (b: Bench) => {
  put(b, 'remote_ip', '10.0.0.2');
  return put(b, 'enabled', '1');
};
const lastText = (b: Bench) => b.texts().at(-1);
const lastLevel = (b: Bench) => b.log().at(-1)?.split(',')[0];

describe.each(MODERN)('%s: a new target', (name) => {
  it('has these attributes, with these values', () => {
    const b = made(name);
    const defaults: Record<string, string> = {
      enabled: '0',
      extended: '0',
      ...(since(name, '6.6') ? { release: '0' } : {}),
      dev_name: 'eth0',
      local_port: '6665',
      remote_port: '6666',
      local_ip: '0.0.0.0',
      remote_ip: '0.0.0.0',
      local_mac: 'ff:ff:ff:ff:ff:ff',
      remote_mac: 'ff:ff:ff:ff:ff:ff',
      ...(since(name, '6.14') ? { transmit_errors: '0' } : {}),
    };
    const wanted = [...Object.keys(defaults), ...(since(name, '6.12.0') ? ['userdata'] : [])];
    expect([...b.kernel.fs.readdir(T1)].sort()).toEqual(wanted.sort());
    for (const [attribute, value] of Object.entries(defaults)) expect(get(b, attribute)).toBe(`${value}\n`);
  });

  it('userdata has the switches of sysdata', () => {
    if (!since(name, '6.12.0')) return;
    const switches = ['cpu_nr_enabled', 'taskname_enabled', 'release_enabled', 'msgid_enabled'];
    expect(made(name).kernel.fs.readdir(`${T1}/userdata`)).toEqual(
      since(name, '6.17') ? switches : since(name, '6.16') ? switches.filter((file) => file !== 'msgid_enabled') : [],
    );
  });

  it('is made once, and holds no directories of users', () => {
    const b = made(name);
    expect(errno(() => b.kernel.fs.mkdir(T1))).toBe('EEXIST');
    expect(errno(() => b.kernel.fs.mkdir(`${T1}/x`))).toBe('EPERM');
    if (!since(name, '6.12.0')) return;
    expect(errno(() => b.kernel.fs.rmdir(`${T1}/userdata`))).toBe('EPERM');
    b.kernel.fs.mkdir(`${T1}/userdata/k`);
    expect(errno(() => b.kernel.fs.mkdir(`${T1}/userdata/k`))).toBe('EEXIST');
    expect(errno(() => b.kernel.fs.mkdir(`${T1}/userdata/k/x`))).toBe('EPERM');
    expect(errno(() => b.kernel.fs.rmdir(T1))).toBe('ENOTEMPTY');
    b.kernel.fs.rmdir(`${T1}/userdata/k`);
    b.kernel.fs.rmdir(T1);
    expect(insideOf(b.kernel).modules.targets).toEqual([]);
  });

  it('read-only attributes refuse to be opened for writing', () => {
    const b = made(name);
    expect(put(b, 'local_mac', '52:54:00:00:00:01')).toBe('EACCES');
    if (since(name, '6.14')) expect(put(b, 'transmit_errors', '0')).toBe('EACCES');
  });

  it('an empty write is EFAULT everywhere', () => {
    const b = made(name);
    for (const attribute of ['enabled', 'extended', 'dev_name', 'local_port', 'local_ip', 'remote_mac'])
      expect(put(b, attribute, '')).toBe('EFAULT');
  });
});

describe('booleans', () => {
  const INTEGER = {
    '0': '0',
    '1': '1',
    '0\n': '0',
    '+1': '1',
    '01': '1',
    '2': 'EINVAL',
    '-1': 'EINVAL',
    y: 'EINVAL',
    '1x': 'EINVAL',
    ' 1': 'EINVAL',
    '99999999999': 'ERANGE',
    '\n': 'EINVAL',
  };
  const LETTERS = {
    '0': '0',
    '1': '1',
    y: '1',
    Y: '1',
    t: '1',
    T: '1',
    n: '0',
    N: '0',
    f: '0',
    F: '0',
    on: '1',
    ON: '1',
    of: '0',
    off: '0',
    ox: 'EINVAL',
    o: 'EINVAL',
    '1x': '1',
    '2': 'EINVAL',
    ' 1': 'EINVAL',
    yes: '1',
    no: '0',
    '\n': 'EINVAL',
  };
  const WORDS = { enable: '1', E: '1', disable: '0', D: '0' };
  it.each(MODERN)('%s', (name) => {
    const rules: Record<string, string> = since(name, '6.6') ? LETTERS : INTEGER;
    const words = Object.fromEntries(
      Object.entries(WORDS).map(([word, value]) => [word, since(name, '6.16') ? value : 'EINVAL']),
    );
    for (const [text, want] of Object.entries({ ...rules, ...words })) {
      const b = made(name);
      for (const start of ['0', '1']) {
        expect(put(b, 'extended', start)).toBe('ok');
        const result = put(b, 'extended', text);
        expect([text, result === 'ok' ? get(b, 'extended').trim() : result]).toEqual([text, want]);
      }
    }
  });
});

describe('ports', () => {
  it.each([
    ['0', '0'],
    ['65535', '65535'],
    ['+1', '1'],
    ['007', '7'],
    ['1\n', '1'],
    ['65536', 'ERANGE'],
    ['99999999999999999999999', 'ERANGE'],
    ['', 'EFAULT'],
    ['\n', 'EINVAL'],
    ['-1', 'EINVAL'],
    ['++1', 'EINVAL'],
    ['1\n\n', 'EINVAL'],
    [' 1', 'EINVAL'],
    ['1 ', 'EINVAL'],
    ['0x10', 'EINVAL'],
    ['abc', 'EINVAL'],
  ])('%j', (text, want) => {
    for (const name of ['6.1s', '6.12', '7.3']) {
      for (const attribute of ['local_port', 'remote_port']) {
        const b = made(name);
        const result = put(b, attribute, text);
        expect(result === 'ok' ? get(b, attribute).trim() : result).toBe(want);
      }
    }
  });
});

describe('dev_name', () => {
  it.each(MODERN)('%s: 15 bytes fit, 16 do not', (name) => {
    const b = made(name);
    expect(put(b, 'dev_name', `${'a'.repeat(15)}\n`)).toBe('ok');
    expect(get(b, 'dev_name')).toBe(`${'a'.repeat(15)}\n`);
    const refuses = ['6.1s', '6.12s'].includes(name) || since(name, '7.1');
    expect(put(b, 'dev_name', 'b'.repeat(16))).toBe(refuses ? 'ENAMETOOLONG' : 'ok');
    expect(get(b, 'dev_name')).toBe(`${(refuses ? 'a' : 'b').repeat(15)}\n`);
  });

  it('too long is said before that the target is enabled', () => {
    const b = made('7.3');
    enable(b);
    expect(put(b, 'dev_name', 'b'.repeat(16))).toBe('ENAMETOOLONG');
    expect(put(b, 'dev_name', 'b')).toBe('EINVAL');
  });

  it('one newline is taken off, and it ends at a NUL', () => {
    const b = made('7.3');
    put(b, 'dev_name', 'x\n\n');
    expect(get(b, 'dev_name')).toBe('x\n\n');
    put(b, 'dev_name', 'y\0z');
    expect(get(b, 'dev_name')).toBe('y\n');
  });
});

describe('addresses', () => {
  const set = (name: string, text: string, start?: string) => {
    const b = made(name);
    if (start !== undefined) put(b, 'remote_ip', start);
    const result = put(b, 'remote_ip', text);
    return result === 'ok' ? get(b, 'remote_ip').trim() : result;
  };
  const loose = MODERN.filter((name) => !since(name, '6.18'));
  const strict = MODERN.filter((name) => since(name, '6.18'));

  it.each([
    ['bogus', '169.0.0.0'],
    ['10.4', '10.4.0.0'],
    ['10.0.0.4 ', '10.0.0.24'],
    ['10.0.0.256', '10.0.1.0'],
    ['10.0.0.4\n', '10.0.0.4'],
    ['10.0.0.4.5.6', '10.0.0.4'],
    ['\n', '0.0.0.0'],
  ])('until 6.17 IPv4 is read by a function that cannot fail: %j', (text, want) => {
    for (const name of loose) expect(set(name, text)).toBe(want);
  });

  it.each([
    ['10.0.0.4', '10.0.0.4'],
    ['10.0.0.4\n', '10.0.0.4'],
    ['fd00::1', 'fd00::1'],
    ['bogus', 'EINVAL'],
    ['10.4', 'EINVAL'],
    ['10.0.0.4 ', 'EINVAL'],
    ['10.0.0.256', 'EINVAL'],
    ['fd00::1%eth0', 'EINVAL'],
    ['fd00::1 ', 'EINVAL'],
    ['\n', 'EINVAL'],
  ])('from 6.18 on whole addresses only: %j', (text, want) => {
    for (const name of strict) expect(set(name, text)).toBe(want);
  });

  it.each([
    ['::', '::'],
    ['::1', '::1'],
    ['FD00:0:0::1', 'fd00::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['::ffff:a00:1', '::ffff:10.0.0.1'],
    ['fe80::5efe:10.0.0.1', 'fe80::5efe:10.0.0.1'],
    ['fe80::200:5efe:a00:1', 'fe80::200:5efe:10.0.0.1'],
    ['1:2:3:4:5:6:7:8:9', 'EINVAL'],
    ['1::2::3', 'EINVAL'],
    ['1:2', 'EINVAL'],
    [':::', 'EINVAL'],
    ['12345::', 'EINVAL'],
    ['g::', 'EINVAL'],
  ])('IPv6 everywhere: %j', (text, want) => {
    for (const name of MODERN) expect([name, set(name, text)]).toEqual([name, want]);
  });

  it('until 6.17 IPv6 cannot be taken back, and refused text may have been stored', () => {
    const b = made('6.12');
    expect(put(b, 'remote_ip', 'fd00::2')).toBe('ok');
    expect(put(b, 'remote_ip', '10.0.0.2')).toBe('EINVAL');
    const other = made('6.12');
    expect(put(other, 'local_ip', 'fd00::1%eth0')).toBe('EINVAL');
    expect(lastText(other)).toBe('netconsole: invalid IPv6 address at: <%>');
    expect(lastLevel(other)).toBe('3');
    expect(get(other, 'local_ip')).toBe('253.0.0.0\n');
  });

  it('a target switched to IPv6 shows what was IPv4 as the start of an address', () => {
    const b = made('6.12');
    put(b, 'local_ip', '10.0.0.4');
    put(b, 'remote_ip', 'fd00::2');
    expect(get(b, 'local_ip')).toBe('a00:4::\n');
  });

  it('from 6.18 on the last write sets the family', () => {
    const b = made('7.3');
    put(b, 'remote_ip', 'fd00::2');
    expect(put(b, 'local_ip', '10.0.0.1')).toBe('ok');
    expect([get(b, 'local_ip'), get(b, 'remote_ip')]).toEqual(['10.0.0.1\n', '253.0.0.0\n']);
  });
});

describe('remote_mac', () => {
  it.each([
    ['12:34:56:78:9A:bc', '12:34:56:78:9a:bc'],
    ['12:34:56:78:9a:bc\n', '12:34:56:78:9a:bc'],
    ['00:00:00:00:00:00', '00:00:00:00:00:00'],
    ['12:34:56:78:9a:bcx', 'EINVAL'],
    ['12:34:56:78:9a:bc ', 'EINVAL'],
    ['12:34:56:78:9a', 'EINVAL'],
    ['12-34-56-78-9a-bc', 'EINVAL'],
    ['1:2:3:4:5:6', 'EINVAL'],
    ['', 'EFAULT'],
  ])('%j', (text, want) => {
    for (const name of MODERN) {
      const b = made(name);
      const result = put(b, 'remote_mac', text);
      expect(result === 'ok' ? get(b, 'remote_mac').trim() : result).toBe(want);
    }
  });
});

describe.each(MODERN)('%s: enabled', (name) => {
  const prefix = 'netconsole: ';

  it('no parameter can be written while it is', () => {
    const b = made(name);
    expect(enable(b)).toBe('ok');
    for (const [attribute, value] of [
      ['extended', '1'],
      ['dev_name', 'x'],
      ['local_port', '1'],
      ['remote_port', '1'],
      ['local_ip', '10.0.0.1'],
      ['remote_ip', '10.0.0.1'],
      ['remote_mac', '12:34:56:78:9a:bc'],
    ] as const) {
      expect(put(b, attribute, value)).toBe('EINVAL');
      expect(lastText(b)).toBe(`${prefix}target (t1) is enabled, disable to update parameters`);
      expect(lastLevel(b)).toBe('3');
    }
  });

  it('the same state again is refused, and said', () => {
    const b = made(name);
    expect(put(b, 'enabled', '0')).toBe('EINVAL');
    expect(lastText(b)).toBe(`${prefix}network logging has already stopped`);
    expect(lastLevel(b)).toBe('6');
    enable(b);
    expect(put(b, 'enabled', '1')).toBe('EINVAL');
    expect(lastText(b)).toBe(`${prefix}network logging has already started`);
    expect(get(b, 'enabled')).toBe('1\n');
    expect(put(b, 'enabled', '0')).toBe('ok');
    expect(get(b, 'enabled')).toBe('0\n');
  });

  it.each([
    ['no such device', 'ENODEV', (b: Bench) => put(b, 'dev_name', 'wlan9')],
    ['enslaved', 'EBUSY', (b: Bench) => (b.eth0.master = b.eth0)],
    ['no address', 'EDESTADDRREQ', (b: Bench) => b.eth0.flushAddresses(4)],
    ['netpoll refused', 'ENOTSUPP', (b: Bench) => (b.eth0.disableNetpoll = true)],
  ])('%s: %s', (what, code, setup) => {
    const b = made(name);
    setup(b);
    expect(enable(b)).toBe(code);
    expect(get(b, 'enabled')).toBe('0\n');
    const setupPrefix = since(name, '7.3') ? 'netconsole: netconsole: ' : 'netpoll: netconsole: ';
    const said: Record<string, string> = {
      'no such device': `${setupPrefix}wlan9 doesn't exist, aborting`,
      enslaved: `${setupPrefix}eth0 is a slave device, aborting`,
      'no address': `${setupPrefix}no IP address for eth0, aborting`,
      'netpoll refused': "netpoll: netconsole: eth0 doesn't support polling, aborting",
    };
    expect(lastText(b)).toBe(said[what]);
    expect(lastLevel(b)).toBe('3');
  });

  it('release without extended is refused', () => {
    if (!since(name, '6.6')) return;
    const b = made(name);
    put(b, 'release', '1');
    expect(enable(b)).toBe('EINVAL');
    b.kernel.printk('\n');
    expect(b.texts().at(-2)).toBe('netconsole: Not enabling netconsole. Release feature requires extended log message');
  });

  it('says the banner, and that logging started', () => {
    const b = made(name);
    b.kernel.printk('mark\n');
    put(b, 'remote_ip', '10.0.0.2');
    expect(put(b, 'enabled', '1')).toBe('ok');
    const p = since(name, '6.17') ? 'netconsole: netconsole: ' : 'netpoll: netconsole: ';
    const s = since(name, '7.3') ? 'netconsole: netconsole: ' : 'netpoll: netconsole: ';
    const mac = name === '6.12s' || since(name, '6.16');
    const texts = b.texts();
    const banner = texts.slice(texts.lastIndexOf('mark') + 1).filter((text) => !text.includes('[netcon'));
    expect(banner).toEqual([
      `${p}local port 6665`,
      `${p}local IPv4 address 0.0.0.0`,
      ...(mac
        ? [`${p}interface name 'eth0'`, `${p}local ethernet address '00:00:00:00:00:00'`]
        : [`${p}interface 'eth0'`]),
      `${p}remote port 6666`,
      `${p}remote IPv4 address 10.0.0.2`,
      `${p}remote ethernet address ff:ff:ff:ff:ff:ff`,
      `${s}local IP 10.0.0.1`,
      `${since(name, '4.14') ? '' : 'netconsole: '}netconsole: network logging started`,
    ]);
    expect(get(b, 'local_ip')).toBe('10.0.0.1\n');
    expect(get(b, 'local_mac')).toBe('52:54:00:00:00:01\n');
  });

  it('an address from the device is kept, and dropped again when setup fails where that is so', () => {
    const b = made(name);
    b.eth0.disableNetpoll = true;
    enable(b);
    expect(get(b, 'local_ip')).toBe(since(name, '6.12.0') ? '0.0.0.0\n' : '10.0.0.1\n');
    b.eth0.disableNetpoll = false;
    enable(b);
    put(b, 'enabled', '0');
    expect(get(b, 'local_ip')).toBe('10.0.0.1\n');
  });

  it('removing the directory ends it', () => {
    const b = made(name);
    enable(b);
    b.kernel.fs.rmdir(T1);
    b.take();
    b.kernel.printk('x\n');
    expect(b.take()).toEqual([]);
    expect(b.device.slab.inUse).toBe(0);
  });
});

describe('consoles', () => {
  const list = (b: Bench) =>
    insideOf(b.kernel)
      .consoles.list.map(({ name }) => name)
      .sort();
  it.each(MODERN)('%s: come with the targets that need them', (name) => {
    const b = made(name);
    const demand = since(name, '6.16');
    expect(list(b)).toEqual(demand ? [] : ['netcon']);
    put(b, 'extended', '1');
    enable(b);
    expect(list(b)).toEqual(demand ? ['netcon_ext'] : ['netcon', 'netcon_ext']);
    b.kernel.fs.mkdir('netconsole/t2');
    b.kernel.fs.write('netconsole/t2/remote_ip', '10.0.0.3');
    b.kernel.fs.write('netconsole/t2/enabled', '1');
    expect(list(b)).toEqual(['netcon', 'netcon_ext']);
    b.kernel.fs.write('netconsole/t2/enabled', '0');
    // The target itself is off the list while it is taken down.
    expect(list(b)).toEqual(since(name, '6.17') ? ['netcon_ext'] : ['netcon', 'netcon_ext']);
  });

  it('stay while a disabled target of their kind is left', () => {
    const b = made('7.3');
    enable(b);
    b.kernel.fs.mkdir('netconsole/t2');
    put(b, 'enabled', '0');
    expect(list(b)).toEqual(['netcon']);
  });
});

describe('userdata', () => {
  const withData = (name: string) => {
    const b = made(name);
    put(b, 'extended', '1');
    enable(b);
    b.take();
    return b;
  };
  const key = (b: Bench, k: string) => errno(() => b.kernel.fs.mkdir(`${T1}/userdata/${k}`));
  const value = (b: Bench, k: string, v: string | Uint8Array) =>
    errno(() => b.kernel.fs.write(`${T1}/userdata/${k}/value`, v));
  const shown = (b: Bench, k: string) => b.kernel.fs.read(`${T1}/userdata/${k}/value`);
  const sent = (b: Bench) => {
    b.take();
    b.kernel.printk('x\n');
    return b.take().join('').split('\n').slice(1, -1);
  };
  const names = MODERN.filter((name) => since(name, '6.12.0'));

  it.each(names)('%s: lines in the order of creation; empty ones left out; changes keep their place', (name) => {
    const b = withData(name);
    for (const k of ['b', 'a', 'c']) expect(key(b, k)).toBe('ok');
    expect(sent(b)).toEqual([]);
    value(b, 'a', '1\n');
    value(b, 'b', '2\n');
    expect(sent(b)).toEqual([' b=2', ' a=1']);
    value(b, 'b', '3');
    value(b, 'c', '4');
    expect(sent(b)).toEqual([' b=3', ' a=1', ' c=4']);
    value(b, 'b', '\n');
    expect(sent(b)).toEqual([' a=1', ' c=4']);
    b.kernel.fs.rmdir(`${T1}/userdata/a`);
    expect(sent(b)).toEqual([' c=4']);
  });

  it.each(names)('%s: holds so many keys', (name) => {
    const b = made(name);
    const limit = since(name, '6.19') ? 256 : 16;
    for (let i = 0; i < limit; i++) expect(key(b, `k${i}`)).toBe('ok');
    expect(key(b, 'more')).toBe('ENOSPC');
    b.kernel.fs.rmdir(`${T1}/userdata/k3`);
    expect(key(b, 'more')).toBe('ok');
  });

  it.each(names)('%s: keys of 53 bytes', (name) => {
    const b = made(name);
    expect(key(b, 'k'.repeat(53))).toBe('ok');
    expect(key(b, 'k'.repeat(54))).toBe('ENAMETOOLONG');
  });

  it.each(names)('%s: values of 199 bytes', (name) => {
    const b = withData(name);
    key(b, 'k');
    expect(value(b, 'k', 'a'.repeat(198))).toBe('ok');
    expect(value(b, 'k', 'b'.repeat(199))).toBe('ok');
    expect(shown(b, 'k')).toBe(`${'b'.repeat(199)}\n`);
    const late = !since(name, '7.1');
    expect(value(b, 'k', 'c'.repeat(200))).toBe(late ? 'E2BIG' : 'EMSGSIZE');
    expect(shown(b, 'k')).toBe(`${(late ? 'c' : 'b').repeat(199)}\n`);
    expect(value(b, 'k', 'd'.repeat(201))).toBe('EMSGSIZE');
    expect(shown(b, 'k')).toBe(`${(late ? 'c' : 'b').repeat(199)}\n`);
  });

  it('newlines and control bytes go out as they are', () => {
    const b = withData('6.12');
    key(b, 'k');
    value(b, 'k', Buffer.from('a\nb\x01\xff\\\n', 'latin1'));
    b.take();
    b.kernel.printk('x\n');
    expect(b.take().join('')).toMatch(/;x\n k=a\nb\x01\xff\\\n$/);
  });

  it('is for extended targets only', () => {
    const b = made('6.12');
    enable(b);
    key(b, 'k');
    value(b, 'k', 'v');
    b.take();
    b.kernel.printk('x\n');
    expect(b.take()).toEqual(['[    1.000000] x\n']);
  });
});

describe('sysdata', () => {
  const names = MODERN.filter((name) => since(name, '6.16'));
  const counting = MODERN.filter((name) => since(name, '6.17'));
  const on = (b: Bench, field: string, v = '1') => errno(() => b.kernel.fs.write(`${T1}/userdata/${field}_enabled`, v));
  const shown = (b: Bench, field: string) => b.kernel.fs.read(`${T1}/userdata/${field}_enabled`).trim();
  const send = (b: Bench) => {
    b.take();
    b.kernel.printk('x\n');
    return b.take().join('').split('\n').slice(1, -1);
  };
  const ready = (name: string) => {
    const b = made(name, { release: '1.2.3' });
    put(b, 'extended', '1');
    enable(b);
    b.kernel.current = { pid: 5, comm: 'echo', cpu: 2 };
    return b;
  };

  it.each(counting)('%s: in a fixed order after userdata, while it is on', (name) => {
    const b = ready(name);
    b.kernel.fs.mkdir(`${T1}/userdata/cpu`);
    b.kernel.fs.write(`${T1}/userdata/cpu/value`, 'mine');
    for (const field of ['msgid', 'release', 'taskname', 'cpu_nr']) expect(on(b, field)).toBe('ok');
    expect(send(b)).toEqual([' cpu=mine', ' cpu=2', ' taskname=echo', ' release=1.2.3', ' msgid=1']);
    expect(send(b).at(-1)).toBe(' msgid=2');
    on(b, 'msgid', '0');
    on(b, 'cpu_nr', '0');
    expect(send(b)).toEqual([' cpu=mine', ' taskname=echo', ' release=1.2.3']);
    on(b, 'msgid');
    expect(send(b).at(-1)).toBe(' msgid=3');
    put(b, 'enabled', '0');
    put(b, 'enabled', '1');
    expect(send(b).at(-1)).toMatch(/^ msgid=([4-9]|1\d)$/);
  });

  it('6.16: without msgid', () => {
    const b = ready('6.16');
    for (const field of ['release', 'taskname', 'cpu_nr']) expect(on(b, field)).toBe('ok');
    expect(send(b)).toEqual([' cpu=2', ' taskname=echo', ' release=1.2.3']);
    expect(on(b, 'msgid')).toBe('ENOENT');
  });

  it.each(counting)('%s: msgid wraps', (name) => {
    const b = ready(name);
    on(b, 'msgid');
    insideOf(b.kernel).modules.targets[0]!.msgcounter = 2 ** 32 - 2;
    expect([send(b), send(b)]).toEqual([[' msgid=4294967295'], [' msgid=0']]);
  });

  it.each(names)('%s: release_enabled shows the right switch, or that of taskname', (name) => {
    const b = ready(name);
    on(b, 'release');
    expect([shown(b, 'release'), shown(b, 'taskname')]).toEqual(since(name, '7.0') ? ['1', '0'] : ['0', '0']);
    expect(send(b)).toEqual([' release=1.2.3']);
    on(b, 'release', '0');
    on(b, 'taskname');
    expect([shown(b, 'release'), shown(b, 'taskname')]).toEqual(since(name, '7.0') ? ['0', '1'] : ['1', '1']);
  });

  it.each(names)('%s: shares the limit of userdata, or not', (name) => {
    const b = made(name);
    const shares = !since(name, '6.19');
    for (let i = 0; i < 16; i++) b.kernel.fs.mkdir(`${T1}/userdata/k${i}`);
    expect(on(b, 'cpu_nr')).toBe(shares ? 'ENOSPC' : 'ok');
    if (!shares) return;
    b.kernel.fs.rmdir(`${T1}/userdata/k0`);
    expect(on(b, 'cpu_nr')).toBe('ok');
    expect(on(b, 'cpu_nr')).toBe('ok');
    expect(errno(() => b.kernel.fs.mkdir(`${T1}/userdata/more`))).toBe('ENOSPC');
  });

  it.each(names)('%s: who logged, or who prints', (name) => {
    const b = ready(name);
    on(b, 'cpu_nr');
    on(b, 'taskname');
    b.take();
    const logged = { pid: 9, comm: 'logger', cpu: 7 };
    insideOf(b.kernel).consoles.trylock();
    b.kernel.printk('x\n', { task: logged });
    b.kernel.current = { pid: 10, comm: 'printer', cpu: 1 };
    insideOf(b.kernel).consoles.unlock();
    insideOf(b.kernel).call(() => {});
    const lines = b.take().join('').split('\n').slice(1, -1);
    expect(lines).toEqual(since(name, '7.0') ? [' cpu=7', ' taskname=logger'] : [' cpu=1', ' taskname=printer']);
  });
});

describe('Kconfig', () => {
  it.each(MODERN)('%s: EXTENDED_LOG and PREPEND_RELEASE are defaults of new targets, from 6.6 on', (name) => {
    const b = made(name, { kconfig: { extendedLog: true, prependRelease: true } });
    const has = profileOf(name).releaseFeature;
    expect(get(b, 'extended')).toBe(has ? '1\n' : '0\n');
    if (has) expect(get(b, 'release')).toBe('1\n');
    expect(has).toBe(since(name, '6.6'));
  });

  it('without NETCONSOLE_DYNAMIC there is no directory', () => {
    const b = bench('6.12', { kconfig: { dynamic: false } });
    b.kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
    expect(errno(() => b.kernel.fs.mkdir('netconsole/t1'))).toBe('ENOENT');
  });
});

describe('what a store returns', () => {
  it.each(MODERN)('%s: the bytes written, or those up to a NUL', (name) => {
    const b = made(name);
    const taken = b.kernel.fs.write(`${T1}/local_port`, '12\0abc');
    expect(taken).toBe(since(name, '7.1') ? 6 : 2);
    expect(get(b, 'local_port')).toBe('12\n');
  });

  it('at most 4095 bytes are taken', () => {
    const b = made('7.3');
    expect(b.kernel.fs.write(`${T1}/extended`, `1${'x'.repeat(9999)}`)).toBe(4095);
  });
});
