/**
 * Reads numbers and escapes straight out of bytes, without making a string first.
 */
import { BACKSLASH, hexDigit, isWord, SPACE, unescapeBytes, unescapeInPlace } from '../../wire/text.js';

export { BACKSLASH, NEWLINE, SPACE } from '../../wire/text.js';

/**
 * A position in a range of bytes. The methods that read something move it behind what they read.
 */
export class Cursor {
  /** The bytes, which stay the caller's. */
  bytes: Uint8Array = new Uint8Array(0);
  /** The offset in `bytes` of the next byte to read. */
  pos = 0;
  /** The offset in `bytes` at which reading ends. */
  end = 0;
  /** The newlines passed since `set`, for callers that count lines. */
  newlines = 0;

  /** Points the cursor at `bytes[pos..end)`. */
  set(bytes: Uint8Array, pos: number, end: number): void {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
    this.newlines = 0;
  }

  /** Returns the byte here without moving, or -1 at the end. */
  peek(): number {
    return this.pos < this.end ? this.bytes[this.pos]! : -1;
  }

  /** Skips `byte` if it is here, and says whether it was. */
  take(byte: number): boolean {
    if (this.pos >= this.end || this.bytes[this.pos] !== byte) return false;
    this.pos++;
    return true;
  }

  /** Skips any spaces here. */
  spaces(): void {
    while (this.pos < this.end && this.bytes[this.pos] === SPACE) this.pos++;
  }

  /**
   * Reads a decimal number and returns it, or -1 if no digit is here. A number over 2^53 is
   * inexact, but stays over 2^53.
   */
  decimal(): number {
    const { bytes, end } = this;
    let pos = this.pos;
    let value = 0;
    while (pos < end) {
      const digit = bytes[pos]! - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      pos++;
    }
    if (pos === this.pos) return -1;
    this.pos = pos;
    return value;
  }

  /**
   * Reads `seconds.micros` and returns microseconds, or -1 if that is not here. The point must have
   * exactly six digits behind it.
   */
  stamp(): number {
    const seconds = this.decimal();
    if (seconds < 0 || !this.take(0x2e)) return -1;
    const from = this.pos;
    const micros = this.decimal();
    if (micros < 0 || this.pos - from !== 6) return -1;
    const usec = seconds * 1e6 + micros;
    return usec <= Number.MAX_SAFE_INTEGER ? usec : -1;
  }

  /** Reads `T` thread or `C` CPU and returns it as a caller id, or -1 if that is not here. */
  caller(): number {
    const kind = this.peek();
    if (kind !== 0x54 && kind !== 0x43) return -1;
    this.pos++;
    const id = this.decimal();
    if (id < 0 || id > 0x7fffffff) return -1;
    return kind === 0x43 ? 0x80000000 + id : id;
  }
}

/**
 * Tells whether a byte occurs in a range. The caller must ask about ranges in ascending order: then
 * all answers together cost one pass over the window.
 */
export class ByteFinder {
  readonly #byte: number;
  /**
   * Where the first such byte lies, counted from where the last search began. If that is before the
   * range that is asked about, a new search is needed.
   */
  #next = -1;

  /** Finds `byte`. */
  constructor(byte: number) {
    this.#byte = byte;
  }

  /** Forgets the last search. The caller must call it whenever the window changes. */
  reset(): void {
    this.#next = -1;
  }

  /** Says whether the byte occurs in `bytes[start..end)`. */
  within(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#next < start) {
      const found = bytes.indexOf(this.#byte, start);
      this.#next = found < 0 ? Number.MAX_SAFE_INTEGER : found;
    }
    return this.#next < end;
  }
}

/** Strings over this many bytes are not kept. */
const NAME_MAX_BYTES = 64;

/**
 * Makes short strings that keep coming back, such as names of devices, only once. Each byte becomes
 * one character (latin1). A slot keeps only the latest of the strings that hash to it.
 */
export class Names {
  readonly #slots: string[] = new Array<string>(512).fill('');

  /** Returns `bytes[start..end)` as a string. */
  get(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > NAME_MAX_BYTES) return Buffer.from(bytes.subarray(start, end)).toString('latin1');
    let hash = 0;
    for (let pos = start; pos < end; pos++) hash = (Math.imul(hash, 31) + bytes[pos]!) | 0;
    const slot = (hash ^ (hash >>> 9)) & 511;
    const known = this.#slots[slot]!;
    if (isWord(bytes, start, end, known)) return known;
    let made = '';
    for (let pos = start; pos < end; pos++) made += String.fromCharCode(bytes[pos]!);
    this.#slots[slot] = made;
    return made;
  }
}

