import { describe, expect, it } from 'vitest';
import { isLinkLocal } from '../../../src/net/addresses.js';
import type { InterfaceOptions } from '../../../src/net/interface.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { Netdevs } from '../../../src/net/netdevs.js';
import { profile } from '../../../src/profile/index.js';
import { formatIpv6, parseIp } from '../../../src/wire/address.js';
import { errno } from '../../support/harness.js';

function open() {
  const netdevs = new Netdevs(() => 1000, profile());
  const events: string[] = [];
  netdevs.onEvent((event, dev) => events.push(`${event} ${dev.name}`));
  const add = (name: string, options: InterfaceOptions = {}) => netdevs.register(createMemoryDevice(name), options);
  return { netdevs, events, add };
}

describe('interfaces', () => {
  it('are numbered from 1, found by name and address, and up unless said otherwise', () => {
    const { netdevs, add } = open();
    const a = add('a');
    const b = add('b', { up: false, mac: Uint8Array.of(2, 0, 0, 0, 0, 2) });
    expect([a.ifindex, b.ifindex, a.running, b.running]).toEqual([1, 2, true, false]);
    expect([netdevs.byName('b'), netdevs.byMac(Uint8Array.of(2, 0, 0, 0, 0, 2)), netdevs.byName('c')]).toEqual([
      b,
      b,
      undefined,
    ]);
  });

  it.each(['', '.', '..', 'a/b', 'a:b', 'a b', 'x'.repeat(16)])('%j is no name', (name) => {
    const { netdevs, add } = open();
    const dev = add('ok');
    expect(errno(() => add(name))).toBe('EINVAL');
    expect(errno(() => netdevs.rename(dev, name))).toBe('EINVAL');
  });

  it('a name is taken once', () => {
    const { netdevs, add } = open();
    add('a');
    const b = add('b');
    expect(errno(() => add('a'))).toBe('EEXIST');
    expect(errno(() => netdevs.rename(b, 'a'))).toBe('EEXIST');
    netdevs.rename(b, 'b');
  });

  it('tell what happens to them, in order', () => {
    const { netdevs, events, add } = open();
    const a = add('a');
    const b = add('b', { up: false });
    netdevs.rename(a, 'c');
    netdevs.setUp(a, false);
    netdevs.setUp(a, false);
    netdevs.setMac(a, new Uint8Array(6));
    netdevs.enslave(b, a);
    expect(errno(() => netdevs.enslave(b, a))).toBe('EBUSY');
    netdevs.free(b);
    netdevs.free(b);
    netdevs.unregister(a);
    netdevs.unregister(a);
    expect(events).toEqual([
      'REGISTER a',
      'UP a',
      'REGISTER b',
      'CHANGENAME c',
      'DOWN c',
      'CHANGEADDR c',
      'JOIN b',
      'RELEASE c',
      'UNREGISTER c',
    ]);
  });

  it('unregistered while up, go down first, and free their slaves', () => {
    const { netdevs, events, add } = open();
    const a = add('a');
    const b = add('b');
    netdevs.enslave(b, a);
    events.length = 0;
    netdevs.unregister(a);
    expect(events).toEqual(['DOWN a', 'UNREGISTER a']);
    expect([b.master, netdevs.list]).toEqual([undefined, [b]]);
  });

  it('a bond has the address of its first slave, unless it was given one; a slave gets its own back', () => {
    const { netdevs, add } = open();
    const mac = (last: number) => Uint8Array.of(2, 0, 0, 0, 0, last);
    const bond = add('bond0', { kind: 'bond', mac: mac(1) });
    const slave = add('a', { up: false, mac: mac(2) });
    netdevs.enslave(slave, bond);
    expect([bond.mac, slave.mac]).toEqual([mac(2), mac(2)]);
    netdevs.free(slave);
    netdevs.setMac(bond, mac(3));
    netdevs.enslave(slave, bond);
    expect([bond.mac, slave.mac]).toEqual([mac(3), mac(3)]);
    netdevs.free(slave);
    expect(slave.mac).toEqual(mac(2));
  });

  it('one who stops listening hears no more', () => {
    const { netdevs, add } = open();
    let heard = 0;
    const stop = netdevs.onEvent(() => heard++);
    add('a');
    stop();
    add('b');
    expect(heard).toBe(2);
  });
});

