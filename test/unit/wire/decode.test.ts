import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emitArp } from '../../../src/wire/arp.js';
import { decodeFrame } from '../../../src/wire/decode.js';
import { formatDecoded, formatMessage } from '../../../src/wire/format.js';
import { decodePayload } from '../../../src/wire/message.js';
import { LINKTYPE_RAW } from '../../../src/wire/pcap.js';
import { naiveFrame } from '../../support/naive.js';
import { FRAMES, hex } from './vectors.js';

const macs = { srcMac: '52:54:00:00:00:01', dstMac: '12:34:56:78:9a:bc' };
const v4 = { ...macs, srcIp: '10.0.0.1', dstIp: '10.0.0.2', srcPort: 6665, dstPort: 6666 };
const v6 = { ...v4, srcIp: 'fd00::1', dstIp: 'fd00::9' };
const udp = (payload: string) => naiveFrame({ ...v4, payload: Buffer.from(payload, 'latin1') });

describe('decodeFrame', () => {
  it('takes a whole frame apart', () => {
    expect(decodeFrame(FRAMES.extended)).toEqual({
      length: 62,
      ethernet: { src: '52:54:00:00:00:01', dst: '12:34:56:78:9a:bc', etherType: 0x0800 },
      ip: {
        version: 4,
        src: '10.0.0.1',
        dst: '10.0.0.2',
        ttl: 64,
        protocol: 17,
        payloadLength: 28,
        id: 0x050d,
        checksum: 'good',
      },
      udp: { srcPort: 4444, dstPort: 9353, payloadLength: 20, checksum: 'good' },
      payload: Uint8Array.from(Buffer.from('14,426,10326585,-;z\n')),
      message: {
        kind: 'extended',
        prio: 14,
        seq: 426,
        tsUsec: 10326585,
        flag: '-',
        fields: [],
        body: hex('7a0a'),
        odd: [],
      },
      odd: [],
    });
  });

  it.each([
    [
      'extended',
      FRAMES.extended,
      'IP 10.0.0.1.4444 > 10.0.0.2.9353: id 1293, UDP, length 20 [udp sum ok] extended seq 426 prio 14 ts 10326585 flag - "z"',
    ],
    [
      'plain',
      FRAMES.plain,
      'IP 10.0.0.1.6665 > 10.0.0.3.6666: id 1292, UDP, length 17 [udp sum ok] plain "[   10.326585] z\\n"',
    ],
    [
      'padded',
      FRAMES.padded,
      'IP 10.0.1.1.6665 > 10.0.1.9.6666: id 1270, UDP, length 1 [udp sum ok] [17 bytes of padding] plain "\\n"',
    ],
    [
      'with escapes, which are undone but cannot drive a terminal',
      FRAMES.escapes,
      'IP 10.0.0.1.4444 > 10.0.0.2.9353: id 1206, UDP, length 59 [udp sum ok] extended seq 401 prio 14 ts 8090123 flag - "MARK-F tab\\there\\\\back\\x7f\ufffd\\u001b[0m"',
    ],
    [
      'IPv6',
      FRAMES.ipv6Odd,
      'IP6 fd00::1.6665 > fd00::9.6666: UDP, length 31 [udp sum ok] extended seq 469 prio 14 ts 13801877 flag - "MARK-IP6 odd"',
    ],
    [
      'with userdata',
      FRAMES.userdata,
      'IP 10.0.0.1.6665 > 10.0.0.5.6666: id 1555, UDP, length 47 [udp sum ok] extended seq 490 prio 14 ts 14661023 flag - "MARK-U1 userdata" foo="x\\u0001\\\\y;z"',
    ],
    [
      'a fragment in a VLAN',
      naiveFrame({ ...v4, vlan: 7, payload: Buffer.from('6.1,6,1,2,-,caller=T9,ncfrag=5/9;cd') }),
      'vlan 7, p 0, IP 10.0.0.1.6665 > 10.0.0.2.6666: id 0, UDP, length 35 [udp sum ok] extended release 6.1 seq 1 prio 6 ts 2 flag - caller T9 fragment 5-7/9 "cd"',
    ],
    [
      'without UDP checksum',
      naiveFrame({ ...v4, udpChecksum: false, payload: Buffer.from('x') }),
      'IP 10.0.0.1.6665 > 10.0.0.2.6666: id 0, UDP, length 1 [no udp cksum] plain "x"',
    ],
    [
      'IPv6 without UDP checksum',
      naiveFrame({ ...v6, udpChecksum: false, payload: Buffer.from('x') }),
      'IP6 fd00::1.6665 > fd00::9.6666: UDP, length 1 [bad udp cksum] plain "x"',
    ],
    [
      '2001',
      udp('\x01\x00\x00\x00\x09hi\n'),
      'IP 10.0.0.1.6665 > 10.0.0.2.6666: id 0, UDP, length 8 [udp sum ok] netconsole 2001 offset 9 "hi\\n"',
    ],
    ['nothing at all', hex(''), 'length 0 [too short for an Ethernet header]'],
    [
      'another protocol',
      hex('ffffffffffff 525400000001 88cc 0102'),
      '52:54:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype 0x88cc, length 16 LLDP',
    ],
  ])('prints a frame: %s', (_name, frame, line) => expect(formatDecoded(decodeFrame(frame))).toBe(line));

  it('prints ARP', () => {
    const frame = new Uint8Array(42);
    frame.set(hex('ffffffffffff 525400000001 0806'));
    const packet = {
      senderMac: hex('525400000001'),
      senderIp: hex('0a000001'),
      targetMac: hex('000000000000'),
      targetIp: hex('0a000002'),
    };
    emitArp({ operation: 1, ...packet }, frame, 14);
    expect(formatDecoded(decodeFrame(frame))).toBe('ARP, Request who-has 10.0.0.2 tell 10.0.0.1');
    emitArp({ operation: 2, ...packet }, frame, 14);
    expect(formatDecoded(decodeFrame(frame))).toBe('ARP, Reply 10.0.0.1 is-at 52:54:00:00:00:01');
  });

  it('finds broken checksums', () => {
    const frame = FRAMES.extended.slice();
    frame[22] = 63;
    frame[60]! ^= 1;
    const decoded = decodeFrame(frame);
    expect(decoded.ip?.checksum).toBe('bad');
    expect(decoded.udp?.checksum).toBe('bad');
    expect(formatDecoded(decoded)).toContain('[bad ip cksum] [bad udp cksum] extended seq 426');
  });

  it('reads raw IP', () => {
    expect(decodeFrame(FRAMES.ipv6Even.subarray(14), LINKTYPE_RAW)).toMatchObject({
      ip: { version: 6, src: 'fd00::1', ttl: 32 },
      udp: { checksum: 'good' },
      message: { seq: 470 },
    });
  });

  it('says what a cut capture lacks, and judges nothing it cannot see', () => {
    const decoded = decodeFrame(FRAMES.extended.subarray(0, 50));
    expect(decoded).toMatchObject({ udp: { checksum: 'cut' }, odd: ['12 bytes of the IP packet are missing'] });
    expect(decoded.message).toBeUndefined();
  });

  it('stops at an IP fragment', () => {
    const frame = FRAMES.plain.slice();
    frame[20] = 0x20;
    expect(decodeFrame(frame)).toMatchObject({ odd: ['an IP fragment'] });
    expect(decodeFrame(frame).udp).toBeUndefined();
  });

  it('refuses a UDP length beyond its IP packet', () => {
    const frame = FRAMES.padded.slice();
    frame[39] = 10;
    expect(decodeFrame(frame).udp).toBeUndefined();
    expect(decodeFrame(frame).odd).toHaveLength(1);
  });

  it('keeps control characters out of the line, wherever they stand', () => {
    const hostile = '\x1b]0;x\x07\x9b31m\r\n';
    for (const payload of [
      hostile,
      `6,1,2,-;a\n k${hostile}=${hostile}\n`,
      `6,1,2,-;a\n${hostile}`,
      `\x01\0\0\0\0${hostile}`,
    ]) {
      expect(formatDecoded(decodeFrame(udp(payload)))).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
    }
  });

  it('never throws and always prints one line, whatever the bytes', () => {
    const whole = fc.constantFrom(...Object.values(FRAMES), hex(''));
    const changes = fc.array(fc.tuple(fc.nat(110), fc.integer({ min: 0, max: 255 })), { maxLength: 8 });
    fc.assert(
      fc.property(whole, changes, fc.nat(110), fc.constantFrom(1, LINKTYPE_RAW), (frame, mutations, size, linktype) => {
        const bytes = frame.slice(0, size);
        for (const [at, value] of mutations) if (at < bytes.length) bytes[at] = value;
        const line = formatDecoded(decodeFrame(bytes, linktype));
        expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('decodePayload', () => {
  it.each([
    ['plain text', '[    0.000000] x\n', 'plain'],
    ['an extended record', '6,1,2,-;x\n', 'extended'],
    ['2001', '\x01\x00\x00\x00\x00[...network console startup...]\n', 'netconsole2001'],
    ['netdump', '\x03\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00x', 'netdump'],
  ])('tells %s by its content', (_name, text, kind) => {
    expect(decodePayload(Buffer.from(text, 'latin1')).kind).toBe(kind);
  });

  it('prints netdump and netoops', () => {
    const log = Buffer.from('\x03\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x05x\n', 'latin1');
    expect(formatMessage(decodePayload(log))).toBe('netdump LOG nr 0 info 5 "x\\n"');
    const netoops = Buffer.alloc(1412);
    netoops.write('030001008401020 0d800030002000000010000002a000000'.replace(' ', ''), 'hex');
    netoops.write('2.6.37', 24);
    expect(formatMessage(decodePayload(netoops))).toBe('netoops soft dump 1 packet 1 of 2 boot 42 2.6.37');
  });
});
