/**
 * Handles bytes as text: compares them, reads numbers, and makes and undoes the escapes of the
 * extended format. All of that is here and works on bytes; strings are made only at the edges
 * (`encodeText`, `decodeText`).
 *
 * Ranges are `[at, end)`. Nothing here throws; the caller must give ranges that are inside the
 * bytes.
 */

/** The characters that the formats are made of, as bytes. */
export const NEWLINE = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
export const SPACE = 0x20;
export const COMMA = 0x2c;
export const DOT = 0x2e;
export const SEMICOLON = 0x3b;
export const EQUALS = 0x3d;
export const BACKSLASH = 0x5c;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Returns a string as UTF-8, in new memory. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * Returns UTF-8 as a string. A byte that is not UTF-8 becomes U+FFFD; a byte order mark is kept.
 */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Returns each byte as one character. It is for short ranges: it adds one character at a time. */
export function latin1Text(bytes: Uint8Array, at = 0, end: number = bytes.length): string {
  let text = '';
  for (let i = at; i < end; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/** Returns the bytes of such a string, in new memory: the low eight bits of each character. */
export function latin1Bytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Returns two hexadecimal digits for each byte. */
export function hexText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Says whether two arrays hold the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Returns all parts, one behind the other, in new memory. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Says whether `bytes[at, end)` begins with `start`. */
export function startsWith(bytes: Uint8Array, start: Uint8Array, at = 0, end: number = bytes.length): boolean {
  if (end - at < start.length) return false;
  for (let i = 0; i < start.length; i++) if (bytes[at + i] !== start[i]) return false;
  return true;
}

/** Says whether `bytes[at, end)` is `word`, a string of ASCII. Allocates nothing. */
export function isWord(bytes: Uint8Array, at: number, end: number, word: string): boolean {
  if (end - at !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) return false;
  return true;
}

/**
 * Returns the decimal number that `bytes[at, end)` is, or NaN if the range is anything else: signs,
 * blanks and an empty range are refused. A number above 2^53 is inexact, but stays above 2^53.
 */
export function decimal(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return Number.NaN;
  let value = 0;
  for (let i = at; i < end; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * Returns the value of a hexadecimal digit of either case, 0 to 15, or -1 for any other byte and
 * for undefined.
 */
export function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/**
 * Decodes `\xNN` in place and returns the new end. An escape that was cut stays as it is.
 * Linux: kernel/printk/printk.c msg_add_ext_text(), undone.
 */
export function unescapeInPlace(bytes: Uint8Array, at: number, end: number): number {
  return unescapeBytes(bytes, at, end, everyByte);
}

/** Does the same, but only for escapes whose byte `wanted` accepts; others stay as they are. */
export function unescapeBytes(bytes: Uint8Array, at: number, end: number, wanted: (byte: number) => boolean): number {
  let from = at;
  while (from < end && bytes[from] !== BACKSLASH) from++;
  let to = from;
  for (; from < end; from++) {
    const byte = bytes[from]!;
    if (byte === BACKSLASH && from + 3 < end && bytes[from + 1] === 0x78) {
      const high = hexDigit(bytes[from + 2]);
      const low = hexDigit(bytes[from + 3]);
      if (high >= 0 && low >= 0 && wanted(high * 16 + low)) {
        bytes[to++] = high * 16 + low;
        from += 3;
        continue;
      }
    }
    bytes[to++] = byte;
  }
  return to;
}

function everyByte(): boolean {
  return true;
}

/** Decodes `\xNN` into new memory. An escape that was cut stays as it is. */
export function unescapeText(text: Uint8Array): Uint8Array {
  const bytes = text.slice();
  return bytes.subarray(0, unescapeInPlace(bytes, 0, bytes.length));
}

const HEX = '0123456789abcdef';

/**
 * Returns a text as the kernel puts it into an extended record, in new memory: the backslash and
 * all that is not printable ASCII become `\xNN`. Linux: kernel/printk/printk.c msg_add_ext_text().
 */
export function escapeText(text: Uint8Array): Uint8Array {
  let length = text.length;
  for (const byte of text) if (isEscaped(byte)) length += 3;
  const out = new Uint8Array(length);
  let to = 0;
  for (const byte of text) {
    if (!isEscaped(byte)) {
      out[to++] = byte;
      continue;
    }
    out[to++] = BACKSLASH;
    out[to++] = 0x78;
    out[to++] = HEX.charCodeAt(byte >> 4);
    out[to++] = HEX.charCodeAt(byte & 15);
  }
  return out;
}

function isEscaped(byte: number): boolean {
  return byte < SPACE || byte >= 0x7f || byte === BACKSLASH;
}

/** Returns `1 record`, `2 records`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
