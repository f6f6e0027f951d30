/**
 * Reads lines of JSON, as `--manifest` and `receive --json` write them, and makes no object or
 * string for a record: numbers, and hashes of text and dictionary, come straight from the bytes.
 *
 * A line is scanned if it is an object without white space, of plain ASCII, whole numbers and short
 * escapes. `scan` returns false for any other line, which is left to `json-record.ts`. Where it
 * returns true, both give the same, as a property test shows. Bytes are read four at a time.
 */
import { encodeText, latin1Text } from '../wire/text.js';
import { HASH_SEED, isDigit, keptHash, lastMix, mix, NOT_KEPT, stampAt, type TrueFacts } from './facts.js';
import { HostNames } from './host-names.js';
import {
  BACKSLASH,
  CARRIAGE_RETURN,
  CLOSE,
  COMMA,
  ESCAPED,
  HIGH_BITS,
  KEY_END,
  NEWLINE,
  OPEN,
  oddBits,
  PLAIN,
  QUOTE,
  word,
  ZERO,
} from './json-bytes.js';
import { BOOT_MAX } from './json-record.js';

/** The first four bytes of each key, with the quote behind it if the key is shorter. */
const HOST = word('host');
const NAME = word('name');
const BOOT = word('boot');
const SEQ = word('seq"');
const TS_USEC = word('tsUs');
const LEVEL = word('leve');
const TEXT = word('text');
const DICT = word('dict');
const LOST = word('lost');
const SUMMARY = word('summ');
const EC = word('ec":');

/** What `receive --json` prints of nearly every record. */
const USUAL_TEXT = '"complete":true,"missingBytes":0,"emergency":false,"oos":false,"seqReset":false,"skipped":0,';
const USUAL_BEGIN = word(USUAL_TEXT);
/** The same as doubles, eight bytes each; such text never makes a NaN. Four bytes are left over. */
const USUAL = new Float64Array(encodeText(USUAL_TEXT).slice(0, 88).buffer);
const USUAL_END = word(USUAL_TEXT, 88);

const NETWORK = '"network"';
const LARGEST = 1e15;
const LEVEL_MAX = 7;
const DICT_MAX = 8;
/** The least room from a key to the end of the block, so that its words can be read. */
const KEY_ROOM = 8;

/** The record of a line, until the next one is scanned. A block of bytes ends with a newline. */
export class RecordScanner implements TrueFacts {
  host = '';
  /** -1 if the line has none. */
  boot = -1;
  seq = -1;
  tsUsec = -1;
  level = -1;
  text = 0;
  dict: number = NOT_KEPT;
  network = false;
  /** Where the next line begins. */
  next = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Where strings of the line begin; -1 if it has none. */
  #nameAt = -1;
  #textAt = -1;
  /** What `#number` and `#hashed` read last. */
  #value = 0;
  #hash = 0;
  readonly #hosts = new HostNames();
  readonly #keys = new Int32Array(DICT_MAX);

