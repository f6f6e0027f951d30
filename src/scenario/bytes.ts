/**
 * Converts bytes to text of one character per byte, and back. It does without Node's Buffer, so
 * that scenarios also run in a browser.
 */
import { latin1Bytes, unescapeText } from '../wire/text.js';

/** How many characters one call takes as arguments, of which an engine allows only so many. */
const CHUNK = 4096;

/** Returns bytes as text of one character per byte. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return text;
}

/** Returns the bytes that pairs of hexadecimal digits name. Spaces are ignored. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Turns every `\xNN` back into its byte. The text must have one character per byte. */
export function unescaped(text: string): Uint8Array {
  return unescapeText(latin1Bytes(text));
}
