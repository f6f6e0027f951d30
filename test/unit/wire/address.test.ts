import { isIP, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIp, formatIpv4, formatIpv6, formatMac, parseIp, parseMac } from '../../../src/wire/address.js';

const ip6 = (...groups: number[]) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));

describe('formatIpv6', () => {
  it.each([
    ['unspecified', ip6(0, 0, 0, 0, 0, 0, 0, 0), '::'],
    ['loopback', ip6(0, 0, 0, 0, 0, 0, 0, 1), '::1'],
    ['no zeros', ip6(1, 2, 3, 4, 5, 6, 7, 8), '1:2:3:4:5:6:7:8'],
    ['leading zeros of a group go', ip6(0xfd00, 0x0a, 0xbc, 0xdef, 1, 1, 1, 1), 'fd00:a:bc:def:1:1:1:1'],
    ['a single zero stays', ip6(1, 0, 3, 4, 5, 6, 7, 8), '1:0:3:4:5:6:7:8'],
    ['the longest run goes', ip6(1, 0, 0, 4, 0, 0, 0, 8), '1:0:0:4::8'],
    ['the first of two equal runs goes', ip6(1, 0, 0, 4, 5, 0, 0, 8), '1::4:5:0:0:8'],
    ['a run at the end', ip6(0x0a00, 0x0004, 0, 0, 0, 0, 0, 0), 'a00:4::'],
    ['mapped', ip6(0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201), '::ffff:192.0.2.1'],
    ['mapped with zeros in the quad', ip6(0, 0, 0, 0, 0, 0xffff, 0, 0), '::ffff:0.0.0.0'],
    ['compatible is not special', ip6(0, 0, 0, 0, 0, 0, 0xc000, 0x0201), '::c000:201'],
    ['ISATAP, private', ip6(0xfe80, 0, 0, 0, 0, 0x5efe, 0x0a00, 1), 'fe80::5efe:10.0.0.1'],
    ['ISATAP, global', ip6(0x2001, 0xdb8, 0, 0, 0x200, 0x5efe, 0xc000, 0x201), '2001:db8::200:5efe:192.0.2.1'],
    ['almost ISATAP', ip6(0xfe80, 0, 0, 0, 0x100, 0x5efe, 0x0a00, 1), 'fe80::100:5efe:a00:1'],
  ])('%s', (_name, bytes, text) => {
    expect(formatIpv6(bytes)).toBe(text);
    expect(parseIp(text)).toEqual(bytes);
  });

  it('reads from an offset', () => {
    const bytes = Uint8Array.from([9, 9, 9, ...ip6(0xfd00, 0, 0, 0, 0, 0, 0, 2), 9]);
    expect(formatIpv6(bytes, 3)).toBe('fd00::2');
    expect(formatIpv4(Uint8Array.of(9, 10, 0, 0, 255), 1)).toBe('10.0.0.255');
    expect(formatMac(Uint8Array.of(9, 0x52, 0x54, 0, 0, 0, 0xff), 1)).toBe('52:54:00:00:00:ff');
  });
});

describe('strict parsers', () => {
  it.each(['10.0.0.4 ', '10.4', '10.0.0.256', '010.0.0.1', '1.2.3.4.5', '', '+1.2.3.4', '0x1.2.3.4', '1..2.3'])(
    'refuse IPv4 %j',
    (text) => expect(parseIp(text)).toBeUndefined(),
  );

  it.each([
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::1:2:3:4:5:6:7:8',
    'fd00::1%eth0',
    '12345::',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '::1.2.3.256',
    ':1::',
    '1::2:',
    '1::g',
    '',
  ])('refuse IPv6 %j', (text) => {
    expect(parseIp(text)).toBeUndefined();
    expect(isIPv6(text) && !text.includes('%')).toBe(false);
  });

  it.each(['', '52:54:00:00:00', '52:54:00:00:00:01:02', '52-54-00-00-00-01', '5:54:00:00:00:01', '52:54:00:00:00:0g'])(
    'refuse MAC %j',
    (text) => expect(parseMac(text)).toBeUndefined(),
  );

  it('take upper case', () => {
    expect(parseMac('AA:bb:CC:dd:EE:ff')).toEqual(Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff));
    expect(parseIp('FD00::A')).toEqual(ip6(0xfd00, 0, 0, 0, 0, 0, 0, 10));
  });

  it('undo every formatter', () => {
    const part = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (mac) => {
        expect(parseMac(formatMac(mac))).toEqual(mac);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(4, 16), fc.array(part, { minLength: 16, maxLength: 16 }), (length, parts) => {
        const bytes = Uint8Array.from(parts.slice(0, length));
        expect(parseIp(formatIp(bytes))).toEqual(bytes);
      }),
    );
  });

  it("agree with Node's about what an address is", () => {
    const char = fc.constantFrom('0', '1', 'f', ':', ':', ':', '::', '.', '1.2.3.4');
    fc.assert(
      fc.property(fc.array(char, { maxLength: 18 }), (chars) => {
        const text = chars.join('');
        expect(parseIp(text) !== undefined).toBe(isIP(text) !== 0);
      }),
      { numRuns: 2000 },
    );
  });
});
