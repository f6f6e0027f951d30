/**
 * A frame as plain data, and as one line of text in the manner of tcpdump.
 *
 * Decoding goes as deep as the bytes make sense; `odd` says where and why it stopped, and what else is wrong. Nothing here throws.
 */
import { formatIpv4, formatIpv6, formatMac } from './address.js';
import { ARP_REPLY, ARP_REQUEST, parseArp } from './arp.js';
import { PROTOCOL_UDP } from './checksum.js';
import { ETHERTYPE, ethernetLength, parseEthernet, type VlanTag } from './ethernet.js';
import { type ExtendedRecord, type PlainText, parseBody, parsePayload } from './extended.js';
import { ipv4Length, parseIpv4, verifyIpv4 } from './ipv4.js';
import { IPV6, parseIpv6 } from './ipv6.js';
import { type Netconsole2001, parseNetconsole2001 } from './netconsole2001.js';
import { NETDUMP_REPLY, type NetdumpReply, parseNetdump } from './netdump.js';
import { NETOOPS_TYPE_PRINTK_BUFFER_SOFT, type NetoopsPacket, parseNetoops } from './netoops.js';
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from './pcap.js';
import { parseUdp, UDP, type UdpVerdict, verifyUdp } from './udp.js';

/** What a UDP payload is, by its content. */
export type Message =
  | PlainText
  | ExtendedRecord
  | ({ readonly kind: 'netoops' } & NetoopsPacket)
  | ({ readonly kind: 'netdump' } & NetdumpReply)
  | ({ readonly kind: 'netconsole2001' } & Netconsole2001);

/** `cut`: the capture lacks bytes the checksum covers. */
export type Verdict = UdpVerdict | 'cut';

export interface DecodedIp {
  readonly version: 4 | 6;
  readonly src: string;
  readonly dst: string;
  /** TTL or hop limit. */
  readonly ttl: number;
  readonly protocol: number;
  readonly payloadLength: number;
  /** IPv4 only. */
  readonly id?: number;
  /** Of the header, IPv4 only. */
  readonly checksum?: 'good' | 'bad';
}

/** Addresses are text; `message` and `payload` hold views of the frame. */
export interface Decoded {
  /** Bytes of the frame. */
  readonly length: number;
  readonly ethernet?: {
    readonly src: string;
    readonly dst: string;
    readonly vlan?: VlanTag;
    readonly etherType: number;
  };
  readonly arp?: {
    readonly operation: number;
    readonly senderMac: string;
    readonly senderIp: string;
    readonly targetMac: string;
    readonly targetIp: string;
  };
  readonly ip?: DecodedIp;
  readonly udp?: {
    readonly srcPort: number;
    readonly dstPort: number;
    readonly payloadLength: number;
    readonly checksum: Verdict;
  };
  /** Bytes of padding after the IP packet. */
  readonly padding?: number;
  /** What UDP carries; in a cut capture only its beginning. */
  readonly payload?: Uint8Array;
  /** Absent when the capture cut the payload. */
  readonly message?: Message;
  readonly odd: readonly string[];
}

type Open = { -readonly [K in keyof Decoded]: Decoded[K] } & { odd: string[] };

/** `linktype`: LINKTYPE_ETHERNET or LINKTYPE_RAW. */
export function decodeFrame(frame: Uint8Array, linktype: number = LINKTYPE_ETHERNET): Decoded {
  const decoded: Open = { length: frame.length, odd: [] };
  if (linktype === LINKTYPE_RAW) {
    decodeIp(frame, 0, decoded);
    return decoded;
  }
  const header = parseEthernet(frame);
  if (header === undefined) {
    decoded.odd.push('too short for an Ethernet header');
    return decoded;
  }
  const { vlan, etherType } = header;
  decoded.ethernet = {
    src: formatMac(header.src),
    dst: formatMac(header.dst),
    ...(vlan !== undefined && { vlan }),
    etherType,
  };
  const at = ethernetLength(header);
  if (etherType === ETHERTYPE.arp) decodeArp(frame, at, decoded);
  else if (etherType === ETHERTYPE.ipv4 || etherType === ETHERTYPE.ipv6) decodeIp(frame, at, decoded);
  return decoded;
}

