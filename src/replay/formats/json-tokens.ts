/** Reads the tokens of `dmesg --json` at a cursor: white space, numbers, stamps and dates. */
import { type Cursor, NEWLINE, SPACE } from './bytes.js';
import { BSD_DATE, bsdUsec, DATE_WORD, isoUsec } from './dates.js';
import type { PooledRecord } from './record.js';
import { latin1 } from './stamp.js';

const CTIME = new RegExp(String.raw`^"?\[?${DATE_WORD} ${BSD_DATE} (\d{4})\]?"? ?`);
const ISO = /^"?(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?"?/;
const DATE_MAX_BYTES = 48;
/** No name or number that is read is longer than this. */
export const WORD_MAX_BYTES = 32;

/** Skips white space at the cursor and counts the newlines in it. */
export function skipWhite(cursor: Cursor): void {
  const { bytes, end } = cursor;
  let { pos } = cursor;
  for (; pos < end; pos++) {
    const byte = bytes[pos]!;
    if (byte === NEWLINE) cursor.newlines++;
    else if (!isWhite(byte)) break;
  }
  cursor.pos = pos;
}

/** Skips a number or a word, the value of a member that is not read; says whether one was here. */
export function skipLiteral(cursor: Cursor): boolean {
  const from = cursor.pos;
  while (cursor.pos < cursor.end && (isNumber(cursor.bytes[cursor.pos]!) || isLetter(cursor.bytes[cursor.pos]!)))
    cursor.pos++;
  return cursor.pos > from && cursor.pos < cursor.end;
}

/**
 * Reads seconds, as dmesg prints them or as a JSON tool prints them again, and returns
 * microseconds, or -1 if no such number is here.
 */
export function seconds(cursor: Cursor): number {
  const from = cursor.pos;
  const usec = cursor.stamp();
  const next = cursor.peek();
  if (usec >= 0 && next >= 0 && !isNumber(next)) return usec;
  cursor.pos = from;
  while (cursor.pos < cursor.end && isNumber(cursor.bytes[cursor.pos]!)) cursor.pos++;
  const rounded = Math.round(
    Number(latin1(cursor.bytes, from, Math.min(cursor.pos, from + WORD_MAX_BYTES)) || Number.NaN) * 1e6,
  );
  return rounded >= 0 && rounded <= Number.MAX_SAFE_INTEGER ? rounded : -1;
}

/** Reads a date, in brackets, in quotes or in neither, into `record`; says whether one was here. */
export function date(cursor: Cursor, record: PooledRecord): boolean {
  const text = latin1(cursor.bytes, cursor.pos, Math.min(cursor.end, cursor.pos + DATE_MAX_BYTES));
  const ctime = CTIME.exec(text);
  const iso = ISO.exec(text);
  if (ctime !== null) record.timeUsec = bsdUsec(ctime[1]!, ctime[2]!, ctime[3]!, ctime[4], ctime[5]);
  if (iso !== null) record.timeUsec = isoUsec(iso[1]!, iso[2]!, iso[3], iso[4]);
  const found = ctime ?? iso;
  if (found !== null) cursor.pos += found[0].length;
  else if (cursor.pos + DATE_MAX_BYTES >= cursor.end) cursor.pos = cursor.end;
  return record.timeUsec !== undefined;
}

/** Says whether a byte is white space of JSON. */
export function isWhite(byte: number): boolean {
  return byte === SPACE || (byte >= 9 && byte <= 13);
}

/** Says whether a byte is an ASCII letter. */
export function isLetter(byte: number): boolean {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}

function isNumber(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2e || byte === 0x2b || byte === 0x2d || (byte | 0x20) === 0x65;
}

/** Says whether a line begins as a JSON object does, or as an item of YAML that holds one. */
export function isJson(line: string): boolean {
  return line.startsWith('{"') || line.startsWith('- {"');
}
