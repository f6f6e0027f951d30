import { describe, expect, it } from 'vitest';
import { ANCESTORS, type AncestorName, type AncestorOptions, loadAncestor } from '../../../src/ancestors/index.js';
import type { KernelError } from '../../../src/errno.js';
import { PROFILES, profile, profileForRelease } from '../../../src/profile/index.js';
import { parseScenario, runScenario } from '../../../src/scenario/index.js';
import { decodeFrame, decodePayload, formatDecoded, PcapReader } from '../../../src/wire/index.js';
import { testMachine } from './machine.js';

const PROFILE: Record<AncestorName, string> = { netoops: '2.6.37', '2001': '2.4.10', '2003': '2.6.0' };

describe('by name', () => {
  it.each([
    ['netoops', 2004, 2004],
    ['2001', 6666, 6666],
    ['2003', 6666, 6666],
  ] as const)('%s: its own ports, or those given, and where to', (as, from, to) => {
    const given: [AncestorOptions, string][] = [
      [{ remoteIp: '10.0.2.2' }, `10.0.2.15.${from} > 10.0.2.2.${to}`],
      [
        { remoteIp: '10.0.2.3', localPort: 1, remotePort: 2, localIp: '10.0.2.15', dev: 'eth0' },
        '10.0.2.15.1 > 10.0.2.3.2',
      ],
    ];
    for (const [options, flow] of given) {
      const { kernel, eth0 } = testMachine({ profile: PROFILE[as] });
      const target = loadAncestor(kernel, as, { ...options, remoteMac: '00:16:3e:0a:0b:0c' });
      kernel.printk('hello\n');
      target.finish();
      target.unload();
      expect(eth0.frames.length).toBeGreaterThan(1);
      for (const frame of eth0.frames) {
        const decoded = decodeFrame(frame);
        expect(formatDecoded(decoded)).toContain(flow);
        expect(decoded.ethernet?.dst).toBe('00:16:3e:0a:0b:0c');
      }
      expect(target.dropped).toBe(0);
    }
  });

  it.each(PROFILES.map((p) => p.name))('all of them load on %s, and what is said reaches the wire', (name) => {
    for (const as of ANCESTORS) {
      const { kernel, payloads } = testMachine({ profile: name });
      const target = loadAncestor(kernel, as, { remoteIp: '10.0.2.2' });
      payloads();
      kernel.printk('said\n');
      target.finish();
      expect(payloads().join('')).toContain('said\n');
      target.unload();
    }
  });

  it.each([
    ['netoops', { remoteIp: 'fd00::1' }, 'EINVAL'],
    ['2001', { remoteIp: '10.0.2' }, 'EINVAL'],
    ['2001', { remoteIp: '10.0.2.2', localIp: '10.0.2.16' }, 'EINVAL'],
    ['2003', { remoteIp: '10.0.2.2', remoteMac: '1:2:3' }, 'EINVAL'],
    ['2003', { remoteIp: '10.0.2.2', remotePort: 65536 }, 'EINVAL'],
    ['2004' as AncestorName, { remoteIp: '10.0.2.2' }, 'EINVAL'],
    ['netoops', { remoteIp: '10.0.2.2', dev: 'eth9' }, 'ENODEV'],
    ['2001', { remoteIp: '10.0.2.2', dev: 'eth9' }, 'EPERM'],
  ] as const)('%s with %o: %s', (as, options, code) => {
    const { kernel } = testMachine({ profile: '6.12' });
    expect(() => loadAncestor(kernel, as, options)).toThrow(expect.objectContaining({ code }) as KernelError);
  });

  it('counts what it could not send', () => {
    const { kernel, eth0 } = testMachine({ profile: '2.4.10' }, { slots: 4 });
    const target = loadAncestor(kernel, '2001', { remoteIp: '10.0.2.2' });
    eth0.busy = true;
    for (let i = 0; i < 6; i++) kernel.printk('x\n');
    expect(target.dropped).toBe(2);
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
  ])('a release %s: %s', (release, name) => expect(profileForRelease(release).name).toBe(name));
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
      { op: 'insmod2010', faithful: false },
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
