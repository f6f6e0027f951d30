/**
 * The protocols of senders, as data: how the datagrams of each are read, and how what they say is
 * printed. One list, which the command line, the harness and replay's names of systems stand on.
 *
 *   auto       today's netconsole, extended or plain: found out of each source by its datagrams
 *   extended   its extended targets: records, in order, each once
 *   plain      its plain targets: text
 *   netoops    the dumps of 2010
 *   2001       the lines of 2.4.10, behind a running offset
 *   2003       the lines of 2.6.0, which are plain text
 *
 * Another protocol is another row.
 */
import { decodeText } from '../wire/text.js';
import { AutoReceiver, type SourceKind } from './auto.js';
import { type Item2001, Netconsole2001Receiver, netconsole2001Json, netconsole2001Lines } from './netconsole2001.js';
import { NetoopsReceiver } from './netoops.js';
import { type NetoopsDump, netoopsJson, netoopsLines } from './netoops-dump.js';
import type { ReceiverOptions } from './options.js';
import { type PlainLine, PlainReceiver } from './plain.js';
import { dictionaryText, plainLines, recordLines } from './print.js';
import { Receiver } from './receiver.js';
import { type ReceivedRecord, recordText } from './record.js';
import type { Source, SourceReceiver } from './source.js';

/** Settings of receivers; each protocol uses those that it knows. */
export interface ProtocolSettings {
  /** Of records: the dialect, acks, times. */
  readonly records?: ReceiverOptions;
  /** With `auto`: called when the kind of a source is known, or has changed. */
  readonly onKind?: (source: Source, kind: SourceKind) => void;
  /** With `2001`: whether a source is listened to. Default: every one is. */
  readonly accepted?: (source: Source) => boolean;
}

/** How the datagrams of a protocol are read, and how items are printed. */
export interface Protocol<Item> {
  /** What it delivers, in one word. */
  readonly item: 'record' | 'line' | 'dump' | 'message';
  /** Makes a receiver for one source. Throws EINVAL for settings that make no sense. */
  create(source: Source, settings?: ProtocolSettings): SourceReceiver<Item>;
  /** Returns an item as lines of text, without newlines. */
  lines(item: Item): string[];
  /** Returns an item as plain data for JSON. Names in it are only ever added, never changed. */
  json(item: Item): object;
}

const extended: Protocol<ReceivedRecord> = {
  item: 'record',
  create: (_source, { records } = {}) => new Receiver(records),
  lines: recordLines,
  json: recordJson,
};
const plain: Protocol<PlainLine> = {
  item: 'line',
  create: () => new PlainReceiver(),
  lines: plainLines,
  json: plainJson,
};

/** All protocols, by name. */
export const PROTOCOLS: {
  readonly auto: Protocol<ReceivedRecord | PlainLine>;
  readonly extended: Protocol<ReceivedRecord>;
  readonly plain: Protocol<PlainLine>;
  readonly netoops: Protocol<NetoopsDump>;
  readonly '2001': Protocol<Item2001>;
  readonly '2003': Protocol<PlainLine>;
} = {
  auto: {
    item: 'record',
    create: (source, { records, onKind } = {}) =>
      new AutoReceiver({ ...records, onKind: (kind) => onKind?.(source, kind) }),
    lines: (item) => ('seq' in item ? recordLines(item) : plainLines(item)),
    json: (item) => ('seq' in item ? recordJson(item) : plainJson(item)),
  },
  extended,
  plain,
  netoops: {
    item: 'dump',
    create: () => new NetoopsReceiver(),
    lines: netoopsLines,
    json: netoopsJson,
  },
  '2001': {
    item: 'message',
    create: (source, { accepted } = {}) => new Netconsole2001Receiver({ accepted: accepted?.(source) ?? true }),
    lines: netconsole2001Lines,
    json: netconsole2001Json,
  },
  '2003': plain,
};
/** A protocol's name. */
export type ProtocolName = keyof typeof PROTOCOLS;

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
