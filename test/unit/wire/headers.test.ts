import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARP, ARP_REPLY, type ArpPacket, emitArp, parseArp } from '../../../src/wire/arp.js';
import {
  ETHERNET,
  ETHERTYPE,
  type EthernetHeader,
  emitEthernet,
  ethernetLength,
  parseEthernet,
} from '../../../src/wire/ethernet.js';
import { get16, get32 } from '../../../src/wire/field.js';
import { emitIpv4, IPV4, type Ipv4Header, ipv4Length, parseIpv4, verifyIpv4 } from '../../../src/wire/ipv4.js';
import { emitIpv6, IPV6, type Ipv6Header, parseIpv6 } from '../../../src/wire/ipv6.js';
import { emitUdp, parseUdp, UDP, type UdpHeader, verifyUdp } from '../../../src/wire/udp.js';
import { FRAMES, hex, poisoned } from './vectors.js';

const byte = fc.integer({ min: 0, max: 255 });
const u16 = fc.integer({ min: 0, max: 0xffff });
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** Emits at an odd offset of a poisoned buffer: the predicted bytes, and no other, are written. */
function emitApart<T>(
  emit: (header: T, bytes: Uint8Array, at?: number) => number,
  header: T,
  length: number,
): Uint8Array {
  const bytes = poisoned(length + 10);
  expect(emit(header, bytes, 7)).toBe(length);
  expect(bytes.subarray(0, 7)).toEqual(poisoned(7));
  expect(bytes.subarray(7 + length)).toEqual(poisoned(3));
  return bytes.slice(7, 7 + length);
}

describe('Ethernet', () => {
  const bytes = FRAMES.extended.slice(0, 14);
  const header: EthernetHeader = { dst: hex('123456789abc'), src: hex('525400000001'), etherType: ETHERTYPE.ipv4 };
  const tagged = hex('123456789abc 525400000001 8100 b064 0800');
  const taggedHeader: EthernetHeader = { ...header, vlan: { priority: 5, dropEligible: true, id: 100 } };

  it('deconstructs', () => {
    expect(bytes.subarray(ETHERNET.dst, ETHERNET.dst + 6)).toEqual(header.dst);
    expect(bytes.subarray(ETHERNET.src, ETHERNET.src + 6)).toEqual(header.src);
    expect(get16(bytes, ETHERNET.etherType)).toBe(0x0800);
  });
  it('constructs', () => expect(emitApart(emitEthernet, header, ethernetLength(header))).toEqual(bytes));
  it('parses', () => expect(parseEthernet(bytes)).toEqual(header));
  it('emits', () => {
    const buffer = poisoned(14);
    expect(emitEthernet(header, buffer)).toBe(14);
    expect(buffer).toEqual(bytes);
  });
  it('parses and constructs a tag', () => {
    expect(parseEthernet(tagged)).toEqual(taggedHeader);
    expect(emitApart(emitEthernet, taggedHeader, ethernetLength(taggedHeader))).toEqual(tagged);
  });
  it('refuses what is too short', () => {
    for (let size = 0; size < 14; size++) expect(parseEthernet(bytes.slice(0, size))).toBeUndefined();
    for (let size = 14; size < 18; size++) expect(parseEthernet(tagged.slice(0, size))).toBeUndefined();
  });
  it('gives back any header', () => {
    const vlan = fc.record({ priority: fc.nat(7), dropEligible: fc.boolean(), id: fc.nat(4095) });
    const base = { dst: bytesOf(6), src: bytesOf(6), etherType: u16.filter((type) => type !== ETHERTYPE.vlan) };
    fc.assert(
      fc.property(fc.oneof(fc.record(base), fc.record({ ...base, vlan })), (any) => {
        expect(parseEthernet(emitApart(emitEthernet, any as EthernetHeader, ethernetLength(any)))).toEqual(any);
      }),
    );
  });
});

describe('ARP', () => {
  const bytes = hex('0001 0800 06 04 0002 525400000001 0a000001 123456789abc 0a000002');
  const packet: ArpPacket = {
    operation: ARP_REPLY,
    senderMac: hex('525400000001'),
    senderIp: hex('0a000001'),
    targetMac: hex('123456789abc'),
    targetIp: hex('0a000002'),
  };

  it('deconstructs', () => {
    expect(get16(bytes, ARP.operation)).toBe(ARP_REPLY);
    expect(get32(bytes, ARP.senderIp)).toBe(0x0a000001);
    expect(get32(bytes, ARP.targetIp)).toBe(0x0a000002);
    expect(bytes.length).toBe(ARP.length);
  });
  it('constructs', () => expect(emitApart(emitArp, packet, 28)).toEqual(bytes));
  it('parses', () => expect(parseArp(bytes)).toEqual(packet));
  it('emits', () => {
    const buffer = poisoned(28);
    expect(emitArp(packet, buffer)).toBe(28);
    expect(buffer).toEqual(bytes);
  });
  it.each([
    ['hardware that is not Ethernet', 1, 6],
    ['a protocol that is not IPv4', 3, 1],
    ['hardware addresses that are not 6 bytes', 4, 8],
    ['protocol addresses that are not 4 bytes', 5, 16],
  ])('refuses %s', (_name, at, value) => {
    const broken = bytes.slice();
    broken[at] = value;
    expect(parseArp(broken)).toBeUndefined();
  });
  it('refuses what is too short', () => expect(parseArp(bytes, 0, 27)).toBeUndefined());
});

