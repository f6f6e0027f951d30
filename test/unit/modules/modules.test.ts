import { describe, expect, it } from 'vitest';
import type { KernelError } from '../../../src/errno.js';
import type { Kernel } from '../../../src/kernel/index.js';
import { kernelOfModule, SYSTEMS, type SystemName } from '../../../src/modules/index.js';
import { chooseProfile, PROFILES, profile } from '../../../src/profile/index.js';
import { parseScenario, runScenario } from '../../../src/scenario/index.js';
import { decodeFrame, decodePayload, formatDecoded, PcapReader } from '../../../src/wire/index.js';
import { testMachine } from './machine.js';

const SYSTEM_NAMES = Object.keys(SYSTEMS) as SystemName[];

/** Loads a system with one target, as `replay --as` does; `finish` makes it send what it kept. */
function started(kernel: Kernel, as: SystemName, target: string) {
  const loaded = as === '2001' ? kernel.insmod('netconsole-2001', { target }) : kernel.insmod(SYSTEMS[as], target);
  return { loaded, finish: () => kernel.sysrq('y'), unload: () => kernel.rmmod(SYSTEMS[as]) };
}

describe('by name', () => {
  it.each([
    ['netoops', 2004, 2004],
    ['2001', 6666, 6666],
    ['2003', 6666, 6666],
  ] as const)('%s: its own ports, or those given, and where to', (as, from, to) => {
    const given: [string, string][] = [
      ['@/,@10.0.2.2/00:16:3e:0a:0b:0c', `10.0.2.15.${from} > 10.0.2.2.${to}`],
      ['1@10.0.2.15/eth0,2@10.0.2.3/00:16:3e:0a:0b:0c', '10.0.2.15.1 > 10.0.2.3.2'],
    ];
    for (const [target, flow] of given) {
      const { kernel, eth0 } = testMachine({ profile: kernelOfModule(SYSTEMS[as])! });
      const { loaded, finish, unload } = started(kernel, as, target);
      kernel.printk('hello\n');
      finish();
      unload();
      expect(eth0.frames.length).toBeGreaterThan(1);
      for (const frame of eth0.frames) {
        const decoded = decodeFrame(frame);
        expect(formatDecoded(decoded)).toContain(flow);
        expect(decoded.ethernet?.dst).toBe('00:16:3e:0a:0b:0c');
      }
      expect('dropped' in loaded.stats && loaded.stats.dropped).toBe(0);
    }
  });

  it.each(PROFILES.map((p) => p.name))('all of them load on %s, and what is said reaches the wire', (name) => {
    for (const as of SYSTEM_NAMES) {
      const { kernel, payloads } = testMachine({ profile: name });
      const { finish, unload } = started(kernel, as, '@/eth0,@10.0.2.2/');
      payloads();
      kernel.printk('said\n');
      finish();
      expect(payloads().join('')).toContain('said\n');
      unload();
    }
  });

  it.each([
    ['2001', '@/,@10.0.2/', 'EINVAL'],
    ['2001', '@10.0.2.16/,@10.0.2.2/', 'EINVAL'],
    ['2001', '@/,@10.0.2.2/1:2:3', 'EINVAL'],
    ['2001', 'nonsense', 'EINVAL'],
    ['netoops', '@/eth9,@10.0.2.2/', 'ENODEV'],
    ['2001', '@/eth9,@10.0.2.2/', 'EPERM'],
  ] as const)('%s with %s: %s', (as, target, code) => {
    const { kernel } = testMachine({ profile: '6.12' });
    expect(() => started(kernel, as, target)).toThrow(expect.objectContaining({ code }) as KernelError);
  });

  it('names those there are when there is none of a name', () => {
    const { kernel } = testMachine({});
    expect(() => kernel.insmod('netconsole-1999' as 'netoops')).toThrow(/netconsole-2001, netconsole-2003/);
  });

  it('counts what it could not send', () => {
    const { kernel, eth0 } = testMachine({ profile: '2.4.10' }, { slots: 4 });
    const { stats } = kernel.insmod('netconsole-2001', { target: '@/,@10.0.2.2/' });
    eth0.busy = true;
    for (let i = 0; i < 6; i++) kernel.printk('x\n');
    expect(stats.dropped).toBe(2);
  });
});

