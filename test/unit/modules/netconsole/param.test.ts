import { describe, expect, it } from 'vitest';
import { insideOf } from '../../../../src/kernel/index.js';
import { type Bench, bench, errno, MODERN } from '../../../support/harness.js';

const since = (name: string, first: string) => MODERN.indexOf(name) >= MODERN.indexOf(first);
const mac = (name: string) => name === '6.12s' || since(name, '6.16');
const banner = (name: string) => (since(name, '6.17') ? 'netconsole: netconsole: ' : 'netpoll: netconsole: ');
const load = (b: Bench, param: string) => errno(() => b.kernel.insmod('netconsole', param));
const options = (b: Bench, i = 0) => insideOf(b.kernel).modules.targets[i]!.np.options;
const ip4 = (bytes: Uint8Array) => bytes.subarray(0, 4).join('.');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('a target of the parameter', () => {
  it('has its fields', () => {
    const b = bench('6.12');
    expect(load(b, '+4444@10.0.0.1/eth0,9353@10.0.0.2/12:34:56:78:9A:bc')).toBe('ok');
    const o = options(b);
    expect([o.localPort, ip4(o.localIp), o.devName, o.remotePort, ip4(o.remoteIp), hex(o.remoteMac)]).toEqual([
      4444,
      '10.0.0.1',
      'eth0',
      9353,
      '10.0.0.2',
      '123456789abc',
    ]);
    expect(insideOf(b.kernel).modules.targets[0]).toMatchObject({
      extended: true,
      release: false,
      enabled: true,
    });
  });

  it('has defaults for all but the remote address', () => {
    const b = bench('6.12');
    expect(load(b, '@/,@10.0.0.2/')).toBe('ok');
    const o = options(b);
    expect([o.localPort, ip4(o.localIp), o.devName, o.remotePort, hex(o.remoteMac)]).toEqual([
      6665,
      '10.0.0.1',
      'eth0',
      6666,
      'ffffffffffff',
    ]);
  });

  it('may have IPv6 addresses', () => {
    const b = bench('6.12', { dev: { addresses: ['fd00::1/64'] } });
    expect(load(b, '@fd00::1/eth0,@fd00::2/')).toBe('ok');
    expect(options(b).ipv6).toBe(true);
  });

  it('r after + prepends the release, from 6.6 on', () => {
    for (const name of MODERN) {
      const b = bench(name);
      const result = load(b, '+r@/eth0,@10.0.0.2/');
      if (since(name, '6.6')) expect([result, insideOf(b.kernel).modules.targets[0]!.release]).toEqual(['ok', true]);
      else expect(result).toBe('EPERM');
    }
  });

  it('trailing characters after the hardware address are ignored', () => {
    const b = bench('6.12');
    expect(load(b, '@/eth0,@10.0.0.2/12:34:56:78:9a:bcxyz')).toBe('ok');
    expect(hex(options(b).remoteMac)).toBe('123456789abc');
  });
});

