/**
 * Gathers lines as bytes, so that many are written at a time. A record that has nothing odd about
 * it is written byte by byte here, in the form that `recordLines` or the `json` of its protocol
 * gives it; a test compares the two.
 */
import type { ReceivedRecord } from '../receiver/index.js';
import { BACKSLASH, latin1Bytes, SPACE } from '../wire/text.js';

const CHUNK_BYTES = 256 * 1024;
/** Bytes for everything in a line but its head and its text: words and numbers. */
const LINE_ROOM = 512;
/** Callers and releases of more characters are printed the slow way; kernels send none. */
const WORD_MAX = 64;
/** The columns that a caller is padded to, as dmesg does it. */
const CALLER_WIDTH = 6;
const ZERO = 0x30;
const QUOTE = 0x22;
const MAX_INT32 = 0x7fffffff;
/** A byte multiplied by this gives a word of four such bytes. */
const EACH = 0x01010101;
const HIGH_BITS = 0x80808080;

/** The parts of a JSON line that are always the same. */
const JSON_RELEASE = latin1Bytes(',"release":"');
const JSON_FACILITY = latin1Bytes(',"facility":');
const JSON_LEVEL = latin1Bytes(',"level":');
const JSON_BOOT = latin1Bytes(',"boot":');
const JSON_SEQ = latin1Bytes(',"seq":');
const JSON_TS = latin1Bytes(',"tsUsec":');
const JSON_FLAG = latin1Bytes(',"flag":"');
const JSON_CALLER = latin1Bytes(',"caller":"');
const JSON_TEXT = latin1Bytes(
  ',"complete":true,"missingBytes":0,"emergency":false,"oos":false,"seqReset":false,"skipped":0,"text":"',
);
const JSON_END = latin1Bytes('","dict":{}}\n');

/** Gathers bytes until they are taken. */
export class Output {
  #chunk: Buffer = Buffer.alloc(CHUNK_BYTES);
  /** The same memory as words of four bytes. */
  #words = new Int32Array(this.#chunk.buffer);
  /** The gathered bytes are `[#start, #end)`. */
  #start = 0;
  #end = 0;