  /** Reads the line at `from`. If it returns false, the fields must not be used. */
  scan(bytes: Uint8Array, from: number): boolean {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.boot = -1;
    this.seq = -1;
    this.tsUsec = -1;
    this.level = -1;
    this.dict = NOT_KEPT;
    this.network = false;
    this.#nameAt = -1;
    this.#textAt = -1;
    let hostAt = -1;
    let at = from;
    if (bytes[at++] !== OPEN) return false;
    for (;;) {
      if (bytes[at++] !== QUOTE || at + KEY_ROOM > bytes.length) return false;
      const key = this.#view.getInt32(at, true);
      // A field that was read before stands there twice.
      if (key === SEQ && bytes[at + 4] === KEY_END >> 8) {
        if (this.seq >= 0) return false;
        at = this.#number(at + 5);
        this.seq = this.#value;
      } else if (key === TS_USEC && this.#view.getInt32(at + 4, true) === EC) {
        if (this.tsUsec >= 0) return false;
        at = this.#number(at + 8);
        this.tsUsec = this.#value;
      } else if (key === LEVEL && bytes[at + 4] === 0x6c && this.#view.getInt16(at + 5, true) === KEY_END) {
        if (this.level >= 0) return false;
        at = this.#number(at + 7);
        this.level = this.#value;
      } else if (key === SUMMARY) return false;
      else if (this.#view.getInt16(at + 4, true) !== KEY_END) at = this.#pastOther(at);
      else {
        at += 6;
        if (key === TEXT) {
          if (this.#textAt >= 0) return false;
          this.#textAt = at + 1;
          at = this.#hashed(at, HASH_SEED);
          this.text = this.#hash;
        } else if (key === HOST) {
          if (hostAt >= 0) return false;
          hostAt = at + 1;
          at = this.#hashed(at, HASH_SEED);
          const host = at < 0 ? undefined : this.#hosts.at(bytes, hostAt, at - 1, this.#hash);
          if (host === undefined) return false;
          this.host = host;
        } else if (key === NAME) {
          if (this.#nameAt >= 0) return false;
          this.#nameAt = at + 1;
          at = this.#string(at);
        } else if (key === BOOT) {
          if (this.boot >= 0) return false;
          at = this.#number(at);
          this.boot = this.#value;
        } else if (key === DICT) {
          if (this.dict !== NOT_KEPT) return false;
          at = this.#dictionary(at);
        } else if (key === LOST) {
          if (this.network || !this.#is(NETWORK, at)) return false;
          at += NETWORK.length;
          this.network = true;
        } else at = this.#pastOther(at - 6);
      }
      if (at < 0) return false;
      const byte = bytes[at++]!;
      if (byte === CLOSE) break;
      if (byte !== COMMA) return false;
      if (at + USUAL_TEXT.length < bytes.length && this.#view.getInt32(at, true) === USUAL_BEGIN)
        at = this.#pastUsual(at);
    }
    if (bytes[at] === CARRIAGE_RETURN) at++;
    this.next = at + 1;
    return (
      bytes[at] === NEWLINE && hostAt >= 0 && this.#textAt >= 0 && this.level <= LEVEL_MAX && this.boot <= BOOT_MAX
    );
  }

  /** Whether the line names its host and boot, as those of a manifest do. */
  get named(): boolean {
    return this.#nameAt >= 0 && this.boot >= 0;
  }

  /** The name of the host, made a string now; empty if the line has none. */
  get name(): string {
    return this.#nameAt < 0 ? '' : latin1Text(this.#bytes, this.#nameAt, this.#bytes.indexOf(QUOTE, this.#nameAt));
  }

  /** The stamp that the text begins with, as `stampOf` reads it; -1 if it has none. */
  get stamp(): number {
    return stampAt(this.#bytes, this.#textAt);
  }

  /** Returns where a string ends whose bytes all stand for themselves; -1 for any other string. */
  #string(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    if (bytes[at++] !== QUOTE) return -1;
    while (PLAIN[bytes[at]!] === 1) at++;
    return bytes[at] === QUOTE ? at + 1 : -1;
  }

  /** Returns where a string ends, or -1. Its hash, as `hashText` makes it, is in `#hash`. */
  #hashed(from: number, seed: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    const limit = bytes.length - 4;
    let hash = seed;
    let some = 0;
    let count = 0;
    let at = from;
    if (bytes[at++] !== QUOTE) return -1;
    for (;;) {
      if (count === 0) {
        for (; at <= limit; at += 4) {
          const four = view.getInt32(at, true);
          if ((oddBits(four) & HIGH_BITS) !== 0) break;
          hash = mix(hash, four);
        }
      }
      let byte = bytes[at++]!;
      if (PLAIN[byte] !== 1) {
        if (byte === QUOTE) break;
        if (byte !== BACKSLASH) return -1;
        byte = ESCAPED[bytes[at++]!]!;
        if (byte === 0) return -1;
      }
      some |= byte << (count << 3);
      if (++count === 4) {
        hash = mix(hash, some);
        some = 0;
        count = 0;
      }
    }
    this.#hash = lastMix(hash, some, count);
    return at;
  }

  #number(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    let value = 0;
    let byte = bytes[at]!;
    for (; isDigit(byte); byte = bytes[++at]!) value = value * 10 + (byte - ZERO);
    this.#value = value;
    return at === from || value >= LARGEST || (bytes[from] === ZERO && at > from + 1) ? -1 : at;
  }

  /** Returns where a key and its value end, neither of which is needed; -1 if they are odd. */
  #pastOther(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    while (PLAIN[bytes[at]!] === 1) at++;
    if (bytes[at] !== QUOTE || bytes[at + 1] !== KEY_END >> 8) return -1;
    at += 2;
    const byte = bytes[at]!;
    if (byte === QUOTE) return this.#string(at);
    if (isDigit(byte)) return this.#number(at);
    if (this.#is('true', at)) return at + 4;
    return this.#is('false', at) ? at + 5 : -1;
  }

  #is(text: string, from: number): boolean {
    for (let i = 0; i < text.length; i++) if (this.#bytes[from + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  #pastUsual(from: number): number {
    const view = this.#view;
    let at = from;
    for (let i = 0; i < USUAL.length; i++, at += 8) if (view.getFloat64(at, true) !== USUAL[i]) return from;
    return view.getInt32(at, true) === USUAL_END ? at + 4 : from;
  }

  #dictionary(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    if (bytes[at++] !== OPEN) return -1;
    this.dict = 0;
    if (bytes[at] === CLOSE) return at + 1;
    let hash = HASH_SEED;
    for (let count = 0; count < DICT_MAX; count++) {
      // JSON.parse puts keys that are numbers first, and `hashDict` leaves out an empty key.
      if (isDigit(bytes[at + 1]!) || bytes[at + 1] === QUOTE) return -1;
      const key = at;
      at = this.#hashed(key, hash);
      hash = this.#hash;
      if (at < 0 || bytes[at] !== KEY_END >> 8 || !this.#isNewKey(key, count)) return -1;
      at = this.#hashed(at + 1, hash);
      if (at < 0) return -1;
      hash = this.#hash;
      const byte = bytes[at++];
      if (byte === CLOSE) {
        this.dict = keptHash(hash);
        return at;
      }
      if (byte !== COMMA) return -1;
    }
    return -1;
  }

  /** Says whether a key is new: of a key that occurs twice, JSON.parse takes the last value. */
  #isNewKey(at: number, count: number): boolean {
    this.#hashed(at, HASH_SEED);
    const hash = this.#hash;
    for (let i = 0; i < count; i++) if (this.#keys[i] === hash) return false;
    this.#keys[count] = hash;
    return true;
  }
}
