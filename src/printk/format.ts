/**
 * A record as text: plain, as consoles and dmesg show it, and extended, as /dev/kmsg and extended
 * consoles do.
 *
 *   plain      [    1.234567][    T1] text           every line of the record behind the same prefix
 *   extended   6,416,1234567,-,caller=T1;text        then one line ` KEY=value` per dictionary entry
 *
 * Both write a text into the heap that is never longer than its limit. How a record that does not
 * fit is cut is part of the format.
 *
 * Linux: kernel/printk/printk.c record_print_text(), info_print_ext_header(), msg_print_ext_body().
 */
import { putDecimal } from '../lane/plain.js';
import type { Heap } from '../memory/heap.js';
import { encodeText } from '../wire/text.js';
import { LOG_CONT, LOG_NEWLINE, LOG_PREFIX, type PrintkRecord } from './record.js';

/** What decides the form of a line of text. */
export interface FormatOptions {
  /** CONFIG_PRINTK_CALLER. */
  readonly caller: boolean;
  /** printk.time. */
  readonly time: boolean;
  /** console_msg_format=syslog: `<N>` before the prefix. */
  readonly syslog: boolean;
}

const NEWLINE = 0x0a;
/** Room for the longest prefix: `<2047>`, a stamp of 16 digits, a caller of 11. */
const PREFIX_BYTES = 64;
/** Where a prefix is made that does not stand before every line of its record. */
const scratch = new Uint8Array(PREFIX_BYTES);

function putPadded(bytes: Uint8Array, at: number, value: number, width: number, pad: number): number {
  const digits = new Uint8Array(20);
  const n = putDecimal(digits, 0, value);
  const gap = Math.max(0, width - n);
  for (let i = 0; i < gap; i++) bytes[at + i] = pad;
  for (let i = 0; i < n; i++) bytes[at + gap + i] = digits[i]!;
  return gap + n;
}

/** `[12345.123456]` for stamps of up to five digits of seconds: the hot form of `putStamp`. */
function putShortStamp(bytes: Uint8Array, at: number, seconds: number, usec: number): number {
  // These are integers, since dividing doubles would take most of the time.
  let s = seconds | 0;
  let u = usec | 0;
  bytes[at] = 0x5b;
  for (let i = 5; i >= 1; i--) {
    const q = (s / 10) | 0;
    bytes[at + i] = s === 0 && i < 5 ? 0x20 : 0x30 + (s - q * 10);
    s = q;
  }
  bytes[at + 6] = 0x2e;
  for (let i = 12; i >= 7; i--) {
    const q = (u / 10) | 0;
    bytes[at + i] = 0x30 + (u - q * 10);
    u = q;
  }
  bytes[at + 13] = 0x5d;
  return 14;
}

function putStamp(bytes: Uint8Array, at: number, tsUsec: number): number {
  const seconds = Math.floor(tsUsec / 1e6);
  const usec = tsUsec - seconds * 1e6;
  if (seconds < 100000) return putShortStamp(bytes, at, seconds, usec);
  let n = at;
  bytes[n++] = 0x5b;
  n += putPadded(bytes, n, seconds, 5, 0x20);
  bytes[n++] = 0x2e;
  n += putPadded(bytes, n, usec, 6, 0x30);
  bytes[n++] = 0x5d;
  return n - at;
}

/**
 * Writes the prefix of a line at `at` of `bytes`; returns its length, at most `PREFIX_BYTES`.
 * Linux: info_print_prefix().
 */
function putPrefix(bytes: Uint8Array, at: number, record: PrintkRecord, options: FormatOptions): number {
  let n = at;
  if (options.syslog) {
    bytes[n++] = 0x3c;
    n += putDecimal(bytes, n, (record.facility << 3) | record.level);
    bytes[n++] = 0x3e;
  }
  const start = n;
  if (options.time) n += putStamp(bytes, n, record.tsUsec);
  if (options.caller) {
    const cpu = record.callerId >= 0x80000000;
    const id = cpu ? record.callerId - 0x80000000 : record.callerId;
    const width = 1 + String(id).length;
    bytes[n++] = 0x5b;
    for (let i = width; i < 6; i++) bytes[n++] = 0x20;
    bytes[n++] = cpu ? 0x43 : 0x54;
    n += putDecimal(bytes, n, id);
    bytes[n++] = 0x5d;
  }
  if (n > start) bytes[n++] = 0x20;
  return n - at;
}

/**
 * Writes `record` in plain form at `dst`; returns its length, at most `limit`. The prefix is first
 * made where the first line goes, so the caller leaves room for `PREFIX_BYTES` whatever the limit.
 */
