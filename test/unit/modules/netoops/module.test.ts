import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../../src/errno.js';
import { insideOf } from '../../../../src/kernel/index.js';
import { createMemoryDevice } from '../../../../src/net/memory.js';
import { testMachine } from '../machine.js';

function codeOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof KernelError) return error.code;
    throw error;
  }
  return 'ok';
}

function withTarget() {
  const machine = testMachine({ profile: '2.6.37', time: false });
  const netoops = machine.kernel.insmod('netoops');
  const { fs } = machine.kernel;
  fs.mkdir('netoops/t1');
  const write = (name: string, text: string) => codeOf(() => fs.write(`netoops/t1/${name}`, text));
  const read = (name: string) => fs.read(`netoops/t1/${name}`);
  const lastLog = () => machine.log().at(-1);
  return { ...machine, netoops, fs, write, read, lastLog };
}

describe('loading', () => {
  it('the last target of the parameter is served first', () => {
    const { kernel, sent } = testMachine({ profile: '2.6.37' });
    kernel.insmod('netoops', { params: '@/eth0,@10.0.2.2/;@/eth0,@10.0.2.3/' });
    kernel.oops(() => {});
    const targets = sent().map((frame) => frame.slice(60, 68));
    expect(targets).toEqual(['0a000203', '0a000202', '0a000203', '0a000202', '0a000203', '0a000202']);
  });

  it.each([
    [
      'a target that does not parse',
      '@/eth0,@10.0.2.2/;nonsense',
      'EINVAL',
      "(null): couldn't parse config at nonsense!",
    ],
    [
      'a device that is not there',
      '@/eth0,@10.0.2.2/;@/eth9,@10.0.2.2/',
      'ENODEV',
      "(null): eth9 doesn't exist, aborting.",
    ],
    ['256 bytes', 'x'.repeat(256), 'ENOSPC', undefined],
  ])('%s fails all of it', (_, params, code, said) => {
    const { kernel, log } = testMachine({ profile: '2.6.37' });
    expect(codeOf(() => kernel.insmod('netoops', { params }))).toBe(code);
    expect(log().at(-1)).toBe(said);
    expect(kernel.fs.readdir('')).toEqual([]);
    kernel.oops(() => {});
    expect(codeOf(() => kernel.insmod('netoops'))).toBe('ok');
    expect(codeOf(() => kernel.insmod('netoops'))).toBe('EEXIST');
  });

  it('unloading waits for the directories, then leaves nothing behind', () => {
    const { kernel, fs, sent, eth0 } = withTarget();
    const before = insideOf(kernel).heap.used;
    expect(codeOf(() => kernel.rmmod('netoops'))).toBe('EAGAIN');
    fs.write('netoops/t1/remote_ip', '10.0.2.2');
    fs.write('netoops/t1/enabled', '1');
    fs.rmdir('netoops/t1');
    kernel.rmmod('netoops');
    kernel.oops(() => {});
    kernel.sysrq('y');
    expect(sent()).toEqual([]);
    expect(kernel.fs.kind('netoops')).toBeUndefined();
    expect(insideOf(kernel).heap.used).toBeLessThan(before);
    expect(eth0.slab.inUse).toBe(0);
  });
});

describe('what makes it dump', () => {
  it.each([
    ['an oops', 1, (k: ReturnType<typeof testMachine>['kernel']) => k.oops(() => {})],
    ['a panic', 1, (k: ReturnType<typeof testMachine>['kernel']) => k.panic('dead')],
    ['SysRq y', 3, (k: ReturnType<typeof testMachine>['kernel']) => k.sysrq('y')],
  ])('%s: type %i', (_, type, happens) => {
    const { kernel, payloads } = testMachine({ profile: '2.6.37' });
    kernel.insmod('netoops', { params: '@/eth0,@10.0.2.2/' });
    happens(kernel);
    expect(payloads().map((p) => p.charCodeAt(10))).toEqual([type, type, type]);
  });

  it('not kexec; and an empty log makes no packet', () => {
    const { kernel, sent } = testMachine({ profile: '2.6.37' });
    const netoops = kernel.insmod('netoops');
    insideOf(kernel).call(() => insideOf(kernel).dumpers.dump({ reason: 'soft' }));
    expect(netoops.stats.dumps).toBe(0);
    kernel.printk('x\n');
    insideOf(kernel).call(() => insideOf(kernel).dumpers.dump({ reason: 'kexec' }));
    expect([netoops.stats.dumps, sent()]).toEqual([0, []]);
  });

  it('a panic carries what it says, and comes before the reboot', () => {
    const { kernel, payloads } = testMachine({ profile: '2.6.37', panicTimeout: -1 });
    kernel.insmod('netoops', { params: '@/eth0,@10.0.2.2/' });
    kernel.panic('dead');
    expect(payloads()[0]).toContain('Kernel panic - not syncing: dead\n');
  });

  it('a card that is busy gets it in order when it is not', () => {
    const { kernel, eth0, payloads } = testMachine({ profile: '2.6.37' });
    kernel.insmod('netoops', { params: '@/eth0,@10.0.2.2/' });
    kernel.printk(`${'x'.repeat(900)}\n`);
    kernel.printk(`${'y'.repeat(900)}\n`);
    eth0.busy = true;
    kernel.oops(() => {});
    expect(payloads()).toEqual([]);
    eth0.busy = false;
    expect(payloads().map((p) => p.charCodeAt(16))).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });
});