/**
 * Decodes `\xNN` in place and returns the new end. `/dev/kmsg` escapes every backslash, so a lone
 * one is not part of the text. At the very end it is the rest of an escape that the kernel's reader
 * buffer has cut, and is removed; anywhere else it is kept.
 */
export function unescapeKmsg(bytes: Uint8Array, start: number, end: number): number {
  return unescapeInPlace(bytes, start, cutEscape(bytes, start, end));
}

/**
 * Decodes in place the `\xNN` that dmesg prints for bytes that its locale cannot show, and only
 * those; returns the new end. dmesg prints a backslash of the text as it is, so `\x41` is text. If
 * the kernel's text itself contains the characters `\x1b`, they cannot be told from an escape.
 */
export function unescapeDmesg(bytes: Uint8Array, start: number, end: number): number {
  return unescapeBytes(bytes, start, end, unprintable);
}

function unprintable(byte: number): boolean {
  return byte < 9 || (byte > 13 && byte < SPACE) || byte >= 0x7f;
}

/** Returns `end`, moved before a cut escape (`\`, `\x` or `\xN`) if the bytes end in one. */
function cutEscape(bytes: Uint8Array, start: number, end: number): number {
  for (let length = 1; length <= 3 && end - length >= start; length++) {
    if (bytes[end - length] !== BACKSLASH) continue;
    if (length > 1 && bytes[end - length + 1] !== 0x78) return end;
    if (length === 3 && hexDigit(bytes[end - 1]!) < 0) return end;
    return end - length;
  }
  return end;
}

const JSON_ESCAPES: Readonly<Record<number, number>> = {
  34: 34,
  47: 47,
  92: 92,
  98: 8,
  102: 12,
  110: 10,
  114: 13,
  116: 9,
};

/**
 * Decodes in place a JSON string, given without its quotes, and returns the new end. `\uNNNN`
 * becomes UTF-8; a lone surrogate becomes the three bytes that UTF-8 would have for it. A backslash
 * that begins no escape is kept.
 */
export function unescapeJson(bytes: Uint8Array, start: number, end: number): number {
  let from = start;
  let to = start;
  while (from < end) {
    const byte = bytes[from]!;
    if (byte !== BACKSLASH || from + 1 >= end) {
      bytes[to++] = byte;
      from++;
      continue;
    }
    const unit = codeUnit(bytes, from, end);
    if (unit >= 0) {
      from += 6;
      const low = unit >= 0xd800 && unit < 0xdc00 ? codeUnit(bytes, from, end) : -1;
      if (low >= 0xdc00 && low < 0xe000) {
        from += 6;
        to = putUtf8(bytes, to, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
      } else {
        to = putUtf8(bytes, to, unit);
      }
      continue;
    }
    const escaped = JSON_ESCAPES[bytes[from + 1]!];
    if (escaped === undefined) {
      bytes[to++] = byte;
      from++;
    } else {
      bytes[to++] = escaped;
      from += 2;
    }
  }
  return to;
}

/** Returns the value of the `\uNNNN` at `pos`, or -1 if there is none. */
function codeUnit(bytes: Uint8Array, pos: number, end: number): number {
  if (pos + 6 > end || bytes[pos] !== BACKSLASH || bytes[pos + 1] !== 0x75) return -1;
  let unit = 0;
  for (let i = pos + 2; i < pos + 6; i++) {
    const digit = hexDigit(bytes[i]!);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

function putUtf8(bytes: Uint8Array, at: number, point: number): number {
  let to = at;
  if (point < 0x80) {
    bytes[to++] = point;
  } else if (point < 0x800) {
    bytes[to++] = 0xc0 | (point >> 6);
    bytes[to++] = 0x80 | (point & 63);
  } else {
    if (point < 0x10000) {
      bytes[to++] = 0xe0 | (point >> 12);
    } else {
      bytes[to++] = 0xf0 | (point >> 18);
      bytes[to++] = 0x80 | ((point >> 12) & 63);
    }
    bytes[to++] = 0x80 | ((point >> 6) & 63);
    bytes[to++] = 0x80 | (point & 63);
  }
  return to;
}