export function formatPlain(
  heap: Heap,
  record: PrintkRecord,
  dst: number,
  limit: number,
  options: FormatOptions,
): number {
  const { bytes, lane } = heap;
  const p = putPrefix(bytes, dst, record, options);
  let from = record.textAt;
  let to = from + Math.min(record.textLen, limit);
  let out = 0;
  let truncated = false;
  for (;;) {
    const length = lane.lineLength(from, to - from);
    const eol = from + length;
    const whole = eol === to;
    if (whole && truncated) break;
    if (out + p + (to - from) + 2 > limit) {
      if (out + p + length + 2 > limit) break;
      to = from + (limit - out - p - 2);
      truncated = true;
    }
    if (out > 0) lane.copy(dst, p, dst + out);
    out += p;
    lane.copy(from, length, dst + out);
    out += length;
    bytes[dst + out++] = NEWLINE;
    if (whole) break;
    from = eol + 1;
  }
  return out;
}

/**
 * Writes the prefix of a line of plain text at `dst`; returns its length. Linux 4.2:
 * print_prefix().
 */
export function formatPrefix(heap: Heap, record: PrintkRecord, dst: number, options: FormatOptions): number {
  return putPrefix(heap.bytes, dst, record, options);
}

/**
 * Writes `record` in plain form as the kernels before 5.10 do. Up to 4.9 a record that continues
 * another has no prefix, and a record that is continued has no newline: `previous` are the flags of
 * the record before, undefined from then on. Linux 4.2, 4.14: msg_print_text().
 */
export function formatPlainLog(
  heap: Heap,
  record: PrintkRecord,
  dst: number,
  limit: number,
  options: FormatOptions,
  previous: number | undefined,
): number {
  const { bytes } = heap;
  const p = putPrefix(scratch, 0, record, options);
  let withPrefix = true;
  let newline = true;
  if (previous !== undefined) {
    const continued = (previous & LOG_CONT) !== 0;
    if (continued && (record.flags & LOG_PREFIX) === 0) withPrefix = false;
    if ((record.flags & LOG_CONT) !== 0) {
      if (continued && (previous & LOG_NEWLINE) === 0) withPrefix = false;
      if ((record.flags & LOG_NEWLINE) === 0) newline = false;
    }
  }
  const to = record.textAt + record.textLen;
  let from = record.textAt;
  let out = 0;
  for (let more = true; more; ) {
    let eol = from;
    while (eol < to && bytes[eol] !== NEWLINE) eol++;
    more = eol < to;
    if (p + (eol - from) + 1 >= limit - out) break;
    if (withPrefix) for (let i = 0; i < p; i++) bytes[dst + out++] = scratch[i]!;
    bytes.copyWithin(dst + out, from, eol);
    out += eol - from;
    if (more || newline) bytes[dst + out++] = NEWLINE;
    withPrefix = true;
    from = eol + 1;
  }
  return out;
}

/** Writes one entry as ` KEY=` and the value, up to `end` at most. Linux: msg_add_dict_text(). */
function putDictEntry(heap: Heap, key: string, value: string, dst: number, end: number): number {
  const { bytes, lane } = heap;
  let at = dst;
  for (let i = 0; i < key.length && at < end; i++) bytes[at++] = key.charCodeAt(i);
  const scratch = heap.borrow();
  at += lane.escape(scratch, putUtf8(bytes, value, scratch), at, end - at);
  heap.giveBack(scratch);
  if (at < end) bytes[at++] = NEWLINE;
  return at;
}

/** Writes a text, which is nearly always ASCII; returns how many bytes it has. */
function putUtf8(bytes: Uint8Array, text: string, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) {
      const encoded = encodeText(text);
      bytes.set(encoded, at);
      return encoded.length;
    }
    bytes[at + i] = code;
  }
  return text.length;
}

const FLAG_NONE = 0x2d;
const FLAG_CONT = 0x63;

/**
 * Writes `record` in extended form at `dst`; returns its length, at most `limit`. `flag` is the
 * header's fourth field.
 */
export function formatExt(
  heap: Heap,
  record: PrintkRecord,
  dst: number,
  limit: number,
  options: FormatOptions,
  flag: number = (record.flags & LOG_CONT) !== 0 ? FLAG_CONT : FLAG_NONE,
): number {
  const n = heap.lane.extFormat(
    dst,
    limit,
    (record.facility << 3) | record.level,
    record.seq,
    record.tsUsec,
    flag,
    options.caller ? record.callerId : -1,
    record.textAt,
    record.textLen,
  );
  if (record.dev === undefined) return n;
  let at = dst + n;
  const { subsystem, device } = record.dev;
  if (subsystem !== '') at = putDictEntry(heap, ' SUBSYSTEM=', subsystem, at, dst + limit);
  if (device !== '') at = putDictEntry(heap, ' DEVICE=', device, at, dst + limit);
  return at - dst;
}
