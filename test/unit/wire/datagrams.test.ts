import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emitNetconsole2001, NETCONSOLE2001_MAX_TEXT, parseNetconsole2001 } from '../../../src/wire/netconsole2001.js';
import { emitNetdump, type NetdumpReply, parseNetdump } from '../../../src/wire/netdump.js';
import {
  emitNetoops,
  NETOOPS_TYPE_PRINTK_BUFFER,
  type NetoopsHeader,
  netoopsLength,
  parseNetoops,
} from '../../../src/wire/netoops.js';
import { hex, poisoned } from './vectors.js';

describe('netconsole of 2001', () => {
  const bytes = hex('01 00001234 68690a');

  it('parses', () => expect(parseNetconsole2001(bytes)).toEqual({ offset: 0x1234, text: hex('68690a') }));
  it('emits', () => {
    const buffer = poisoned(9);
    expect(emitNetconsole2001(0x1234, buffer, 3)).toBe(5);
    expect(buffer).toEqual(hex('a5a5a5 0100001234 a5'));
  });
  it('wraps offsets at 2^32', () => {
    const buffer = poisoned(5);
    emitNetconsole2001(2 ** 32 - 1, buffer);
    expect(parseNetconsole2001(buffer)).toEqual({ offset: 2 ** 32 - 1, text: new Uint8Array(0) });
    emitNetconsole2001(2 ** 32 + 7, buffer);
    expect(parseNetconsole2001(buffer)?.offset).toBe(7);
  });
  it('refuses other versions and impossible lengths', () => {
    expect(parseNetconsole2001(hex('02 00001234 68690a'))).toBeUndefined();
    expect(parseNetconsole2001(hex('01 000012'))).toBeUndefined();
    const long = new Uint8Array(5 + NETCONSOLE2001_MAX_TEXT + 1).fill(1);
    expect(parseNetconsole2001(long)).toBeUndefined();
    expect(parseNetconsole2001(long.subarray(1))).toBeDefined();
  });
});

describe('netdump', () => {
  const bytes = hex('03 00000000 00000002 0000002a 68690a');
  const reply: NetdumpReply = { nr: 0, code: 2, info: 42, payload: hex('68690a') };

  it('parses', () => expect(parseNetdump(bytes)).toEqual(reply));
  it('emits', () => {
    const buffer = poisoned(20);
    expect(emitNetdump(reply, buffer, 3)).toBe(16);
    expect(buffer).toEqual(Uint8Array.of(0xa5, 0xa5, 0xa5, ...bytes, 0xa5));
  });
  it.each([
    ['another version', '02 00000000 00000002 0000002a'],
    ['an unknown code', '03 00000000 0000000d 0000002a'],
    ['too few bytes', '03 00000000 00000002 000000'],
  ])('refuses %s', (_name, text) => expect(parseNetdump(hex(text))).toBeUndefined());
});

describe('netoops', () => {
  const header: NetoopsHeader = {
    dumpId: 0x0102,
    type: NETOOPS_TYPE_PRINTK_BUFFER,
    packetCount: 300,
    packetNo: 299,
    bootId: 0xdeadbeef,
    kernelVersion: '2.6.37',
    userBlob: hex('b10b'),
    x86Vendor: 0,
    x86Family: 6,
    x86Model: 26,
    x86Stepping: 5,
    regs: new Uint8Array(168).fill(0x77),
  };
  const zeros = (count: number) => '00'.repeat(count);
  const head = hex(
    `0300 0201 8401 0200 d800 0100 2c010000 2b010000 efbeadde 322e362e3337${zeros(58)} b10b${zeros(126)} 00061a05 ${'77'.repeat(168)}`,
  );
  const packet = Uint8Array.of(...head, ...new Uint8Array(1024).fill(0x6c));

  it('has the size of the real one', () => {
    expect(netoopsLength(header)).toBe(388);
    expect(packet.length).toBe(1412);
    expect(netoopsLength({ ...header, regs: new Uint8Array(68) })).toBe(288);
  });
  it('parses', () => {
    const userBlob = new Uint8Array(128);
    userBlob.set(header.userBlob);
    expect(parseNetoops(packet)).toEqual({ ...header, userBlob, data: new Uint8Array(1024).fill(0x6c) });
  });
  it('emits', () => {
    const buffer = poisoned(388 + 10);
    expect(emitNetoops(header, buffer, 7)).toBe(388);
    expect(buffer.subarray(7, 7 + 388)).toEqual(head);
    expect(buffer.subarray(0, 7)).toEqual(poisoned(7));
    expect(buffer.subarray(7 + 388)).toEqual(poisoned(3));
  });
  it('keeps 64 bytes of a release, and 128 of a blob, without a terminator', () => {
    const buffer = poisoned(388 + 1024);
    emitNetoops({ ...header, kernelVersion: 'v'.repeat(70), userBlob: new Uint8Array(200).fill(1) }, buffer);
    const parsed = parseNetoops(buffer);
    expect(parsed?.kernelVersion).toBe('v'.repeat(64));
    expect(parsed?.userBlob).toEqual(new Uint8Array(128).fill(1));
    expect(parsed?.x86Family).toBe(6);
  });
  it.each([
    [84, 0, ''],
    [88, 0xdeadbeef, ''],
  ])('reads the layout with a header of %i bytes', (archOffset, bootId, blob) => {
    const from = archOffset === 84 ? 24 : 20;
    const old = Uint8Array.of(...packet.subarray(0, 20), ...packet.subarray(from, 88), ...packet.subarray(216));
    new DataView(old.buffer).setUint16(8, archOffset, true);
    new DataView(old.buffer).setUint16(4, archOffset + 4 + 168, true);
    expect(parseNetoops(old)).toMatchObject({ bootId, kernelVersion: '2.6.37', userBlob: hex(blob), x86Model: 26 });
  });
  it.each([
    ['another version', 0, 2],
    ['another architecture', 6, 1],
    ['the type that was never defined', 10, 2],
    ['a data offset that does not fit the length', 4, 0x85],
    ['an architecture block elsewhere', 8, 0xd7],
  ])('refuses %s', (_name, at, value) => {
    const broken = packet.slice();
    broken[at] = value;
    expect(parseNetoops(broken)).toBeUndefined();
  });
  it('refuses a packet that is cut', () => expect(parseNetoops(packet.subarray(0, 1411))).toBeUndefined());

  it('none of these parsers throws on changed bytes', () => {
    const start = fc.constantFrom(packet, hex('03 00000000 00000002 0000002a 68690a'), hex('01 00001234 68690a'));
    const changes = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 0, max: 255 })), { maxLength: 6 });
    fc.assert(
      fc.property(start, changes, fc.nat(1500), (bytes, mutations, size) => {
        const broken = bytes.slice();
        for (const [at, value] of mutations) broken[at % broken.length] = value;
        for (const end of [size, broken.length]) {
          for (const parse of [parseNetoops, parseNetdump, parseNetconsole2001]) parse(broken.subarray(0, end));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
