import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../../src/errno.js';
import { insideOf } from '../../../../src/kernel/index.js';
import { parseParams, RESERVE } from '../../../../src/modules/netconsole-2001/index.js';
import { testMachine } from '../machine.js';

const PARAMS = 'dev=eth0 target_ip=0x0a000202 source_port=6666 target_port=6666';

function codeOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof KernelError) return error.code;
    throw error;
  }
  return 'ok';
}

describe('parameters', () => {
  it('are read as C reads numbers', () => {
    expect(parseParams('dev=eth1 target_ip=0x0A000701 source_port=014 target_port=65537 target_eth_byte0=-1')).toEqual({
      dev: 'eth1',
      targetIp: 0x0a000701,
      sourcePort: 12,
      targetPort: 1,
      targetEth: Uint8Array.of(255, 255, 255, 255, 255, 255),
    });
  });

  it.each(['target=1', 'target_ip=10.0.7.1', 'source_port=', 'source_port=08', 'target_eth_byte6=1', 'verbose'])(
    'insmod refuses %s',
    (text) => expect(codeOf(() => parseParams(text))).toBe('EINVAL'),
  );

  it.each([
    ['', 'netconsole: dev parameter not specified, aborting.'],
    ['dev=eth0', 'netconsole: target_ip parameter not specified, aborting.'],
    ['dev=eth0 target_ip=1', 'netconsole: source_port parameter not specified, aborting.'],
    ['dev=eth0 target_ip=1 source_port=1', 'netconsole: target_port parameter not specified, aborting.'],
    ['dev=eth7 target_ip=1 source_port=1 target_port=1', "netconsole: eth7 doesn't exist, aborting."],
  ])('%s: init fails', (params, said) => {
    const { kernel, log, sent } = testMachine({ profile: '2.4.10' });
    expect(codeOf(() => kernel.insmod('netconsole-2001', params))).toBe('EPERM');
    expect(log().at(-1)).toBe(said);
    expect(sent()).toEqual([]);
    expect(insideOf(kernel).consoles.list).toEqual([]);
  });

  it('a card without an address, and one without a poll controller', () => {
    const bare = testMachine({ profile: '2.4.10' });
    insideOf(bare.kernel).netdevs.byName('eth0')!.flushAddresses(4);
    expect(codeOf(() => bare.kernel.insmod('netconsole-2001', PARAMS))).toBe('EPERM');
    expect(bare.log().at(-1)).toBe('netconsole: network device eth0 has no local address, aborting.');
    const dumb = testMachine({ profile: '2.4.10' });
    insideOf(dumb.kernel).netdevs.byName('eth0')!.disableNetpoll = true;
    expect(codeOf(() => dumb.kernel.insmod('netconsole-2001', PARAMS))).toBe('EPERM');
    expect(dumb.log().at(-1)).toBe("netconsole: eth0's network driver does not implement netlogging yet, aborting.");
  });
});

describe('what it sends', () => {
  it('a datagram a line, nothing of the past, nothing above the level', () => {
    const { kernel, payloads } = testMachine({ profile: '2.4.10' });
    kernel.printk('before\n');
    kernel.insmod('netconsole-2001', { params: PARAMS, version: 'B1' });
    payloads();
    kernel.printk('two\nlines\n');
    kernel.printk('debug\n', { level: 7 });
    expect(payloads()).toEqual(['two\n', 'lines\n']);
  });

  it('nothing while the interface is down: the offset stays where it is', () => {
    const { kernel, payloads } = testMachine({ profile: '2.4.10' });
    kernel.ip((all) => all.setUp(all.byName('eth0')!, false));
    const netconsole = kernel.insmod('netconsole-2001', PARAMS);
    expect([netconsole.offset, payloads()]).toEqual([0, []]);
    kernel.ip((all) => all.setUp(all.byName('eth0')!, true));
    kernel.printk('up\n');
    expect(payloads()).toEqual(['\x01\0\0\0\0up\n']);
  });
});

describe('buffers', () => {
  it('out of memory: the reserve of 32 is used up, then messages are dropped without a trace in the offset', () => {
    const { kernel, payloads } = testMachine({ profile: '2.4.10' });
    const netconsole = kernel.insmod('netconsole-2001', PARAMS);
    payloads();
    expect(netconsole.reserve).toBe(RESERVE);
    const before = netconsole.offset;
    netconsole.memoryShort = true;
    for (let i = 0; i < 40; i++) kernel.printk(`${String(i).padStart(3)}\n`);
    expect(payloads()).toHaveLength(32);
    expect(netconsole.stats).toMatchObject({ dropped: 8, fromReserve: 32 });
    expect(netconsole.offset).toBe(before + 32 * 4);
    expect(netconsole.reserve).toBe(0);
    netconsole.memoryShort = false;
    kernel.printk('again\n');
    expect(payloads()).toHaveLength(1);
    expect(netconsole.reserve).toBe(RESERVE);
  });

  it('a card that takes nothing: 64 frames wait, the rest is dropped; then they leave in order', () => {
    const { kernel, eth0, payloads } = testMachine({ profile: '2.4.10' }, { slots: 64 });
    const netconsole = kernel.insmod('netconsole-2001', { params: PARAMS, version: 'B1' });
    payloads();
    eth0.busy = true;
    const lines = Array.from({ length: 70 }, (_, i) => `line ${i}\n`);
    for (const line of lines) kernel.printk(line);
    expect(payloads()).toEqual([]);
    expect(netconsole.stats.dropped).toBe(6);
    eth0.busy = false;
    expect(payloads()).toEqual(lines.slice(0, 64));
  });

  it('unloading gives every buffer back', () => {
    const { kernel, eth0 } = testMachine({ profile: '2.4.10' });
    kernel.insmod('netconsole-2001', PARAMS);
    expect(eth0.slab.inUse).toBe(RESERVE);
    kernel.rmmod('netconsole-2001');
    expect(eth0.slab.inUse).toBe(0);
  });

  it('A has no reserve', () => {
    const { kernel, payloads } = testMachine({ profile: '2.4.10' });
    const netconsole = kernel.insmod('netconsole-2001', { params: PARAMS, version: 'A' });
    payloads();
    netconsole.memoryShort = true;
    kernel.printk('lost\n');
    expect([payloads(), netconsole.stats.dropped]).toEqual([[], 1]);
  });
});