/** The datagrams with a header of their own first: none of them can begin like a record or like printed text. */
export function decodePayload(payload: Uint8Array): Message {
  const netoops = parseNetoops(payload);
  if (netoops !== undefined) return { kind: 'netoops', ...netoops };
  const netdump = parseNetdump(payload);
  if (netdump !== undefined) return { kind: 'netdump', ...netdump };
  const netconsole2001 = parseNetconsole2001(payload);
  if (netconsole2001 !== undefined) return { kind: 'netconsole2001', ...netconsole2001 };
  return parsePayload(payload);
}

function decodeArp(frame: Uint8Array, at: number, decoded: Open): void {
  const arp = parseArp(frame, at);
  if (arp === undefined) {
    decoded.odd.push('not an ARP packet for IPv4 over Ethernet');
    return;
  }
  decoded.arp = {
    operation: arp.operation,
    senderMac: formatMac(arp.senderMac),
    senderIp: formatIpv4(arp.senderIp),
    targetMac: formatMac(arp.targetMac),
    targetIp: formatIpv4(arp.targetIp),
  };
}

function decodeIp(frame: Uint8Array, at: number, decoded: Open): void {
  const version = frame[at]! >> 4;
  const v4 = version === 4 ? parseIpv4(frame, at) : undefined;
  const v6 = version === 6 ? parseIpv6(frame, at) : undefined;
  const header = v4 ?? v6;
  if (header === undefined) {
    decoded.odd.push('no IP header where one should be');
    return;
  }
  const { payloadLength } = header;
  if (v4 !== undefined) {
    const checksum = verifyIpv4(frame, at) ? 'good' : 'bad';
    const { ttl, protocol, id } = v4;
    const [src, dst] = [formatIpv4(v4.src), formatIpv4(v4.dst)];
    decoded.ip = { version: 4, src, dst, ttl, protocol, payloadLength, id, checksum };
    if (v4.moreFragments || v4.fragmentOffset > 0) {
      decoded.odd.push('an IP fragment');
      return;
    }
  } else if (v6 !== undefined) {
    const [src, dst] = [formatIpv6(v6.src), formatIpv6(v6.dst)];
    decoded.ip = { version: 6, src, dst, ttl: v6.hopLimit, protocol: v6.nextHeader, payloadLength };
  }
  const payloadAt = at + (v4 === undefined ? IPV6.length : ipv4Length(v4));
  const end = payloadAt + payloadLength;
  if (end < frame.length) decoded.padding = frame.length - end;
  if (end > frame.length) decoded.odd.push(`${end - frame.length} bytes of the IP packet are missing`);
  if (decoded.ip?.protocol === PROTOCOL_UDP) decodeUdp(frame, payloadAt, end, header, decoded);
}

function decodeUdp(
  frame: Uint8Array,
  at: number,
  end: number,
  ip: { readonly src: Uint8Array; readonly dst: Uint8Array },
  decoded: Open,
): void {
  const udp = parseUdp(frame, at, Math.min(end, frame.length));
  const udpEnd = at + UDP.length + (udp?.payloadLength ?? 0);
  if (udp === undefined || udpEnd > end) {
    decoded.odd.push('no UDP header where one should be, or one longer than its packet');
    return;
  }
  const cut = udpEnd > frame.length;
  const checksum = cut ? 'cut' : verifyUdp(frame, at, ip.src, ip.dst);
  decoded.udp = { ...udp, checksum };
  decoded.payload = frame.subarray(at + UDP.length, udpEnd);
  if (!cut) decoded.message = decodePayload(decoded.payload);
}

