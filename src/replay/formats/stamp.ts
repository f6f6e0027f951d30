/**
 * Reads what printk puts in front of a text on a console and in dmesg: the stamp, the caller and a
 * priority, in the forms of Linux and of vendors' kernels.
 *
 *   [    1.234567] text               Linux: kernel/printk/printk.c print_time()
 *   [    1.234567][    T1] text       with PRINTK_CALLER; dmesg has a space between
 *   [    1.250000,2] text             the CPU: Qualcomm and others, 3.x
 *   [    1.250000@2] text             the CPU: Amlogic; a letter may follow the bracket
 *   [    1.250000s][pid:1,cpu2,init]  Huawei
 *   [    1.250000 / 01-31 12:00:00.1] text                      LG
 *   [    1.250000 <    0.250000>] text                          dmesg --show-delta
 *
 * The `take` functions leave the cursor where it was if what they look for is not here.
 */
import { Cursor, SPACE } from './bytes.js';

const OPEN = 0x5b;
const CLOSE = 0x5d;
const DOT = 0x2e;
const PRIORITY_MAX = 2047;
/** No vendor writes more than this between the digits and the bracket. */
const SUFFIX_MAX_BYTES = 40;
/** The number of columns that the kernel pads the seconds to. */
const SECONDS_COLUMNS = 5;

/** What may stand between the six digits and the bracket: three more digits, or a vendor's mark. */
const SUFFIX = /^(?:\d{3}|s|[@,]\d{1,4}| *<[ \d.+-]+>| *\/ *[-\d: .]+)$/;

/** A stamp in any of its forms, as a regular expression. */
export const STAMP_TEXT: string = String.raw`\[ *\d+\.\d{6}(?:\d{3}|s|[@,]\d{1,4}| *<[ \d.+-]+>| *\/ *[-\d: .]+)?\]`;

/** What a stamp and a caller are read into, such as a record. */
export interface StampTarget {
  /** The stamp, in microseconds. */
  tsUsec: number | undefined;
  /** The caller, as `LogRecord.callerId`. */
  callerId: number | undefined;
}

/** Takes a stamp in any of its forms, and what belongs to it up to the text or the caller. */
export function takeStamp(cursor: Cursor, into: StampTarget): boolean {
  const { pos } = cursor;
  if (cursor.take(OPEN)) {
    cursor.spaces();
    const usec = sixDigits(cursor);
    if (usec >= 0 && (cursor.take(CLOSE) || takeSuffix(cursor))) {
      into.tsUsec = usec;
      return true;
    }
  }
  cursor.pos = pos;
  return false;
}

/** Takes `seconds.micros` and skips three more digits if they follow; returns -1 if not here. */
function sixDigits(cursor: Cursor): number {
  const seconds = cursor.decimal();
  if (seconds < 0 || !cursor.take(DOT)) return -1;
  let micros = 0;
  for (let i = 0; i < 6; i++) {
    const digit = cursor.peek() - 0x30;
    if (digit < 0 || digit > 9) return -1;
    micros = micros * 10 + digit;
    cursor.pos++;
  }
  const usec = seconds * 1e6 + micros;
  return usec <= Number.MAX_SAFE_INTEGER ? usec : -1;
}

/** Skips a vendor's mark and the bracket. */
function takeSuffix(cursor: Cursor): boolean {
  const { bytes, pos } = cursor;
  const limit = Math.min(cursor.end, pos + SUFFIX_MAX_BYTES);
  let close = pos;
  while (close < limit && bytes[close] !== CLOSE) close++;
  if (close === limit) return false;
  const suffix = latin1(bytes, pos, close);
  if (!SUFFIX.test(suffix)) return false;
  cursor.pos = close + 1;
  if (suffix.startsWith('@')) takeMark(cursor, /^[a-z](?= )/);
  else if (suffix === 's') takeMark(cursor, /^\[pid:[^\]]*\]/);
  return true;
}

const MARK_MAX_BYTES = 80;

function takeMark(cursor: Cursor, mark: RegExp): void {
  const found = mark.exec(latin1(cursor.bytes, cursor.pos, Math.min(cursor.end, cursor.pos + MARK_MAX_BYTES)));
  if (found !== null) cursor.pos += found[0].length;
}

/** Takes a caller such as `[    T1]` or `[C0]`, with the space behind it. */
export function takeCaller(cursor: Cursor, into: StampTarget): boolean {
  const { pos } = cursor;
  if (cursor.take(OPEN)) {
    cursor.spaces();
    const id = cursor.caller();
    if (id >= 0 && cursor.take(CLOSE)) {
      into.callerId = id;
      cursor.take(SPACE);
      return true;
    }
  }
  cursor.pos = pos;
  return false;
}

/** Takes `<6>`. It takes `<-1>`, an unknown facility, too, and then changes neither field. */
export function takePriority(cursor: Cursor, into: { level: number; facility: number }): boolean {
  const { pos } = cursor;
  if (cursor.take(0x3c)) {
    const unknown = cursor.take(0x2d);
    const value = cursor.decimal();
    if (value >= 0 && value <= PRIORITY_MAX && cursor.take(0x3e)) {
      if (!unknown) {
        into.level = value & 7;
        into.facility = value >> 3;
      }
      return true;
    }
  }
  cursor.pos = pos;
  return false;
}

const searcher = new Cursor();
const found: StampTarget = { tsUsec: undefined, callerId: undefined };

/**
 * Returns where in `[from, end)` the next stamp begins that is padded as the kernel pads it and
 * that a space, a caller or the line's end follows; -1 if there is none.
 */
export function findStamp(bytes: Buffer, from: number, end: number): number {
  for (let at = bytes.indexOf(OPEN, from); at >= 0 && at < end; at = bytes.indexOf(OPEN, at + 1)) {
    const next = bytes[at + 1]!;
    if (next !== SPACE && (next < 0x30 || next > 0x39)) continue;
    searcher.set(bytes, at, end);
    if (!takeStamp(searcher, found)) continue;
    const after = searcher.peek();
    if (after !== -1 && after !== SPACE && after !== OPEN && after !== 0x0d && after !== 0) continue;
    let dot = at + 1;
    while (bytes[dot] !== DOT) dot++;
    const columns = dot - at - 1;
    if (columns === SECONDS_COLUMNS || (columns > SECONDS_COLUMNS && next !== SPACE)) return at;
  }
  return -1;
}

/** Returns the stamp, in microseconds, that `findStamp` found last. */
export function foundUsec(): number {
  return found.tsUsec!;
}

/** Returns the bytes as a string in which each is one character. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  if (Buffer.isBuffer(bytes)) return bytes.toString('latin1', start, end);
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.max(0, end - start)).toString('latin1');
}
