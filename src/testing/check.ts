/**
 * Assertions on frames that speak: `checkFrame(frame, ipv4({ src: '192.0.2.1' }), udp({ dstPort:
 * 6666 }), ext({ seq: 5 }))`.
 *
 * A predicate looks at a decoded frame and returns what is wrong with it; none means that it holds.
 * Of each expected field the value must be equal, or match a RegExp. `checkFrame` throws one error
 * that names all that is wrong, and the frame.
 */
import {
  callback,
  checkArgument,
  checkOptions,
  either,
  flag,
  isBytes,
  listOf,
  number,
  type OptionRule,
  type OptionRules,
  shown,
  text,
} from '../options.js';
import { type Decoded, decodeFrame } from '../wire/decode.js';
import { parseBody } from '../wire/extended.js';
import { formatDecoded } from '../wire/format.js';

/** What is wrong; empty: nothing. */
export type FramePredicate = (frame: Decoded) => readonly string[];

/** A frame is not as expected. */
export class FrameCheckError extends Error {
  readonly complaints: readonly string[];

  constructor(complaints: readonly string[], frame: Decoded) {
    super(`${complaints.join('\n')}\nin: ${formatDecoded(frame)}`);
    this.name = 'FrameCheckError';
    this.complaints = complaints;
  }
}

const NO_FRAME =
  'there is no such frame; a line without a newline waits for the next printk, one over the record limit loses its newline, and one at or above the loglevel is not sent';

/**
 * Checksums must hold where there are any, and the frame must decode without oddities, whatever
 * else is asked for.
 */
export function checkFrame(frame: Uint8Array | undefined, ...predicates: readonly FramePredicate[]): void {
  if (frame === undefined) throw new Error(NO_FRAME);
  if (!isBytes(frame)) throw new TypeError(`checkFrame: frame is ${shown(frame)}, not a Uint8Array`);
  for (const predicate of predicates) checkArgument('checkFrame', 'predicate', predicate, callback);
  const decoded = decodeFrame(frame);
  const complaints = [wellFormed, ...predicates].flatMap((predicate) => predicate(decoded));
  if (complaints.length > 0) throw new FrameCheckError(complaints, decoded);
}

function wellFormed({ ip, udp, odd }: Decoded): string[] {
  const wrong = [...odd];
  if (ip?.checksum === 'bad') wrong.push('the IP checksum is wrong');
  if (udp?.checksum === 'bad' || udp?.checksum === 'cut') wrong.push(`the UDP checksum is ${udp.checksum}`);
  return wrong;
}

type Expected<T> = { readonly [K in keyof T]?: T[K] | RegExp };

/** A field is of the kind that the frame's is, or a RegExp. */
function expecting(rule: OptionRule): OptionRule {
  const pattern: OptionRule = { expected: 'a RegExp', holds: (value) => value instanceof RegExp };
  return either(rule, pattern);
}

const TEXT: OptionRule = expecting(text);
const NUMBER: OptionRule = expecting(number(0));
const ADDRESSES = { src: TEXT, dst: TEXT };
const IP: OptionRules<Expected<IpFields>> = { ...ADDRESSES, ttl: NUMBER, id: NUMBER };
const UDP: OptionRules<Expected<UdpFields>> = { srcPort: NUMBER, dstPort: NUMBER, payloadLength: NUMBER };
const RECORD: OptionRules<ExpectedRecord> = {
  level: NUMBER,
  facility: NUMBER,
  seq: NUMBER,
  tsUsec: NUMBER,
  flag: TEXT,
  caller: TEXT,
  release: TEXT,
  text: TEXT,
  dictionary: expecting(listOf(listOf(text))),
  fragment: TEXT,
  emergency: expecting(flag),
};

function compare<T extends object>(layer: string, expected: Expected<T>, actual: T | undefined): string[] {
  if (actual === undefined) return [`no ${layer} in the frame`];
  const wrong: string[] = [];
  for (const [key, want] of Object.entries(expected)) {
    const have = (actual as Record<string, unknown>)[key];
    const same = want instanceof RegExp ? want.test(String(have)) : JSON.stringify(want) === JSON.stringify(have);
    if (!same) wrong.push(`${layer} ${key}: ${show(have)}, not ${show(want)}`);
  }
  return wrong;
}

