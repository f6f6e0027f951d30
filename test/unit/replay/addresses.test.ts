import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressAfter, macAfter } from '../../../src/replay/addresses.js';
import { formatIpv4, formatIpv6, formatMac, parseIp, parseMac } from '../../../src/wire/address.js';

const counted = (first: string, index: number, taken: string[] = []) => {
  const bytes = addressAfter(
    parseIp(first)!,
    index,
    taken.map((one) => parseIp(one)!),
  );
  return bytes.length === 4 ? formatIpv4(bytes) : formatIpv6(bytes);
};

describe('addresses of hosts', () => {
  it.each([
    ['10.0.0.1', 0, '10.0.0.1'],
    ['10.0.0.1', 253, '10.0.0.254'],
    ['10.0.0.1', 254, '10.0.1.1'],
    ['10.0.0.250', 4, '10.0.0.254'],
    ['10.0.0.250', 5, '10.0.1.1'],
    ['10.0.255.254', 1, '10.1.0.1'],
    // Whoever names one of those himself has it; the others go on behind it.
    ['10.0.0.0', 0, '10.0.0.0'],
    ['10.0.0.0', 1, '10.0.0.1'],
    ['10.0.0.255', 1, '10.0.1.1'],
    ['2001:db8::ffff', 1, '2001:db8::1:0'],
  ])('%s and %i more: %s', (first, index, expected) => expect(counted(first, index)).toBe(expected));

  it('pass over those that they send to', () => {
    expect(counted('192.0.2.1', 1, ['192.0.2.2'])).toBe('192.0.2.3');
    expect(counted('192.0.2.1', 1, ['192.0.2.3', '192.0.2.2', '192.0.2.2'])).toBe('192.0.2.4');
    expect(counted('192.0.2.9', 1, ['192.0.2.2'])).toBe('192.0.2.10');
    expect(counted('2001:db8::1', 1, ['2001:db8::2', '192.0.2.2'])).toBe('2001:db8::3');
  });

  it('are all different, and none ends in 0 or 255 or is taken', () => {
    fc.assert(
      fc.property(fc.nat(3000), fc.array(fc.nat(1200), { maxLength: 5 }), (from, taken) => {
        const address = (n: number) => `10.0.${n >> 8}.${n & 255}`;
        const first = address(from);
        const others = taken.map(address).filter((one) => one !== first);
        const all = Array.from({ length: 700 }, (_, i) => counted(first, i, others));
        expect(new Set(all).size).toBe(700);
        for (const one of all.slice(1)) expect(one).not.toMatch(/\.(0|255)$/);
        for (const one of others) expect(all).not.toContain(one);
      }),
      { numRuns: 20 },
    );
  });

  it('end where there are no more', () => {
    expect(() => counted('223.255.255.254', 1)).toThrow(
      /no address is left for host 2, counting up from 223\.255\.255\.254/,
    );
    expect(() => counted('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 1)).toThrow(/no address is left/);
    const mac = (text: string, index: number) => formatMac(macAfter(parseMac(text)!, index));
    expect(mac('02:00:00:00:00:ff', 1)).toBe('02:00:00:00:01:00');
    expect(() => mac('02:ff:ff:ff:ff:ff', 1)).toThrow(/no hardware address is left for host 2/);
  });
});
