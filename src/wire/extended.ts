/**
 * Parses a netconsole payload: plain text, or a record in the extended format, either whole or one
 * fragment of it.
 *
 * ```text
 * [RELEASE,]PRIO,SEQ,TS,FLAG[,caller=ID][,KEY=VALUE...];TEXT\n[ KEY=VALUE\n...]
 * ```
 *
 * This parser describes: it returns what is there, and names in `odd` what no kernel would have
 * sent. The receiver's `parsePacket` uses the same tokens (`record.ts`) and refuses such records.
 *
 * @example
 * const message = parsePayload(payload);
 * if (message.kind === 'extended' && message.fragment === undefined) {
 *   console.log(message.seq, parseBody(message.body).text);
 * }
 */
import {
  dictionaryEntries,
  HEADER_MAX_BYTES,
  nextField,
  PRIO_MAX,
  RELEASE_MAX_BYTES,
  RecordTokens,
  tokenizeHeader,
} from './record.js';
import { COMMA, DOT, decimal, decodeText, latin1Text, NEWLINE, unescapeText } from './text.js';

/**
 * A fragment's place in the body, in bytes. `bytes`: `ncfrag=OFF/TOTAL`, Linux 4.2 and later.
 * `index`: `ncfrag=OFF@I/N`, the series of April 2015.
 */
export type Fragment =
  | { readonly dialect: 'bytes'; readonly offset: number; readonly total: number }
  | { readonly dialect: 'index'; readonly offset: number; readonly index: number; readonly count: number };

/** A payload that is not a record: what a plain target prints. */
export interface PlainText {
  readonly kind: 'plain';
  /** A view of the payload. */
  readonly body: Uint8Array;
  /** What no kernel would have sent, in a few words each. Empty if nothing is odd. */
  readonly odd: readonly string[];
}

/** A record, or a piece of one, as its header describes it. */
export interface ExtendedRecord {
  readonly kind: 'extended';
  /** The release (`uname -r`) in front of the header, if the target prepends it. */
  readonly release?: string;
  /** The priority: facility * 8 + level. */
  readonly prio: number;
  /** The sequence number, at most 2^53 - 1. */
  readonly seq: number;
  /** When the record was logged, in microseconds on the sender's clock, at most 2^53 - 1. */
  readonly tsUsec: number;
  /** The flag, one character: `-`, `c`, in old kernels also `+`. */
  readonly flag: string;
  /** Who logged the record: `T1` for a thread, `C0` for a CPU. */
  readonly caller?: string;
  /** The place of this piece; absent if the record is whole. */
  readonly fragment?: Fragment;
  /** The key that marked an emergency retransmission. */
  readonly emergency?: 'emg' | 'ncemg';
  /** All other header fields, in order. */
  readonly fields: readonly (readonly [key: string, value: string])[];
  /** What follows the first `;`, as a view of the payload. */
  readonly body: Uint8Array;
  /** What no kernel would have sent, in a few words each. Empty if nothing is odd. */
  readonly odd: readonly string[];
}

/** What stands behind the `;` of a whole record. */
export interface ExtendedBody {
  /** The text with escapes decoded; bytes that are not UTF-8 become U+FFFD. */
  readonly text: string;
  /** The entries in their order; keys may repeat. Values are as sent: userdata is not escaped. */
  readonly dictionary: readonly (readonly [key: string, value: string])[];
  /** Lines that are no entries, and a missing newline at the end, in a few words each. */
  readonly odd: readonly string[];
}

/** The number of digits of the largest number that a kernel prints: 2^64 - 1. */
const DIGITS_MAX = 20;

const tokens = new RecordTokens();

/**
 * Parses any bytes, which are at least plain text. A record with a seq above 2^53 - 1 is returned
 * as text and called odd.
 */
export function parsePayload(payload: Uint8Array): PlainText | ExtendedRecord {
  const t = tokens;
  const long = longReleaseEnd(payload);
  if (!tokenizeHeader(payload, long + 1, payload.length, t) || t.flagEnd - t.flagAt !== 1) return plain(payload);
  for (let i = 0; i < t.headerEnd; i++) if (payload[i]! < 0x20 || payload[i]! > 0x7e) return plain(payload);
  const prio = number(payload, t.prioAt, t.prioEnd);
  const seq = number(payload, t.seqAt, t.seqEnd);
  const tsUsec = number(payload, t.tsAt, t.tsEnd);
  if (!Number.isSafeInteger(prio) || Number.isNaN(seq) || Number.isNaN(tsUsec)) return plain(payload);
  if (!Number.isSafeInteger(seq) || !Number.isSafeInteger(tsUsec)) {
    const [shownSeq, shownTs] = [latin1Text(payload, t.seqAt, t.seqEnd), latin1Text(payload, t.tsAt, t.tsEnd)];
    return plain(payload, [`seq ${shownSeq} or timestamp ${shownTs} is above 2^53 - 1`]);
  }
  const flag = latin1Text(payload, t.flagAt, t.flagEnd);
  const body = payload.subarray(t.headerEnd + 1);
  const odd: string[] = [];
  const releaseEnd = long > 0 ? long : t.releaseEnd;
  if (long > 0) odd.push(`the release has ${long} bytes, more than ${RELEASE_MAX_BYTES}`);
  if (prio > PRIO_MAX) odd.push(`prio ${prio} is above ${PRIO_MAX}`);
  if (!'-c+'.includes(flag)) odd.push(`flag ${JSON.stringify(flag)} is none of - c +`);
  return {
    kind: 'extended',
    ...(releaseEnd >= 0 && { release: latin1Text(payload, 0, releaseEnd) }),
    prio,
    seq,
    tsUsec,
    flag,
    ...parseFields(payload, body.length, odd),
    body,
    odd,
  };
}

