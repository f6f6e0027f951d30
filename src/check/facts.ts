/** What is compared of a record: numbers, and 32-bit hashes of its text and dictionary. */
import type { TrueRecord } from '../storm/index.js';
import { encodeText } from '../wire/text.js';
import type { Printed } from './payload.js';

/** A record in numbers. -1 stands for what the form does not keep or the record does not have. */
export interface Facts {
  /** The sequence number. */
  readonly seq: number;
  /** The stamp, in microseconds. */
  readonly tsUsec: number;
  /** The level, 0 to 7. */
  readonly level: number;
  /** `hashText` of the text. */
  readonly text: number;
  /** `hashDict` of the dictionary: 0 if it is empty, `NOT_KEPT` if the form does not keep it. */
  readonly dict: number;
}

/** A record that a receiver must print. */
export interface TrueFacts extends Facts {
  /** The number of the boot, from 0. */
  readonly boot: number;
  /** Whether the network has lost or changed a part of it. */
  readonly network: boolean;
}

/** Stands in place of a dictionary's hash where the form does not keep the dictionary. */
export const NOT_KEPT = -1;

/** The hash of no bytes, with which the hash of a text begins. */
export const HASH_SEED: number = 0x811c9dc5 | 0;

/** Returns the facts of a record that was printed. */
export function printedFacts({ seq = -1, tsUsec = -1, level = -1, text, dict }: Printed): Facts {
  return { seq, tsUsec, level, text: hashText(text), dict: dict === undefined ? NOT_KEPT : hashDict(dict) };
}

/** Returns the facts of a record that must be printed. A plain text's stamp is read from it. */
export function trueFacts({ boot = 0, seq = -1, tsUsec, level = -1, text, dict, lost }: TrueRecord): TrueFacts {
  return {
    boot,
    seq,
    tsUsec: tsUsec ?? stampOf(text),
    level,
    text: hashText(text),
    dict: hashDict(dict ?? {}),
    network: lost === 'network',
  };
}

/**
 * Hashes a text as UTF-8, four bytes at a time. `seed` is the hash of the texts before it, if any.
 */
export function hashText(text: string, seed: number = HASH_SEED): number {
  let hash = seed;
  const whole = text.length & ~3;
  let all = 0;
  let at = 0;
  for (; at < whole; at += 4) {
    const word = wordOf(text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2), text.charCodeAt(at + 3));
    all |= text.charCodeAt(at) | text.charCodeAt(at + 1) | text.charCodeAt(at + 2) | text.charCodeAt(at + 3);
    hash = mix(hash, word);
  }
  let word = 0;
  for (; at < text.length; at++) {
    all |= text.charCodeAt(at);
    word |= text.charCodeAt(at) << ((at & 3) << 3);
  }
  return all > 0x7f ? hashBytes(encodeText(text), seed) : lastMix(hash, word, text.length & 3);
}

function hashBytes(bytes: Uint8Array, seed: number): number {
  let hash = seed;
  const whole = bytes.length & ~3;
  for (let at = 0; at < whole; at += 4) {
    hash = mix(hash, wordOf(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!));
  }
  let word = 0;
  for (let at = whole; at < bytes.length; at++) word |= bytes[at]! << ((at & 3) << 3);
  return lastMix(hash, word, bytes.length & 3);
}

function wordOf(a: number, b: number, c: number, d: number): number {
  return a | (b << 8) | (c << 16) | (d << 24);
}

/** Adds four bytes to a hash. Hashes that differ still differ after it. */
export function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x01000193);
  return product ^ (product >>> 15);
}

/** Adds the last `count` bytes of a text, three at most, to its hash. */
export function lastMix(hash: number, word: number, count: number): number {
  return mix(hash, word | ((count + 1) << 24));
}

/** Hashes the keys and values of a dictionary in their order, without an empty key. */
export function hashDict(dict: Readonly<Record<string, string>>): number {
  let hash = HASH_SEED;
  let some = false;
  for (const key in dict) {
    if (key === '') continue;
    some = true;
    hash = hashText(`${dict[key]}`, hashText(key, hash));
  }
  return some ? keptHash(hash) : 0;
}

/** Returns the hash of a dictionary that is not empty: not 0, and not `NOT_KEPT`. */
export function keptHash(hash: number): number {
  return hash === 0 || hash === NOT_KEPT ? 1 : hash;
}

const STAMP = /^(?:<\d+>)?\[ *(\d+)\.(\d{6})\]/;

/** Returns the stamp that a plain text begins with, in microseconds; -1 if it has none. */
export function stampOf(text: string): number {
  const m = STAMP.exec(text);
  return m === null ? -1 : Number(m[1]) * 1e6 + Number(m[2]);
}

/**
 * Does the same as `stampOf` for a text in bytes. The caller sees to it that a byte which is no
 * digit follows the digits.
 */
export function stampAt(bytes: Uint8Array, from: number): number {
  let at = from;
  if (bytes[at] === 0x3c) {
    const start = ++at;
    while (isDigit(bytes[at]!)) at++;
    if (at === start || bytes[at++] !== 0x3e) return -1;
  }
  if (bytes[at++] !== 0x5b) return -1;
  while (bytes[at] === 0x20) at++;
  const seconds = at;
  let value = 0;
  for (; isDigit(bytes[at]!); at++) value = value * 10 + (bytes[at]! - 0x30);
  if (at === seconds || bytes[at++] !== 0x2e) return -1;
  const fraction = at;
  let usec = 0;
  for (; isDigit(bytes[at]!); at++) usec = usec * 10 + (bytes[at]! - 0x30);
  return at - fraction === 6 && bytes[at] === 0x5d ? value * 1e6 + usec : -1;
}

/** Says whether a byte is a decimal digit in ASCII. */
export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