describe('configfs', () => {
  it('defaults', () => {
    const { read, fs } = withTarget();
    expect(fs.readdir('netoops/t1')).toEqual([
      'enabled',
      'dev_name',
      'local_port',
      'remote_port',
      'local_ip',
      'remote_ip',
      'local_mac',
      'remote_mac',
    ]);
    const values = fs.readdir('netoops/t1').map(read);
    expect(values).toEqual([
      '0\n',
      'eth0\n',
      '2004\n',
      '2004\n',
      '0.0.0.0\n',
      '0.0.0.0\n',
      'ff:ff:ff:ff:ff:ff\n',
      'ff:ff:ff:ff:ff:ff\n',
    ]);
  });

  it.each([
    ['local_port', '65535\n', 'ok', '65535\n', undefined],
    ['local_port', '65536', 'EINVAL', '2004\n', 'netoops: input 65536 must be between 0 and 65535'],
    ['remote_port', '-1', 'EINVAL', '2004\n', 'netoops: input -1 must be between 0 and 65535'],
    ['remote_port', '12x', 'EINVAL', '2004\n', 'netoops: invalid input'],
    ['enabled', '2', 'EINVAL', '0\n', 'netoops: input 2 must be between 0 and 1'],
    ['enabled', '\n', 'ok', '0\n', undefined],
    ['dev_name', 'a-name-of-sixteen', 'ok', 'a-name-of-sixte\n', undefined],
    ['dev_name', 'eth1\n', 'ok', 'eth1\n', undefined],
    ['remote_ip', '10.0.2.2\n', 'ok', '10.0.2.2\n', undefined],
    ['remote_ip', 'x', 'ok', '72.0.0.0\n', undefined],
    ['remote_mac', '0:16:3E:a:b:10c\n', 'ok', '00:16:3e:0a:0b:0c\n', undefined],
    ['remote_mac', '0:16:3e:a:b', 'EINVAL', 'ff:ff:ff:ff:ff:ff\n', 'netoops: invalid input'],
    ['remote_mac', '0:16:3e:a:b:cx', 'EINVAL', 'ff:ff:ff:ff:ff:ff\n', 'netoops: invalid input'],
    ['local_mac', '0:0:0:0:0:0', 'EACCES', 'ff:ff:ff:ff:ff:ff\n', undefined],
  ])('%s <- %j: %s', (name, text, code, after, said) => {
    const { write, read, lastLog } = withTarget();
    expect(write(name, text)).toBe(code);
    expect(read(name)).toBe(after);
    expect(lastLog()).toBe(said);
  });

  it('enabling says all, binds, sends; then parameters are refused, and enabling twice', () => {
    const { write, read, log, kernel, sent, lastLog } = withTarget();
    write('remote_ip', '10.0.2.2');
    expect(write('enabled', '1')).toBe('ok');
    expect(log()).toEqual([
      'netoops: local port 2004',
      'netoops: local IP 0.0.0.0',
      'netoops: interface eth0',
      'netoops: remote port 2004',
      'netoops: remote IP 10.0.2.2',
      'netoops: remote ethernet address ff:ff:ff:ff:ff:ff',
      'netoops: local IP 10.0.2.15',
      'netoops: network logging started',
    ]);
    expect([read('enabled'), read('local_mac'), read('local_ip')]).toEqual([
      '1\n',
      '52:54:00:12:34:56\n',
      '10.0.2.15\n',
    ]);
    expect(write('remote_ip', '10.0.2.3')).toBe('EBUSY');
    expect(lastLog()).toBe('netoops: target (t1) is enabled, disable to update parameters');
    expect(write('enabled', '1')).toBe('EBUSY');
    kernel.oops(() => {});
    expect(sent()).toHaveLength(3);
    expect([write('enabled', '0'), write('enabled', '0'), read('enabled')]).toEqual(['ok', 'ok', '0\n']);
    kernel.oops(() => {});
    expect(sent()).toEqual([]);
  });

  it('setup that fails leaves it disabled, and says its error', () => {
    const { write, read, lastLog } = withTarget();
    write('dev_name', 'eth9');
    expect(write('enabled', '1')).toBe('ENODEV');
    expect([lastLog(), read('enabled')]).toEqual(["netoops: eth9 doesn't exist, aborting.", '0\n']);
  });

  it('refuses what is asked while it is being set up', () => {
    const { kernel, write, fs, netoops } = withTarget();
    kernel.ip((all) => all.setUp(all.byName('eth0')!, false));
    const asked: string[] = [];
    insideOf(kernel).onSleep = () => {
      insideOf(kernel).onSleep = undefined;
      asked.push(write('enabled', '1'), write('enabled', '0'), write('local_port', '1'), fs.read('netoops/t1/enabled'));
    };
    expect(write('enabled', '1')).toBe('ok');
    expect(asked).toEqual(['EBUSY', 'EBUSY', 'EBUSY', '0\n']);
    expect(netoops.targets[0]!.state).toBe(2);
  });
});

