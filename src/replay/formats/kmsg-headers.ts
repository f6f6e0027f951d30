/**
 * Where records of the extended form begin: at the beginning of a line, or inside another's text.
 */
import type { PooledRecord } from './record.js';
import { latin1 } from './stamp.js';

/** A header, a record's beginning. */
export const KMSG_HEADER: string = String.raw`(?:[\w.+~-]{1,64},)?\d{1,4},\d+,\d+(?:,[-c+][^;]*)?;`;
export const KMSG_START: RegExp = new RegExp(`^${KMSG_HEADER}`);
const ANYWHERE = /(\d{1,4}),(\d+),(\d+),[-c+](?:,[a-z]+=[^;,]*)*;/g;

const HEADER_MAX_BYTES = 256;
const PIECE = ',ncfrag=';
/** Records of which fragments are under way at once. */
const NEIGHBOURS = 64;

export function startsHeader(bytes: Uint8Array, start: number, end: number): boolean {
  return KMSG_START.test(latin1(bytes, start, Math.min(end, start + HEADER_MAX_BYTES)));
}

export interface HeaderSearch {
  /** The record in whose text it is looked for. */
  readonly of: PooledRecord;
  /** The seq before which the one that is found has to be; -1: any. */
  readonly next: number;
  /** The next fragment of the same record is looked for too. */
  readonly joins: boolean;
}

/** Where the header of a later record or fragment begins in a text; -1 if none does. */
export function findHeader(bytes: Buffer, start: number, end: number, { of, next, joins }: HeaderSearch): number {
  const text = latin1(bytes, start, end);
  const { seq = 0, tsUsec = 0, release } = of;
  for (const found of text.matchAll(ANYWHERE)) {
    const itsSeq = Number(found[2]);
    const itsUsec = Number(found[3]);
    const later = itsSeq > seq && itsUsec >= tsUsec && (next < 0 || itsSeq < next);
    const same = itsSeq === seq && itsUsec === tsUsec && joins;
    // No text says of itself that it is a piece; pieces of neighbours lie between each other's.
    const piece = joins && found[0].includes(PIECE) && Math.abs(itsSeq - seq) <= NEIGHBOURS;
    if (!later && !same && !piece) continue;
    // Digits in front of it may be the text's.
    const priority = same ? String(of.facility * 8 + of.level) : found[1]!;
    const at = found.index + found[1]!.length - priority.length;
    const front = release === undefined ? 0 : release.length + 1;
    return start + (text.slice(0, at).endsWith(`${release},`) ? at - front : at);
  }
  return -1;
}
