import { describe, expect, it } from 'vitest';
import { insideOf } from '../../../../src/kernel/index.js';
import { createMemoryDevice } from '../../../../src/net/memory.js';
import { type Bench, bench, errno, MODERN } from '../../../support/harness.js';

const T1 = 'netconsole/t1';
const since = (name: string, first: string) => MODERN.indexOf(name) >= MODERN.indexOf(first);
const resumes = MODERN.filter((name) => since(name, '7.0'));
const MAC = Uint8Array.of(0x52, 0x54, 0, 0, 0, 1);

function enabled(name: string, attributes: Record<string, string> = {}): Bench {
  const b = bench(name);
  b.kernel.insmod('netconsole');
  b.kernel.fs.mkdir(T1);
  for (const [attribute, value] of Object.entries({ remote_ip: '10.0.0.2', ...attributes, enabled: '1' }))
    b.kernel.fs.write(`${T1}/${attribute}`, value);
  b.take();
  return b;
}
const get = (b: Bench, attribute: string) => b.kernel.fs.read(`${T1}/${attribute}`).trim();
const state = (b: Bench) => insideOf(b.kernel).modules.targets[0]!.state;
const back = (b: Bench, name = 'eth0', mac = MAC) => {
  const device = createMemoryDevice(name, { mac });
  b.kernel.addDevice(device, { addresses: ['10.0.0.1/24'], up: false });
  return device;
};

describe.each(MODERN)('%s', (name) => {
  it('renaming: the name follows', () => {
    const b = enabled(name);
    const live = insideOf(b.kernel).profile.liveRename;
    b.kernel.ip((all) => {
      if (!live) expect(() => all.rename(b.eth0, 'wan0')).toThrow(expect.objectContaining({ code: 'EBUSY' }));
      all.setUp(b.eth0, live);
      all.rename(b.eth0, 'wan0');
      all.setUp(b.eth0, true);
    });
    expect([get(b, 'dev_name'), get(b, 'enabled')]).toEqual(['wan0', '1']);
    b.kernel.printk('x\n');
    expect(b.take().length).toBe(1);
  });

  it('unplugging: stopped, and said so, not to itself', () => {
    const b = enabled(name);
    b.kernel.removeDevice(b.eth0);
    expect(b.texts().at(-1)).toBe('netconsole: network logging stopped on interface eth0 as it unregistered');
    expect(b.log().at(-1)).toMatch(/^6,/);
    expect([get(b, 'enabled'), state(b)]).toEqual(['0', since(name, '7.0') ? 'deactivated' : 'disabled']);
    b.kernel.printk('x\n');
    expect(b.take()).toEqual([]);
    expect(get(b, 'local_mac')).toBe('ff:ff:ff:ff:ff:ff');
  });

  it.each([
    [
      'is joining a master device',
      (b: Bench, master: ReturnType<Bench['kernel']['addDevice']>) => b.kernel.ip((all) => all.enslave(b.eth0, master)),
    ],
    [
      'released slaves',
      (b: Bench, slave: ReturnType<Bench['kernel']['addDevice']>) => {
        b.kernel.ip((all) => all.enslave(slave, b.eth0));
        b.kernel.ip((all) => all.free(slave));
      },
    ],
  ])('it %s: disabled for good', (reason, event) => {
    const b = enabled(name);
    const other = b.kernel.addDevice(createMemoryDevice('other', { mac: Uint8Array.of(2, 0, 0, 0, 0, 9) }), {});
    event(b, other);
    expect(b.texts()).toContain(`netconsole: network logging stopped on interface eth0 as it ${reason}`);
    expect([get(b, 'enabled'), state(b)]).toEqual(['0', 'disabled']);
  });

  it('down and up: not an event', () => {
    const b = enabled(name);
    b.kernel.ip((all) => all.setUp(b.eth0, false));
    expect(get(b, 'enabled')).toBe('1');
    b.kernel.printk('x\n');
    expect(b.take()).toEqual([]);
    b.kernel.ip((all) => all.setUp(b.eth0, true));
    b.kernel.printk('x\n');
    expect(b.take().length).toBe(1);
  });

  it('another device is nobody of its business', () => {
    const b = enabled(name);
    const other = b.kernel.addDevice(createMemoryDevice('other', { mac: Uint8Array.of(2, 0, 0, 0, 0, 9) }), {});
    b.kernel.removeDevice(other);
    expect(get(b, 'enabled')).toBe('1');
  });

  it('a new address is the source from then on', () => {
    const b = enabled(name);
    b.kernel.ip((all) => all.setMac(b.eth0, Uint8Array.of(2, 0, 0, 0, 0, 7)));
    b.kernel.printk('x\n');
    expect(b.frames()[0]?.ethernet?.src).toBe('02:00:00:00:00:07');
    expect(get(b, 'local_mac')).toBe('02:00:00:00:00:07');
  });

  it('coming back: resumed from 7.0 on', () => {
    const b = enabled(name);
    b.kernel.removeDevice(b.eth0);
    const device = back(b);
    if (!since(name, '7.0')) {
      expect([get(b, 'enabled'), state(b)]).toEqual(['0', 'disabled']);
      return;
    }
    expect([get(b, 'enabled'), state(b)]).toEqual(['1', 'enabled']);
    expect(b.texts().at(-1)).toBe('netconsole: network logging resumed on interface eth0');
    device.frames.length = 0;
    b.kernel.printk('x\n');
    expect(device.frames.length).toBe(1);
  });
});

