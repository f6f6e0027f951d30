/** How `receive` reads datagrams and prints what they say: one protocol a system of senders. */
import {
  AutoReceiver,
  createPlainReceiver,
  createReceiver,
  dictionaryText,
  type Item2001,
  Netconsole2001Receiver,
  type NetoopsDump,
  NetoopsReceiver,
  netconsole2001Json,
  netconsole2001Lines,
  netoopsJson,
  netoopsLines,
  type PlainLine,
  plainLines,
  type ReceivedRecord,
  recordLines,
  recordText,
  type Source,
  type SourceKind,
  type SourceReceiver,
} from '../receiver/index.js';
import { decodeText } from '../wire/text.js';
import type { ReceiveOptions } from './receive.js';

/** As the ncrx program of netconsd has it. */
const ACK_INTV_MS = 1000;
/** How datagrams are read and what is printed of them. */
export interface Protocol<Item> {
  create(source: Source): SourceReceiver<Item>;
  lines(item: Item): string[];
  json(item: Item): object;
  /** Items may be records, which have a shorter way to be printed. */
  readonly records?: boolean;
}

/**
 * The place where a payload format is chosen: another one is another `Protocol`. `port`: the one
 * listened on.
 */
export function protocolFor(
  options: ReceiveOptions,
  port: number,
  onKind: (source: Source, kind: SourceKind) => void,
):
  | Protocol<ReceivedRecord>
  | Protocol<PlainLine>
  | Protocol<ReceivedRecord | PlainLine>
  | Protocol<NetoopsDump>
  | Protocol<Item2001> {
  if (options.as === 'netoops') return { create: () => new NetoopsReceiver(), lines: netoopsLines, json: netoopsJson };
  if (options.as === '2001') {
    // The client of 2001 listened to one server, and only to what came from the port that it
    // listened on itself.
    const accepted = (from: Source) =>
      options.server === undefined || (address(from) === options.server && from.port === port);
    return {
      create: (source) => new Netconsole2001Receiver({ accepted: accepted(source) }),
      lines: netconsole2001Lines,
      json: netconsole2001Json,
    };
  }
  if (options.plain === true || options.as === '2003')
    return { create: () => createPlainReceiver(), lines: plainLines, json: plainJson };
  const respond = options.ack === true;
  const dialect = options.dialect ?? (respond ? 'heo-2015' : 'mainline');
  const settings = { dialect, respond, ackIntvMs: ACK_INTV_MS };
  if (options.extended === true)
    return { create: () => createReceiver(settings), lines: recordLines, json: recordJson, records: true };
  return {
    create: (source) => new AutoReceiver({ ...settings, onKind: (kind) => onKind(source, kind) }),
    lines: (item: ReceivedRecord | PlainLine) => ('seq' in item ? recordLines(item) : plainLines(item)),
    json: (item: ReceivedRecord | PlainLine) => ('seq' in item ? recordJson(item) : plainJson(item)),
    records: true,
  };
}

/** What the protocol delivers, in one word. */
export function itemName({ as, plain }: ReceiveOptions): string {
  if (as === 'netoops') return 'dump';
  if (as === '2001') return 'message';
  return plain === true || as === '2003' ? 'line' : 'record';
}

/** An IPv4 source of a socket for both is written as IPv4. */
export function address(source: Source): string {
  return source.address.replace(/^::ffff:(?=\d+\.)/, '');
}

/** `192.0.2.1:6665`, `[fd00::1]:6665`. */
export function endpoint(source: Source): string {
  const text = address(source);
  return text.includes(':') ? `[${text}]:${source.port}` : `${text}:${source.port}`;
}

/** The form that checkers read: a name is never changed or taken away, only added. */
function recordJson(record: ReceivedRecord): object {
  const { release, facility, level, boot, seq, tsUsec, flag, caller } = record;
  const { complete, missingBytes, emergency, oos, seqReset, skipped } = record;
  const head = { release, facility, level, boot, seq, tsUsec, flag, caller };
  const fate = { complete, missingBytes, emergency, oos, seqReset, skipped };
  return { ...head, ...fate, text: recordText(record), dict: Object.fromEntries(dictionaryText(record)) };
}

function plainJson(line: PlainLine): object {
  return { text: decodeText(line.text), complete: line.complete, dropped: line.dropped };
}
