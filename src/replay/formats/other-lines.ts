/**
 * Lines that are not the kernel's own, though they may hold a stamp: whose they are, and the record
 * that stands in a string of theirs.
 *
 *   (XEN) [    1.234567] text                          the hypervisor
 *   {"log":"[    1.234567] text\n"}                    an object of JSON
 *       "message": "[    1.234567] \"quoted\" text",   one member of such an object, a line of its own
 *   1714557600,"[    1.234567] ""quoted"" text",info   a table
 */
import { BACKSLASH, unescapeJson } from './bytes.js';
import { isJson } from './json-tokens.js';
import { latin1 } from './stamp.js';

export const QUOTE = 0x22;
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

/**
 * What stands in the string that begins at `start`, behind its quote, as a copy: JSON's escapes
 * decoded, or the doubled quotes of a table; without newlines at its end. `undefined`: the string
 * does not end in the line, or is itself a part of one.
 */
export function quotedText(bytes: Uint8Array, start: number, end: number): Buffer | undefined {
  if (bytes[start - 2] === BACKSLASH) return undefined;
  let doubled = false;
  let at = start;
  for (; at < end && bytes[at] !== QUOTE; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at + 1] === QUOTE && bytes[at + 2] === QUOTE && at + 2 < end) {
      doubled = true;
      at += 2;
    }
  }
  if (at >= end) return undefined;
  const copy = Buffer.from(bytes.subarray(start, at));
  if (doubled) return Buffer.from(copy.toString('latin1').replaceAll('""', '"'), 'latin1');
  let length = unescapeJson(copy, 0, copy.length);
  while (length > 0 && (copy[length - 1] === 0x0a || copy[length - 1] === 0x0d)) length--;
  return copy.subarray(0, length);
}
