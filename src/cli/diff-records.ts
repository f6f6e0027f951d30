/**
 * Finds the messages that a run has sent: puts the datagrams of each message together again,
 * however the message was cut.
 */
import { defined } from '../options.js';
import { type Decoded, decodeFrame } from '../wire/decode.js';
import { type ExtendedRecord, parseBody, parsePayload } from '../wire/extended.js';
import { formatDecoded } from '../wire/format.js';
import { FragmentJoiner } from '../wire/joiner.js';
import { recordEnd } from '../wire/record.js';
import { decodeText, NEWLINE } from '../wire/text.js';

/**
 * A plain text of more bytes than this goes out in several datagrams. Linux:
 * drivers/net/netconsole.c MAX_PRINT_CHUNK.
 */
const PRINT_CHUNK = 1000;
/**
 * The time and the caller that a plain console puts in front of a line. Linux:
 * kernel/printk/printk.c print_time(), print_caller().
 */
const PREFIX = /^\[ *(\d+)\.(\d{6})\](?:\[ *([TC]\d+)\])? /;
const EVERY_PREFIX = new RegExp(PREFIX, 'gm');

/** A message as it was sent to one target, or as it stands in the log. */
export interface SentRecord {
  /** The number of its first frame; in the log, the record's own number. Both count from 1. */
  readonly frame: number;
  /** Where it was sent, and in which format: `10.0.2.2:6666 extended`. */
  readonly target: string;
  /** The text, without the prefix that the console puts in front of it. */
  text: string;
  /** The sequence number that the message's header has, if it is an extended one. */
  readonly seq?: number;
  /** The stamp, in microseconds, from the header or from the prefix of the console. */
  readonly tsUsec?: number;
  /** What else the message's headers say, by the name of the field. */
  readonly says: Record<string, string | number>;
  /** The dictionary behind the text: userdata and sysdata; in the log, the device. */
  dictionary: readonly (readonly [key: string, value: string])[];
  /** The byte of the message that each datagram begins with; one datagram alone begins with 0. */
  readonly pieces: number[];
  /** The payloads of all datagrams of the message. */
  readonly payloads: Uint8Array[];
  /** The identification in the IP header of the first frame. */
  readonly id?: number;
}

/** Returns the messages that `frames` carry, in the order of their first frames. */
export function recordsSent(frames: readonly Uint8Array[]): SentRecord[] {
  const records: SentRecord[] = [];
  const joiner = new FragmentJoiner();
  /** Messages whose last datagram has not come yet, by target and source port. */
  const open = new Map<string, SentRecord>();
  for (const [i, bytes] of frames.entries()) {
    const decoded = decodeFrame(bytes);
    const { ip, udp, payload } = decoded;
    if (ip === undefined || udp === undefined || payload === undefined) {
      records.push(otherFrame(decoded, i + 1));
      continue;
    }
    const message = parsePayload(payload);
    const from = { frame: i + 1, target: `${hostPort(ip.dst, udp.dstPort)} ${message.kind}` };
    const key = `${from.target} ${udp.srcPort}`;
    const begun = open.get(key);
    if (message.kind === 'plain') {
      const text = decodeText(payload);
      const record = begun ?? plainRecord(decoded, from);
      if (begun === undefined) records.push(record);
      record.pieces.push(record.payloads.reduce((sum, { length }) => sum + length, 0));
      record.payloads.push(payload);
      record.text += text;
      if (payload.length === PRINT_CHUNK && payload.at(-1) !== NEWLINE) open.set(key, record);
      else {
        open.delete(key);
        finishPlain(record);
      }
      continue;
    }
    const { fragment } = message;
    const goesOn = fragment !== undefined && begun?.seq === message.seq && fragment.offset !== 0;
    const record = goesOn ? begun : extendedRecord(message, from, decoded);
    if (!goesOn) records.push(record);
    record.payloads.push(payload);
    record.pieces.push(fragment?.offset ?? 0);
    if (fragment === undefined) {
      setBody(record, message.body);
      continue;
    }
    open.set(key, record);
    const flow = { src: ip.src, srcPort: udp.srcPort, dst: ip.dst, dstPort: udp.dstPort };
    const joined = joiner.push(flow, message);
    if (joined !== undefined) setBody(record, joined.record.body);
  }
  for (const record of open.values()) if (record.target.endsWith('plain')) finishPlain(record);
  return records;
}

/** Returns the records of a log, which is written as /dev/kmsg gives it. */
export function recordsLogged(kmsg: Uint8Array): SentRecord[] {
  const records: SentRecord[] = [];
  for (let at = 0; at < kmsg.length; ) {
    const end = recordEnd(kmsg, at, kmsg.length);
    const message = parsePayload(kmsg.subarray(at, end));
    if (message.kind === 'extended') {
      const record = extendedRecord(message, { frame: records.length + 1, target: 'the log' });
      setBody(record, message.body);
      record.pieces.push(0);
      records.push(record);
    }
    at = Math.max(end, at + 1);
  }
  return records;
}

type From = Pick<SentRecord, 'frame' | 'target'>;

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function otherFrame(decoded: Decoded, frame: number): SentRecord {
  const text = formatDecoded(decoded);
  return { frame, target: 'other frames', text, says: {}, dictionary: [], pieces: [0], payloads: [] };
}

function frameSays({ ethernet, ip, udp, padding }: Decoded): Record<string, string | number> {
  return {
    'source MAC': ethernet?.src ?? 'none',
    'destination MAC': ethernet?.dst ?? 'none',
    VLAN: ethernet?.vlan?.id ?? 'none',
    'source address': ip!.src,
    'source port': udp!.srcPort,
    'hops (TTL)': ip!.ttl,
    'UDP checksum': udp!.checksum,
    ...defined({ padding }),
  };
}

function idOf({ ip }: Decoded): { id?: number } {
  return ip?.id === undefined ? {} : { id: ip.id };
}

function plainRecord(decoded: Decoded, from: From): SentRecord {
  const [, seconds, usec, caller] = PREFIX.exec(decodeText(decoded.payload!)) ?? [];
  return {
    ...from,
    text: '',
    ...(seconds !== undefined && { tsUsec: Number(seconds) * 1e6 + Number(usec) }),
    says: { caller: caller ?? 'none', ...frameSays(decoded) },
    dictionary: [],
    pieces: [],
    payloads: [],
    ...idOf(decoded),
  };
}

function finishPlain(record: SentRecord): void {
  record.says['newline at the end'] = record.text.endsWith('\n') ? 'yes' : 'no';
  record.text = record.text.replace(EVERY_PREFIX, '').replace(/\n$/, '');
}

function extendedRecord(message: ExtendedRecord, from: From, decoded?: Decoded): SentRecord {
  const { seq, tsUsec, prio, flag, caller, release, emergency, fields } = message;
  const says: Record<string, string | number> = {
    release: release ?? 'none',
    level: prio & 7,
    facility: prio >> 3,
    flag,
    caller: caller ?? 'none',
    'emergency mark': emergency ?? 'none',
    ...(decoded !== undefined && frameSays(decoded)),
  };
  for (const [key, value] of fields) says[`header field ${key}`] = value;
  const empty = { text: '', dictionary: [], pieces: [], payloads: [] };
  return { ...from, ...empty, seq, tsUsec, says, ...(decoded !== undefined && idOf(decoded)) };
}

function setBody(record: SentRecord, body: Uint8Array): void {
  const { text, dictionary } = parseBody(body);
  record.text = text;
  record.dictionary = dictionary;
}