describe('resuming', () => {
  it.each(resumes)('%s: brings the device up', (name) => {
    const b = enabled(name);
    b.kernel.removeDevice(b.eth0);
    back(b);
    expect(insideOf(b.kernel).netdevs.byName('eth0')!.running).toBe(true);
  });

  it.each(resumes)('%s: by name, also when another device takes it', (name) => {
    const b = enabled(name);
    b.kernel.removeDevice(b.eth0);
    back(b, 'eth1', Uint8Array.of(2, 0, 0, 0, 0, 3));
    expect(state(b)).toBe('deactivated');
    b.kernel.ip((all) => all.rename(all.byName('eth1')!, 'eth0'));
    expect(state(b)).toBe('enabled');
  });

  it.each(resumes)('%s: by hardware address, whatever the name, if bound so', (name) => {
    const b = bench(name);
    b.kernel.insmod('netconsole', '@/52:54:00:00:00:01,@10.0.0.2/');
    const [nt] = insideOf(b.kernel).modules.targets;
    expect(nt!.np.options.devName).toBe('eth0');
    b.kernel.removeDevice(b.eth0);
    expect([nt!.state, nt!.np.options.devName]).toEqual(['deactivated', '']);
    back(b, 'eth0', Uint8Array.of(2, 0, 0, 0, 0, 3));
    expect(nt!.state).toBe('deactivated');
    back(b, 'lan7');
    expect([nt!.state, nt!.np.options.devName]).toEqual(['enabled', 'lan7']);
  });

  it.each(resumes)('%s: a failure disables for good', (name) => {
    const b = enabled(name);
    b.kernel.removeDevice(b.eth0);
    b.kernel.addDevice(createMemoryDevice('eth0', { mac: MAC }), { disableNetpoll: true });
    expect(state(b)).toBe('disabled');
    b.kernel.removeDevice(insideOf(b.kernel).netdevs.byName('eth0')!);
    back(b);
    expect(state(b)).toBe('disabled');
  });

  it.each(resumes)('%s: writing enabled ends the waiting', (name) => {
    const b = enabled(name);
    b.kernel.removeDevice(b.eth0);
    expect(errno(() => b.kernel.fs.write(`${T1}/enabled`, '0'))).toBe('EINVAL');
    expect(b.texts().at(-1)).toBe('netconsole: network logging has already stopped');
    back(b);
    expect(state(b)).toBe('disabled');
  });

  it.each(resumes)('%s: parameters can be written while it waits', (name) => {
    const b = enabled(name);
    b.kernel.removeDevice(b.eth0);
    b.kernel.fs.write(`${T1}/dev_name`, 'eth5');
    back(b);
    expect(state(b)).toBe('deactivated');
    back(b, 'eth5', Uint8Array.of(2, 0, 0, 0, 0, 5));
    expect(state(b)).toBe('enabled');
  });

  it.each(resumes)('%s: a removed target does not come back', (name) => {
    const b = enabled(name);
    b.kernel.removeDevice(b.eth0);
    b.kernel.fs.rmdir(T1);
    back(b);
    expect(insideOf(b.kernel).modules.targets).toEqual([]);
  });

  it.each(resumes)('%s: goes to the head of the list', (name) => {
    const b = bench(name);
    const eth1 = createMemoryDevice('eth1', { mac: Uint8Array.of(2, 0, 0, 0, 0, 2) });
    b.kernel.addDevice(eth1, { addresses: ['10.1.0.1/24'] });
    b.kernel.insmod('netconsole', '@/eth0,1001@10.0.0.2/;@/eth1,1002@10.1.0.2/');
    const names = () => insideOf(b.kernel).modules.targets.map((t) => t.np.options.remotePort);
    expect(names()).toEqual([1002, 1001]);
    b.kernel.removeDevice(b.eth0);
    expect(names()).toEqual([1001, 1002]);
    back(b);
    expect(names()).toEqual([1001, 1002]);
  });
});