describe('profiles', () => {
  it('have no stamps and no messages of consoles before 2.6.11', () => {
    expect([profile('2.4.10'), profile('2.6.0')].map((p) => [p.printkTime, p.consolePrefix])).toEqual([
      [false, ''],
      [false, ''],
    ]);
  });

  it.each([
    ['2.4.10', '2.4.10'],
    ['2.6.37-gentoo', '2.6.37'],
    ['6.1.0', '6.1'],
  ])('a release %s: %s', (release, name) => expect(chooseProfile(release).profile.name).toBe(name));
});

describe('scenarios', () => {
  const run = (kernel: string, ...ops: object[]) => {
    const first = { op: 'ip', args: 'addr add 10.0.2.15/24 dev eth0' };
    const scenario = parseScenario(JSON.stringify({ kernel, ops: [first, ...ops] }), 'test');
    const { outcomes, pcap } = runScenario(scenario);
    const frames = [...new PcapReader().push(pcap)].map(({ frame }) => frame);
    return { outcomes: outcomes.slice(1), messages: frames.map((frame) => decodePayload(decodeFrame(frame).payload!)) };
  };
  const params = 'dev=eth0 target_ip=0x0a000202 source_port=6666 target_port=6666';

  it('2001', () => {
    const { outcomes, messages } = run(
      '2.4.10',
      { op: 'insmod2001', params },
      { op: 'insmod2001', params },
      { op: 'memory2001', data: 'short' },
      { op: 'kmsg', data: '<6>hello\n' },
      { op: 'rmmod2001' },
      { op: 'rmmod2001' },
    );
    expect(outcomes).toEqual(['ok', 'EEXIST', 'ok', 'ok', 'ok', 'ENOENT']);
    expect(messages.map((m) => m.kind === 'netconsole2001' && m.offset)).toEqual([0, 32, 85, 91, 130]);
  });

  it('2003', () => {
    const { outcomes, messages } = run(
      '2.6.0',
      { op: 'insmod2003', params: 'nonsense' },
      { op: 'insmod2003', params: '@/eth0,@10.0.2.2/' },
      { op: 'kmsg', data: '<6>hello\n' },
      { op: 'rmmod2003' },
    );
    expect(outcomes).toEqual(['EPERM', 'ok', 'ok', 'ok']);
    expect(messages.map((m) => m.kind === 'plain' && Buffer.from(m.body).toString())).toEqual([
      'netconsole: network logging started\n',
      'hello\n',
    ]);
  });

  it('2010: configfs, knobs, SysRq y, a panic', () => {
    const { outcomes, messages } = run(
      '2.6.37',
      { op: 'insmod2010', withDefects: false },
      { op: 'mkdir2010', path: 't1' },
      { op: 'write2010', path: 't1/remote_ip', data: '10.0.2.2\n' },
      { op: 'write2010', path: 't1/enabled', data: '1\n' },
      { op: 'write2010', path: 't1/enabled', data: '1\n' },
      { op: 'read2010', path: 't1/enabled' },
      { op: 'write2010', path: 'netoops_boot_id', data: '7\n' },
      { op: 'read2010', path: 'netoops_boot_id' },
      { op: 'sysrq', key: 'y' },
      { op: 'rmmod2010' },
      { op: 'sysrq', key: 'c' },
    );
    expect(outcomes).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
      'EBUSY',
      { data: '1\n' },
      'ok',
      { data: '7\n' },
      'ok',
      'EAGAIN',
      'ok',
    ]);
    const heads = messages.map((m) => m.kind === 'netoops' && [m.type, m.bootId]);
    expect(heads.slice(0, 3)).toEqual([
      [3, 7],
      [3, 7],
      [3, 7],
    ]);
    expect(heads.slice(3).every((head) => head !== false && head[0] === 1)).toBe(true);
    expect(heads.length).toBeGreaterThan(3);
  });
});
