/**
 * One record of a datagram, taken apart: `[RELEASE,]PRIO,SEQ,TS,FLAG[,KEY=VAL]*;TEXT`.
 *
 * Nothing throws. What is not such a record is refused with a reason, a string of `REFUSALS`. Of
 * the two policies over the tokens of `wire/record.ts` this is the strict one: it is as strict as
 * it can be without refusing what kernels print. It follows libncrx parse_packet().
 *
 * @example
 * parsePacket(bytes, RECEIVER_DIALECTS.mainline);   // a Packet, or 'no-semicolon'
 */
import type { Dialect, FragmentForm } from '../wire/dialects.js';
import {
  HEADER_MAX_BYTES,
  nextField,
  PRIO_MAX,
  RecordTokens,
  recordEnd,
  skipReplayNotice,
  tokenizeHeader,
} from '../wire/record.js';
import { decimal, isWord, latin1Text, NEWLINE, SEMICOLON } from '../wire/text.js';

/** Longest text of a record, in bytes. */
export const NCRX_TEXT_MAX = 8191;
const SLASH = 0x2f;
const AT = 0x40;
const MINUS = 0x2d;
const CONT = 0x63;
const PLUS = 0x2b;

/** Why a datagram was refused. */
export const REFUSALS = [
  'no-semicolon',
  'header-too-long',
  'too-few-fields',
  'bad-priority',
  'bad-seq',
  'seq-too-large',
  'bad-timestamp',
  'bad-emergency',
  'emergency-twice',
  'bad-ncfrag',
  'ncfrag-twice',
  'ncfrag-empty',
  'ncfrag-too-long',
  'ncfrag-outside',
  'ncfrag-mismatch',
  'text-too-long',
] as const;
/** A reason why a datagram was refused. */
export type Refusal = (typeof REFUSALS)[number];

/** A piece of a record: its bytes are `text` of the packet. */
export interface Fragment {
  /** Byte offset in the record's text. */
  readonly offset: number;
  /** Bytes of the whole text; -1: not known from this piece. */
  readonly total: number;
  /** Pieces in all; 0: the dialect does not say. */
  readonly count: number;
}

/** A record, or a piece of one, as `parsePacket` takes it apart. */
export interface Packet {
  /** What `uname -r` prints, where the sender prepends it. */
  readonly release: string | undefined;
  /** Facility * 8 + level. */
  readonly priority: number;
  /** The sequence number, at most 2^53 - 1. */
  readonly seq: number;
  /** When the record was logged, in microseconds on the sender's clock. */
  readonly tsUsec: number;
  /** `c` and `+`: the start and the rest of a continued line; `-`: neither. */
  readonly flag: '-' | 'c' | '+';
  /** `T` and a thread id, or `C` and a processor: the value of `caller=`. */
  readonly caller: string | undefined;
  /** Whether it is marked as an emergency transmission. */
  readonly emergency: boolean;
  /** The piece's place in the text; undefined for a whole record. */
  readonly fragment: Fragment | undefined;
  /** A view into the payload: copy to keep. */
  readonly text: Uint8Array;
}

/**
 * A record's header as numbers and positions in its datagram. The object is filled in again for
 * each record, so that no string and no object has to be made for one.
 */
export class PacketFields {
  /** The release, `[releaseAt, releaseEnd)`; `releaseEnd` is -1 where none is prepended. */
  releaseAt = 0;
  releaseEnd = -1;
  /** The value of `caller=`; `callerEnd` is -1 where there is none. */
  callerAt = 0;
  callerEnd = -1;
  /** Facility * 8 + level. */
  priority = 0;
  seq = 0;
  tsUsec = 0;
  /** A character code: `-`, `c` or `+`. */
  flag: number = MINUS;
  /** Whether the record is marked as an emergency transmission. */
  emergency = false;
  /** Whether it is a piece of a record. The three that follow are as in `Fragment`. */
  fragment = false;
  offset = 0;
  total = 0;
  count = 0;
  /**
   * Text and dictionary, or the piece of them: `[bodyAt, bodyEnd)`. The next record of the datagram
   * begins at `bodyEnd`.
   */
  bodyAt = 0;
  bodyEnd = 0;
  /** Where the text ends: the first newline, or `bodyEnd`. Not set for a piece. */
  textEnd = 0;
}