  /** How many bytes wait to be taken. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Adds a text as it is. */
  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#end += this.#chunk.write(text, this.#end);
  }

  /**
   * Adds `PREFIX <PRIO>[SECONDS][CALLER] TEXT` and a newline. Returns false, and adds nothing, if
   * the record needs more than that: then the caller prints it the slow way.
   */
  record(prefix: Uint8Array, record: ReceivedRecord): boolean {
    if (isOdd(record)) return false;
    const { caller, text } = record;
    if (caller !== undefined && !isPlainWord(caller, isWordByte)) return false;
    this.#reserve(prefix.length + text.length + LINE_ROOM);
    const chunk = this.#chunk;
    let at = this.#put(this.#end, prefix);
    chunk[at++] = SPACE;
    chunk[at++] = 0x3c;
    at = this.#decimal(at, record.facility * 8 + record.level, 0, 0);
    chunk[at++] = 0x3e;
    chunk[at++] = 0x5b;
    const seconds = Math.floor(record.tsUsec / 1e6);
    at = this.#decimal(at, seconds, 5, SPACE);
    chunk[at++] = 0x2e;
    at = this.#decimal(at, record.tsUsec - seconds * 1e6, 6, ZERO);
    chunk[at++] = 0x5d;
    if (caller !== undefined) {
      chunk[at++] = 0x5b;
      for (let i = caller.length; i < CALLER_WIDTH; i++) chunk[at++] = SPACE;
      at = this.#word(at, caller);
      chunk[at++] = 0x5d;
    }
    chunk[at++] = SPACE;
    const textAt = at;
    at = this.#put(at, text);
    if (!this.#isPlain(textAt, at, BACKSLASH)) return false;
    chunk[at++] = 0x0a;
    this.#end = at;
    return true;
  }

  /**
   * Adds a line with the record as a JSON object. `head` opens the object and has its first
   * members. Returns false, and adds nothing, if the record needs more: then the caller prints it
   * the slow way.
   */
  json(head: Uint8Array, record: ReceivedRecord): boolean {
    if (isOdd(record)) return false;
    const { caller, release, text } = record;
    if (caller !== undefined && !isPlainWord(caller, isJsonByte)) return false;
    if (release !== undefined && !isPlainWord(release, isJsonByte)) return false;
    this.#reserve(head.length + text.length * 2 + LINE_ROOM);
    const chunk = this.#chunk;
    let at = this.#put(this.#end, head);
    if (release !== undefined) {
      at = this.#word(this.#put(at, JSON_RELEASE), release);
      chunk[at++] = QUOTE;
    }
    at = this.#decimal(this.#put(at, JSON_FACILITY), record.facility, 0, 0);
    at = this.#decimal(this.#put(at, JSON_LEVEL), record.level, 0, 0);
    at = this.#decimal(this.#put(at, JSON_BOOT), record.boot, 0, 0);
    at = this.#decimal(this.#put(at, JSON_SEQ), record.seq, 0, 0);
    at = this.#decimal(this.#put(at, JSON_TS), record.tsUsec, 0, 0);
    at = this.#word(this.#put(at, JSON_FLAG), record.flag);
    chunk[at++] = QUOTE;
    if (caller !== undefined) {
      at = this.#word(this.#put(at, JSON_CALLER), caller);
      chunk[at++] = QUOTE;
    }
    at = this.#put(at, JSON_TEXT);
    const textAt = at;
    at = this.#put(at, text);
    if (!this.#isPlain(textAt, at, QUOTE)) {
      at = textAt;
      for (let i = 0; i < text.length; i++) {
        const byte = text[i]!;
        if (byte < SPACE || byte > 0x7e || byte === BACKSLASH) return false;
        if (byte === QUOTE) chunk[at++] = BACKSLASH;
        chunk[at++] = byte;
      }
    }
    this.#end = this.#put(at, JSON_END);
    return true;
  }

  /** Returns the bytes that have been gathered, which belong to the caller from then on. */
  take(): Buffer {
    const taken = this.#chunk.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return taken;
  }

  #reserve(bytes: number): void {
    if (this.#chunk.length - this.#end >= bytes) return;
    const { length } = this;
    const larger = Buffer.alloc((Math.max(CHUNK_BYTES, length * 2 + bytes) + 3) & ~3);
    this.#chunk.copy(larger, 0, this.#start, this.#end);
    this.#chunk = larger;
    this.#words = new Int32Array(larger.buffer);
    this.#start = 0;
    this.#end = length;
  }

  /**
   * Says whether all bytes of `[at, end)` of the chunk are printable ASCII, but neither a backslash
   * nor `other`. Looks at four at a time: `(w - n) & ~w` has the high bit of a byte set if, and
   * only if, some byte of `w` is below that of `n`, as long as no byte of `w` has its high bit set.
   */
  #isPlain(at: number, end: number, other: number): boolean {
    const words = this.#words;
    const others = other * EACH;
    let i = at;
    for (; i < end && (i & 3) !== 0; i++) if (!isPlainByte(this.#chunk[i]!, other)) return false;
    let odd = 0;
    for (const last = end & ~3; i < last; i += 4) {
      const w = words[i >> 2]!;
      const backslash = w ^ (BACKSLASH * EACH);
      const del = w ^ (0x7f * EACH);
      const one = w ^ others;
      odd |= w | ((w - SPACE * EACH) & ~w);
      odd |= ((backslash - EACH) & ~backslash) | ((del - EACH) & ~del) | ((one - EACH) & ~one);
    }
    if ((odd & HIGH_BITS) !== 0) return false;
    for (; i < end; i++) if (!isPlainByte(this.#chunk[i]!, other)) return false;
    return true;
  }

  /** Writes bytes at `at`; returns where they end. */
  #put(at: number, bytes: Uint8Array): number {
    this.#chunk.set(bytes, at);
    return at + bytes.length;
  }

  /** Writes ASCII at `at`; returns where it ends. */
  #word(at: number, word: string): number {
    for (let i = 0; i < word.length; i++) this.#chunk[at + i] = word.charCodeAt(i);
    return at + word.length;
  }

  /** Writes a whole number, at least `width` wide, at `at`; returns where it ends. */
  #decimal(at: number, value: number, width: number, fill: number): number {
    let digits = 1;
    for (let limit = 10; value >= limit; limit *= 10) digits++;
    let from = at;
    for (; from < at + width - digits; from++) this.#chunk[from] = fill;
    const end = from + digits;
    let rest = value;
    let i = end - 1;
    for (; rest > MAX_INT32; i--) {
      const next = Math.floor(rest / 10);
      this.#chunk[i] = ZERO + (rest - next * 10);
      rest = next;
    }
    // From here on the values are integers of 32 bits, which are much faster.
    for (let few = rest | 0; i >= from; i--) {
      const next = (few / 10) | 0;
      this.#chunk[i] = ZERO + (few - next * 10);
      few = next;
    }
    return end;
  }
}

function isPlainByte(byte: number, other: number): boolean {
  return byte >= SPACE && byte <= 0x7e && byte !== BACKSLASH && byte !== other;
}

/** Says whether a line must tell more of a record than its header and its text. */
function isOdd(record: ReceivedRecord): boolean {
  if (record.seqReset || record.skipped > 0 || record.oos || record.emergency || !record.complete) return true;
  const { dict } = record;
  return dict !== undefined && dict.length > 0;
}

function isPlainWord(word: string, plain: (code: number) => boolean): boolean {
  if (word.length > WORD_MAX) return false;
  for (let i = 0; i < word.length; i++) if (!plain(word.charCodeAt(i))) return false;
  return true;
}

/** Says whether dmesg's view prints this character of a caller as it is. */
function isWordByte(code: number): boolean {
  const letter = code | 0x20;
  return (code >= ZERO && code <= 0x39) || (letter >= 0x61 && letter <= 0x7a) || code === 0x5f;
}

function isJsonByte(code: number): boolean {
  return code >= SPACE && code <= 0x7e && code !== BACKSLASH && code !== QUOTE;
}
