/**
 * Wraps packets as captures have them, in link types, tags, labels and tunnels, written from the
 * formats' documents with Buffer. It shares no code with `src`.
 */
import { naiveChecksum, naiveIp } from './naive.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const ETHERNET = hex('020000000002 020000000001');
const u16 = (value: number) => hex(value.toString(16).padStart(4, '0'));

/** Makes an IPv4 packet of `protocol` between two tunnel ends. */
export function ipv4(protocol: number, payload: Uint8Array, fragment = 0, id = 7): Buffer {
  const header = hex('4500 0000 0000 0000 40 00 0000 c000020a c000020b');
  header.writeUInt16BE(20 + payload.length, 2);
  header.writeUInt16BE(id, 4);
  header.writeUInt16BE(fragment, 6);
  header[9] = protocol;
  header.writeUInt16BE(naiveChecksum(header), 10);
  return Buffer.concat([header, payload]);
}

/** Makes an IPv6 packet whose first next header is `next`. */
export function ipv6(next: number, payload: Uint8Array): Buffer {
  const header = Buffer.concat([
    hex('60000000 0000'),
    Buffer.of(next, 64),
    naiveIp('2001:db8::a'),
    naiveIp('2001:db8::b'),
  ]);
  header.writeUInt16BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** Makes a UDP datagram without a checksum. */
export function udp(dstPort: number, payload: Uint8Array): Buffer {
  return Buffer.concat([u16(50000), u16(dstPort), u16(8 + payload.length), u16(0), payload]);
}

/** Makes an Ethernet frame. */
export function ethernet(etherType: number, payload: Uint8Array): Buffer {
  return Buffer.concat([ETHERNET, u16(etherType), payload]);
}

/** A packet in one of the wrappings. */
export interface Wrapped {
  readonly name: string;
  /** The link type that the capture file names. */
  readonly linktype: number;
  readonly frame: Buffer;
  /** What tshark must be told, as `-d` takes it, to read the frame. */
  readonly decodeAs?: string;
}

/** Returns `packet`, which is IPv4, in every wrapping. */
export function wrappings(packet: Uint8Array): Wrapped[] {
  const inner = ethernet(0x0800, packet);
  const link = (name: string, linktype: number, head: string, payload: Uint8Array = packet): Wrapped => ({
    name,
    linktype,
    frame: Buffer.concat([hex(head), payload]),
  });
  const ether = (name: string, etherType: number, head: string, payload: Uint8Array = packet): Wrapped => ({
    name,
    linktype: 1,
    frame: ethernet(etherType, Buffer.concat([hex(head), payload])),
  });
  const ip = (name: string, protocol: number, head: string, payload: Uint8Array = packet): Wrapped => ({
    name,
    linktype: 1,
    frame: ethernet(0x0800, ipv4(protocol, Buffer.concat([hex(head), payload]))),
  });
  const port = (name: string, number: number, head: string, payload: Uint8Array = inner): Wrapped => ({
    name,
    linktype: 1,
    frame: ethernet(0x0800, ipv4(17, udp(number, Buffer.concat([hex(head), payload])))),
  });
  return [
    { name: 'Ethernet', linktype: 1, frame: inner },
    link('raw IP 101', 101, ''),
    link('raw IP 12', 12, ''),
    link('raw IPv4 228', 228, ''),
    link('BSD loopback, little-endian', 0, '02000000'),
    link('BSD loopback, big-endian', 0, '00000002'),
    link('OpenBSD loopback', 108, '00000002'),
    link('Linux cooked', 113, '0000 0001 0006 020000000001 0000 0800'),
    link('Linux cooked with a tag', 113, '0000 0001 0006 020000000001 0000 8100 0064 0800'),
    link('Linux cooked v2', 276, '0800 0000 00000003 0001 04 06 020000000001 0000'),
    link('PPP', 9, 'ff03 0021'),
    link('PPP, compressed protocol', 9, '21'),
    link('PPP over HDLC', 50, 'ff03 0021'),
    link('PPPoE', 51, '11 00 0001 0000 0021'.replace('0000', (packet.length + 2).toString(16).padStart(4, '0'))),
    link('Cisco HDLC', 104, '0f00 0800'),
    link('ATM with LLC', 100, 'aaaa03 000000 0800'),
    link('NFLOG, little-endian', 239, `02 00 0005 0800 0100 08000100 ${swapped(packet.length + 4)} 0900`),
    link('NFLOG, big-endian', 239, `02 00 0005 0008 0001 08000100 ${u16(packet.length + 4).toString('hex')} 0009`),
    link('802.11 data', 105, '0801 0000 020000000001 020000000002 020000000003 0000 aaaa03 000000 0800'),
    link('802.11 QoS data', 105, '8801 0000 020000000001 020000000002 020000000003 0000 0000 aaaa03 000000 0800'),
    link(
      'radiotap',
      127,
      '0000 0800 00000000 0801 0000 020000000001 020000000002 020000000003 0000 aaaa03 000000 0800',
    ),
    ether('802.1Q', 0x8100, '0064 0800'),
    ether('802.1ad', 0x88a8, '0064 8100 00c8 0800'),
    ether('three tags', 0x9100, '0001 8100 0002 8100 0003 0800'),
    ether('802.3 with SNAP', 8 + packet.length, 'aaaa03 000000 0800'),
    ether('MPLS, two labels', 0x8847, '00010040 00020140'),
    ether('MPLS pseudowire', 0x8847, '00010140 00000000', inner),
    ether('PPPoE session', 0x8864, `1100 0001 ${u16(packet.length + 2).toString('hex')} 0021`),
    ether('802.1ah', 0x88e7, '00000005', inner),
    ether('VN-tag', 0x8926, '00010002 0800'),
    ip('IP in IP', 4, ''),
    ip('GRE', 47, '0000 0800'),
    ip('GRE with key and sequence', 47, '3000 0800 00000005 00000001'),
    ip('GRE with checksum field', 47, '8000 0800 00000000'),
    ip('GRE, bridged', 47, '0000 6558', inner),
    ip('ERSPAN I', 47, '0000 88be', inner),
    ip('ERSPAN II', 47, '1000 88be 00000001 1001 0064 00000000', inner),
    ip('ERSPAN III', 47, '1000 22eb 00000001 2001 0064 00000000 00000000', inner),
    ip('EtherIP', 97, '3000', inner),
    port('VXLAN', 4789, '08000000 00002a00'),
    port('VXLAN on the old port', 8472, '08000000 00002a00'),
    port('VXLAN-GPE', 4790, '0c000001 00002a00', packet),
    port('Geneve', 6081, '0000 6558 00002a00'),
    port('Geneve with an option', 6081, '0100 6558 00002a00 00000000'),
    port('GTP-U', 2152, `30ff ${u16(packet.length).toString('hex')} 00000001`, packet),
    port('TZSP', 37008, '01 00 0001 0a01ff 01'),
    { name: 'IPv4 in IPv6', linktype: 1, frame: ethernet(0x86dd, ipv6(4, packet)) },
    {
      name: 'IPv6 with extensions',
      linktype: 1,
      frame: ethernet(0x86dd, ipv6(0, Buffer.concat([hex('3c00 0104 00000000 0400 0104 00000000'), packet]))),
    },
    {
      name: 'VXLAN in GRE',
      linktype: 1,
      frame: ethernet(
        0x0800,
        ipv4(
          47,
          Buffer.concat([hex('0000 0800'), ipv4(17, udp(4789, Buffer.concat([hex('08000000 00000100'), inner])))]),
        ),
      ),
    },
  ];
}

function swapped(value: number): string {
  return Buffer.of(value & 255, value >> 8).toString('hex');
}

/** How a pcapng file is written. */
export interface PcapngForm {
  /** The order of bytes in numbers. Default true. */
  readonly littleEndian?: boolean;
  /**
   * The resolution of stamps, as the option if_tsresol has it. Default: no option, which means 6.
   */
  readonly resolution?: number;
  /** Whether packets are in simple packet blocks, which have no stamp. */
  readonly simple?: boolean;
}

/**
 * Makes a pcapng file with an interface and a packet for each of `frames`. The first stamp is
 * 1,000,000,000.5 s, and each later one is a second more.
 */
export function naivePcapng(frames: readonly { linktype: number; frame: Uint8Array }[], form: PcapngForm = {}): Buffer {
  const { littleEndian = true, resolution, simple = false } = form;
  const put = (size: 2 | 4, value: number) => {
    const bytes = Buffer.alloc(size);
    if (littleEndian) bytes.writeUIntLE(value, 0, size);
    else bytes.writeUIntBE(value, 0, size);
    return bytes;
  };
  const padded = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  const block = (type: number, ...parts: Uint8Array[]) => {
    const body = Buffer.concat(parts);
    const length = put(4, body.length + 12);
    return Buffer.concat([put(4, type), length, body, length]);
  };
  const option = (code: number, value: Uint8Array) =>
    Buffer.concat([put(2, code), put(2, value.length), padded(value)]);
  const tsresol = resolution === undefined ? [] : [option(9, Buffer.of(resolution)), option(0, Buffer.alloc(0))];
  const perSecond = 10n ** BigInt(resolution ?? 6);
  const blocks = [block(0x0a0d0d0a, put(4, 0x1a2b3c4d), put(2, 1), put(2, 0), Buffer.alloc(8, 0xff))];
  // Readers must skip a block of a type that nobody knows.
  blocks.push(block(0x0bad, Buffer.from('what is this'), option(1, Buffer.from('comment'))));
  for (const { linktype } of frames) blocks.push(block(1, put(2, linktype), put(2, 0), put(4, 0), ...tsresol));
  frames.forEach(({ frame }, i) => {
    if (simple) {
      blocks.push(block(3, put(4, frame.length), padded(frame)));
      return;
    }
    const stamp = (1_000_000_000n + BigInt(i)) * perSecond + perSecond / 2n;
    const [high, low] = [Number(stamp >> 32n), Number(stamp & 0xffffffffn)];
    const head = [i, high, low, frame.length, frame.length].map((value) => put(4, value));
    blocks.push(block(6, ...head, padded(frame), option(1, Buffer.from('note')), option(0, Buffer.alloc(0))));
  });
  return Buffer.concat(blocks);
}
