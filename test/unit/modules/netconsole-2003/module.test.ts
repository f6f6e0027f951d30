import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../../src/errno.js';
import { insideOf } from '../../../../src/kernel/index.js';
import { testMachine } from '../machine.js';

const TARGET = '@/eth0,@10.0.2.2/';

function codeOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof KernelError) return error.code;
    throw error;
  }
  return 'ok';
}

describe('loading', () => {
  it('says what it reads, takes the first address, starts with the next message', () => {
    const { kernel, log, payloads } = testMachine({ profile: '2.6.0' });
    kernel.printk('before\n');
    kernel.insmod('netconsole-2003', TARGET);
    expect(log().slice(1)).toEqual([
      'netconsole: local port 6666',
      'netconsole: interface eth0',
      'netconsole: remote port 6666',
      'netconsole: remote IP 10.0.2.2',
      'netconsole: remote ethernet address ff:ff:ff:ff:ff:ff',
      'netconsole: local IP 10.0.2.15',
      'netconsole: network logging started',
    ]);
    expect(payloads()).toEqual(['netconsole: network logging started\n']);
  });

  it('opens a device that is down, and waits two seconds', () => {
    const { kernel, log } = testMachine({ profile: '2.6.0' });
    kernel.ip((all) => all.setUp(all.byName('eth0')!, false));
    kernel.insmod('netconsole-2003', TARGET);
    expect(log()).toContain('netconsole: device eth0 not up yet, forcing it');
    expect(kernel.now()).toBe(2_000_000);
  });

  it('of 2.6.18 it waits for carrier, and does not trust one that comes at once', () => {
    const { kernel, log } = testMachine({ profile: '2.6.0' });
    kernel.ip((all) => all.setUp(all.byName('eth0')!, false));
    kernel.insmod('netconsole-2003', { params: TARGET, era: '2.6.18' });
    expect(log()).toContain('netconsole: carrier detect appears untrustworthy, waiting 4 seconds');
    expect(kernel.now()).toBe(4_000_000);
  });

  it.each([
    ['nothing', '', "netconsole: couldn't parse config at !"],
    ['no address', '@/eth0,@/', 'netconsole: remote ethernet address ff:ff:ff:ff:ff:ff'],
    ['another device', '@/eth9,@10.0.2.2/', "netconsole: eth9 doesn't exist, aborting."],
  ])('%s: EPERM', (_, param, said) => {
    const { kernel, log } = testMachine({ profile: '2.6.0' });
    expect(codeOf(() => kernel.insmod('netconsole-2003', param))).toBe('EPERM');
    expect(log().at(-1)).toBe(said);
    expect(insideOf(kernel).consoles.list).toEqual([]);
    expect(insideOf(kernel).netpoll.rawListeners).toEqual([]);
  });

  it('a card without an address, and one that cannot be polled', () => {
    const bare = testMachine({ profile: '2.6.0' });
    insideOf(bare.kernel).netdevs.byName('eth0')!.flushAddresses(4);
    expect(codeOf(() => bare.kernel.insmod('netconsole-2003', TARGET))).toBe('EPERM');
    expect(bare.log().at(-1)).toBe('netconsole: no IP address for eth0, aborting');
    const dumb = testMachine({ profile: '2.6.0' });
    insideOf(dumb.kernel).netdevs.byName('eth0')!.disableNetpoll = true;
    expect(codeOf(() => dumb.kernel.insmod('netconsole-2003', TARGET))).toBe('EPERM');
    expect(dumb.log().at(-1)).toBe("netconsole: couldn't find irq handler for eth0, aborting");
  });

  it('of 256 bytes: too long', () => {
    const { kernel } = testMachine({ profile: '2.6.0' });
    expect(codeOf(() => kernel.insmod('netconsole-2003', 'x'.repeat(256)))).toBe('ENOSPC');
  });
});

describe('a busy card', () => {
  it('2003: frames wait and leave in order', () => {
    const { kernel, eth0, payloads } = testMachine({ profile: '2.6.0' });
    kernel.insmod('netconsole-2003', TARGET);
    payloads();
    eth0.busy = true;
    for (const line of ['a\n', 'b\n']) kernel.printk(line);
    expect(payloads()).toEqual([]);
    eth0.busy = false;
    expect(payloads()).toEqual(['a\n', 'b\n']);
  });

  it('2.6.18: 20000 offers, then one a frame until one succeeds', () => {
    const { kernel, eth0, payloads } = testMachine({ profile: '2.6.0' });
    const netconsole = kernel.insmod('netconsole-2003', { params: TARGET, era: '2.6.18' });
    payloads();
    let offers = 0;
    const startXmit = eth0.startXmit.bind(eth0);
    eth0.startXmit = (slot) => {
      offers++;
      return startXmit(slot);
    };
    eth0.busy = true;
    kernel.printk('a\n');
    expect(offers).toBe(20000);
    kernel.printk('b\n');
    expect(offers).toBe(20001);
    eth0.busy = false;
    kernel.printk('c\n');
    eth0.busy = true;
    kernel.printk('d\n');
    expect(offers).toBe(40002);
    expect(payloads()).toEqual(['c\n']);
    expect(netconsole.stats.dropped).toBe(3);
    expect(eth0.slab.inUse).toBe(0);
  });
});

describe('what comes in', () => {
  /** From 10.0.2.2:6666 to 10.0.2.15:6666, "help" without a checksum. */
  const frame = () =>
    Uint8Array.from(
      Buffer.from(
        '525400123456 00163e0a0b0c 0800 45000020 00000000 401162bd 0a000202 0a00020f 1a0a1a0a000c0000 68656c70'.replaceAll(
          ' ',
          '',
        ),
        'hex',
      ),
    );

  it('is heard and not obeyed', () => {
    const { kernel, eth0, log } = testMachine({ profile: '2.6.0' });
    const netconsole = kernel.insmod('netconsole-2003', TARGET);
    eth0.inject(frame());
    expect(log().at(-1)).toBe('netconsole: no sysrq yet');
    expect(netconsole.stats.received).toBe(1);
    expect(insideOf(kernel).rx.stats.frames).toBe(0);
  });

  it('of others goes its way', () => {
    const { kernel, eth0 } = testMachine({ profile: '2.6.0' });
    const netconsole = kernel.insmod('netconsole-2003', TARGET);
    const other = frame();
    other[37] = 0x0b;
    eth0.inject(other);
    expect(netconsole.stats.received).toBe(0);
    expect(insideOf(kernel).rx.stats.frames).toBe(1);
  });

  it('nothing after unloading', () => {
    const { kernel, eth0, payloads } = testMachine({ profile: '2.6.0' });
    const netconsole = kernel.insmod('netconsole-2003', TARGET);
    payloads();
    kernel.rmmod('netconsole-2003');
    expect(codeOf(() => kernel.rmmod('netconsole-2003'))).toBe('ENOENT');
    eth0.inject(frame());
    kernel.printk('nobody hears\n');
    expect(netconsole.stats.received).toBe(0);
    expect(payloads()).toEqual([]);
  });
});