describe('what does not parse', () => {
  it.each([
    ['no @', '6665', '6665'],
    ['a port that is none', 'abc@/eth0,@10.0.0.2/', 'abc'],
    ['a port too large', '65536@/eth0,@10.0.0.2/', '65536'],
    ['no / after the source', '@10.0.0.1', '10.0.0.1'],
    ['a source that is no address', '@10.0.0/eth0,@10.0.0.2/', '10.0.0'],
    ['no comma', '@/eth0', 'eth0'],
    ['no second @', '@/eth0,6666', '6666'],
    ['a remote port that is none', '@/eth0,x@10.0.0.2/', 'x'],
    ['no remote address', '@/eth0,@/', ''],
    ['no / behind it', '@/eth0,@10.0.0.2', '10.0.0.2'],
    ['a remote address with more', '@/eth0,@10.0.0.2x/', '10.0.0.2x'],
    ['a hardware address that is none', '@/eth0,@10.0.0.2/12:34', '12:34'],
    ['two families', '@10.0.0.1/eth0,@fd00::2/', 'fd00::2'],
    ['two families, the other way', '@fd00::1/eth0,@10.0.0.2/', '10.0.0.2'],
    ['an IPv4 part over 255', '@/eth0,@10.0.0.256/', '10.0.0.256'],
    ['three parts', '@/eth0,@10.0.2/', '10.0.2'],
    ['a zone', '@/eth0,@fe80::1%eth0/', 'fe80::1%eth0'],
    ['nothing at all', ';', ''],
  ])('%s', (_, param, piece) => {
    for (const name of MODERN) {
      const b = bench(name);
      const result = load(b, param);
      const said = `${banner(name)}couldn't parse config at '${piece}'!`;
      expect(b.texts()).toContain(said);
      expect(b.log().find((record) => record.endsWith(said))).toMatch(/^6,/);
      expect([name, result]).toEqual([name, since(name, '6.12.0') ? 'ok' : 'EPERM']);
      expect(insideOf(b.kernel).modules.targets).toEqual([]);
      if (!since(name, '6.12.0')) {
        expect(b.texts().at(-1)).toBe('netconsole: cleaning up');
        expect(insideOf(b.kernel).modules.get('netconsole')).toBeUndefined();
      }
    }
  });

  it('a blank before the remote port is warned of', () => {
    const b = bench('6.1');
    expect(load(b, '"@/eth0, 6666@10.0.0.2/"')).toBe('EPERM');
    expect(b.texts().slice(0, 2)).toEqual([
      'netpoll: netconsole: warning: whitespace is not allowed',
      "netpoll: netconsole: couldn't parse config at ' 6666'!",
    ]);
  });

  it('r without +', () => {
    for (const name of MODERN.filter((n) => since(n, '6.6'))) {
      const b = bench(name);
      expect(load(b, 'r@/eth0,@10.0.0.2/')).toBe(since(name, '6.12.0') ? 'ok' : 'EINVAL');
      expect(b.texts()).toContain(
        'netconsole: Netconsole configuration error. Release feature requires extended log message',
      );
      expect(insideOf(b.kernel).modules.targets).toEqual([]);
    }
  });
});

describe('the device field', () => {
  it.each(MODERN)('%s: a name over 15 bytes is cut', (name) => {
    const b = bench(name, { dev: { name: 'abcdefghijklmno', addresses: ['10.0.0.1/24'] } });
    expect(load(b, '@/abcdefghijklmnopqrst,@10.0.0.2/')).toBe('ok');
    expect(options(b).devName).toBe('abcdefghijklmno');
  });

  it.each(MODERN)('%s: may be a hardware address, in the newer kernels', (name) => {
    const b = bench(name);
    const result = load(b, '@/52:54:00:00:00:01,@10.0.0.2/');
    if (mac(name)) {
      expect([result, options(b).devName, hex(options(b).devMac)]).toEqual(['ok', 'eth0', '525400000001']);
      expect(b.texts()).toContain(`${banner(name)}local ethernet address '52:54:00:00:00:01'`);
      expect(b.texts()).toContain(`${banner(name)}interface name ''`);
    } else {
      expect(result).toBe(since(name, '6.12.0') ? 'ok' : 'ENODEV');
    }
  });

  it.each(MODERN.filter(mac))('%s: an address that nobody has is named, its last character cut in some', (name) => {
    const b = bench(name);
    load(b, '@/52:54:00:00:00:99,@10.0.0.2/');
    const cut = since(name, '6.16') && !since(name, '7.1');
    const prefix = since(name, '7.3') ? 'netconsole: netconsole: ' : 'netpoll: netconsole: ';
    expect(b.texts()).toContain(`${prefix}52:54:00:00:00:${cut ? '9' : '99'} doesn't exist, aborting`);
  });

  it.each(MODERN.filter(mac))('%s: the banner shows ff:ff for a name', (name) => {
    const b = bench(name);
    load(b, '@/eth0,@10.0.0.2/');
    expect(b.texts()).toContain(`${banner(name)}local ethernet address 'ff:ff:ff:ff:ff:ff'`);
    const other = bench(name);
    load(other, '@/,@10.0.0.2/');
    expect(other.texts()).toContain(`${banner(name)}local ethernet address '00:00:00:00:00:00'`);
  });
});