function show(value: unknown): string {
  return value instanceof RegExp ? String(value) : (JSON.stringify(value) ?? 'absent');
}

/** Hardware addresses, lower case with colons. */
export interface EthernetFields {
  readonly src: string;
  readonly dst: string;
}

/** Fields of either IP header; addresses as text. */
export interface IpFields {
  readonly src: string;
  readonly dst: string;
  /** Or hop limit. */
  readonly ttl: number;
  /** IPv4 alone. */
  readonly id: number;
}

/** Fields of the UDP header; the length in bytes. */
export interface UdpFields {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly payloadLength: number;
}

/** What `ext` compares of an extended record. */
export interface RecordFields {
  readonly level: number;
  readonly facility: number;
  readonly seq: number;
  readonly tsUsec: number;
  readonly flag: string;
  readonly caller: string;
  readonly release: string;
  /** Without escapes and newline. Of a fragment: its piece, as sent. */
  readonly text: string;
  /** What follows the text: SUBSYSTEM, DEVICE, userdata, sysdata, in order. */
  readonly dictionary: readonly (readonly [key: string, value: string])[];
  /** `offset/total` of a fragment. */
  readonly fragment: string;
  readonly emergency: boolean;
}

/** Fields of a record; what is left out may be anything. */
export type ExpectedRecord = Expected<RecordFields>;

/** What differs between a record's fields and those expected. */
export function compareRecord(expected: ExpectedRecord, fields: RecordFields): readonly string[] {
  checkOptions('record', expected, RECORD);
  return compare<RecordFields>('record', expected, fields);
}

/** The Ethernet header. EINVAL for a field that there is not, as all predicates. */
export function ethernet(expected: Expected<EthernetFields>): FramePredicate {
  checkOptions('ethernet', expected, ADDRESSES);
  return (frame) => compare<EthernetFields>('ethernet', expected, frame.ethernet);
}

/** The IPv4 header. */
export function ipv4(expected: Expected<IpFields> = {}): FramePredicate {
  checkOptions('ipv4', expected, IP);
  return ({ ip }) => compare('ipv4', expected, ip?.version === 4 ? { id: 0, ...ip } : undefined);
}

/** The IPv6 header. */
export function ipv6(expected: Expected<IpFields> = {}): FramePredicate {
  checkOptions('ipv6', expected, IP);
  return ({ ip }) => compare('ipv6', expected, ip?.version === 6 ? { id: 0, ...ip } : undefined);
}

/** The UDP header. */
export function udp(expected: Expected<UdpFields> = {}): FramePredicate {
  checkOptions('udp', expected, UDP);
  return (frame) => compare<UdpFields>('udp', expected, frame.udp);
}

/** An extended record, whole or one fragment. */
export function ext(expected: ExpectedRecord = {}): FramePredicate {
  checkOptions('ext', expected, RECORD);
  return ({ message }) => {
    if (message?.kind !== 'extended') return ['no extended record in the frame'];
    const { prio, fragment, body } = message;
    const parsed = parseBody(body);
    const position =
      fragment === undefined
        ? ''
        : `${fragment.offset}/${fragment.dialect === 'bytes' ? fragment.total : fragment.count}`;
    return compareRecord(expected, {
      level: prio & 7,
      facility: prio >> 3,
      seq: message.seq,
      tsUsec: message.tsUsec,
      flag: message.flag,
      caller: message.caller ?? '',
      release: message.release ?? '',
      text: fragment === undefined ? parsed.text : utf8(body),
      dictionary: fragment === undefined ? parsed.dictionary : [],
      fragment: position,
      emergency: message.emergency !== undefined,
    });
  };
}

/** A plain target's text, with its newline. */
export function plain(expected: Expected<{ readonly text: string }> = {}): FramePredicate {
  checkOptions<Expected<{ readonly text: string }>>('plain', expected, { text: TEXT });
  return ({ message }) =>
    message?.kind === 'plain'
      ? compare('plain', expected, { text: utf8(message.body) })
      : ['no plain text in the frame'];
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
