/**
 * Names and explains every byte of a frame. The page colours the bytes by these fields, and shows
 * the meaning of the byte under the pointer.
 *
 *   fieldsOf(frame).find(({ start, end }) => start <= 20 && 20 < end)!.name       // 'fragment'
 *
 * Fields follow one another and cover the whole frame. Bytes that are not understood are `data`.
 */
import { formatIpv4, formatIpv6, formatMac } from '../wire/address.js';
import { decodeFrame } from '../wire/decode.js';
import { ETHERTYPE } from '../wire/ethernet.js';
import { get16 } from '../wire/field.js';
import { UDP } from '../wire/udp.js';
import { type Field, Fields } from './field.js';
import { payloadFields } from './payload-fields.js';

export { FIELD_KINDS, type Field, type FieldKind } from './field.js';

/** Returns the fields of an Ethernet frame, from left to right. */
export function fieldsOf(frame: Uint8Array): Field[] {
  const fields = new Fields(0);
  const { ethernet, ip, udp, payload } = decodeFrame(frame);
  if (ethernet !== undefined) etherFields(fields, frame);
  if (ip?.version === 4) ipv4Fields(fields, frame);
  if (ip?.version === 6) ipv6Fields(fields, frame);
  if (udp !== undefined && payload !== undefined) {
    udpFields(fields, frame, udp.checksum);
    payloadFields(fields, payload);
  }
  fields.add(frame.length - fields.at, {
    kind: 'data',
    name: payload === undefined ? 'data' : 'padding',
    value: `${frame.length - fields.at} bytes`,
    meaning:
      payload === undefined
        ? 'What this frame carries is not netconsole’s.'
        : 'Zeros that fill the frame up to the 60 bytes that Ethernet wants.',
  });
  return fields.list;
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

function etherFields(fields: Fields, frame: Uint8Array): void {
  const kind = 'link';
  const add = (length: number, name: string, value: string, meaning: string) =>
    fields.add(length, { kind, name, value, meaning });
  add(6, 'destination MAC', formatMac(frame.subarray(0, 6)), 'Whose network card takes the frame: remote_mac.');
  add(6, 'source MAC', formatMac(frame.subarray(6, 12)), 'The address of the card that sends it.');
  while (get16(frame, fields.at) === ETHERTYPE.vlan && fields.at + 4 <= frame.length) {
    const tci = get16(frame, fields.at + 2);
    add(4, 'VLAN tag', `VLAN ${tci & 0xfff}, priority ${tci >> 13}`, 'The virtual LAN that the frame belongs to.');
  }
  const type = get16(frame, fields.at);
  const names: Readonly<Record<number, string>> = {
    [ETHERTYPE.ipv4]: 'IPv4',
    [ETHERTYPE.ipv6]: 'IPv6',
    [ETHERTYPE.arp]: 'ARP',
  };
  add(2, 'EtherType', names[type] ?? hex(type, 4), 'What the frame carries.');
}

function ipv4Fields(fields: Fields, frame: Uint8Array): void {
  const { at } = fields;
  const add = (length: number, name: string, value: string, meaning: string, derived?: true) =>
    fields.add(length, { kind: 'ip', name, value, meaning, ...(derived && { derived }) });
  const fragment = get16(frame, at + 6);
  const flags = (fragment & 0x4000) !== 0 ? 'do not fragment' : fragment === 0 ? 'none' : hex(fragment, 4);
  add(1, 'version, header length', `4, ${(frame[at]! & 15) * 4} bytes`, 'netpoll never sends options.');
  add(1, 'type of service', hex(frame[at + 1]!, 2), 'netpoll leaves it 0.');
  add(2, 'total length', `${get16(frame, at + 2)} bytes`, 'Of the packet, this header included.', true);
  add(2, 'identification', String(get16(frame, at + 4)), 'Counts packets, so that IP fragments find together.', true);
  add(2, 'IP fragment', flags, 'netconsole cuts long messages itself, so that IP never has to.');
  add(1, 'time to live', String(frame[at + 8]), 'Hops that a router lets it go; netpoll says 64.');
  add(1, 'protocol', frame[at + 9] === 17 ? '17, UDP' : String(frame[at + 9]), 'What the packet carries.');
  add(2, 'header checksum', hex(get16(frame, at + 10), 4), 'Of these 20 bytes.', true);
  add(4, 'source address', formatIpv4(frame.subarray(at + 12, at + 16)), 'local_ip of the target.');
  add(4, 'destination address', formatIpv4(frame.subarray(at + 16, at + 20)), 'remote_ip of the target.');
  add(((frame[at]! & 15) - 5) * 4, 'options', 'IP options', 'netpoll never sends any.');
}

function ipv6Fields(fields: Fields, frame: Uint8Array): void {
  const { at } = fields;
  const add = (length: number, name: string, value: string, meaning: string, derived?: true) =>
    fields.add(length, { kind: 'ip', name, value, meaning, ...(derived && { derived }) });
  add(4, 'version, class, flow label', '6', 'netpoll leaves class and flow label 0.');
  add(2, 'payload length', `${get16(frame, at + 4)} bytes`, 'Of what follows this header.', true);
  add(1, 'next header', frame[at + 6] === 17 ? '17, UDP' : String(frame[at + 6]), 'What the packet carries.');
  add(1, 'hop limit', String(frame[at + 7]), 'Hops that a router lets it go; netpoll says 32.');
  add(16, 'source address', formatIpv6(frame.subarray(at + 8, at + 24)), 'local_ip of the target.');
  add(16, 'destination address', formatIpv6(frame.subarray(at + 24, at + 40)), 'remote_ip of the target.');
}

function udpFields(fields: Fields, frame: Uint8Array, checksum: string): void {
  const { at } = fields;
  const add = (name: string, value: string, meaning: string, derived?: true) =>
    fields.add(2, { kind: 'udp', name, value, meaning, ...(derived && { derived }) });
  add('source port', String(get16(frame, at + UDP.srcPort)), 'local_port of the target; 6665 unless it is told.');
  add('destination port', String(get16(frame, at + UDP.dstPort)), 'remote_port of the target; 6666 unless it is told.');
  add('UDP length', `${get16(frame, at + UDP.udpLength)} bytes`, 'Of this header and the message.', true);
  const sum = `${hex(get16(frame, at + UDP.checksum), 4)}, ${checksum}`;
  add('UDP checksum', sum, 'Of addresses, ports and message.', true);
}
