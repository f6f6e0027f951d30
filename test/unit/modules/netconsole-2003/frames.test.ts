/** Frames of the netconsole of 2003, worked out by hand. UDP checksum and identification are 0 in all. */
import { describe, expect, it } from 'vitest';
import type { Netconsole2003Options } from '../../../../src/modules/netconsole-2003/index.js';
import { ascii, BROADCAST, bytes, testMachine } from '../machine.js';

function loaded(options: Netconsole2003Options = {}, param = '@/eth0,@10.0.2.2/') {
  const machine = testMachine({ profile: '2.6.0' });
  const netconsole = machine.kernel.insmod('netconsole-2003', { params: param, ...options });
  machine.sent();
  return { ...machine, netconsole };
}

/** 34 bytes; 10.0.2.15 to 10.0.2.2. */
const IP = '4500 0022 0000 0000 4011 62bb 0a00020f 0a000202';

describe('frames', () => {
  it('the text, 6666 to 6666', () => {
    const { kernel, sent } = loaded();
    kernel.printk('hello\n');
    expect(sent()).toEqual([bytes(BROADCAST, IP, '1a0a 1a0a 000e 0000', ascii('hello\n'))]);
  });

  it('1000 bytes at most, then the rest', () => {
    const { kernel, sent } = loaded();
    kernel.printk(`${'x'.repeat(1001)}\n`);
    expect(sent()).toEqual([
      bytes(BROADCAST, '4500 0404 0000 0000 4011 5ed9 0a00020f 0a000202', '1a0a 1a0a 03f0 0000', '78'.repeat(1000)),
      bytes(BROADCAST, '4500 001e 0000 0000 4011 62bf 0a00020f 0a000202', '1a0a 1a0a 000a 0000', '78 0a'),
    ]);
  });

  it('with its defects: nobody filled in the source address', () => {
    const { kernel, sent } = loaded({ withDefects: true });
    kernel.printk('hello\n');
    expect(sent()).toEqual([bytes('ffffffffffff 000000000000 0800', IP, '1a0a 1a0a 000e 0000', ascii('hello\n'))]);
  });

  it('all that the parameter can say', () => {
    const { kernel, sent } = loaded({}, '5555@10.0.2.15/eth0,514@192.168.0.1/00:16:3e:0a:0b:0c');
    kernel.printk('hello\n');
    expect(sent()).toEqual([
      bytes(
        '00163e0a0b0c 525400123456 0800',
        '4500 0022 0000 0000 4011 ae13 0a00020f c0a80001',
        '15b3 0202 000e 0000',
        ascii('hello\n'),
      ),
    ]);
  });

  it('of 2.6.18: 6665 to 6666', () => {
    const { kernel, sent } = loaded({ era: '2.6.18' });
    kernel.printk('hello\n');
    expect(sent()).toEqual([bytes(BROADCAST, IP, '1a09 1a0a 000e 0000', ascii('hello\n'))]);
  });

  it('of 2.6.32: with a checksum', () => {
    const { kernel, sent } = loaded({ era: '2.6.32' });
    kernel.printk('hello\n');
    // 0a00+020f+0a00+0202+0011+000e+1a09+1a0a+000e + 6865+6c6c+6f0a = 1902c, folded 902d
    expect(sent()).toEqual([bytes(BROADCAST, IP, '1a09 1a0a 000e 6fd2', ascii('hello\n'))]);
  });
});

/** An ARP request of 10.0.2.2, which is 00:16:3e:0a:0b:0c, for 10.0.2.15. */
const REQUEST = bytes(
  'ffffffffffff 00163e0a0b0c 0806',
  '0001 0800 06 04 0001',
  '00163e0a0b0c 0a000202',
  '000000000000 0a00020f',
);

describe('ARP', () => {
  const param = '@/eth0,@10.0.2.2/00:16:3e:0a:0b:0c';
  const inject = (machine: ReturnType<typeof loaded>, frame: string) => {
    machine.eth0.inject(Uint8Array.from(Buffer.from(frame, 'hex')));
    return machine.sent();
  };

  it('is answered', () => {
    expect(inject(loaded({}, param), REQUEST)).toEqual([
      bytes('00163e0a0b0c 525400123456 0806', '0001 0800 06 04 0002', '525400123456 0a00020f', '00163e0a0b0c 0a000202'),
    ]);
  });

  it('with its defects: with its own address where the asker belongs, which is zero', () => {
    expect(inject(loaded({ withDefects: true }, param), REQUEST)).toEqual([
      bytes('00163e0a0b0c 000000000000 0806', '0001 0800 06 04 0002', '525400123456 0a00020f', '000000000000 0a000202'),
    ]);
  });

  it.each([
    ['another address', REQUEST.replace('0a00020f', '0a000210')],
    ['someone else', REQUEST.replace('0a000202', '0a000203')],
    ['a reply', REQUEST.replace('06040001', '06040002')],
    ['half a request', REQUEST.slice(0, 60)],
  ])('not for %s', (_, frame) => expect(inject(loaded({}, param), frame)).toEqual([]));

  it('2.6.18 does not ask who asks', () => {
    const machine = loaded({ era: '2.6.18' }, param);
    expect(inject(machine, REQUEST.replace('0a000202', '0a000203'))).toHaveLength(1);
  });
});