describe('several targets, some bad', () => {
  it.each(MODERN)('%s: one that does not parse, one whose device is missing', (name) => {
    const b = bench(name);
    const result = load(b, '@/eth0,@10.0.0.2/;bad;@/eth9,@10.0.0.3/;+@/eth0,@10.0.0.4/');
    if (!since(name, '6.12.0')) {
      expect(result).toBe('EPERM');
      expect(insideOf(b.kernel).modules.targets).toEqual([]);
      expect(insideOf(b.kernel).consoles.list).toEqual([]);
      return;
    }
    expect(result).toBe('ok');
    expect(insideOf(b.kernel).modules.targets.map((t) => [t.name, t.enabled, ip4(t.np.options.remoteIp)])).toEqual([
      ['cmdline2', true, '10.0.0.4'],
      ['cmdline1', false, '10.0.0.3'],
      ['cmdline0', true, '10.0.0.2'],
    ]);
    expect(b.texts()).toContain('netconsole: Not enabling netconsole for cmdline1. Netpoll setup failed');
  });

  it.each(MODERN)('%s: a missing device alone', (name) => {
    expect(load(bench(name), '@/eth9,@10.0.0.3/')).toBe(since(name, '6.12.0') ? 'ok' : 'ENODEV');
  });

  it.each(MODERN)('%s: no address', (name) => {
    expect(load(bench(name, { dev: { addresses: [] } }), '@/eth0,@10.0.0.3/')).toBe(
      since(name, '6.12.0') ? 'ok' : 'EDESTADDRREQ',
    );
  });

  it.each(MODERN)('%s: without NETCONSOLE_DYNAMIC every bad one aborts', (name) => {
    expect(load(bench(name, { kconfig: { dynamic: false } }), '@/eth0,@10.0.0.2/;@/eth9,@10.0.0.3/')).toBe('ENODEV');
    expect(load(bench(name, { kconfig: { dynamic: false } }), '@/eth0,@10.0.0.2/;')).toBe('EPERM');
  });

  it('a semicolon at the end makes one more, which is bad', () => {
    const b = bench('6.12');
    expect(load(b, '@/eth0,@10.0.0.2/;')).toBe('ok');
    expect(b.texts()).toContain("netpoll: netconsole: couldn't parse config at ''!");
    expect(load(bench('6.1'), '@/eth0,@10.0.0.2/;')).toBe('EPERM');
  });
});

describe('cmdlineN in configfs', () => {
  it.each(MODERN)('%s', (name) => {
    const b = bench(name);
    load(b, '@/eth0,1234@10.0.0.2/');
    const { fs } = b.kernel;
    fs.mkdir('netconsole/cmdline0');
    const reachable = since(name, '6.8');
    expect(fs.read('netconsole/cmdline0/remote_port')).toBe(reachable ? '1234\n' : '6666\n');
    expect(fs.read('netconsole/cmdline0/enabled')).toBe(reachable ? '1\n' : '0\n');
    expect(insideOf(b.kernel).modules.targets.length).toBe(reachable ? 1 : 2);
    fs.rmdir('netconsole/cmdline0');
    expect(insideOf(b.kernel).modules.targets.length).toBe(reachable ? 0 : 1);
    // Gone for good: the name is an ordinary one now.
    fs.mkdir('netconsole/cmdline0');
    expect(fs.read('netconsole/cmdline0/remote_port')).toBe('6666\n');
    fs.mkdir('netconsole/cmdline7');
    expect(fs.read('netconsole/cmdline7/enabled')).toBe('0\n');
  });
});

