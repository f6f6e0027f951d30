/**
 * Finds out what a UDP payload is: one of netconsole's datagrams, or something else.
 *
 * `classify` is sceptical. Forms with a header of their own are recognised by that. Plain text has
 * no header, so a datagram is taken for it only if it is text, begins with a console's stamp, or
 * belongs to netconsole by its port or by what its flow has carried before. Text to the port of
 * another protocol belongs to that protocol.
 */
import { RELIABLE_DIALECTS, type ReliableDialect } from './dialects.js';
import { type ExtendedRecord, type PlainText, parsePayload } from './extended.js';
import { type Netconsole2001, parseNetconsole2001 } from './netconsole2001.js';
import { NETDUMP_REPLY, type NetdumpReply, parseNetdump } from './netdump.js';
import { type NetoopsPacket, parseNetoops } from './netoops.js';
import { latin1Text } from './text.js';

/** What the receiver of a reliable target answers, such as `nca42 43 44`. */
export interface Response {
  readonly kind: 'response';
  /** The dialect in which the response is spelled. */
  readonly dialect: ReliableDialect['name'];
  /** The seq up to which all has come; absent if the response has none, or one above 2^53 - 1. */
  readonly ack?: number;
  /** The seqs that the receiver asks for. */
  readonly missing: readonly number[];
}

/** What a UDP payload is, by its content. */
export type Message =
  | PlainText
  | ExtendedRecord
  | ({ readonly kind: 'netoops' } & NetoopsPacket)
  | ({ readonly kind: 'netdump' } & NetdumpReply)
  | ({ readonly kind: 'netconsole2001' } & Netconsole2001)
  | Response;

/** The beginning of an extended record's header: those fields that are whole. */
export interface CutRecord {
  readonly kind: 'extended';
  /** As in `ExtendedRecord`, like the fields that follow. What the capture cut off is absent. */
  readonly release?: string;
  readonly prio: number;
  readonly seq: number;
  readonly tsUsec?: number;
  readonly flag?: string;
  readonly caller?: string;
}

/**
 * What is left of a message that the capture cut: its body, its data or even its header ends early.
 */
export type PartialMessage = Message | CutRecord;

/** A datagram's ports, and what else tells to whom it belongs. */
export interface Ports {
  readonly srcPort: number;
  readonly dstPort: number;
  /** Ports that count as netconsole's in addition to the usual ones. */
  readonly own?: ReadonlySet<number> | undefined;
  /** True if the flow has carried what only netconsole sends. */
  readonly known?: boolean;
}

/** netconsole's default ports. Linux: drivers/net/netconsole.c alloc_and_init() */
export const NETCONSOLE_PORTS = { local: 6665, remote: 6666 } as const;

/** The ports of other protocols: text there is not taken for a log. */
export const SERVICES: Readonly<Record<number, string>> = {
  53: 'DNS',
  67: 'DHCP',
  68: 'DHCP',
  69: 'TFTP',
  88: 'Kerberos',
  111: 'RPC',
  123: 'NTP',
  137: 'NetBIOS',
  138: 'NetBIOS',
  161: 'SNMP',
  162: 'SNMP',
  319: 'PTP',
  320: 'PTP',
  389: 'LDAP',
  443: 'QUIC',
  500: 'IKE',
  520: 'RIP',
  546: 'DHCPv6',
  547: 'DHCPv6',
  623: 'IPMI',
  1194: 'OpenVPN',
  1645: 'RADIUS',
  1646: 'RADIUS',
  1701: 'L2TP',
  1812: 'RADIUS',
  1813: 'RADIUS',
  1900: 'SSDP',
  2049: 'NFS',
  2055: 'NetFlow',
  2152: 'GTP',
  3478: 'STUN',
  3702: 'WS-Discovery',
  3784: 'BFD',
  4500: 'IKE',
  4739: 'IPFIX',
  4789: 'VXLAN',
  4790: 'VXLAN',
  5060: 'SIP',
  5351: 'NAT-PMP',
  5353: 'mDNS',
  5355: 'LLMNR',
  6081: 'Geneve',
  6343: 'sFlow',
  8125: 'StatsD',
  8472: 'VXLAN',
  9995: 'NetFlow',
  11211: 'memcached',
  12201: 'GELF',
  24224: 'Fluentd',
  37008: 'TZSP',
  51820: 'WireGuard',
};