/** Parses the text and the dictionary of a whole or joined record. */
export function parseBody(body: Uint8Array): ExtendedBody {
  const odd: string[] = [];
  const newline = body.indexOf(NEWLINE);
  const textEnd = newline < 0 ? body.length : newline;
  if (body.length > 0 && body.at(-1) !== NEWLINE) odd.push('no newline at the end');
  const dictionary: [string, string][] = [];
  const first = dictionaryEntries(body, textEnd + 1, body.length, (keyAt, equals, valueEnd) => {
    dictionary.push([decodeText(body.subarray(keyAt, equals)), decodeText(body.subarray(equals + 1, valueEnd))]);
  });
  if (first > textEnd + 1) {
    const lines = decodeText(body.subarray(textEnd + 1, first)).split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const line of lines) odd.push(`line ${JSON.stringify(line)} is no KEY=VALUE`);
  }
  return { text: decodeText(unescapeText(body.subarray(0, textEnd))), dictionary, odd };
}

/**
 * Returns where the comma behind a release stands that is too long for any `uname -r`, or -1 if the
 * first field is not one.
 */
function longReleaseEnd(payload: Uint8Array): number {
  const comma = payload.subarray(0, HEADER_MAX_BYTES).indexOf(COMMA);
  if (comma <= RELEASE_MAX_BYTES) return -1;
  return payload.subarray(0, comma).includes(DOT) ? comma : -1;
}

function plain(payload: Uint8Array, odd: readonly string[] = []): PlainText {
  return { kind: 'plain', body: payload, odd };
}

function number(bytes: Uint8Array, at: number, end: number): number {
  return end - at > DIGITS_MAX ? Number.NaN : decimal(bytes, at, end);
}

type Fields = Pick<ExtendedRecord, 'fields'> & {
  caller?: string;
  fragment?: Fragment;
  emergency?: 'emg' | 'ncemg';
};

/** Parses the fields behind the flag of the header that is in `tokens`. */
function parseFields(payload: Uint8Array, bodyLength: number, odd: string[]): Fields {
  const fields: [string, string][] = [];
  const found: Fields = { fields };
  while (nextField(payload, tokens)) {
    const { fieldAt, fieldEnd, equals } = tokens;
    const key = latin1Text(payload, fieldAt, equals < 0 ? fieldEnd : equals);
    const value = equals < 0 ? '' : latin1Text(payload, equals + 1, fieldEnd);
    if (key === 'caller' && found.caller === undefined) {
      found.caller = value;
      if (!/^[TC]\d+$/.test(value)) odd.push(`caller ${JSON.stringify(value)} is neither T nor C with a number`);
    } else if (key === 'ncfrag' && found.fragment === undefined) {
      const fragment = parseFragment(value);
      if (fragment === undefined) {
        odd.push(`ncfrag ${JSON.stringify(value)} is neither OFF/TOTAL nor OFF@I/N`);
        fields.push([key, value]);
      } else {
        found.fragment = fragment;
        judge(fragment, bodyLength, odd);
      }
    } else if ((key === 'emg' || key === 'ncemg') && found.emergency === undefined && value === '1') {
      found.emergency = key;
    } else {
      if (equals < 0) odd.push(`field ${JSON.stringify(key)} has no =`);
      if (key === 'ncfrag' || key === 'caller' || key === 'emg' || key === 'ncemg') {
        odd.push(`a second ${key}, or one with a value unknown here`);
      }
      fields.push([key, value]);
    }
  }
  return found;
}

function parseFragment(value: string): Fragment | undefined {
  const match = /^(\d{1,9})(?:@(\d{1,9}))?\/(\d{1,9})$/.exec(value);
  if (match === null) return undefined;
  const [, offset, index, last] = match;
  if (index === undefined) return { dialect: 'bytes', offset: Number(offset), total: Number(last) };
  return { dialect: 'index', offset: Number(offset), index: Number(index), count: Number(last) };
}

function judge(fragment: Fragment, length: number, odd: string[]): void {
  if (length === 0) odd.push('the fragment is empty');
  if (fragment.dialect === 'bytes') {
    const end = fragment.offset + length;
    if (end > fragment.total) odd.push(`the fragment ends at ${end} of ${fragment.total} bytes`);
  } else if (fragment.index >= fragment.count) {
    odd.push(`fragment ${fragment.index} of only ${fragment.count}`);
  } else if ((fragment.index === 0) !== (fragment.offset === 0)) {
    odd.push(`fragment ${fragment.index} begins at byte ${fragment.offset}`);
  }
}
