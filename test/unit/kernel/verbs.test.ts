/** The verbs of the kernel that senders of many records and replays of logs use. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { createKernel, insideOf, type KernelOptions } from '../../../src/kernel/index.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { decodeFrame } from '../../../src/wire/decode.js';

function boot(options: KernelOptions = {}, target = '+6665@192.0.2.1/eth0,6666@192.0.2.2/02:00:00:00:00:02') {
  const kernel = createKernel({ startUsec: 400e6, ...options });
  const eth0 = createMemoryDevice('eth0');
  const dev = kernel.addDevice(eth0, { addresses: ['192.0.2.1/24', '2001:db8::1/64'] });
  if (target !== '') kernel.insmod('netconsole', target);
  eth0.frames.length = 0;
  const texts = () => eth0.frames.splice(0).map((frame) => Buffer.from(decodeFrame(frame).payload!).toString('latin1'));
  return { kernel, eth0, dev, texts };
}

describe.each(['4.2', '6.12', '7.3'])('batch on %s', (profile) => {
  it('sends nothing before it ends, and then everything in order', () => {
    const { kernel, texts } = boot({ profile });
    const inside = kernel.batch(() => {
      for (let i = 0; i < 10; i++) kernel.printk(`line ${i}\n`);
      return texts();
    });
    expect(inside).toEqual([]);
    expect(texts().map((text) => text.slice(text.indexOf(';') + 1))).toEqual(
      Array.from({ length: 10 }, (_, i) => `line ${i}\n`),
    );
  });

  it('gives the bytes that printk by itself gives', () => {
    const [a, b] = [boot({ profile }), boot({ profile })];
    a.kernel.batch(() => {
      for (let i = 0; i < 5; i++) a.kernel.printk(`line ${i}\n`);
    });
    for (let i = 0; i < 5; i++) b.kernel.printk(`line ${i}\n`);
    expect(a.texts()).toEqual(b.texts());
  });

  it('ends with the outermost of those that are nested', () => {
    const { kernel, texts } = boot({ profile });
    kernel.batch(() => {
      kernel.batch(() => kernel.printk('inner\n'));
      expect(texts()).toEqual([]);
    });
    expect(texts()).toHaveLength(1);
  });

  it('sends what was logged before its function threw, and leaves the kernel usable', () => {
    const { kernel, texts } = boot({ profile });
    const mine = new Error('mine');
    const failing = () =>
      kernel.batch(() => {
        kernel.printk('before\n');
        throw mine;
      });
    expect(failing).toThrow(mine);
    expect(texts()).toHaveLength(1);
    kernel.printk('after\n');
    expect(texts()).toHaveLength(1);
  });
});

describe('mute', () => {
  it("keeps the kernel's own messages out of the log, and nothing else", () => {
    const { kernel, texts } = boot({}, '');
    const lift = kernel.mute();
    kernel.insmod('netconsole', '+@/eth0,@192.0.2.2/');
    kernel.printk('mine\n');
    kernel.kmsg.write('<6>too\n');
    expect(texts().map((text) => text.replace(/^\d+,(\d+),[^;]*/, '$1'))).toEqual(['0;mine\n', '1;too\n']);
    lift();
    lift();
    kernel.rmmod('netconsole');
    kernel.insmod('netconsole', '+@/eth0,@192.0.2.2/');
    expect(texts().at(-1)).toContain('network logging started');
  });
});

describe('skipTo', () => {
  it.each(['4.2', '6.12'])('leaves a gap (%s)', (profile) => {
    const { kernel, texts } = boot({ profile, loglevel: 8 });
    const next = insideOf(kernel).ring.nextSeq;
    kernel.printk('one\n');
    kernel.skipTo(next + 6);
    kernel.printk('two\n');
    expect(texts().map((text) => Number(text.split(',')[1]))).toEqual([next, next + 6]);
  });

  it('finishes an unfinished line', () => {
    const { kernel, texts } = boot();
    kernel.printk('unfinished');
    expect(texts()).toEqual([]);
    kernel.skipTo(insideOf(kernel).ring.nextSeq);
    expect(texts()).toHaveLength(1);
  });

  it.each([-1, 0, 1.5, Number.NaN, 2 ** 53])('refuses %s', (seq) => {
    const { kernel } = boot();
    kernel.printk('one\n');
    expect(() => kernel.skipTo(seq)).toThrow(RangeError);
  });
});

