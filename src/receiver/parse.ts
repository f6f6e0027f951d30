/**
 * One datagram of an extended target, taken apart: `[RELEASE,]PRIO,SEQ,TS,FLAG[,KEY=VAL]*;TEXT`.
 *
 * Nothing throws. What is not such a datagram is refused with a reason, a string of `REFUSALS`.
 *
 *   parsePacket(bytes, RECEIVER_DIALECTS.mainline)   ->  Packet, or 'no-semicolon'
 *
 * Follows libncrx parse_packet(), as strict as what kernels print allows.
 */
import type { ReceiverDialect } from './dialect.js';

/** Longest header, in bytes, the `;` not counted. */
export const NCRX_HEADER_MAX = 1023;
/** Longest text of a record, in bytes. */
export const NCRX_TEXT_MAX = 8191;
/** A release is looked for within this many bytes. */
const NCRX_KVERSION_MAX_LEN = 64;
/** Facility is one byte, level three bits. */
const PRIORITY_MAX = 2047;

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

const COMMA = 0x2c;
const DOT = 0x2e;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
/** Kernels with printer threads may put this in front of a record, header and all. Linux: console_prepend_replay(). */
const REPLAY_NOTICE: Uint8Array = ascii('** replaying previous printk message **\n');

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  if (bytes[0] !== start[0] || bytes.length < start.length) return false;
  for (let i = 1; i < start.length; i++) if (bytes[i] !== start[i]) return false;
  return true;
}

function asString(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/**
 * The decimal number in [from, to), NaN if it is anything else; above 2^53 no longer exact, but above 2^53.
 * Differs: libncrx takes signs, blanks, octal, hexadecimal and the empty string; kernels print plain decimals.
 */
function decimal(bytes: Uint8Array, from: number, to: number): number {
  if (from >= to) return Number.NaN;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function comma(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== COMMA) at++;
  return at;
}

/** A dot before the first comma, both within 64 bytes: the first field is a release. libncrx release_prepended(). */
function releaseEnd(bytes: Uint8Array, from: number, end: number): number {
  const limit = Math.min(end, from + NCRX_KVERSION_MAX_LEN);
  let dot = false;
  for (let i = from; i < limit; i++) {
    if (bytes[i] === COMMA) return dot ? i : -1;
    if (bytes[i] === DOT) dot = true;
  }
  return -1;
}

const OFF_TOTAL = /^(\d+)\/(\d+)$/;
const OFF_INDEX_COUNT = /^(\d+)@(\d+)\/(\d+)$/;

function parseFragment(value: string, length: number, form: ReceiverDialect['ncfrag']): Fragment | Refusal {
  const match = (form === 'off/total' ? OFF_TOTAL : OFF_INDEX_COUNT).exec(value);
  if (match === null) return 'bad-ncfrag';
  if (length === 0) return 'ncfrag-empty';
  const offset = Number(match[1]);
  if (form === 'off/total') {
    const total = Number(match[2]);
    if (total > NCRX_TEXT_MAX) return 'ncfrag-too-long';
    if (offset >= total || offset + length > total) return 'ncfrag-outside';
    return { offset, total, count: 0 };
  }
  const index = Number(match[2]);
  const count = Number(match[3]);
  // The first piece, and no other, begins at 0; every piece has a byte at least.
  if (index >= count || (index === 0) !== (offset === 0) || offset < index) return 'ncfrag-outside';
  if (offset + length + (count - 1 - index) > NCRX_TEXT_MAX) return 'ncfrag-too-long';
  return { offset, total: index === count - 1 ? offset + length : -1, count };
}

/** Takes a datagram apart, or says why not. Never throws; work is bounded by the header's limit. */
export function parsePacket(payload: Uint8Array, dialect: ReceiverDialect): Packet | Refusal {
  const from = startsWith(payload, REPLAY_NOTICE) ? REPLAY_NOTICE.length : 0;
  const end = payload.indexOf(SEMICOLON, from);
  if (end < 0) return 'no-semicolon';
  if (end - from > NCRX_HEADER_MAX) return 'header-too-long';
  const text = payload.subarray(end + 1);
  // Differs: libncrx cuts the text and goes on; a cut record would pass for a whole one.
  if (text.length > NCRX_TEXT_MAX) return 'text-too-long';

  const named = releaseEnd(payload, from, end);
  const release = named < 0 ? undefined : asString(payload, from, named);
  const priorityAt = named < 0 ? from : named + 1;
  const priorityEnd = comma(payload, priorityAt, end);
  const seqEnd = comma(payload, priorityEnd + 1, end);
  const tsEnd = comma(payload, seqEnd + 1, end);
  // Differs: libncrx takes a header that ends early, its seq then being 0.
  if (tsEnd >= end) return 'too-few-fields';
  const priority = decimal(payload, priorityAt, priorityEnd);
  // Differs: libncrx refuses more than 255; a write to /dev/kmsg may name any facility up to 255, times 8.
  if (!(priority <= PRIORITY_MAX)) return 'bad-priority';
  const seq = decimal(payload, priorityEnd + 1, seqEnd);
  if (Number.isNaN(seq)) return 'bad-seq';
  // Differs: libncrx counts in 64 bits; numbers here are exact to 2^53.
  if (seq > Number.MAX_SAFE_INTEGER) return 'seq-too-large';
  const tsUsec = decimal(payload, seqEnd + 1, tsEnd);
  if (!(tsUsec <= Number.MAX_SAFE_INTEGER)) return 'bad-timestamp';
  const mark = payload[tsEnd + 1];
  const flag = mark === 0x63 ? 'c' : mark === 0x2b ? '+' : '-';

  let caller: string | undefined;
  let fragment: Fragment | undefined;
  let emergency: boolean | undefined;
  for (let at = comma(payload, tsEnd + 1, end) + 1; at < end; ) {
    const next = comma(payload, at, end);
    const equals = payload.subarray(at, next).indexOf(EQUALS);
    if (equals >= 0) {
      const key = asString(payload, at, at + equals);
      const valueAt = at + equals + 1;
      if (key === 'ncfrag') {
        if (fragment !== undefined) return 'ncfrag-twice';
        const parsed = parseFragment(asString(payload, valueAt, next), text.length, dialect.ncfrag);
        if (typeof parsed === 'string') return parsed;
        fragment = parsed;
      } else if (key === dialect.emergencyKey) {
        if (emergency !== undefined) return 'emergency-twice';
        const value = decimal(payload, valueAt, next);
        if (Number.isNaN(value)) return 'bad-emergency';
        emergency = value !== 0;
      } else if (key === 'caller') {
        caller ??= asString(payload, valueAt, next);
      }
    }
    at = next + 1;
  }
  return { release, priority, seq, tsUsec, flag, caller, emergency: emergency === true, fragment, text };
}
