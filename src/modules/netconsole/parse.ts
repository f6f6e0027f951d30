/**
 * How the kernel reads numbers, booleans and addresses from user space: its own rules, oddities
 * included.
 *
 * Text is one character a byte. Addresses go into 16-byte fields that both families share, and what
 * a parser has stored before it found the text wrong stays stored, as in the kernel.
 *
 * Linux: lib/kstrtox.c, lib/net_utils.c mac_pton(), net/core/utils.c in4_pton(), in6_pton().
 */
import type { Errno } from '../../errno.js';
import type { Profile } from '../../profile/index.js';
import { encodeText } from '../../wire/text.js';

export { inAton } from '../../netpoll/aton.js';

/**
 * Returns the UTF-8 bytes of a text, one character a byte. All text of user space is kept so here.
 */
export function utf8(text: string): string {
  let out = '';
  for (const byte of encodeText(text)) out += String.fromCharCode(byte);
  return out;
}

const U64_MAX = 2n ** 64n - 1n;

/** Reads decimal digits, which one newline may follow. */
function unsigned(text: string): bigint | Errno {
  const digits = /^\d+/.exec(text)?.[0];
  if (digits === undefined) return 'EINVAL';
  const value = BigInt(digits);
  if (value > U64_MAX) return 'ERANGE';
  const rest = text.slice(digits.length);
  return rest === '' || rest === '\n' ? value : 'EINVAL';
}

/** Reads a number from 0 to 65535, before which one `+` may stand. Linux: kstrtou16(). */
export function kstrtou16(text: string): number | Errno {
  const value = unsigned(text.replace(/^\+/, ''));
  if (typeof value === 'string') return value;
  return value > 65535n ? 'ERANGE' : Number(value);
}

/**
 * Reads a signed number of 32 bits in decimal, before which one `+` or `-` may stand. Linux:
 * kstrtoint() with base 10.
 */
function kstrtoint(text: string): number | Errno {
  const negative = text.startsWith('-');
  const value = unsigned(negative ? text.slice(1) : text.replace(/^\+/, ''));
  if (typeof value === 'string') return value;
  const signed = negative ? -value : value;
  return signed > 0x7fffffffn || signed < -0x80000000n ? 'ERANGE' : Number(signed);
}

/** What a kernel takes for true and for false, by the first letters. */
const BOOLEANS: Readonly<Record<Profile['kstrtobool'], readonly [RegExp, RegExp]>> = {
  yn: [/^[yY1]/, /^[nN0]/],
  'on-off': [/^([yY1]|[oO][nN])/, /^([nN0]|[oO][fF])/],
  'true-false': [/^([yYtT1]|[oO][nN])/, /^([nNfF0]|[oO][fF])/],
  'enable-disable': [/^([yYtTeE1]|[oO][nN])/, /^([nNfFdD0]|[oO][fF])/],
};

/** Reads a boolean by the first letters of the text, as the version does. Linux: kstrtobool(). */
export function kstrtobool(profile: Profile, text: string): boolean | Errno {
  const [yes, no] = BOOLEANS[profile.kstrtobool];
  if (yes.test(text)) return true;
  return no.test(text) ? false : 'EINVAL';
}

/** Reads a boolean attribute, as the version does. */
export function parseBool(profile: Profile, text: string): boolean | Errno {
  if (profile.booleans !== 'int') return kstrtobool(profile, text);
  const value = kstrtoint(text);
  if (typeof value === 'string') return value;
  return value === 0 || value === 1 ? value === 1 : 'EINVAL';
}

/**
 * Reads six pairs of hex digits with colons between them. The caller looks at what follows. Linux:
 * mac_pton().
 */
export function macPton(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}/i.test(text)) return undefined;
  return Uint8Array.from({ length: 6 }, (_, i) => Number.parseInt(text.slice(i * 3, i * 3 + 2), 16));
}

interface Parsed {
  readonly bytes: Uint8Array;
  /** Index of the first character behind the address. */
  readonly end: number;
}

/**
 * Reads four decimal parts up to 255, until a character that is neither digit nor dot. Linux:
 * in4_pton() without delimiter.
 */
function in4Pton(text: string, from = 0): Parsed | undefined {
  const m = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?![.a-fA-F\d])/.exec(text.slice(from));
  if (!m) return undefined;
  const parts = m.slice(1, 5).map(Number);
  if (parts.some((p) => p > 255)) return undefined;
  return { bytes: Uint8Array.from(parts), end: from + m[0].length };
}

/**
 * Reads an IPv6 address at the start of the text; undefined if there is none. The caller looks at
 * what follows. Linux: in6_pton() without delimiter.
 */
export function in6Pton(text: string): Parsed | undefined {
  const bytes: number[] = [];
  let gap = -1;
  let i = 0;
  if (text.startsWith('::')) {
    gap = 0;
    i = 2;
  }
  let afterGap = gap === 0;
  for (;;) {
    const start = i;
    let word = 0;
    // Leading zeros do not count: a group ends when four digits carry weight.
    for (; (word & 0xf000) === 0 && /[0-9a-f]/i.test(text[i] ?? ''); i++)
      word = (word << 4) | Number.parseInt(text[i]!, 16);
    if (i === start) {
      if (!afterGap || text[i] === ':' || text[i] === '.') return undefined;
      break;
    }
    const next = text[i] ?? '';
    if (next === '.' && (gap >= 0 ? bytes.length <= 12 : bytes.length === 12)) {
      const tail = in4Pton(text, start);
      if (tail === undefined) return undefined;
      bytes.push(...tail.bytes);
      i = tail.end;
      break;
    }
    if (next === '.' || /[0-9a-f]/i.test(next)) return undefined;
    bytes.push(word >> 8, word & 255);
    afterGap = false;
    if (next !== ':') {
      if (bytes.length < 16 && gap < 0) return undefined;
      break;
    }
    if (bytes.length === 16) return undefined;
    if (text[i + 1] === ':') {
      if (gap >= 0) return undefined;
      gap = bytes.length;
      i += 2;
      afterGap = true;
    } else {
      i++;
    }
  }
  if (gap >= 0) bytes.splice(gap, 0, ...new Array(16 - bytes.length).fill(0));
  return { bytes: Uint8Array.from(bytes), end: i };
}

/**
 * Reads an address into the 16-byte field; returns 4 or 6, or undefined if it does not parse.
 * Linux: netpoll_parse_ip_addr().
 */
export function parseIpInto(text: string, into: Uint8Array): 4 | 6 | undefined {
  if (text === '') return undefined;
  const trimmed = text.endsWith('\n') ? text.slice(0, -1) : text;
  for (const [family, parse] of [
    [4, in4Pton],
    [6, in6Pton],
  ] as const) {
    const parsed = parse(trimmed);
    if (parsed === undefined) continue;
    into.set(parsed.bytes);
    if (parsed.end === trimmed.length || text[parsed.end] === '\n') return family;
  }
  return undefined;
}
