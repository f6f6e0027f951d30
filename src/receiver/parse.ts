/**
 * One datagram of an extended target, taken apart: `[RELEASE,]PRIO,SEQ,TS,FLAG[,KEY=VAL]*;TEXT`.
 *
 * Nothing throws. What is not such a datagram is refused with a reason, a string of `REFUSALS`.
 *
 *   parsePacket(bytes, RECEIVER_DIALECTS.mainline)   ->  Packet, or 'no-semicolon'
 *
 * Follows libncrx parse_packet(), as strict as what kernels print allows.
 */
import type { Dialect, FragmentForm } from '../wire/dialects.js';
import {
  HEADER_MAX_BYTES,
  nextField,
  PRIO_MAX,
  RecordTokens,
  skipReplayNotice,
  tokenizeHeader,
} from '../wire/record.js';
import { decimal, isWord, latin1Text, SEMICOLON } from '../wire/text.js';

/** Longest text of a record, in bytes. */
export const NCRX_TEXT_MAX = 8191;
const SLASH = 0x2f;
const AT = 0x40;

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

export interface Packet {
  /** What `uname -r` prints, where the sender prepends it. */
  readonly release: string | undefined;
  /** Facility * 8 + level. */
  readonly priority: number;
  readonly seq: number;
  readonly tsUsec: number;
  readonly flag: '-' | 'c' | '+';
  /** `T` and a thread id, or `C` and a processor: the value of `caller=`. */
  readonly caller: string | undefined;
  readonly emergency: boolean;
  readonly fragment: Fragment | undefined;
  /** A view into the payload: copy to keep. */
  readonly text: Uint8Array;
}

const tokens = new RecordTokens();

function parseFragment(
  bytes: Uint8Array,
  at: number,
  end: number,
  length: number,
  form: FragmentForm,
): Fragment | Refusal {
  const slash = bytes.indexOf(SLASH, at);
  if (slash < 0 || slash >= end) return 'bad-ncfrag';
  const sign = bytes.indexOf(AT, at);
  const indexed = sign >= 0 && sign < slash;
  if (indexed !== (form === 'index')) return 'bad-ncfrag';
  const offset = decimal(bytes, at, indexed ? sign : slash);
  const last = decimal(bytes, slash + 1, end);
  const index = indexed ? decimal(bytes, sign + 1, slash) : 0;
  if (Number.isNaN(offset) || Number.isNaN(last) || Number.isNaN(index)) return 'bad-ncfrag';
  if (length === 0) return 'ncfrag-empty';
  if (form === 'bytes') {
    if (last > NCRX_TEXT_MAX) return 'ncfrag-too-long';
    if (offset >= last || offset + length > last) return 'ncfrag-outside';
    return { offset, total: last, count: 0 };
  }
  // The first piece, and no other, begins at 0; every piece has a byte at least.
  if (index >= last || (index === 0) !== (offset === 0) || offset < index) return 'ncfrag-outside';
  if (offset + length + (last - 1 - index) > NCRX_TEXT_MAX) return 'ncfrag-too-long';
  return { offset, total: index === last - 1 ? offset + length : -1, count: last };
}

/** Takes a datagram apart, or says why not. Never throws; work is bounded by the header's limit. */
export function parsePacket(payload: Uint8Array, dialect: Dialect): Packet | Refusal {
  const t = tokens;
  const from = skipReplayNotice(payload, 0, payload.length);
  const found = tokenizeHeader(payload, from, payload.length, t);
  if (!found) {
    const semicolon = payload.indexOf(SEMICOLON, from);
    if (semicolon < 0) return 'no-semicolon';
    return semicolon - from > HEADER_MAX_BYTES ? 'header-too-long' : 'too-few-fields';
  }
  const text = payload.subarray(t.headerEnd + 1);
  // Differs: libncrx cuts the text and goes on; a cut record would pass for a whole one.
  if (text.length > NCRX_TEXT_MAX) return 'text-too-long';
  // Differs: libncrx takes a header that ends early, its seq then being 0.
  if (t.flagAt < 0) return 'too-few-fields';

  // Differs: libncrx takes signs, blanks, octal, hexadecimal and the empty string for numbers; kernels print plain decimals.
  const priority = decimal(payload, t.prioAt, t.prioEnd);
  // Differs: libncrx refuses more than 255; a write to /dev/kmsg may name any facility up to 255, times 8.
  if (!(priority <= PRIO_MAX)) return 'bad-priority';
  const seq = decimal(payload, t.seqAt, t.seqEnd);
  if (Number.isNaN(seq)) return 'bad-seq';
  // Differs: libncrx counts in 64 bits; numbers here are exact to 2^53.
  if (seq > Number.MAX_SAFE_INTEGER) return 'seq-too-large';
  const tsUsec = decimal(payload, t.tsAt, t.tsEnd);
  if (!(tsUsec <= Number.MAX_SAFE_INTEGER)) return 'bad-timestamp';
  const mark = payload[t.flagAt];
  const flag = mark === 0x63 ? 'c' : mark === 0x2b ? '+' : '-';
  // Differs: libncrx looks for a release in 64 bytes, its comma among them; the longest release has 64 without.
  const release = t.releaseEnd < 0 ? undefined : latin1Text(payload, from, t.releaseEnd);

  let caller: string | undefined;
  let fragment: Fragment | undefined;
  let emergency: boolean | undefined;
  while (nextField(payload, t)) {
    const { fieldAt, fieldEnd, equals } = t;
    if (equals < 0) continue;
    if (isWord(payload, fieldAt, equals, 'ncfrag')) {
      if (fragment !== undefined) return 'ncfrag-twice';
      const parsed = parseFragment(payload, equals + 1, fieldEnd, text.length, dialect.fragment);
      if (typeof parsed === 'string') return parsed;
      fragment = parsed;
    } else if (dialect.emergencyKey !== undefined && isWord(payload, fieldAt, equals, dialect.emergencyKey)) {
      if (emergency !== undefined) return 'emergency-twice';
      const value = decimal(payload, equals + 1, fieldEnd);
      if (Number.isNaN(value)) return 'bad-emergency';
      emergency = value !== 0;
    } else if (isWord(payload, fieldAt, equals, 'caller')) {
      caller ??= latin1Text(payload, equals + 1, fieldEnd);
    }
  }
  return { release, priority, seq, tsUsec, flag, caller, emergency: emergency === true, fragment, text };
}