const tokens = new RecordTokens();

/**
 * Reads the record that begins at `at` into `into`, or says why it is refused. Several records in a
 * datagram, as relays send them, are parted where a line begins that can be nothing else:
 * `into.bodyEnd` is below `end` then.
 */
export function readPacket(
  bytes: Uint8Array,
  at: number,
  end: number,
  dialect: Dialect,
  into: PacketFields,
): Refusal | undefined {
  const t = tokens;
  const from = skipReplayNotice(bytes, at, end);
  if (!tokenizeHeader(bytes, from, end, t)) return headerRefusal(bytes, from, end);
  const bodyAt = t.headerEnd + 1;
  // Differs: libncrx takes a header that ends early, its seq then being 0.
  if (t.flagAt < 0) return 'too-few-fields';
  // Differs: libncrx takes signs, blanks, octal, hexadecimal and the empty string for numbers;
  // kernels print plain decimals.
  const priority = decimal(bytes, t.prioAt, t.prioEnd);
  // Differs: libncrx refuses a priority above 255; a write to /dev/kmsg may name any facility up to
  // 255, times 8.
  if (!(priority <= PRIO_MAX)) return 'bad-priority';
  const seq = decimal(bytes, t.seqAt, t.seqEnd);
  if (Number.isNaN(seq)) return 'bad-seq';
  // Differs: libncrx counts in 64 bits; numbers here are exact to 2^53.
  if (seq > Number.MAX_SAFE_INTEGER) return 'seq-too-large';
  const tsUsec = decimal(bytes, t.tsAt, t.tsEnd);
  if (!(tsUsec <= Number.MAX_SAFE_INTEGER)) return 'bad-timestamp';
  const mark = bytes[t.flagAt]!;
  into.priority = priority;
  into.seq = seq;
  into.tsUsec = tsUsec;
  into.flag = mark === CONT || mark === PLUS ? mark : MINUS;
  // Differs: libncrx looks for a release in 64 bytes, its comma among them; the longest release has
  // 64 without it.
  into.releaseAt = from;
  into.releaseEnd = t.releaseEnd;
  into.callerEnd = -1;
  into.emergency = false;
  into.fragment = false;
  into.bodyAt = bodyAt;
  into.bodyEnd = end;
  if (t.fieldEnd < t.headerEnd) {
    const refusal = readFields(bytes, dialect, into);
    if (refusal !== undefined) return refusal;
  }
  if (!into.fragment) {
    // Differs: libncrx takes all that follows for one text, further records with their headers too.
    const newline = bytes.indexOf(NEWLINE, bodyAt);
    into.textEnd = newline < 0 || newline > end ? end : newline;
    if (into.textEnd + 1 < end) into.bodyEnd = recordEnd(bytes, bodyAt, end);
  }
  // Differs: libncrx cuts the text and goes on; a cut record would pass for a whole one.
  return into.bodyEnd - bodyAt > NCRX_TEXT_MAX ? 'text-too-long' : undefined;
}

function headerRefusal(bytes: Uint8Array, from: number, end: number): Refusal {
  const semicolon = bytes.indexOf(SEMICOLON, from);
  if (semicolon < 0 || semicolon >= end) return 'no-semicolon';
  return semicolon - from > HEADER_MAX_BYTES ? 'header-too-long' : 'too-few-fields';
}

