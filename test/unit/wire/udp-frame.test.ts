/** Whole frames, and the grammar of a record below its policies. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  beginsRecord,
  decodeFrame,
  emitUdpFrame,
  emitUdpReply,
  escapeText,
  parseIp,
  recordEnd,
  unescapeText,
} from '../../../src/wire/index.js';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
const eth = { dst: Uint8Array.of(2, 0, 0, 0, 0, 2), src: Uint8Array.of(2, 0, 0, 0, 0, 1) };
const udp = { srcPort: 6665, dstPort: 6666 };

describe.each([
  ['IPv4', '192.0.2.1', '192.0.2.2'],
  ['IPv6', 'fd00::1', 'fd00::2'],
])('emitUdpFrame over %s', (_, src, dst) => {
  const ip = { src: parseIp(src)!, dst: parseIp(dst)! };

  it('is read back, checksums good', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1400 }), fc.option(fc.nat(4094)), (payload, id) => {
        const vlan = id === null ? {} : { vlan: { priority: 3, dropEligible: false, id } };
        const decoded = decodeFrame(emitUdpFrame({ eth: { ...eth, ...vlan }, ip, udp }, payload));
        expect(decoded).toMatchObject({ ip: { src, dst, ttl: 64 }, udp: { ...udp, checksum: 'good' }, odd: [] });
        expect(Buffer.from(decoded.payload!)).toEqual(Buffer.from(payload));
      }),
      { numRuns: 200 },
    );
  });

  it('is answered to where it came from', () => {
    const frame = emitUdpFrame({ eth, ip, udp }, bytes('x'));
    const decoded = decodeFrame(emitUdpReply(frame, bytes('nca7'))!);
    expect(decoded).toMatchObject({
      ethernet: { src: '02:00:00:00:00:02', dst: '02:00:00:00:00:01' },
      ip: { src: dst, dst: src },
      udp: { srcPort: 6666, dstPort: 6665, checksum: 'good' },
    });
  });

  it('RangeError for what fits no datagram', () => {
    expect(() => emitUdpFrame({ eth, ip, udp }, new Uint8Array(65_536))).toThrow(RangeError);
  });
});

it('leaves the checksum out where that is asked for', () => {
  const ip = { src: parseIp('192.0.2.1')!, dst: parseIp('192.0.2.2')! };
  expect(decodeFrame(emitUdpFrame({ eth, ip, udp: { ...udp, checksum: false } }, bytes('x'))).udp!.checksum).toBe(
    'none',
  );
});

it('nothing answers what is no UDP', () => {
  expect(emitUdpReply(new Uint8Array(60), bytes('x'))).toBeUndefined();
  expect(emitUdpReply(new Uint8Array(3), bytes('x'))).toBeUndefined();
});

describe('where a record begins', () => {
  it.each([
    ['6,1,2,-;x', true],
    ['6.12.0,6,1,2,c,caller=T1;x', true],
    ['6,1,2,-,ncfrag=0/9;x', true],
    ['6,1,2;x', false],
    ['6,1,2,q;x', false],
    ['6,1,2,-,what;x', false],
    ['2048,1,2,-;x', false],
    ['6,x,2,-;x', false],
    ['a, b, c, d; e', false],
    ['', false],
  ])('%j: %s', (text, wanted) => expect(beginsRecord(bytes(text), 0, text.length)).toBe(wanted));

  it('ends the one before it, whatever its dictionary has', () => {
    const first = '6,1,2,-;one\n A=6,1,2,-;no\n B=x\nmore\n';
    const both = bytes(`${first}6,2,3,-;two\n`);
    expect(recordEnd(both, 8, both.length)).toBe(first.length);
    expect(recordEnd(bytes(first), 8, first.length)).toBe(first.length);
  });
});

it('what is escaped is unescaped to itself, in printable ASCII between', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (text) => {
      const escaped = escapeText(text);
      expect(escaped.every((byte) => byte >= 0x20 && byte < 0x7f)).toBe(true);
      expect([...unescapeText(escaped)]).toEqual([...text]);
    }),
  );
});
