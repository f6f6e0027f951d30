/**
 * Assertions on frames that say what is wrong: `checkFrame(frame, ipv4({ src: '192.0.2.1' }),
 * udp({ dstPort: 6666 }), ext({ seq: 5 }))`.
 *
 * A predicate looks at a decoded frame and returns complaints; it holds if there are none. Each
 * expected field must equal the frame's, or match it if the field is a RegExp. `checkFrame` throws
 * one error that names all that is wrong, and the frame.
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

/** Returns what is wrong with a frame, a sentence for each complaint; empty if nothing is. */
export type FramePredicate = (frame: Decoded) => readonly string[];

/** Thrown for a frame that is not as expected. */
export class FrameCheckError extends Error {
  /** What is wrong, a sentence for each complaint. */
  readonly complaints: readonly string[];

  /** Makes a message of the complaints and of the frame, in words. */
  constructor(complaints: readonly string[], frame: Decoded) {
    super(`${complaints.join('\n')}\nin: ${formatDecoded(frame)}`);
    this.name = 'FrameCheckError';
    this.complaints = complaints;
  }
}

const NO_FRAME =
  'there is no such frame; a line without a newline waits for the next printk, one over the record limit loses its newline, and one at or above the loglevel is not sent';

/**
 * Throws FrameCheckError if the frame is not as the predicates say, and an Error if there is no
 * frame. Checksums must hold where there are any, and the frame must decode without oddities,
 * whatever else is asked for.
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

/** What each field must be, or a pattern of it. A field that is left out may be anything. */
export type Expected<T> = { readonly [K in keyof T]?: T[K] | RegExp };

/** Makes the rule for an expected field: it is of the kind that the frame's is, or a RegExp. */
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

/** Fields of the Ethernet header: hardware addresses in lower case, with colons. */
export interface EthernetFields {
  readonly src: string;
  readonly dst: string;
}

/** Fields of the IPv4 or IPv6 header; addresses are text. */
export interface IpFields {
  /** The source address. */
  readonly src: string;
  /** The destination address. */
  readonly dst: string;
  /** The time to live of IPv4, or the hop limit of IPv6. */
  readonly ttl: number;
  /** The identification, which only IPv4 has. */
  readonly id: number;
}

/** Fields of the UDP header. */
export interface UdpFields {
  readonly srcPort: number;
  readonly dstPort: number;
  /** How many bytes follow the header. */
  readonly payloadLength: number;
}

/** What `ext` compares of an extended record. */
export interface RecordFields {
  /** The level, 0 to 7. */
  readonly level: number;
  /** The facility; 0 is the kernel. */
  readonly facility: number;
  readonly seq: number;
  /** The stamp, in microseconds. */
  readonly tsUsec: number;
  /** The flag: `-`, `c`, in old kernels also `+`. */
  readonly flag: string;
  /** Who logged it: `T1`, `C0`; empty if the header does not say. */
  readonly caller: string;
  /** The sender's `uname -r`; empty if its target does not prepend that. */
  readonly release: string;
  /** The text without escapes and newline; of a fragment, its piece as it was sent. */
  readonly text: string;
  /** The dictionary behind the text, in order: SUBSYSTEM, DEVICE, userdata, sysdata. */
  readonly dictionary: readonly (readonly [key: string, value: string])[];
  /** `offset/total` of a fragment, in bytes (the count of fragments for heo-2015); else empty. */
  readonly fragment: string;
  /** Whether the record was sent again because no ack came. */
  readonly emergency: boolean;
}

/** Expected fields of a record; a field that is left out may be anything. */
export type ExpectedRecord = Expected<RecordFields>;

/** Returns what differs between a record's fields and those expected, a sentence for each. */
export function compareRecord(expected: ExpectedRecord, fields: RecordFields): readonly string[] {
  checkOptions('record', expected, RECORD);
  return compare<RecordFields>('record', expected, fields);
}

/**
 * Checks the Ethernet header. As all predicates do, throws EINVAL for a field that does not exist.
 */
export function ethernet(expected: Expected<EthernetFields>): FramePredicate {
  checkOptions('ethernet', expected, ADDRESSES);
  return (frame) => compare<EthernetFields>('ethernet', expected, frame.ethernet);
}

/** Checks that there is an IPv4 header, and its fields. */
export function ipv4(expected: Expected<IpFields> = {}): FramePredicate {
  checkOptions('ipv4', expected, IP);
  return ({ ip }) => compare('ipv4', expected, ip?.version === 4 ? { id: 0, ...ip } : undefined);
}

/** Checks that there is an IPv6 header, and its fields. */
export function ipv6(expected: Expected<IpFields> = {}): FramePredicate {
  checkOptions('ipv6', expected, IP);
  return ({ ip }) => compare('ipv6', expected, ip?.version === 6 ? { id: 0, ...ip } : undefined);
}

/** Checks that there is a UDP header, and its fields. */
export function udp(expected: Expected<UdpFields> = {}): FramePredicate {
  checkOptions('udp', expected, UDP);
  return (frame) => compare<UdpFields>('udp', expected, frame.udp);
}

/** Checks that the frame carries an extended record, whole or one fragment, and its fields. */
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

/** Checks that the frame carries a plain target's text; the expected text includes its newline. */
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