/** Reads the fields behind the flag. */
function readFields(bytes: Uint8Array, dialect: Dialect, into: PacketFields): Refusal | undefined {
  const t = tokens;
  let marked = false;
  while (nextField(bytes, t)) {
    const { fieldAt, fieldEnd, equals } = t;
    if (equals < 0) continue;
    if (isWord(bytes, fieldAt, equals, 'ncfrag')) {
      if (into.fragment) return 'ncfrag-twice';
      const refusal = readFragment(bytes, equals + 1, fieldEnd, dialect.fragment, into);
      if (refusal !== undefined) return refusal;
    } else if (dialect.emergencyKey !== undefined && isWord(bytes, fieldAt, equals, dialect.emergencyKey)) {
      if (marked) return 'emergency-twice';
      const value = decimal(bytes, equals + 1, fieldEnd);
      if (Number.isNaN(value)) return 'bad-emergency';
      marked = true;
      into.emergency = value !== 0;
    } else if (into.callerEnd < 0 && isWord(bytes, fieldAt, equals, 'caller')) {
      into.callerAt = equals + 1;
      into.callerEnd = fieldEnd;
    }
  }
  return undefined;
}

function readFragment(
  bytes: Uint8Array,
  at: number,
  end: number,
  form: FragmentForm,
  into: PacketFields,
): Refusal | undefined {
  const slash = bytes.indexOf(SLASH, at);
  if (slash < 0 || slash >= end) return 'bad-ncfrag';
  const sign = bytes.indexOf(AT, at);
  const indexed = sign >= 0 && sign < slash;
  if (indexed !== (form === 'index')) return 'bad-ncfrag';
  const offset = decimal(bytes, at, indexed ? sign : slash);
  const last = decimal(bytes, slash + 1, end);
  const index = indexed ? decimal(bytes, sign + 1, slash) : 0;
  if (Number.isNaN(offset) || Number.isNaN(last) || Number.isNaN(index)) return 'bad-ncfrag';
  const length = into.bodyEnd - into.bodyAt;
  if (length === 0) return 'ncfrag-empty';
  into.fragment = true;
  into.offset = offset;
  if (form === 'bytes') {
    if (last > NCRX_TEXT_MAX) return 'ncfrag-too-long';
    if (offset >= last || offset + length > last) return 'ncfrag-outside';
    into.total = last;
    into.count = 0;
    return undefined;
  }
  // The first piece, and no other, begins at 0; every piece has a byte at least.
  if (index >= last || (index === 0) !== (offset === 0) || offset < index) return 'ncfrag-outside';
  if (offset + length + (last - 1 - index) > NCRX_TEXT_MAX) return 'ncfrag-too-long';
  into.total = index === last - 1 ? offset + length : -1;
  into.count = last;
  return undefined;
}

const scratch = new PacketFields();

/**
 * Takes the first record of a datagram apart, or says why not; a record behind it is not looked at.
 * Never throws; work is bounded by the header's limit and the datagram's length. The caller owns
 * the packet, whose `text` is a view of the payload.
 */
export function parsePacket(payload: Uint8Array, dialect: Dialect): Packet | Refusal {
  const f = scratch;
  const refusal = readPacket(payload, 0, payload.length, dialect, f);
  if (refusal !== undefined) return refusal;
  const { priority, seq, tsUsec, emergency, offset, total, count } = f;
  return {
    release: f.releaseEnd < 0 ? undefined : latin1Text(payload, f.releaseAt, f.releaseEnd),
    priority,
    seq,
    tsUsec,
    flag: flagText(f.flag),
    caller: f.callerEnd < 0 ? undefined : latin1Text(payload, f.callerAt, f.callerEnd),
    emergency,
    fragment: f.fragment ? { offset, total, count } : undefined,
    text: payload.subarray(f.bodyAt, f.bodyEnd),
  };
}

/** Returns the flag whose character code `PacketFields` has. */
export function flagText(code: number): Packet['flag'] {
  return code === CONT ? 'c' : code === PLUS ? '+' : '-';
}
