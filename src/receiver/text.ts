/** Reading what a record carries: its text without escapes, and its dictionary. */
import type { ReceivedRecord } from './record.js';

const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const EQUALS = 0x3d;

function hex(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}

/**
 * Undoes the kernel's `\xNN`; a new array. An escape that was cut off stays as it is.
 * Linux: kernel/printk/printk.c msg_add_ext_text().
 */
export function unescapeText(text: Uint8Array): Uint8Array {
  const out = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let byte = text[i]!;
    if (byte === BACKSLASH && text[i + 1] === 0x78) {
      const high = hex(text[i + 2]);
      const low = hex(text[i + 3]);
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        i += 3;
      }
    }
    out[length++] = byte;
  }
  return out.subarray(0, length);
}

/**
 * The ` KEY=VALUE` lines behind a record's text, in their order: what a driver adds (SUBSYSTEM, DEVICE), userdata and sysdata.
 * Lines of another form are left out. Values are not unescaped: userdata is sent as it is.
 */
export function dictionary(record: Pick<ReceivedRecord, 'dict'>): [key: Uint8Array, value: Uint8Array][] {
  const entries: [Uint8Array, Uint8Array][] = [];
  const dict = record.dict ?? new Uint8Array(0);
  for (let at = 0; at < dict.length; ) {
    const found = dict.indexOf(NEWLINE, at);
    const end = found < 0 ? dict.length : found;
    const line = dict.subarray(at, end);
    const equals = line.indexOf(EQUALS);
    if (line[0] === SPACE && equals > 1) entries.push([line.subarray(1, equals), line.subarray(equals + 1)]);
    at = end + 1;
  }
  return entries;
}
