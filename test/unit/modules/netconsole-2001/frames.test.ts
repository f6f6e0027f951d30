/** Frames of the netconsole of 2001, worked out by hand. UDP checksum and identification are 0 in all. */
import { describe, expect, it } from 'vitest';
import type { Netconsole2001Options } from '../../../../src/modules/netconsole-2001/index.js';
import { ascii, BROADCAST, bytes, testMachine } from '../machine.js';

const PARAMS = 'dev=eth0 target_ip=0x0a000202 source_port=6666 target_port=6666';

function loaded(options: Netconsole2001Options = {}, params = PARAMS) {
  const machine = testMachine({ profile: '2.4.10' });
  const netconsole = machine.kernel.insmod('netconsole-2001', { params: params, ...options });
  return { ...machine, netconsole };
}

describe('C2', () => {
  it('starts with a datagram that the log does not have, at offset 0', () => {
    const { sent, log } = loaded();
    expect(sent()).toEqual([
      bytes(
        BROADCAST,
        // 28 + 5 + 32 bytes; TTL 64, UDP; 10.0.2.15 to 10.0.2.2
        '4500 0041 0000 0000 4011 629c 0a00020f 0a000202',
        // 6666 to 6666, 8 + 37 bytes, no checksum
        '1a0a 1a0a 002d 0000',
        // version 1, offset 0
        '01 00000000',
        ascii('[...network console startup...]\n'),
      ),
      bytes(
        BROADCAST,
        '4500 0056 0000 0000 4011 6287 0a00020f 0a000202',
        '1a0a 1a0a 0042 0000',
        // 32 bytes of text were before
        '01 00000020',
        ascii('netconsole: network logging started up successfully!\n'),
      ),
    ]);
    expect(log()).toEqual([
      'netconsole: using network device <eth0>',
      'netconsole: using source IP 10.0.2.15',
      'netconsole: using target IP 10.0.2.2',
      'netconsole: using source UDP port: 6666',
      'netconsole: using target UDP port: 6666',
      'netconsole: using broadcast ethernet frames to send packets.',
      'netconsole: network logging started up successfully!',
    ]);
  });

  it('sends a line behind its offset', () => {
    const { kernel, sent } = loaded();
    sent();
    kernel.printk('hello\n');
    expect(sent()).toEqual([
      bytes(
        BROADCAST,
        '4500 0027 0000 0000 4011 62b6 0a00020f 0a000202',
        '1a0a 1a0a 0013 0000',
        // 32 + 53 = 85
        '01 00000055',
        ascii('hello\n'),
      ),
    ]);
  });

  it('cuts a write at 1455 bytes, and sends a header alone for nothing', () => {
    const { netconsole, sent } = loaded();
    sent();
    netconsole.write(new TextEncoder().encode(`${'x'.repeat(1455)}y`));
    netconsole.write(new Uint8Array(0));
    expect(sent()).toEqual([
      // 28 + 1460: the largest
      bytes(
        BROADCAST,
        '4500 05d0 0000 0000 4011 5d0d 0a00020f 0a000202',
        '1a0a 1a0a 05bc 0000',
        '01 00000055',
        '78'.repeat(1455),
      ),
      // 85 + 1455 = 0x604
      bytes(BROADCAST, '4500 0022 0000 0000 4011 62bb 0a00020f 0a000202', '1a0a 1a0a 000e 0000', '01 00000604', '79'),
      bytes(BROADCAST, '4500 0021 0000 0000 4011 62bc 0a00020f 0a000202', '1a0a 1a0a 000d 0000', '01 00000605'),
    ]);
  });

  it('counts modulo 2^32', () => {
    const { kernel, netconsole, sent } = loaded();
    sent();
    netconsole.offset = 2 ** 32 - 3;
    kernel.printk('hello\n');
    kernel.printk('hello\n');
    const head = bytes(BROADCAST, '4500 0027 0000 0000 4011 62b6 0a00020f 0a000202', '1a0a 1a0a 0013 0000');
    expect(sent()).toEqual([
      bytes(head, '01 fffffffd', ascii('hello\n')),
      bytes(head, '01 00000003', ascii('hello\n')),
    ]);
  });

  it('says goodbye, last of all', () => {
    const { kernel, sent } = loaded();
    sent();
    kernel.rmmod('netconsole-2001');
    kernel.printk('nobody hears\n');
    expect(sent()).toEqual([
      bytes(
        BROADCAST,
        '4500 0048 0000 0000 4011 6295 0a00020f 0a000202',
        '1a0a 1a0a 0034 0000',
        '01 00000055',
        ascii('netconsole: network logging shut down.\n'),
      ),
      bytes(
        BROADCAST,
        '4500 0042 0000 0000 4011 629b 0a00020f 0a000202',
        '1a0a 1a0a 002e 0000',
        // 85 + 39
        '01 0000007c',
        ascii('[...network console shutdown...]\n'),
      ),
    ]);
  });

  it('sends to the hardware address, the ports and the address it is given', () => {
    const eth = [0, 0x16, 0x3e, 10, 11, 12].map((b, i) => `target_eth_byte${i}=${b}`).join(' ');
    const { kernel, sent, log } = loaded({}, `dev=eth0 target_ip=0xc0a80001 source_port=4000 target_port=514 ${eth}`);
    sent();
    kernel.printk('hello\n');
    expect(sent()).toEqual([
      bytes(
        '00163e0a0b0c 525400123456 0800',
        '4500 0027 0000 0000 4011 ae0e 0a00020f c0a80001',
        '0fa0 0202 0013 0000',
        '01 00000055',
        ascii('hello\n'),
      ),
    ]);
    expect(log()).toContain('netconsole: using target ethernet address 00:16:3e:0a:0b:0c.');
  });
});

describe('B1 and A', () => {
  it.each(['A', 'B1'] as const)('%s: the text alone', (version) => {
    const { kernel, sent } = loaded({ version });
    sent();
    kernel.printk('hello\n');
    expect(sent()).toEqual([
      bytes(BROADCAST, '4500 0022 0000 0000 4011 62bb 0a00020f 0a000202', '1a0a 1a0a 000e 0000', ascii('hello\n')),
    ]);
  });

  it('A, with its defect: prints its own address in signed numbers', () => {
    const machine = testMachine({ profile: '2.4.10' });
    machine.kernel.ip((all) => {
      const eth0 = all.byName('eth0')!;
      eth0.removeAddress('10.0.2.15/24');
      eth0.addAddress('192.168.1.10/24');
    });
    machine.kernel.insmod('netconsole-2001', { params: PARAMS, version: 'A', withDefects: true });
    expect(machine.log()).toContain('netconsole: using source IP -64.-88.1.10');
  });
});
