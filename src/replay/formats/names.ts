/** Lists the names that dmesg, syslog and the journal give facilities and levels. */
import { LEVEL_NAMES } from '../../wire/record.js';
import { type Cursor, Names, SPACE } from './bytes.js';

const FACILITY_NAMES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['res0', 'res1', 'res2', 'res3', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];
const LONG_LEVEL_NAMES = [
  ['panic', 0],
  ['critical', 2],
  ['error', 3],
  ['warning', 4],
] as const;

/** The numbers of facilities and levels by the names that dmesg and others print. */
export const FACILITY_NUMBERS: ReadonlyMap<string, number> = new Map(FACILITY_NAMES.map((name, i) => [name, i]));
/** Some levels have a second, longer name, such as `warning` for `warn`. */
export const LEVEL_NUMBERS: ReadonlyMap<string, number> = new Map([
  ...LEVEL_NAMES.map((name, i) => [name, i] as const),
  ...LONG_LEVEL_NAMES,
]);

const words = new Names();
/** No names that `-x` prints, such as `authpriv:notice: `, are longer than this. */
const NAMES_MAX_BYTES = 24;

/** Reads names as in `kern  :info  : `. If they are not here, leaves the cursor where it was. */
export function takeNames(cursor: Cursor, into: { level: number; facility: number }): boolean {
  const { bytes, pos } = cursor;
  const end = Math.min(cursor.end, pos + NAMES_MAX_BYTES);
  const colon = findColon(bytes, pos, end);
  const second = findColon(bytes, colon + 1, end);
  if (second >= end) return false;
  const facility = FACILITY_NUMBERS.get(words.get(bytes, pos, trimEnd(bytes, pos, colon)));
  const level = LEVEL_NUMBERS.get(words.get(bytes, colon + 1, trimEnd(bytes, colon + 1, second)));
  if (facility === undefined || level === undefined) return false;
  into.facility = facility;
  into.level = level;
  cursor.pos = second + 1;
  cursor.take(SPACE);
  return true;
}

function findColon(bytes: Uint8Array, from: number, end: number): number {
  let pos = from;
  while (pos < end && bytes[pos] !== 0x3a) pos++;
  return pos;
}

function trimEnd(bytes: Uint8Array, start: number, from: number): number {
  let end = from;
  while (end > start && bytes[end - 1] === SPACE) end--;
  return end;
}