describe('IPv4', () => {
  const bytes = FRAMES.extended.slice(14, 34);
  const header: Ipv4Header = {
    tos: 0,
    id: 0x050d,
    dontFragment: false,
    moreFragments: false,
    fragmentOffset: 0,
    ttl: 64,
    protocol: 17,
    src: hex('0a000001'),
    dst: hex('0a000002'),
    payloadLength: 28,
  };

  it('deconstructs', () => {
    expect(bytes[IPV4.versionIhl]).toBe(0x45);
    expect(get16(bytes, IPV4.totalLength)).toBe(48);
    expect(get16(bytes, IPV4.id)).toBe(0x050d);
    expect(bytes[IPV4.ttl]).toBe(64);
    expect(bytes[IPV4.protocol]).toBe(17);
    expect(get16(bytes, IPV4.checksum)).toBe(0x61ae);
    expect(get32(bytes, IPV4.src)).toBe(0x0a000001);
    expect(get32(bytes, IPV4.dst)).toBe(0x0a000002);
  });
  it('constructs', () => expect(emitApart(emitIpv4, header, ipv4Length(header))).toEqual(bytes));
  it('parses', () => {
    expect(parseIpv4(bytes)).toEqual(header);
    expect(verifyIpv4(bytes)).toBe(true);
  });
  it('emits', () => {
    const buffer = poisoned(20);
    expect(emitIpv4(header, buffer)).toBe(20);
    expect(buffer).toEqual(bytes);
  });
  it('finds every single broken bit by its checksum', () => {
    for (let bit = 0; bit < 160; bit++) {
      const broken = bytes.slice();
      broken[bit >> 3]! ^= 1 << (bit & 7);
      // Another header length sums other bytes, which are not there.
      if (parseIpv4(broken) !== undefined) expect(verifyIpv4(broken)).toBe(false);
    }
  });
  it.each([
    ['another version', 0, 0x65],
    ['a header shorter than 20', 0, 0x44],
    ['a header longer than what is there', 0, 0x46],
    ['a total length below the header', 3, 19],
  ])('refuses %s', (_name, at, value) => {
    const broken = bytes.slice();
    broken[at] = value;
    expect(parseIpv4(broken)).toBeUndefined();
  });
  it('gives back any header', () => {
    const base = {
      tos: byte,
      id: u16,
      dontFragment: fc.boolean(),
      moreFragments: fc.boolean(),
      fragmentOffset: fc.nat(0x1fff).map((blocks) => blocks * 8),
      ttl: byte,
      protocol: byte,
      src: bytesOf(4),
      dst: bytesOf(4),
      payloadLength: fc.nat(65535 - 60),
    };
    const options = fc.integer({ min: 1, max: 10 }).chain((words) => bytesOf(words * 4));
    fc.assert(
      fc.property(fc.oneof(fc.record(base), fc.record({ ...base, options })), (any: Ipv4Header) => {
        const written = emitApart(emitIpv4, any, ipv4Length(any));
        expect(parseIpv4(written)).toEqual(any);
        expect(verifyIpv4(written)).toBe(true);
      }),
    );
  });
});

describe('IPv6', () => {
  const bytes = FRAMES.ipv6Odd.slice(14, 54);
  const header: Ipv6Header = {
    trafficClass: 0,
    flowLabel: 0,
    payloadLength: 39,
    nextHeader: 17,
    hopLimit: 32,
    src: hex('fd000000000000000000000000000001'),
    dst: hex('fd000000000000000000000000000009'),
  };

  it('deconstructs', () => {
    expect(get32(bytes, IPV6.versionClassLabel)).toBe(0x60000000);
    expect(get16(bytes, IPV6.payloadLength)).toBe(39);
    expect(bytes[IPV6.nextHeader]).toBe(17);
    expect(bytes[IPV6.hopLimit]).toBe(32);
    expect(bytes[IPV6.src + 15]).toBe(1);
    expect(bytes[IPV6.dst + 15]).toBe(9);
  });
  it('constructs', () => expect(emitApart(emitIpv6, header, 40)).toEqual(bytes));
  it('parses', () => expect(parseIpv6(bytes)).toEqual(header));
  it('emits', () => {
    const buffer = poisoned(40);
    expect(emitIpv6(header, buffer)).toBe(40);
    expect(buffer).toEqual(bytes);
  });
  it('refuses another version, and what is too short', () => {
    expect(parseIpv6(Uint8Array.of(0x45, ...bytes.subarray(1)))).toBeUndefined();
    expect(parseIpv6(bytes, 0, 39)).toBeUndefined();
  });
  it('gives back any header', () => {
    const any = fc.record({
      trafficClass: byte,
      flowLabel: fc.nat(0xfffff),
      payloadLength: u16,
      nextHeader: byte,
      hopLimit: byte,
      src: bytesOf(16),
      dst: bytesOf(16),
    });
    fc.assert(
      fc.property(any, (header: Ipv6Header) => {
        expect(parseIpv6(emitApart(emitIpv6, header, 40))).toEqual(header);
      }),
    );
  });
});

