/**
 * Prints a decoded frame as one line of text, in the manner of tcpdump. Control characters are
 * escaped, so that a hostile log line cannot drive the terminal.
 */
import { ARP_REPLY, ARP_REQUEST } from './arp.js';
import type { Decoded } from './decode.js';
import { type ExtendedRecord, parseBody } from './extended.js';
import type { Layer } from './linktype.js';
import type { CutRecord, Message, PartialMessage } from './message.js';
import { NETDUMP_REPLY } from './netdump.js';
import { NETOOPS_TYPE_PRINTK_BUFFER_SOFT } from './netoops.js';
import { decodeText } from './text.js';

/** Prints a frame as one line, without time and newline. Control characters are escaped. */
export function formatDecoded(decoded: Decoded): string {
  const { ethernet, arp, ip, udp, message, partial } = decoded;
  const parts = (decoded.layers ?? []).map(formatLayer);
  const vlans = ethernet?.vlans ?? (ethernet?.vlan === undefined ? [] : [ethernet.vlan]);
  for (const vlan of vlans) parts.push(`vlan ${vlan.id}, p ${vlan.priority},`);
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
  if (decoded.fragments !== undefined) parts.push(`[joined from ${decoded.fragments} IP fragments]`);
  if (message !== undefined) parts.push(formatMessage(message));
  else if (partial !== undefined) parts.push(`${formatPartial(partial)} [cut]`);
  else if (decoded.carries !== undefined && arp === undefined) parts.push(decoded.carries);
  for (const odd of decoded.odd) parts.push(`[${odd}]`);
  return parts.join(' ');
}

function formatLayer({ name, id, src, dst }: Layer): string {
  const flow = dst === undefined ? (src === undefined ? '' : ` from ${src}`) : ` ${src} > ${dst}`;
  return `${name}${id === undefined ? '' : ` ${id}`}${flow},`;
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

/** Prints what a payload says, as one line. */
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
    case 'response': {
      const ack = message.ack === undefined ? 'no ack' : `ack ${message.ack}`;
      const missing = message.missing.length === 0 ? '' : ` missing ${message.missing.join(' ')}`;
      return `response ${message.dialect} ${ack}${missing}`;
    }
  }
}

/** Prints what is left of a payload that the capture cut. */
export function formatPartial(message: PartialMessage): string {
  return message.kind === 'extended' && !('body' in message) ? formatCut(message) : formatMessage(message);
}

function formatCut({ release, prio, seq, tsUsec, flag, caller }: CutRecord): string {
  const parts = ['extended'];
  if (release !== undefined) parts.push(`release ${release}`);
  parts.push(`seq ${seq} prio ${prio}`);
  if (tsUsec !== undefined) parts.push(`ts ${tsUsec}`);
  if (flag !== undefined) parts.push(`flag ${flag}`);
  if (caller !== undefined) parts.push(`caller ${caller}`);
  return parts.join(' ');
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

function quote(bytes: Uint8Array): string {
  return quoteText(decodeText(bytes));
}

function quoteText(text: string): string {
  return escapeText(JSON.stringify(text));
}

function escapeText(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
