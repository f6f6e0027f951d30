/**
 * The markers that the kernel's own messages begin with: a byte of 1, then a digit for the level,
 * or a letter.
 *
 * Linux: include/linux/kern_levels.h, kernel/printk/printk.c printk_parse_prefix().
 */

/** The byte that a marker begins with. Linux: KERN_SOH_ASCII. */
export const MARKER = 0x01;

/** Which markers a kernel knows. */
export interface MarkerRules {
  /** Bytes of markers that are looked for. */
  readonly bytes: number;
  /** The letter beside the digits, a character code. */
  readonly letter: number;
  /**
   * Whether that letter continues the line before. Before 4.9 `d` only said that nothing is said.
   */
  readonly continues: boolean;
}

/** The markers from 4.9 on: a digit for the level, or `c` for a continuation. */
export const KERN_CONT_MARKERS: MarkerRules = { bytes: 0x7fffffff, letter: 0x63, continues: true };

/**
 * Only the first seven bytes were formatted when the kernel looks: three pairs count, the others
 * are only passed over.
 */
const COUNTED_BYTES = 6;

/** A message's markers, packed into one number, so that nothing is allocated. */
export type Markers = number;

/** Bytes that the markers take. */
export const markerBytes = (markers: Markers): number => markers >>> 5;
/** The level that they give, -1 for none. */
export const markerLevel = (markers: Markers): number => (markers & 15) - 1;
/** Whether the message continues the line before. */
export const markerContinues = (markers: Markers): boolean => (markers & 16) !== 0;

/** Reads the markers of the `length` bytes of `src` from `from` on. The first level counts. */
export function parseMarkers(src: Uint8Array, from: number, length: number, rules: MarkerRules): Markers {
  if (src[from] !== MARKER) return 0;
  // Nearly always there is one, a level.
  const level = src[from + 1]! - 0x30;
  if (level >= 0 && level <= 7 && length > 1 && src[from + 2] !== MARKER) return (2 << 5) | (level + 1);
  return parseSeveral(src, from, length, rules);
}

function parseSeveral(src: Uint8Array, from: number, length: number, rules: MarkerRules): Markers {
  let at = 0;
  let level = -1;
  let continues = 0;
  for (; at + 1 < length && at < rules.bytes && src[from + at] === MARKER; at += 2) {
    const c = src[from + at + 1]!;
    if (c === rules.letter) {
      if (rules.continues && at < COUNTED_BYTES) continues = 16;
    } else if (c >= 0x30 && c <= 0x37) {
      if (level < 0 && at < COUNTED_BYTES) level = c - 0x30;
    } else {
      break;
    }
  }
  return (at << 5) | continues | (level + 1);
}
