/** Bytes of JSON, by which `scan.ts` reads it: what they mean, and four of them as one word. */

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const ZERO = 0x30;
export const BACKSLASH = 0x5c;
export const OPEN = 0x7b;
export const CLOSE = 0x7d;
export const NEWLINE = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
/** `":`, which stands behind a key. */
export const KEY_END = 0x3a22;

/** 1 for each byte that stands for itself in a string. */
export const PLAIN: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte <= 0x7f && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);
/** The byte that an escape stands for, by its letter; 0 if the escape is left to JSON.parse. */
export const ESCAPED: Uint8Array = new Uint8Array(256);
for (const [name, byte] of Object.entries({ '"': 0x22, '\\': 0x5c, '/': 0x2f, b: 8, t: 9, n: 10, f: 12, r: 13 })) {
  ESCAPED[name.charCodeAt(0)] = byte;
}

/** Returns four bytes of a text as one little-endian word. */
export function word(four: string, at = 0): number {
  let value = 0;
  for (let i = 0; i < 4; i++) value |= four.charCodeAt(at + i) << (8 * i);
  return value;
}

/** The bits that `oddBits` sets. */
export const HIGH_BITS: number = 0x80808080 | 0;

/**
 * Returns a word with a high bit set if one of four bytes is a control, a quote, a backslash or not
 * ASCII. A byte that borrows from the next one is odd itself, so no borrow changes the answer.
 */
export function oddBits(four: number): number {
  return four | (four - 0x20202020) | ((four ^ 0x22222222) - 0x01010101) | ((four ^ 0x5c5c5c5c) - 0x01010101);
}
