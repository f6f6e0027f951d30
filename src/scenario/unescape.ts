import { fromLatin1 } from './bytes.js';

/** `\xNN` back to bytes; the text is one character a byte. */
export function unescapeBytes(text: string): Uint8Array {
  return fromLatin1(
    text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  );
}