describe('queued', () => {
  it('counts the frames that wait for a busy device', () => {
    const { kernel, eth0 } = boot({ profile: '6.12' });
    eth0.busy = true;
    for (let i = 0; i < 3; i++) kernel.printk('waits\n');
    expect(kernel.queued).toBe(3);
    eth0.busy = false;
    expect(kernel.queued).toBe(0);
    expect(eth0.frames).toHaveLength(3);
  });
});

describe('retarget', () => {
  it('changes where targets send, without a word', () => {
    const { kernel, eth0, texts } = boot();
    const seq = insideOf(kernel).ring.nextSeq;
    kernel.retarget(({ localIp, remoteIp, localPort, remotePort, remoteMac }) => {
      expect([localIp, remoteIp, localPort, remotePort, remoteMac]).toEqual([
        '192.0.2.1',
        '192.0.2.2',
        6665,
        6666,
        '02:00:00:00:00:02',
      ]);
      return { localIp: '192.0.2.77', remoteIp: '192.0.2.99', remotePort: 7777, remoteMac: '02:00:00:00:00:99' };
    });
    expect(insideOf(kernel).ring.nextSeq).toBe(seq);
    kernel.printk('hello\n');
    const { ip, udp, ethernet } = decodeFrame(eth0.frames[0]!);
    expect([ip?.src, ip?.dst, udp?.srcPort, udp?.dstPort, ethernet?.dst]).toEqual([
      '192.0.2.77',
      '192.0.2.99',
      6665,
      7777,
      '02:00:00:00:00:99',
    ]);
    expect(texts()).toHaveLength(1);
  });

  it.each([
    [{ localIp: '2001:db8::1' }, 'localIp'],
    [{ remoteIp: 'somewhere' }, 'remoteIp'],
    [{ remotePort: 65536 }, 'remotePort'],
    [{ localPort: Number.NaN }, 'localPort'],
    [{ remoteMac: '02' }, 'remoteMac'],
  ])('refuses %j by name and changes nothing', (change, name) => {
    const { kernel, eth0 } = boot();
    expect(() => kernel.retarget(() => ({ remotePort: 7777, ...change }))).toThrow(name);
    kernel.printk('hello\n');
    expect(decodeFrame(eth0.frames[0]!).udp?.dstPort).toBe(6666);
  });
});

describe('insmod', () => {
  it('loads every module by name, and returns it', () => {
    const { kernel } = boot({ profile: '2.6.37' }, '');
    expect(kernel.insmod('netconsole', '@/eth0,@192.0.2.2/').targets).toHaveLength(1);
    expect(kernel.insmod('netoops', { params: '@/eth0,@192.0.2.2/', arch: 'i386' }).targets).toHaveLength(1);
    expect(
      kernel.insmod('netconsole-2001', 'dev=eth0 target_ip=0xc0000202 source_port=6666 target_port=6666').offset,
    ).toBeGreaterThan(0);
    expect(kernel.insmod('netconsole-2003', '@/eth0,@192.0.2.2/').stats.dropped).toBe(0);
    for (const name of ['netconsole-2003', 'netconsole-2001', 'netoops', 'netconsole'] as const) {
      expect(() => kernel.insmod(name)).toThrow(/EEXIST|loaded already/);
      kernel.rmmod(name);
      expect(() => kernel.rmmod(name)).toThrow(/is not loaded/);
    }
  });
});

describe('the public members of Kernel', () => {
  it('are at most 25, and every one is documented', () => {
    const file = new URL('../../../src/kernel/index.ts', import.meta.url).pathname;
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
    const kernel = source.statements.find((s): s is ts.ClassDeclaration => ts.isClassDeclaration(s))!;
    const documented = new Map<string, boolean>();
    for (const member of kernel.members) {
      if (member.name === undefined || ts.isPrivateIdentifier(member.name)) continue;
      const name = member.name.getText();
      documented.set(name, documented.get(name) === true || ts.getJSDocCommentsAndTags(member).length > 0);
    }
    expect(documented.size).toBeGreaterThan(15);
    expect(documented.size).toBeLessThanOrEqual(25);
    expect([...documented].filter(([, has]) => !has)).toEqual([]);
  });
});