describe('opening the device', () => {
  const down = (name: string, carrierDelayUsec: number) => {
    const b = bench(name, { dev: { up: false, carrierDelayUsec, addresses: ['10.0.0.1/24'] } });
    b.kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
    return b;
  };
  const said = (b: Bench, part: string) => b.log().find((record) => record.includes(part));
  it.each(MODERN)('%s: says so, and waits for carrier', (name) => {
    const b = down(name, 2_000_000);
    expect(said(b, 'device eth0 not up yet, forcing it')).toMatch(/^6,\d+,1000000,/);
    expect(b.eth0.running).toBe(true);
    expect(b.kernel.now()).toBe(3_000_000);
    expect(said(b, 'timeout')).toBeUndefined();
  });

  it.each(MODERN)('%s: four seconds at most', (name) => {
    const b = down(name, Number.POSITIVE_INFINITY);
    expect(said(b, 'timeout waiting for carrier')).toMatch(/^5,\d+,5000000,/);
    expect(insideOf(b.kernel).modules.targets[0]!.enabled).toBe(true);
  });

  it.each(MODERN)('%s: carrier at once is not believed by the old ones', (name) => {
    const b = down(name, 0);
    const waits = !since(name, '6.3');
    expect(said(b, 'carrier detect appears untrustworthy, waiting 4 seconds') !== undefined).toBe(waits);
    expect(b.kernel.now()).toBe(waits ? 5_000_000 : 1_000_000);
  });

  it('carrier_timeout is a parameter', () => {
    const b = bench('7.3', {
      dev: { up: false, carrierDelayUsec: Number.POSITIVE_INFINITY, addresses: ['10.0.0.1/24'] },
    });
    insideOf(b.kernel).netpoll.carrierTimeout = 1;
    b.kernel.insmod('netconsole', '@/eth0,@10.0.0.2/');
    expect(b.kernel.now()).toBe(2_000_000);
  });
});

describe('the source address', () => {
  const source = (name: string, addresses: string[], param: string) => {
    const b = bench(name, { dev: { addresses } });
    const result = errno(() => b.kernel.insmod('netconsole', param));
    const nt = insideOf(b.kernel).modules.targets[0];
    return nt?.enabled ? b.frames().at(-1)!.ip!.src : result;
  };
  it('IPv4: the first on the device', () => {
    for (const name of MODERN)
      expect(source(name, ['10.9.0.1/24', '10.0.0.1/24'], '@/eth0,@10.0.0.2/')).toBe('10.9.0.1');
  });
  it('IPv6: of the scope of the remote address', () => {
    const addresses = ['fd00::1/64', 'fe80::1/64'];
    expect(source('6.12', addresses, '@/eth0,@fd00::2/')).toBe('fd00::1');
    expect(source('6.12', addresses, '@/eth0,@fe80::2/')).toBe('fe80::1');
    expect(source('4.2', addresses, '@/eth0,@fe80::2/')).toBe('fd00::1');
  });
  it('IPv6: the newest of the global ones', () =>
    expect(source('6.12', ['fd00::1/64', 'fd00::9/64'], '@/eth0,@fd00::2/')).toBe('fd00::9'));
  it.each(MODERN)('%s: ::1 counts as unset, in the older ones', (name) => {
    const kept = name === '6.12s' || since(name, '7.1');
    expect(source(name, ['fd00::1/64'], '@::1/eth0,@fd00::2/')).toBe(kept ? '::1' : 'fd00::1');
  });
});