/** The port of syslog: datagrams to it that begin with a syslog priority are syslog's. */
export const SYSLOG_PORT = 514;
/** The headers of RFC 3164 and 5424, which no console prints. */
const SYSLOG = /^<\d{1,3}>(1 |[A-Z][a-z]{2} [ \d]\d |\d{4}-)/;
/** A stamp in front of a console's line. Linux: kernel/printk/printk.c print_time() */
const STAMP = /^\[ {0,11}\d{1,12}\.\d{6}\]/;
const SYSLOG_PRIORITY = /^<\d{1,3}>/;
const RESPONSE = /^(nc[a-z]+)(\d{1,20})?((?: \d{1,20})*)$/;
/** The length of the longest response that a sender reads, in bytes. */
export const MAX_RESPONSE_BYTES = 1000;
const NETDUMP_LOG = NETDUMP_REPLY.indexOf('LOG');
/** The fields of a header, as far as each is ended by a comma. */
const CUT_HEADER =
  /^(?:([^,;]{0,128}\.[^,;]{0,128}),)?(\d{1,4}),(\d{1,16}),(?:(\d{1,16}),(?:([-c+]),(?:caller=([TC]\d+),)?)?)?/;

/** What may be the beginning of a header or of a text. */
const HEADER_OR_TEXT = /^(?:\d[\w.+~-]{0,63}(?:,\d{0,4})?)?$/;
const TOO_EARLY = 'a datagram cut too early to tell';

/**
 * Decodes a payload that is netconsole's, which is at least plain text. Datagrams with a header of
 * their own are tried first: none of them can begin like a record or like printed text.
 */
export function decodePayload(given: Uint8Array): Message {
  // Bytes whose memory was transferred away fail in every method, so they are replaced.
  const payload = given.length === 0 ? new Uint8Array(0) : given;
  return byHeader(payload, 'netconsole') ?? parsePayload(payload);
}

/** Returns the message in a payload, or the name of what else the payload is. */
export function classify(payload: Uint8Array, ports: Ports): Message | string {
  const port = portOf(ports);
  const message = byHeader(payload, port) ?? parsePayload(payload);
  if (message.kind !== 'plain' || port === 'netconsole') return message;
  if (isStamped(payload)) return message;
  return service(payload, ports) ?? (isText(payload) ? message : 'UDP, not text');
}

/** Does the same for the first bytes of a payload of `length` bytes. */
export function classifyCut(payload: Uint8Array, length: number, ports: Ports): PartialMessage | string {
  const cutNetoops = netoopsOf(payload, length);
  if (cutNetoops !== undefined) return cutNetoops;
  const message = classify(payload, ports);
  if (typeof message === 'string') return cutRecord(payload) ?? message;
  if (message.kind === 'plain')
    return cutRecord(payload) ?? (HEADER_OR_TEXT.test(latin1Text(payload.subarray(0, 128))) ? TOO_EARLY : message);
  // A response is a list of numbers, of which the last one may be cut.
  return message.kind === 'response' ? { kind: 'plain', body: payload, odd: [] } : message;
}

/** Says whether a plain text begins with a console's stamp. */
export function isStamped(payload: Uint8Array): boolean {
  return payload[0] === 0x5b && STAMP.test(latin1Text(payload.subarray(0, 32)));
}

/** To whom a datagram belongs by its ports. */
type PortOwner = 'netconsole' | 'another';

function portOf({ srcPort, dstPort, own, known }: Ports): PortOwner {
  const { local, remote } = NETCONSOLE_PORTS;
  const usual = srcPort === local || srcPort === remote || dstPort === local || dstPort === remote;
  return known || usual || own?.has(srcPort) || own?.has(dstPort) ? 'netconsole' : 'another';
}

