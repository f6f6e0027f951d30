/** Handles the escape sequences for a terminal that a recording of it has kept. */
import { latin1 } from './stamp.js';

/** The sequences that colour a text. */
export const COLOUR: RegExp = /\x1b\[[\d;]*m/g;
/** The sequences that erase what is behind a line, once or more; below, the longest of them. */
const ERASED = /(?:\x1b\[\d*[JK])+$/;
const ERASE_MAX_BYTES = 6;
const ERASED_MAX_BYTES = 64;
const ESC = 0x1b;

/** Returns the end of a line, before any sequences that erase what is behind it. */
export function erasedEnd(bytes: Uint8Array, start: number, end: number): number {
  const last = bytes[end - 1];
  if (last !== 0x4a && last !== 0x4b) return end;
  let at = end - 2;
  while (at > start && at > end - ERASE_MAX_BYTES && bytes[at] !== ESC) at--;
  if (bytes[at] !== ESC || at < start) return end;
  return end - (ERASED.exec(latin1(bytes, Math.max(start, end - ERASED_MAX_BYTES), end))?.[0].length ?? 0);
}
