/**
 * Lines that are not the kernel's own, though they may hold a stamp: whose they are, and the record
 * that stands in a string of theirs.
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
/** The tag that an element begins with. */
const ELEMENT = /<([A-Za-z][\w:-]*)[^<>]*>$/;
const TAG_MAX_BYTES = 256;
export const CUT_STAMP = 'a stamp that is cut, or of an unknown form';
export const IN_QUOTES = 'a record in a string that does not end, or holds another string';
const JSON_LINE = 'an object of JSON, whose strings have escapes';
const HYPERVISOR = "the hypervisor's own line";

/** Xen's console_timestamps=boot has the kernel's form. */
const XEN = '(XEN) ';
/** What such lines and objects of JSON begin with. */
const FIRST: readonly number[] = [...'({-'].map((char) => char.charCodeAt(0));
/** The beginning of a text that a stamp was meant to be. */
export const STAMP_REST: RegExp = /^\[ *\d+(?:\.\d*)?$|^\[ *\d+\.\d+[^\]]{0,24}\]/;
const STAMP_MAX_BYTES = 64;

/** Who else has written the line; `undefined`: nobody who is known. */
export function otherWriter(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (!FIRST.includes(bytes[start]!)) return undefined;
  const head = latin1(bytes, start, Math.min(end, start + XEN.length));
  if (head === XEN) return HYPERVISOR;
  return isJson(head) ? JSON_LINE : undefined;
}

/** Whether the line begins with a stamp that is not all here. */
export function isCut(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== 0x3c && bytes[start] !== 0x5b) return false;
  const text = latin1(bytes, start, Math.min(end, start + STAMP_MAX_BYTES));
  return STAMP_REST.test(text.replace(/^<-?\d{1,4}>/, ''));
}

/** Whether a record that begins at `at` stands in a string: a quote is before it. */
export function inQuotes(bytes: Uint8Array, at: number): boolean {
  const before = bytes[at - 1];
  return before === QUOTE || before === APOSTROPHE;
}

/**
 * What stands in the string that begins at `start`, behind its quote, as a copy: escapes decoded,
 * or the doubled quotes of a table; without newlines at its end. `undefined`: the string does not
 * end in the line, or is itself a part of one.
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
  // An apostrophe inside: the last one ends what a shell or Python has put into single quotes.
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
 * Where the text of a record ends that begins at `at`, in a line from `start` to `end`: before the
 * end tag of the element that has just begun, if the line has that. Such a record must not be read
 * again from `at`, where nothing tells of the element.
 */
export function elementEnd(bytes: Buffer, line: { start: number; at: number; end: number }): number {
  const { start, at, end } = line;
  if (bytes[at - 1] !== CLOSE) return end;
  const name = ELEMENT.exec(latin1(bytes, Math.max(start, at - TAG_MAX_BYTES), at))?.[1];
  if (name === undefined) return end;
  const found = latin1(bytes, at, end).lastIndexOf(`</${name}>`);
  return found < 0 ? end : at + found;
}

/** Where the last apostrophe of a line stands; `end`: there is none. */
function lastQuote(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at >= start; at--) if (bytes[at] === APOSTROPHE) return at;
  return end;
}