describe('addresses', () => {
  const shown = (addresses: readonly Uint8Array[]) => addresses.map((a) => formatIpv6(a));

  it('IPv4 in the order they came; IPv6 global ones first, newer first', () => {
    const dev = open().add('a', { addresses: ['10.0.0.1/24', '10.0.0.2'] });
    expect(dev.ipv4.map((a) => a.join('.'))).toEqual(['10.0.0.1', '10.0.0.2']);
    for (const address of ['fd00::1/64', 'fe80::1/64', 'fd00::2/64']) dev.addAddress(address);
    expect(shown(dev.ipv6Addresses)).toEqual(['fd00::2', 'fd00::1', 'fe80::1']);
  });

  it('once only, and only what there is can go', () => {
    const dev = open().add('a', { addresses: ['10.0.0.1/24', 'fd00::1/64'] });
    expect(errno(() => dev.addAddress('10.0.0.1/24'))).toBe('EEXIST');
    expect(errno(() => dev.addAddress('fd00::1'))).toBe('EEXIST');
    expect(errno(() => dev.removeAddress('10.0.0.9'))).toBe('EADDRNOTAVAIL');
    expect(errno(() => dev.addAddress('bogus'))).toBe('EINVAL');
    dev.removeAddress('10.0.0.1/24');
    dev.removeAddress('fd00::1');
    expect([dev.ipv4, dev.ipv6Addresses]).toEqual([[], []]);
  });

  const shown4 = (addresses: readonly Uint8Array[]) => addresses.map((a) => a.join('.'));

  it('IPv4: a further one of a subnet is secondary, at the end, and goes with its primary', () => {
    const dev = open().add('a', { addresses: ['10.0.2.15/24', '10.0.2.16/24', '10.0.3.1/24'] });
    expect(shown4(dev.ipv4)).toEqual(['10.0.2.15', '10.0.3.1', '10.0.2.16']);
    dev.removeAddress('10.0.2.15/24');
    expect(shown4(dev.ipv4)).toEqual(['10.0.3.1']);
  });

  it('IPv4: a secondary goes alone', () => {
    const dev = open().add('a', { addresses: ['10.0.2.15/24', '10.0.2.16/24'] });
    dev.removeAddress('10.0.2.16/24');
    expect(shown4(dev.ipv4)).toEqual(['10.0.2.15']);
  });

  it('IPv4: a narrower scope is before a wider one, and a subnet has one', () => {
    const dev = open().add('a', { addresses: ['10.0.2.15/24'] });
    dev.addAddress('10.0.4.1/24', 'link');
    dev.addAddress('10.0.5.1/24', 'host');
    dev.addAddress('10.0.6.1/24');
    expect(shown4(dev.ipv4)).toEqual(['10.0.5.1', '10.0.4.1', '10.0.2.15', '10.0.6.1']);
    expect(errno(() => dev.addAddress('10.0.2.17/24', 'link'))).toBe('EINVAL');
    expect(errno(() => dev.addAddress('10.0.7.1/24', 'galaxy'))).toBe('EINVAL');
  });

  it('IPv4: two prefix lengths of one address are two', () => {
    const dev = open().add('a', { addresses: ['10.0.2.15/24', '10.0.2.15/16'] });
    dev.removeAddress('10.0.2.15/24');
    expect(shown4(dev.ipv4)).toEqual(['10.0.2.15']);
    expect(errno(() => dev.removeAddress('10.0.2.15/24'))).toBe('EADDRNOTAVAIL');
  });

  it('IPv6: by scope, the newer first within one', () => {
    const dev = open().add('a');
    for (const address of ['fd00::15/64', 'fec0::1/64', 'fe80::1/64', 'fd00::16/64', 'fec0::2/64'])
      dev.addAddress(address);
    expect(shown(dev.ipv6Addresses)).toEqual(['fd00::16', 'fd00::15', 'fec0::2', 'fec0::1', 'fe80::1']);
  });

  it.each(['10.0.0.1/33', 'fd00::1/129', '10.0.0/24', '10.0.0.1/x', '/24', ''])('%j is EINVAL', (text) =>
    expect(errno(() => open().add('a').addAddress(text))).toBe('EINVAL'),
  );

  it('with IPv6 there is a link-local one while it is up', () => {
    const { netdevs, add } = open();
    const dev = add('a', { ipv6: true, mac: Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56) });
    expect(shown(dev.ipv6Addresses)).toEqual(['fe80::5054:ff:fe12:3456']);
    netdevs.setUp(dev, false);
    expect(dev.ipv6Addresses).toEqual([]);
  });

  it.each([
    ['fe80::1', true],
    ['febf::1', true],
    ['fec0::1', false],
    ['fd00::1', false],
    ['ff02::1', true],
    ['ff05::1', false],
    ['::1', false],
  ])('%s is link-local: %s', (text, want) => expect(isLinkLocal(parseIp(text)!)).toBe(want));
});

describe('carrier', () => {
  it('comes so long after opening, each time', () => {
    let asked = 0;
    const { netdevs, add } = open();
    const dev = add('a', { carrierDelayUsec: () => ++asked * 10 });
    expect(dev.carrierAtUsec).toBe(1010);
    netdevs.setUp(dev, false);
    netdevs.setUp(dev, true);
    expect(dev.carrierAtUsec).toBe(1020);
  });
});
