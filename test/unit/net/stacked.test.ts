import { describe, expect, it } from 'vitest';
import { insideOf } from '../../../src/kernel/index.js';
import { ip } from '../../../src/scenario/ip.js';
import { type Bench, bench, errno } from '../../support/harness.js';

const run = (b: Bench, ...lines: string[]) => {
  for (const line of lines) ip(b.kernel, line, {});
};
const target = (b: Bench, name: string, dev: string) => {
  b.kernel.fs.mkdir(`netconsole/${name}`);
  b.kernel.fs.write(`netconsole/${name}/dev_name`, dev);
  b.kernel.fs.write(`netconsole/${name}/remote_ip`, '10.0.5.2');
  return errno(() => b.kernel.fs.write(`netconsole/${name}/enabled`, '1'));
};
const sent = (b: Bench) => {
  b.device.frames.length = 0;
  b.kernel.printk('x\n');
  return b.device.frames.map((frame) => Buffer.from(frame).toString('hex', 12, 18));
};
const enabled = (b: Bench, name: string) => b.kernel.fs.read(`netconsole/${name}/enabled`).trim();
const vlan = (name: string) => {
  const b = bench(name);
  b.kernel.insmod('netconsole');
  run(b, 'link add link eth0 name eth0.5 type vlan id 5', 'addr add 10.0.5.15/24 dev eth0.5', 'link set eth0.5 up');
  return b;
};
const bond = (name: string) => {
  const b = bench(name);
  b.kernel.insmod('netconsole');
  run(b, 'link add bond0 type bond', 'link set eth0 down', 'link set eth0 master bond0');
  run(b, 'link set bond0 up', 'addr add 10.0.2.15/24 dev bond0');
  return b;
};

describe('a VLAN', () => {
  it('puts its tag behind the addresses, and has the address of its interface', () => {
    const b = vlan('7.3');
    expect(target(b, 't', 'eth0.5')).toBe('ok');
    expect(sent(b)).toEqual(['810000050800']);
    expect(b.kernel.fs.read('netconsole/t/local_mac')).toBe('52:54:00:00:00:01\n');
  });

  it('goes down, comes up and goes away with its interface', () => {
    const b = vlan('7.3');
    target(b, 't', 'eth0.5');
    run(b, 'link set eth0 down');
    expect(sent(b)).toEqual([]);
    expect(errno(() => run(b, 'link set eth0.5 up'))).toBe('ENETDOWN');
    run(b, 'link set eth0 up');
    expect(sent(b)).toEqual(['810000050800']);
    b.kernel.removeDevice(b.eth0);
    expect(enabled(b, 't')).toBe('0');
    expect(insideOf(b.kernel).netdevs.byName('eth0.5')).toBeUndefined();
  });

  it('is silenced by the end of a target on its interface, where that silences others', () => {
    for (const [name, frames] of [
      ['6.1', 0],
      ['6.1s', 1],
    ] as const) {
      const b = vlan(name);
      target(b, 't', 'eth0.5');
      target(b, 'u', 'eth0');
      b.kernel.fs.write('netconsole/u/enabled', '0');
      expect([name, sent(b).length]).toEqual([name, frames]);
    }
  });

  it('lets its interface go with its last target', () => {
    const b = vlan('7.3');
    target(b, 't', 'eth0.5');
    expect(b.eth0.npinfo).toBe(1);
    b.kernel.fs.write('netconsole/t/enabled', '0');
    expect(b.eth0.npinfo).toBe(0);
  });
});

describe('a bond', () => {
  it('sends through its slave, whose address it has; the slave can have no target', () => {
    const b = bond('7.3');
    expect(target(b, 't', 'bond0')).toBe('ok');
    expect(sent(b)[0]).toMatch(/^08004500/);
    expect(b.kernel.fs.read('netconsole/t/local_mac')).toBe('52:54:00:00:00:01\n');
    expect(target(b, 'u', 'eth0')).toBe('EBUSY');
  });

  it('stops its target when it lets its slave go', () => {
    const b = bond('7.3');
    target(b, 't', 'bond0');
    run(b, 'link set eth0 nomaster');
    expect(enabled(b, 't')).toBe('0');
    expect(b.texts().at(-1)).toBe('netconsole: network logging stopped on interface bond0 as it released slaves');
    expect([b.eth0.running, b.eth0.npinfo]).toEqual([false, 0]);
  });

  it('takes turns', () => {
    const b = bond('7.3');
    target(b, 't', 'bond0');
    run(b, 'link add veth0 type veth peer name veth1');
    expect(errno(() => run(b, 'link set veth0 master bond0'))).toBe('EBUSY');
    run(b, 'link add dummy1 type dummy', 'link set dummy1 master bond0');
    expect([...sent(b), ...sent(b)].length).toBe(1);
  });

  it('gives the second slave the first turn, and another the turn of one that is down', () => {
    const b = bond('7.3');
    run(b, 'link set eth0 nomaster', 'link add dummy1 type dummy');
    run(b, 'link set dummy1 master bond0', 'link set eth0 master bond0');
    target(b, 't', 'bond0');
    // "network logging started" had the first.
    expect([sent(b).length, sent(b).length, sent(b).length]).toEqual([0, 1, 0]);
    run(b, 'link set dummy1 down');
    expect([sent(b).length, sent(b).length, sent(b).length]).toEqual([1, 1, 1]);
  });

  it('with an address of its own gives it to its slaves, and theirs back', () => {
    const b = bench('7.3');
    run(b, 'link add bond0 type bond', 'link set bond0 address 02:00:00:00:00:0b', 'link set eth0 down');
    run(b, 'link set eth0 master bond0');
    const mac = (name: string) => Buffer.from(insideOf(b.kernel).netdevs.byName(name)!.mac).toString('hex');
    expect([mac('bond0'), mac('eth0')]).toEqual(['02000000000b', '02000000000b']);
    run(b, 'link set eth0 nomaster');
    expect(mac('eth0')).toBe('525400000001');
  });

  it('sends nothing through a slave that has no carrier yet', () => {
    const b = bench('7.3', { dev: { carrierDelayUsec: 5000 } });
    b.kernel.insmod('netconsole');
    run(b, 'link add bond0 type bond', 'link set eth0 down', 'link set bond0 up', 'addr add 10.0.2.15/24 dev bond0');
    target(b, 't', 'bond0');
    run(b, 'link set eth0 master bond0');
    expect(sent(b)).toEqual([]);
    b.kernel.advanceTo(b.kernel.now() + 5000);
    expect(sent(b).length).toBe(1);
  });
});

describe('links that are not known', () => {
  it.each(['bridge', 'macvlan', 'vxlan'])('%s is EOPNOTSUPP', (kind) => {
    const b = bench('7.3');
    expect(errno(() => run(b, `link add x0 type ${kind}`))).toBe('EOPNOTSUPP');
    expect(insideOf(b.kernel).netdevs.byName('x0')).toBeUndefined();
  });
  it('a VLAN of nothing, and one beyond the numbers', () => {
    const b = bench('7.3');
    expect(errno(() => run(b, 'link add link none0 name v type vlan id 5'))).toBe('ENODEV');
    expect(errno(() => run(b, 'link add link eth0 name v type vlan id 5000'))).toBe('ERANGE');
  });
});
