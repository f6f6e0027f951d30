import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { internetChecksum, udpChecksum } from '../../../src/wire/checksum.js';
import { naiveChecksum, naiveFrame } from '../../support/naive.js';
import { hex } from './vectors.js';

describe('internetChecksum', () => {
  it.each([
    ['nothing', '', 0xffff],
    ['zeros', '00000000', 0xffff],
    ['all ones', 'ffffffff', 0],
    ['the example of RFC 1071 section 3', '0001 f203 f4f5 f6f7', 0x220d],
    ['an odd byte is the upper half', '01', 0xfeff],
    ['a carry that makes a carry', 'ffff ffff 0001', 0xfffe],
  ])('%s', (_name, bytes, sum) => {
    expect(internetChecksum(hex(bytes))).toBe(sum);
    expect(naiveChecksum(hex(bytes))).toBe(sum);
  });

  it('equals the naive one at every alignment', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1500 }), fc.nat(7), (bytes, at) => {
        const buffer = new Uint8Array(bytes.length + 16).fill(0xa5);
        buffer.set(bytes, at);
        expect(internetChecksum(buffer, at, at + bytes.length)).toBe(naiveChecksum(bytes));
      }),
    );
  });

  it('does not lose carries on the longest datagram', () => {
    const bytes = new Uint8Array(65535).fill(0xff);
    expect(internetChecksum(bytes)).toBe(naiveChecksum(bytes));
  });
});

describe('udpChecksum', () => {
  it('of both families is zero over what the naive codec made', () => {
    const families = fc.constantFrom(['10.0.0.1', '192.0.2.255', 34] as const, ['fd00::1', 'fe80::2', 54] as const);
    fc.assert(
      fc.property(families, fc.uint8Array({ maxLength: 1000 }), ([srcIp, dstIp, at], payload) => {
        const mac = '52:54:00:00:00:01';
        const frame = naiveFrame({ srcMac: mac, dstMac: mac, srcIp, dstIp, srcPort: 6665, dstPort: 6666, payload });
        const length = at === 34 ? 4 : 16;
        const src = frame.subarray(at - 2 * length, at - length);
        const dst = frame.subarray(at - length, at);
        expect(udpChecksum(frame, at, frame.length, src, dst)).toBe(0);
      }),
    );
  });
});
