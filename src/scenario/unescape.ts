import { latin1Bytes, unescapeText } from '../wire/text.js';

/** Turns every `\xNN` back into its byte. The text must have one character per byte. */
export function unescapeBytes(text: string): Uint8Array {
  return unescapeText(latin1Bytes(text));
}
