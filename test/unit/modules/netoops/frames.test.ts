/** Packets of netoops, worked out by hand. Identification 0, UDP checksum computed. */

import { describe, expect, it } from 'vitest';
import type { NetoopsOptions } from '../../../../src/modules/netoops/index.js';
import { ascii, BROADCAST, bytes, testMachine } from '../machine.js';

const zeros = (count: number) => '00'.repeat(count);

/** What loading with one target says, in the log as it was: 194 bytes, or 200 when it knows its name. */
const loadedLog = (name: string) =>
  [
    'local port 2004',
    'interface eth0',
    'remote port 2004',
    'remote IP 10.0.2.2',
    'remote ethernet address ff:ff:ff:ff:ff:ff',
    'local IP 10.0.2.15',
  ]
    .map((text) => `<6>${name}: ${text}\n`)
    .join('');
const LOADED = loadedLog('(null)');
const LOADED_FIXED = loadedLog('netoops');

function loaded(options: NetoopsOptions = {}) {
  const machine = testMachine({ profile: '2.6.37', time: false });
  const netoops = machine.kernel.insmod('netoops', { params: '@/eth0,@10.0.2.2/', ...options });
  return { ...machine, netoops };
}

/** 1440 bytes; 10.0.2.15 to 10.0.2.2; port 2004 to 2004. */
const IP_X86_64 = `${BROADCAST} 4500 05a0 0000 0000 4011 5d3d 0a00020f 0a000202 07d4 07d4 058c`;
const RELEASE = `${ascii('2.6.37')}${zeros(58)}`;
/** Intel, family 6, model 26, stepping 5. */
const CPU = '00 06 1a 05';

/** A packet of x86_64 without registers. `counts`: packet_count and packet_no. */
function packet(checksum: string, type: string, counts: string, text: string, boot = '00000000', blob = ''): string {
  return bytes(
    IP_X86_64,
    checksum,
    // version 3; dump_id (2^32 - 300 * 250) / 250 mod 65536 = 9137; data at 388; arch 2 at 216
    '0300 b123 8401 0200 d800',
    type,
    counts,
    boot,
    RELEASE,
    ascii(blob.padEnd(128, '\0')),
    CPU,
    zeros(168),
    ascii(text.padEnd(1024, '\0')),
  );
}

const thrice = (...frames: string[]) => [...frames, ...frames, ...frames];

describe('a dump', () => {
  it('soft, of a log below 1024 bytes: one packet, three times', () => {
    const { kernel, sent } = loaded();
    kernel.sysrq('y');
    const text = `${LOADED}<6>sysrq: Trigger a soft dump\n`;
    expect(sent()).toEqual(thrice(packet('cb27', '0300', '01000000 00000000', text)));
  });

  it('of an oops on i386: type 1, 68 bytes of registers, 1312 in all', () => {
    const { kernel, sent } = loaded({ arch: 'i386' });
    const regs = Uint8Array.from({ length: 68 }, (_, i) => i + 1);
    kernel.oops(() => kernel.printk('trap\n'), regs);
    expect(sent()).toEqual(
      thrice(
        bytes(
          `${BROADCAST} 4500 053c 0000 0000 4011 5da1 0a00020f 0a000202 07d4 07d4 0528 c51f`,
          // data at 288
          '0300 b123 2001 0200 d800 0100 01000000 00000000 00000000',
          RELEASE,
          zeros(128),
          CPU,
          Buffer.from(regs).toString('hex'),
          ascii(`${LOADED}<4>trap\n`.padEnd(1024, '\0')),
        ),
      ),
    );
  });

  it('of 1034 bytes: packet 0 has the newest 10, packet 1 the oldest 1024', () => {
    const { kernel, sent } = loaded();
    kernel.oops(() => kernel.printk(`${'a'.repeat(1034 - 194 - 4)}\n`));
    const text = `${LOADED}<4>${'a'.repeat(836)}\n`.slice(0, 1034);
    expect(text.length).toBe(1034);
    expect(sent()).toEqual(
      thrice(
        packet('1bc9', '0100', '02000000 00000000', text.slice(1024)),
        packet('af66', '0100', '02000000 01000000', text.slice(0, 1024)),
      ),
    );
  });

  it('of exactly 1024 bytes, with the defect: zeros, and all of it is lost', () => {
    const { kernel, sent } = loaded();
    kernel.oops(() => kernel.printk(`${'a'.repeat(1024 - 194 - 4)}\n`));
    expect(sent()).toEqual(thrice(packet('0359', '0100', '01000000 00000000', '')));
  });

  it('of exactly 1024 bytes, as meant: all of it; boot id and blob are there', () => {
    const { kernel, netoops, sent } = loaded({ withDefects: false });
    netoops.sysfs.write('netoops_boot_id', '0xdeadbeef\n');
    netoops.sysfs.write('netoops_user_blob', 'rack 7');
    kernel.oops(() => kernel.printk(`${'a'.repeat(1024 - 200 - 4)}\n`));
    const text = `${LOADED_FIXED}<4>${'a'.repeat(820)}\n`;
    expect(text.length).toBe(1024);
    expect(sent()).toEqual(thrice(packet('7d17', '0100', '01000000 00000000', text, 'efbeadde', 'rack 7')));
  });

  it('of a comment: 15 registers, 1304 bytes', () => {
    const { kernel, payloads } = loaded({ arch: 'i386-15' });
    kernel.oops(() => kernel.printk('trap\n'));
    expect(payloads().map((p) => p.length)).toEqual([1304, 1304, 1304]);
  });
});

describe('the number of a dump', () => {
  const dumpIds = (machine: ReturnType<typeof testMachine>) =>
    machine.payloads().map((p) => p.charCodeAt(2) + 256 * p.charCodeAt(3));

  it.each([
    [1000, 0, 'x86_64', 34827],
    [250, 400_000_000, 'x86_64', 9537],
    [250, 400_000_000, 'i386', 100],
    [250, 299_000_000, 'i386', 9436],
  ] as const)('HZ %i, %i us after boot, %s: %i', (HZ, startUsec, arch, id) => {
    const machine = testMachine({ profile: '2.6.37', HZ, startUsec });
    machine.kernel.insmod('netoops', { params: '@/eth0,@10.0.2.2/', arch });
    machine.kernel.oops(() => {});
    expect(dumpIds(machine)).toEqual([id, id, id]);
  });
});
