/** A record as a receiver printed it, and how one is made of the datagram that it printed. */
import { parseBody, parsePayload } from '../wire/extended.js';
import { encodeText } from '../wire/text.js';

/** A record as a receiver printed it. What the form does not keep is absent. */
export interface Printed {
  /** An address, or a name of the plan. */
  readonly host: string;
  readonly seq?: number;
  readonly tsUsec?: number;
  readonly level?: number;
  readonly text: string;
  readonly dict?: Readonly<Record<string, string>>;
  /** Where in its file, from 1; absent in captures. */
  line?: number;
  /** The file ends with it, in the middle of a line: its end may be missing. */
  cut?: boolean;
  /** What it is if the word in front of it was put there by the receiver. */
  readonly bare?: Printed;
}

/** The text of a datagram: an extended record with its header, or plain text. */
export function fromPayload(host: string, payload: string): Printed {
  // Whoever writes files puts newlines as they come, or as #012.
  const bytes = encodeText(payload.replace(/#012/g, '\n'));
  const message = parsePayload(bytes);
  if (message.kind !== 'extended' || message.fragment !== undefined) return { host, text: payload.replace(/\n$/, '') };
  const { seq, tsUsec, prio } = message;
  const { text, dictionary } = parseBody(message.body);
  const dict = dictionary.length > 0 ? Object.fromEntries(dictionary) : undefined;
  return printedRecord({ host, seq, tsUsec, level: prio & 7, text, dict });
}

/** Without what is undefined; all records are made here, so that they have few shapes. */
export function printedRecord({
  host,
  text,
  seq,
  tsUsec,
  level,
  dict,
}: { [K in keyof Printed]: Printed[K] | undefined }): Printed {
  const record: { -readonly [K in keyof Printed]: Printed[K] } = { host: host!, text: text! };
  if (seq !== undefined) record.seq = seq;
  if (tsUsec !== undefined) record.tsUsec = tsUsec;
  if (level !== undefined) record.level = level;
  if (dict !== undefined) record.dict = dict;
  return record;
}

/** An IPv4 address that is written as IPv6 is IPv4. */
export function plainAddress(host: string): string {
  return host.replace(/^::ffff:(?=\d+\.)/i, '');
}
