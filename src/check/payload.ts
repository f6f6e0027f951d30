/** A record as a receiver printed it, and how to make one of a datagram that was printed. */
import { parseBody, parsePayload } from '../wire/extended.js';
import { encodeText } from '../wire/text.js';

/** A record as a receiver printed it. Fields that the form does not keep are absent. */
export interface Printed {
  /** The host's address, or its name in the plan. */
  readonly host: string;
  /** The sequence number. */
  readonly seq?: number;
  /** The stamp, in microseconds. */
  readonly tsUsec?: number;
  /** The level, 0 to 7. */
  readonly level?: number;
  /** The text, with escapes decoded. */
  readonly text: string;
  /** The dictionary: keys and values of devices, userdata and sysdata. */
  readonly dict?: Readonly<Record<string, string>>;
  /** The line of the file, from 1; absent for captures. */
  line?: number;
  /** Whether the file ends with it in the middle of a line, so that its end may be missing. */
  cut?: boolean;
  /** What the record is if the word in front of it is the receiver's, not the kernel's. */
  readonly bare?: Printed;
}

/** Makes a record of a datagram's text: an extended record with its header, or plain text. */
export function fromPayload(host: string, payload: string): Printed {
  // Programs that write files write a newline as it is, or as #012.
  const bytes = encodeText(payload.replace(/#012/g, '\n'));
  const message = parsePayload(bytes);
  if (message.kind !== 'extended' || message.fragment !== undefined) return { host, text: payload.replace(/\n$/, '') };
  const { seq, tsUsec, prio } = message;
  const { text, dictionary } = parseBody(message.body);
  const dict = dictionary.length > 0 ? Object.fromEntries(dictionary) : undefined;
  return printedRecord({ host, seq, tsUsec, level: prio & 7, text, dict });
}

/** Makes a record without undefined fields. Their order is fixed, so that V8 sees few shapes. */
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

/** Returns a host's address; an IPv4 address that is written as IPv6 becomes plain IPv4. */
export function plainAddress(host: string): string {
  return host.replace(/^::ffff:(?=\d+\.)/i, '');
}