describe('the device', () => {
  function enabled() {
    const machine = withTarget();
    machine.write('enabled', '1');
    return machine;
  }

  it('goes: the target is disabled', () => {
    const { kernel, read, lastLog, sent } = enabled();
    kernel.removeDevice(insideOf(kernel).netdevs.byName('eth0')!);
    expect(lastLog()).toBe('netoops: network logging stopped, interface eth0 unregistered');
    expect(read('enabled')).toBe('0\n');
    kernel.oops(() => {});
    expect(sent()).toEqual([]);
  });

  it('of someone else goes: that is said too, and nothing happens', () => {
    const { kernel, read, lastLog } = enabled();
    const other = kernel.addDevice(createMemoryDevice('eth1', { slots: 1 }));
    kernel.removeDevice(other);
    expect(lastLog()).toBe('netoops: network logging stopped, interface eth1 unregistered');
    expect(read('enabled')).toBe('1\n');
  });

  it('lets slaves go', () => {
    const { kernel, read, lastLog } = enabled();
    const slave = kernel.addDevice(createMemoryDevice('eth1', { slots: 1 }));
    kernel.ip((all) => all.enslave(slave, all.byName('eth0')!));
    kernel.ip((all) => all.free(slave));
    expect(lastLog()).toBe('netoops: network logging stopped, interface eth0 released slaves');
    expect(read('enabled')).toBe('0\n');
  });

  it('is renamed: the target knows', () => {
    const { kernel, read } = enabled();
    kernel.ip((all) => {
      const eth0 = all.byName('eth0')!;
      all.setUp(eth0, false);
      all.rename(eth0, 'wan0');
      all.setUp(eth0, true);
    });
    expect([read('dev_name'), read('enabled')]).toEqual(['wan0\n', '1\n']);
  });

  it('is down: nothing is sent, and it stays enabled', () => {
    const { kernel, read, sent } = enabled();
    kernel.ip((all) => all.setUp(all.byName('eth0')!, false));
    kernel.oops(() => {});
    expect([sent(), read('enabled')]).toEqual([[], '1\n']);
  });

  it('a removed directory sends nothing, whatever was left to do', () => {
    const { kernel, fs, netoops, sent } = enabled();
    fs.rmdir('netoops/t1');
    kernel.oops(() => {});
    expect([sent(), netoops.targets]).toEqual([[], []]);
  });
});

describe('sysfs', () => {
  const knobs = (withDefects: boolean) => {
    const machine = testMachine({ profile: '2.6.37' });
    return { ...machine, sysfs: machine.kernel.insmod('netoops', { withDefects }).sysfs };
  };
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

  it.each([
    ['42\n', 'ok', '42\n'],
    ['0x2A', 'ok', '42\n'],
    ['052', 'ok', '42\n'],
    ['4294967295', 'ok', '-1\n'],
    ['0x1ffffffff', 'ok', '-1\n'],
    ['42 ', 'EINVAL', '0\n'],
    ['-1', 'EINVAL', '0\n'],
    ['', 'ok', '0\n'],
    ['0x', 'EINVAL', '0\n'],
    ['18446744073709551616', 'EINVAL', '0\n'],
  ])('boot id <- %j: %s', (written, code, shown) => {
    const { sysfs } = knobs(true);
    expect(codeOf(() => sysfs.write('netoops_boot_id', written))).toBe(code);
    expect(text(sysfs.read('netoops_boot_id'))).toBe(shown);
  });

  it('a boot id of more than 32 bits is cut, and that is said', () => {
    const { sysfs, log } = knobs(true);
    sysfs.write('netoops_boot_id', '0x100000001');
    expect([sysfs.bootId, log().at(-1)]).toEqual([1, 'Warning: truncating boot_id to 32bits.']);
  });

  it('the blob takes 128 bytes; with the defect: and forgets them', () => {
    for (const withDefects of [true, false]) {
      const { sysfs } = knobs(withDefects);
      expect(sysfs.write('netoops_user_blob', 'x'.repeat(200))).toBe(128);
      expect(text(sysfs.read('netoops_user_blob'))).toBe(withDefects ? '' : 'x'.repeat(128));
      expect(sysfs.write('netoops_user_blob', 'rack')).toBe(4);
      expect(text(sysfs.read('netoops_user_blob'))).toBe(withDefects ? '' : 'rack');
    }
  });

  it('has no other file', () => {
    const { sysfs } = knobs(true);
    expect(codeOf(() => sysfs.read('netoops_record_oom'))).toBe('ENOENT');
    expect(codeOf(() => sysfs.write('x', 'y'))).toBe('ENOENT');
  });
});
