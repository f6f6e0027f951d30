/**
 * Converts bytes to text of one character per byte, and back. It does without Node's Buffer, so
 * that scenarios also run in a browser.
 */

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

/** Returns all parts, one behind the other, in a new array. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
