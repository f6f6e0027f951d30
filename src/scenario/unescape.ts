import { unescapeText } from '../wire/text.js';
import { fromLatin1 } from './bytes.js';

/** `\xNN` back to bytes, where the text is one character a byte. */
export function unescapeBytes(text: string): Uint8Array {
  return unescapeText(fromLatin1(text));
}