/** One line, without time and newline; control characters are escaped. */
export function formatDecoded(decoded: Decoded): string {
  const { ethernet, arp, ip, udp, message } = decoded;
  const parts: string[] = [];
  if (ethernet?.vlan !== undefined) parts.push(`vlan ${ethernet.vlan.id}, p ${ethernet.vlan.priority},`);
  if (arp !== undefined) parts.push(`ARP, ${formatArp(arp)}`);
  else if (ip === undefined) parts.push(formatLink(decoded));
  else if (udp === undefined) {
    parts.push(
      `${ip.version === 4 ? 'IP' : 'IP6'} ${ip.src} > ${ip.dst}: protocol ${ip.protocol}, length ${ip.payloadLength}`,
    );
  } else {
    const id = ip.id === undefined ? '' : ` id ${ip.id},`;
    const flow = `${ip.src}.${udp.srcPort} > ${ip.dst}.${udp.dstPort}`;
    parts.push(`${ip.version === 4 ? 'IP' : 'IP6'} ${flow}:${id} UDP, length ${udp.payloadLength}`);
  }
  if (ip?.checksum === 'bad') parts.push('[bad ip cksum]');
  if (udp?.checksum === 'good') parts.push('[udp sum ok]');
  else if (udp?.checksum === 'none') parts.push('[no udp cksum]');
  else if (udp?.checksum === 'bad') parts.push('[bad udp cksum]');
  if (decoded.padding !== undefined) parts.push(`[${decoded.padding} bytes of padding]`);
  if (message !== undefined) parts.push(formatMessage(message));
  for (const odd of decoded.odd) parts.push(`[${odd}]`);
  return parts.join(' ');
}

function formatLink(decoded: Decoded): string {
  const { ethernet, length } = decoded;
  if (ethernet === undefined) return `length ${length}`;
  const type = ethernet.etherType.toString(16).padStart(4, '0');
  return `${ethernet.src} > ${ethernet.dst}, ethertype 0x${type}, length ${length}`;
}

function formatArp(arp: NonNullable<Decoded['arp']>): string {
  if (arp.operation === ARP_REQUEST) return `Request who-has ${arp.targetIp} tell ${arp.senderIp}`;
  if (arp.operation === ARP_REPLY) return `Reply ${arp.senderIp} is-at ${arp.senderMac}`;
  return `operation ${arp.operation}`;
}

/** What a payload says, in one line. */
export function formatMessage(message: Message): string {
  switch (message.kind) {
    case 'plain':
      return withOdd(`plain ${quote(message.body)}`, message.odd);
    case 'extended':
      return formatExtended(message);
    case 'netoops': {
      const soft = message.type === NETOOPS_TYPE_PRINTK_BUFFER_SOFT ? ' soft' : '';
      const number = `packet ${message.packetNo} of ${message.packetCount}`;
      return `netoops${soft} dump ${message.dumpId} ${number} boot ${message.bootId} ${escapeText(message.kernelVersion)}`;
    }
    case 'netdump': {
      const code = NETDUMP_REPLY[message.code];
      return `netdump ${code} nr ${message.nr} info ${message.info} ${quote(message.payload)}`;
    }
    case 'netconsole2001':
      return `netconsole 2001 offset ${message.offset} ${quote(message.text)}`;
  }
}

function formatExtended(record: ExtendedRecord): string {
  const parts = ['extended'];
  if (record.release !== undefined) parts.push(`release ${record.release}`);
  parts.push(`seq ${record.seq} prio ${record.prio} ts ${record.tsUsec} flag ${record.flag}`);
  if (record.caller !== undefined) parts.push(`caller ${record.caller}`);
  for (const [key, value] of record.fields) parts.push(`${key}=${value}`);
  if (record.emergency !== undefined) parts.push(`emergency (${record.emergency})`);
  const { fragment, body } = record;
  if (fragment === undefined) {
    const { text, dictionary, odd } = parseBody(body);
    parts.push(quoteText(text));
    for (const [key, value] of dictionary) parts.push(`${escapeText(key)}=${quoteText(value)}`);
    return withOdd(parts.join(' '), [...record.odd, ...odd]);
  }
  const end = fragment.offset + body.length;
  const of = fragment.dialect === 'bytes' ? `${fragment.total}` : `?, ${fragment.index + 1} of ${fragment.count}`;
  parts.push(`fragment ${fragment.offset}-${end}/${of} ${quote(body)}`);
  return withOdd(parts.join(' '), record.odd);
}

function withOdd(text: string, odd: readonly string[]): string {
  return [text, ...odd.map((what) => `[${escapeText(what)}]`)].join(' ');
}

const utf8 = new TextDecoder();

function quote(bytes: Uint8Array): string {
  return quoteText(utf8.decode(bytes));
}

function quoteText(text: string): string {
  return escapeText(JSON.stringify(text));
}

/** So that a hostile log line cannot drive the terminal. */
function escapeText(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
