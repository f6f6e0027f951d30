/**
 * Recognises lines that are not the kernel's own though they may hold a stamp: tells who wrote
 * them, and takes out the record that stands in one of their strings.
 *
 *   (XEN) [    1.234567] text                          the hypervisor
 *   {"log":"[    1.234567] text\n"}                    an object of JSON
 *       "message": "[    1.234567] \"quoted\" text",   one member of such an object, a line of its own
 *   <line>[    1.234567] text</line>                    an element
 *   b'[    1.234567] text\\n'                           Python, a shell
 *   1714557600,"[    1.234567] ""quoted"" text",info   a table
 */
import { BACKSLASH, unescapeJson } from './bytes.js';
import { isJson } from './json-tokens.js';
import { latin1 } from './stamp.js';

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const CLOSE = 0x3e;
/** The tag at the beginning of an element. */
const ELEMENT = /<([A-Za-z][\w:-]*)[^<>]*>$/;
const TAG_MAX_BYTES = 256;
/** The reason that is reported for a line that begins with half a stamp. */
export const CUT_STAMP = 'a stamp that is cut, or of an unknown form';
/** The reason that is reported for a record in a string that cannot be taken out. */
export const IN_QUOTES = 'a record in a string that does not end, or holds another string';
const JSON_LINE = 'an object of JSON, whose strings have escapes';
const HYPERVISOR = "the hypervisor's own line";

/** Xen's mark. With console_timestamps=boot, Xen's stamps have the same form as the kernel's. */
const XEN = '(XEN) ';
/** The bytes that lines of Xen and of JSON begin with. */
const FIRST: readonly number[] = [...'({-'].map((char) => char.charCodeAt(0));
/** The beginning of a text that was meant to be a stamp. */
export const STAMP_REST: RegExp = /^\[ *\d+(?:\.\d*)?$|^\[ *\d+\.\d+[^\]]{0,24}\]/;
const STAMP_MAX_BYTES = 64;

/** Says who else has written the line; returns `undefined` if nobody known has. */
export function otherWriter(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (!FIRST.includes(bytes[start]!)) return undefined;
  const head = latin1(bytes, start, Math.min(end, start + XEN.length));
  if (head === XEN) return HYPERVISOR;
  return isJson(head) ? JSON_LINE : undefined;
}

/** Says whether the line begins with a stamp that is cut. */
export function isCut(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== 0x3c && bytes[start] !== 0x5b) return false;
  const text = latin1(bytes, start, Math.min(end, start + STAMP_MAX_BYTES));
  return STAMP_REST.test(text.replace(/^<-?\d{1,4}>/, ''));
}

/** Says whether a record at `at` stands in a string, which a quote before it shows. */
export function inQuotes(bytes: Uint8Array, at: number): boolean {
  const before = bytes[at - 1];
  return before === QUOTE || before === APOSTROPHE;
}

/**
 * Returns a copy of the string whose text begins at `start`, behind its quote. Escapes, or the
 * doubled quotes of a table, are decoded; newlines at the end are removed. Returns `undefined` if
 * the string does not end in the line or is itself part of another string.
 */
export function quotedText(bytes: Uint8Array, start: number, end: number): Buffer | undefined {
  if (bytes[start - 2] === BACKSLASH) return undefined;
  const quote = bytes[start - 1]!;
  let doubled = false;
  let at = start;
  for (; at < end && bytes[at] !== quote; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at + 1] === quote && bytes[at + 2] === quote && at + 2 < end) {
      doubled = true;
      at += 2;
    }
  }
  // Apostrophes may stand inside, so the last one ends what a shell or Python has quoted.
  if (quote === APOSTROPHE && !doubled) at = lastQuote(bytes, start, end);
  if (at >= end) return undefined;
  const copy = Buffer.from(bytes.subarray(start, at));
  const mark = String.fromCharCode(quote);
  if (doubled) return Buffer.from(copy.toString('latin1').replaceAll(mark + mark, mark), 'latin1');
  let length = unescapeJson(copy, 0, copy.length);
  while (length > 0 && (copy[length - 1] === 0x0a || copy[length - 1] === 0x0d)) length--;
  return copy.subarray(0, length);
}

/**
 * Returns where the text of the record at `at` ends. That is before the end tag of the element that
 * begins right before `at`, if the line has that tag. Such a record must not be read again from
 * `at`, where nothing shows the element any more.
 */
export function elementEnd(bytes: Buffer, line: { start: number; at: number; end: number }): number {
  const { start, at, end } = line;
  if (bytes[at - 1] !== CLOSE) return end;
  const name = ELEMENT.exec(latin1(bytes, Math.max(start, at - TAG_MAX_BYTES), at))?.[1];
  if (name === undefined) return end;
  const found = latin1(bytes, at, end).lastIndexOf(`</${name}>`);
  return found < 0 ? end : at + found;
}

/** Returns where the last apostrophe of a line stands, or `end` if there is none. */
function lastQuote(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at >= start; at--) if (bytes[at] === APOSTROPHE) return at;
  return end;
}