/** Decodes what has a header. On a port of netconsole's, a single byte that fits is enough. */
function byHeader(payload: Uint8Array, port: PortOwner): Message | undefined {
  const ours = port === 'netconsole';
  const netoops = parseNetoops(payload);
  if (netoops !== undefined) return { kind: 'netoops', ...netoops };
  const netdump = parseNetdump(payload);
  if (netdump !== undefined && (ours || (netdump.code === NETDUMP_LOG && isText(netdump.payload))))
    return { kind: 'netdump', ...netdump };
  const netconsole2001 = parseNetconsole2001(payload);
  if (netconsole2001 !== undefined && (ours || isText(netconsole2001.text)))
    return { kind: 'netconsole2001', ...netconsole2001 };
  return parseResponse(payload);
}

/** Parses what a receiver sent back, in either dialect; returns undefined for anything else. */
function parseResponse(payload: Uint8Array): Response | undefined {
  if (payload[0] !== 0x6e || payload[1] !== 0x63 || payload.length > MAX_RESPONSE_BYTES) return undefined;
  const match = RESPONSE.exec(latin1Text(payload));
  if (match === null || payload.length < 4) return undefined;
  const [, prefix, ack, missing = ''] = match;
  const dialect = RELIABLE_DIALECTS.find(({ responsePrefix }) => responsePrefix === prefix)?.name;
  if (dialect === undefined || (ack === undefined && missing === '')) return undefined;
  return {
    kind: 'response',
    dialect,
    ...(ack !== undefined && Number.isSafeInteger(Number(ack)) && { ack: Number(ack) }),
    missing: missing.split(' ').slice(1).map(Number),
  };
}

/** Returns the protocol that a datagram belongs to by its port, or undefined. */
function service(payload: Uint8Array, { srcPort, dstPort }: Ports): string | undefined {
  const head = latin1Text(payload.subarray(0, 32));
  if (SYSLOG.test(head) || (dstPort === SYSLOG_PORT && SYSLOG_PRIORITY.test(head))) return 'syslog';
  return SERVICES[dstPort] ?? SERVICES[srcPort];
}

/** Decodes the header of a netoops packet whose data is cut. */
function netoopsOf(payload: Uint8Array, length: number): PartialMessage | undefined {
  const padded = new Uint8Array(length);
  padded.set(payload);
  const netoops = parseNetoops(padded);
  if (netoops === undefined) return undefined;
  const dataAt = length - netoops.data.length;
  return payload.length < dataAt ? undefined : { kind: 'netoops', ...netoops, data: payload.subarray(dataAt) };
}

function cutRecord(payload: Uint8Array): CutRecord | undefined {
  const match = CUT_HEADER.exec(latin1Text(payload.subarray(0, 1024)));
  if (match === null) return undefined;
  const [, release, prio, seq, ts, flag, caller] = match;
  if (!Number.isSafeInteger(Number(seq)) || !Number.isSafeInteger(Number(ts ?? 0))) return undefined;
  return {
    kind: 'extended',
    ...(release !== undefined && { release }),
    prio: Number(prio),
    seq: Number(seq),
    ...(ts !== undefined && { tsUsec: Number(ts) }),
    ...(flag !== undefined && { flag }),
    ...(caller !== undefined && { caller }),
  };
}

/**
 * Says whether bytes are what a console prints: UTF-8 without control characters other than tab,
 * newline, return, backspace, bell, form feed and escape. Bytes may begin and end inside a
 * character.
 */
function isText(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  let at = 0;
  while (at < 3 && at < bytes.length && (bytes[at]! & 0xc0) === 0x80) at++;
  while (at < bytes.length) {
    const byte = bytes[at]!;
    if (byte < 0x20 ? !PRINTED_CONTROLS.has(byte) : byte === 0x7f) return false;
    if (byte < 0x80) {
      at++;
      continue;
    }
    const length = byte >= 0xf0 && byte < 0xf5 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0;
    if (length === 0 || byte >= 0xf5) return false;
    for (let i = 1; i < length && at + i < bytes.length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return false;
    at += length;
  }
  return true;
}

const PRINTED_CONTROLS: ReadonlySet<number> = new Set([7, 8, 9, 10, 12, 13, 27]);
