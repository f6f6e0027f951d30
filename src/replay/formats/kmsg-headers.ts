/**
 * Reads the headers of records of the extended form, and finds them, both at the beginning of a
 * line and inside a text.
 */
import { PRIO_MAX, RELEASE_MAX_BYTES } from '../../wire/record.js';
import { COMMA, DOT, encodeText, SEMICOLON, SPACE, startsWith } from '../../wire/text.js';
import { Cursor, Names } from './bytes.js';
import type { PooledRecord } from './record.js';
import { latin1 } from './stamp.js';

/** A header, which begins a record, as a regular expression. */
export const KMSG_HEADER: string = String.raw`(?:[\w.+~-]{1,64},)?\d{1,4},\d+,\d+(?:,[-c+][^;]*)?;`;
/** A header at the beginning of a line. */
export const KMSG_START: RegExp = new RegExp(`^${KMSG_HEADER}`);
const ANYWHERE = /(\d{1,4}),(\d+),(\d+),[-c+](?:,[a-z]+=[^;,]*)*;/g;

const HEADER_MAX_BYTES = 256;
const PIECE = ',ncfrag=';
/** Fragments that mix in one file belong to records whose seqs differ by at most this. */
const NEIGHBOURS = 64;

const FLAG_CONT = [0x63, 0x2b];
const CALLER = encodeText('caller=');
const NCFRAG = encodeText('ncfrag=');

const NO_HEADER = 'no record of /dev/kmsg ("priority,seq,microseconds,flags;text")';
const BAD_PRIORITY = `a priority over ${PRIO_MAX}`;
const BAD_SEQ = 'a sequence number over 2^53';
const BAD_STAMP = 'a stamp over 2^53 microseconds';
const BAD_CALLER = 'a caller that is neither T and a thread nor C and a CPU';

/** Reads headers into records. What it says about the last one is in its fields. */
export class HeaderReader {
  readonly #cursor = new Cursor();
  readonly #names = new Names();
  /** Where the text behind the last header begins. */
  textStart = 0;
  /** True if the last header was that of a fragment of a record. */
  fragment = false;

  /** Fills `record` from the header at `start`. Returns what is wrong with it, or `undefined`. */
  read(bytes: Uint8Array, start: number, end: number, record: PooledRecord): string | undefined {
    const cursor = this.#cursor;
    this.fragment = false;
    cursor.set(bytes, start, end);
    let priority = cursor.decimal();
    if ((priority < 0 || cursor.peek() !== COMMA) && takeRelease(cursor, start)) {
      record.release = this.#names.get(bytes, start, cursor.pos - 1);
      priority = cursor.decimal();
    }
    if (priority < 0 || !cursor.take(COMMA)) return NO_HEADER;
    const seq = cursor.decimal();
    if (seq < 0 || !cursor.take(COMMA)) return NO_HEADER;
    const tsUsec = cursor.decimal();
    if (tsUsec < 0) return NO_HEADER;
    if (cursor.take(COMMA)) {
      const flag = cursor.peek();
      if (flag !== 0x2d && !FLAG_CONT.includes(flag)) return NO_HEADER;
      cursor.pos++;
      record.cont = flag !== 0x2d;
      record.continues = flag === FLAG_CONT[1];
      while (cursor.take(COMMA)) {
        if (startsWith(bytes, CALLER, cursor.pos, end)) {
          cursor.pos += CALLER.length;
          const caller = cursor.caller();
          if (caller < 0) return BAD_CALLER;
          record.callerId = caller;
        } else {
          if (startsWith(bytes, NCFRAG, cursor.pos, end)) this.fragment = true;
          while (cursor.pos < end && bytes[cursor.pos] !== COMMA && bytes[cursor.pos] !== SEMICOLON) cursor.pos++;
        }
      }
    }
    if (!cursor.take(SEMICOLON)) return NO_HEADER;
    if (priority > PRIO_MAX) return BAD_PRIORITY;
    if (seq > Number.MAX_SAFE_INTEGER) return BAD_SEQ;
    if (tsUsec > Number.MAX_SAFE_INTEGER) return BAD_STAMP;
    record.level = priority & 7;
    record.facility = priority >> 3;
    record.seq = seq;
    record.tsUsec = tsUsec;
    this.textStart = cursor.pos;
    return undefined;
  }
}

/** Skips a release (`uname -r`: it has a dot) and its comma. Returns false if `start` has none. */
function takeRelease(cursor: Cursor, start: number): boolean {
  const { bytes } = cursor;
  const limit = Math.min(cursor.end, start + RELEASE_MAX_BYTES + 1);
  let dotted = false;
  let pos = start;
  for (; pos < limit && bytes[pos] !== COMMA; pos++) {
    const byte = bytes[pos]!;
    if (byte <= SPACE || byte >= 0x7f || byte === SEMICOLON) return false;
    if (byte === DOT) dotted = true;
  }
  if (!dotted || pos >= limit) return false;
  cursor.pos = pos + 1;
  return true;
}

/** Says whether a header begins at `start`. */
export function startsHeader(bytes: Uint8Array, start: number, end: number): boolean {
  return KMSG_START.test(latin1(bytes, start, Math.min(end, start + HEADER_MAX_BYTES)));
}

/** What a header inside a text is looked for by. */
export interface HeaderSearch {
  /** The record whose text is searched. */
  readonly of: PooledRecord;
  /** The found record's seq must be lower than this; -1: it may be any. */
  readonly next: number;
  /** True if the next fragment of the same record is looked for too. */
  readonly joins: boolean;
}

/** Returns where in a text the header of a later record or fragment begins, or -1. */
export function findHeader(bytes: Buffer, start: number, end: number, { of, next, joins }: HeaderSearch): number {
  const text = latin1(bytes, start, end);
  const { seq = 0, tsUsec = 0, release } = of;
  for (const found of text.matchAll(ANYWHERE)) {
    const itsSeq = Number(found[2]);
    const itsUsec = Number(found[3]);
    const later = itsSeq > seq && itsUsec >= tsUsec && (next < 0 || itsSeq < next);
    const same = itsSeq === seq && itsUsec === tsUsec && joins;
    // No text looks like a fragment's header by chance. Neighbours' fragments may be mixed.
    const piece = joins && found[0].includes(PIECE) && Math.abs(itsSeq - seq) <= NEIGHBOURS;
    if (!later && !same && !piece) continue;
    // Digits in front may be the text's. In the same record, its priority tells which are not.
    const priority = same ? String(of.facility * 8 + of.level) : found[1]!;
    const at = found.index + found[1]!.length - priority.length;
    const front = release === undefined ? 0 : release.length + 1;
    return start + (text.slice(0, at).endsWith(`${release},`) ? at - front : at);
  }
  return -1;
}