describe('UDP', () => {
  const bytes = FRAMES.extended.slice(34);
  const addresses = { src: hex('0a000001'), dst: hex('0a000002') };
  const header: UdpHeader = { srcPort: 4444, dstPort: 9353, payloadLength: 20 };

  it('deconstructs', () => {
    expect(get16(bytes, UDP.srcPort)).toBe(4444);
    expect(get16(bytes, UDP.dstPort)).toBe(9353);
    expect(get16(bytes, UDP.udpLength)).toBe(28);
    expect(get16(bytes, UDP.checksum)).toBe(0x85eb);
  });
  it('constructs at an odd offset, and writes nothing but the header', () => {
    const buffer = poisoned(bytes.length + 10);
    buffer.set(bytes.subarray(8), 7 + 8);
    expect(emitUdp(header, buffer, 7, addresses)).toBe(8);
    expect(buffer.subarray(7, 7 + bytes.length)).toEqual(bytes);
    expect(buffer.subarray(0, 7)).toEqual(poisoned(7));
    expect(buffer.subarray(7 + bytes.length)).toEqual(poisoned(3));
  });
  it('parses', () => {
    expect(parseUdp(bytes)).toEqual(header);
    expect(verifyUdp(bytes, 0, addresses.src, addresses.dst)).toBe('good');
  });
  it('emits without checksum', () => {
    const buffer = poisoned(28);
    emitUdp(header, buffer);
    expect(buffer.subarray(0, 8)).toEqual(hex('115c2489001c0000'));
    expect(verifyUdp(buffer, 0, addresses.src, addresses.dst)).toBe('none');
  });
  it('sends a checksum of zero as all ones', () => {
    // The payload completes the sum to ffff.
    const payload = Uint8Array.of(0, 0);
    const buffer = poisoned(10);
    buffer.set(payload, 8);
    emitUdp({ srcPort: 1, dstPort: 2, payloadLength: 2 }, buffer, 0, addresses);
    buffer.set(buffer.subarray(6, 8), 8);
    emitUdp({ srcPort: 1, dstPort: 2, payloadLength: 2 }, buffer, 0, addresses);
    expect(get16(buffer, UDP.checksum)).toBe(0xffff);
    expect(verifyUdp(buffer, 0, addresses.src, addresses.dst)).toBe('good');
  });
  it('takes a checksum of zero over IPv6 for an error', () => {
    const buffer = hex('1a09 1a0a 0009 0000 0a');
    expect(verifyUdp(buffer, 0, new Uint8Array(4), new Uint8Array(4))).toBe('none');
    expect(verifyUdp(buffer, 0, new Uint8Array(16), new Uint8Array(16))).toBe('bad');
  });
  it('finds every single broken bit', () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const broken = bytes.slice();
      broken[bit >> 3]! ^= 1 << (bit & 7);
      const parsed = parseUdp(broken);
      if (parsed === undefined || 8 + parsed.payloadLength > broken.length) continue;
      expect(verifyUdp(broken, 0, addresses.src, addresses.dst)).toBe('bad');
    }
  });
  it('refuses a length below 8, and what is too short', () => {
    expect(parseUdp(hex('1a091a0a00070000'))).toBeUndefined();
    expect(parseUdp(bytes, 0, 7)).toBeUndefined();
  });
});

describe('parsers of bytes nobody vouches for', () => {
  const whole = fc.constantFrom(...Object.values(FRAMES));
  const changes = fc.array(fc.tuple(fc.nat(200), byte), { maxLength: 8 });

  it('never throw, and never read past their end', () => {
    fc.assert(
      fc.property(whole, changes, fc.nat(110), fc.nat(60), (frame, mutations, size, at) => {
        const bytes = frame.slice();
        for (const [where, value] of mutations) bytes[where % bytes.length] = value;
        const end = Math.min(size, bytes.length);
        // What lies behind the end must not matter.
        const other = bytes.slice();
        other.fill(0x5a, end);
        for (const parse of [parseEthernet, parseArp, parseIpv4, parseIpv6, parseUdp]) {
          expect(parse(other, at, end)).toEqual(parse(bytes, at, end));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