describe('loading and unloading', () => {
  it('255 bytes fit, 256 do not', () => {
    for (const name of ['6.1', '7.3']) {
      const padding = (n: number) => `@/eth0,@10.0.0.2/12:34:56:78:9a:bc${'x'.repeat(n - 34)}`;
      expect(load(bench(name), padding(255))).toBe('ok');
      const b = bench(name);
      expect(load(b, padding(256))).toBe('ENOSPC');
      expect(b.texts()).toEqual([
        "netconsole: string doesn't fit in 255 chars.",
        `netconsole: \`${padding(256)}' too large for parameter \`netconsole'`,
      ]);
    }
  });

  it.each(MODERN)('%s: again and again', (name) => {
    const b = bench(name);
    for (let i = 0; i < 5; i++) {
      expect(load(b, '@/eth0,@10.0.0.2/;+@/eth0,@10.0.0.3/')).toBe('ok');
      expect(load(b, '')).toBe('EEXIST');
      b.take();
      b.kernel.printk('x\n');
      expect(b.take().length).toBe(2);
      b.kernel.rmmod('netconsole');
      b.take();
      b.kernel.printk('x\n');
      expect(b.take()).toEqual([]);
      expect(insideOf(b.kernel).consoles.list).toEqual([]);
      expect(errno(() => b.kernel.fs.mkdir('netconsole/t'))).toBe('ENOENT');
    }
    expect(errno(() => b.kernel.rmmod('netconsole'))).toBe('ENOENT');
    expect(b.device.slab.inUse).toBe(0);
  });

  it('not unloaded while users hold directories', () => {
    const b = bench('6.12');
    load(b, '');
    b.kernel.fs.mkdir('netconsole/t');
    expect(errno(() => b.kernel.rmmod('netconsole'))).toBe('EAGAIN');
    b.kernel.fs.rmdir('netconsole/t');
    b.kernel.rmmod('netconsole');
  });

  it.each(MODERN)('%s: says that logging started, and is heard', (name) => {
    const b = bench(name);
    load(b, '@/eth0,@10.0.0.2/');
    expect(b.texts().at(-1)).toBe('netconsole: network logging started');
    expect(b.take().at(-1)).toMatch(/netconsole: network logging started\n$/);
  });

  it.each(MODERN)('%s: consoles at load, the extended one first', (name) => {
    const listed = (param: string) => {
      const b = bench(name);
      load(b, param);
      return insideOf(b.kernel)
        .consoles.list.map((con) => con.name)
        .sort()
        .join(' ');
    };
    const demand = since(name, '6.16');
    expect(listed('')).toBe(demand ? '' : 'netcon');
    expect(listed('@/eth0,@10.0.0.2/')).toBe('netcon');
    expect(listed('+@/eth0,@10.0.0.2/')).toBe(demand ? 'netcon_ext' : 'netcon netcon_ext');
    const both = bench(name);
    load(both, '+@/eth0,@10.0.0.2/;@/eth0,@10.0.0.3/');
    const registered = both
      .texts()
      .filter((text) => text.includes('enabled'))
      .map((text) => /\[(\w+)0\]/.exec(text)?.[1]);
    expect(registered).toEqual(['netcon_ext', 'netcon']);
  });

  it('the backlog goes to boot targets, also of a kind that could not be set up, from 6.12 on', () => {
    const b = bench('6.12');
    b.kernel.printk('early\n');
    load(b, '@/eth0,@10.0.0.2/');
    expect(b.take()[0]).toMatch(/early\n$/);
    const none = bench('6.12');
    none.kernel.printk('early\n');
    load(none, '');
    none.kernel.fs.mkdir('netconsole/t');
    none.kernel.fs.write('netconsole/t/remote_ip', '10.0.0.2');
    none.kernel.fs.write('netconsole/t/enabled', '1');
    expect(none.take().filter((payload) => payload.includes('early'))).toEqual([]);
  });
});

describe('other arguments', () => {
  it.each([
    ['oops_only=1', true],
    ['oops_only', true],
    ['oops-only=Y', true],
    ['oops_only=0', false],
    ['"oops_only=on"', true],
  ])('%s', (args, want) => {
    const b = bench('6.12');
    expect(load(b, `@/eth0,@10.0.0.2/ ${args}`)).toBe('ok');
    expect(insideOf(b.kernel).modules.get('netconsole')!.oopsOnly).toBe(want);
  });

  it('a value that is none', () => {
    const b = bench('6.12');
    expect(load(b, '@/eth0,@10.0.0.2/ oops_only=2')).toBe('EINVAL');
    expect(b.texts()).toEqual(["netconsole: `2' invalid for parameter `oops_only'"]);
  });

  it('an unknown one is said and ignored', () => {
    const b = bench('6.12');
    expect(load(b, '@/eth0,@10.0.0.2/ bogus=1')).toBe('ok');
    expect(b.texts()[0]).toBe("netconsole: unknown parameter 'bogus' ignored");
  });
});
