import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hexByte, parseOptions, printOptions, simpleStrtol } from '../../../../src/netpoll/eras/options.js';
import type { NetpollOptions } from '../../../../src/netpoll/index.js';
import { formatIpv4, formatMac } from '../../../../src/wire/address.js';

function parsed(text: string) {
  const np: NetpollOptions = {
    name: 'np',
    devName: 'eth0',
    devMac: new Uint8Array(6),
    localPort: 6666,
    remotePort: 6666,
    localIp: new Uint8Array(16),
    remoteIp: new Uint8Array(16),
    ipv6: false,
    remoteMac: new Uint8Array(6).fill(0xff),
  };
  const said: string[] = [];
  const ok = parseOptions(np, text, (level, line) => said.push(`${level} ${line}`));
  const { localPort, devName, remotePort } = np;
  return {
    ok,
    said,
    np,
    read: [localPort, formatIpv4(np.localIp), devName, remotePort, formatIpv4(np.remoteIp), formatMac(np.remoteMac)],
  };
}

describe('the grammar', () => {
  it.each([
    ['@/,@10.0.0.2/', 6666, '0.0.0.0', 'eth0', 6666, '10.0.0.2', 'ff:ff:ff:ff:ff:ff'],
    ['1@1.2.3.4/wlan0,2@5.6.7.8/1:2:3:4:5:6', 1, '1.2.3.4', 'wlan0', 2, '5.6.7.8', '01:02:03:04:05:06'],
    ['12x@/,-1@1.1.1.1/', 12, '0.0.0.0', 'eth0', 65535, '1.1.1.1', 'ff:ff:ff:ff:ff:ff'],
    ['65537@/,x@1.1.1.1/', 1, '0.0.0.0', 'eth0', 0, '1.1.1.1', 'ff:ff:ff:ff:ff:ff'],
    ['@300.1/a-name-of-16-byt,@1.1/', 6666, '44.1.0.0', 'a-name-of-16-by', 6666, '1.1.0.0', 'ff:ff:ff:ff:ff:ff'],
    ['@/,@1.1.1.1/0x1ff:g::-1:5:6 and more', 6666, '0.0.0.0', 'eth0', 6666, '1.1.1.1', 'ff:00:00:ff:05:06'],
    ['@@/,@1.1.1.1/', 6666, '16.0.0.0', 'eth0', 6666, '1.1.1.1', 'ff:ff:ff:ff:ff:ff'],
  ])('%s', (text, ...read) => {
    const result = parsed(text);
    expect(result.ok).toBe(true);
    expect(result.read).toEqual(read);
  });

  it.each([
    ['', ''],
    ['6666', '6666'],
    ['@10.0.0.1', '10.0.0.1'],
    ['@/eth0', 'eth0'],
    ['@/eth0,10.0.0.2/', '10.0.0.2/'],
    ['@/eth0,@10.0.0.2', '10.0.0.2'],
    ['@/,@10.0.0.2/1:2:3', '3'],
  ])('%s: stops at "%s"', (text, rest) => {
    const { ok, said } = parsed(text);
    expect(ok).toBe(false);
    expect(said.at(-1)).toBe(`6 np: couldn't parse config at ${rest}!`);
  });

  it('says each value as it passes it, its own address only where it is given', () => {
    expect(parsed('@/,@10.0.0.2/').said).toEqual([
      '6 np: local port 6666',
      '6 np: interface eth0',
      '6 np: remote port 6666',
      '6 np: remote IP 10.0.0.2',
      '6 np: remote ethernet address ff:ff:ff:ff:ff:ff',
    ]);
    expect(parsed('@10.0.0.1/,@10.0.0.2/').said[1]).toBe('6 np: local IP 10.0.0.1');
    expect(parsed('1@/x').said).toEqual(['6 np: local port 1', "6 np: couldn't parse config at x!"]);
  });

  it('reads back what it prints, and never throws', () => {
    const ip = fc.ipV4();
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,14}$/);
    const port = fc.nat(65535);
    const mac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((m) => formatMac(m));
    fc.assert(
      fc.property(port, ip, name, port, ip, mac, (a, b, c, d, e, f) => {
        const { ok, read, np } = parsed(`${a}@${b}/${c},${d}@${e}/${f}`);
        expect(ok).toBe(true);
        expect(read).toEqual([a, b, c, d, e, f]);
        const said: string[] = [];
        printOptions(np, (_, line) => said.push(line));
        expect(said).toHaveLength(6);
        expect(said[1]).toBe(`np: local IP ${b}`);
      }),
    );
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'@/,:.1a-x\n\0é') }), (text) => void parsed(text)));
  });
});

describe('numbers as C reads them', () => {
  it.each([
    ['12x', 12n, 2],
    ['', 0n, 0],
    ['-7', -7n, 2],
    ['+7', 0n, 0],
    ['9223372036854775808', -(2n ** 63n), 19],
  ])('%s', (text, value, end) => expect(simpleStrtol(text)).toEqual({ value, end }));

  it.each([
    ['fF', 255, 2],
    ['100', 0, 3],
    ['0x1f:', 31, 4],
    ['0xg', 0, 1],
    ['g', 0, 0],
    ['-1', 255, 2],
  ])('%s, hexadecimal', (text, value, end) => expect(hexByte(text)).toEqual({ value, end }));
});
