import { latin1Bytes, unescapeText } from '../wire/text.js';

/** `\xNN` back to bytes, where the text is one character a byte. */
export function unescapeBytes(text: string): Uint8Array {
  return unescapeText(latin1Bytes(text));
}
