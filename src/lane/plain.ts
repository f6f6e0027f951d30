/**
 * The plain arm: the specification of the compiled one (`lane.as.ts`), and what runs where that one
 * cannot. `lane.ts` says what each operation promises; `printk/ringbuffer.ts` has the steps of a
 * ring, several of which `prbStore` takes at once.
 */
import type { Lane } from './lane.js';
import {
  DESC,
  DESC_SHIFT,
  FAILED_LPOS,
  ID_BYTES,
  INFO,
  LOG_CONT,
  LOG_FORCE_CON,
  PRB,
  STATE,
  TEMPLATE,
} from './layout.js';
import { loadSeq, saveSeq } from './seq.js';

const HEX = Uint8Array.from('0123456789abcdef', (c) => c.charCodeAt(0));
const CALLER = Uint8Array.from(',caller=', (c) => c.charCodeAt(0));
const NEWLINE = 0x0a;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;
/** The fourth field of the extended format. */
const FLAG_NONE = 0x2d;
const FLAG_CONT = 0x63;
/** A caller id from here on is a processor's, not a task's. */
const CPU_CALLER = 0x80000000;

/** Writes `value` (an integer up to 2^53) in decimal at `dst`; returns its length. */
export function putDecimal(bytes: Uint8Array, dst: number, value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit && digits < 16; limit *= 10) digits++;
  let rest = value;
  for (let at = dst + digits - 1; at >= dst; at--) {
    const next = Math.floor(rest / 10);
    bytes[at] = 0x30 + (rest - next * 10);
    rest = next;
  }
  return digits;
}

/** Carries a sum of 16-bit words around until it is one word. RFC 1071. */
function fold(sum: number): number {
  let s = sum;
  while (s > 0xffff) s = (s & 0xffff) + Math.floor(s / 0x10000);
  return s;
}

/** Exchanges the two bytes of a word. */
function swap(v: number): number {
  return ((v & 0xff) << 8) | ((v >> 8) & 0xff);
}

/** Says whether data from `begin` to `next` goes beyond the end of a text ring of `size` bytes. */
function wraps(begin: number, next: number, size: number, perfectFit: number): boolean {
  return ((begin ^ (next - perfectFit)) & ~(size - 1)) !== 0;
}

/** The plain arm, on one memory. */
export class PlainLane implements Lane {
  readonly arm = 'plain';
  readonly #bytes: Uint8Array;
  readonly #i32: Int32Array;
  readonly #f64: Float64Array;
  readonly #view: DataView;

  constructor(buffer: ArrayBuffer) {
    this.#bytes = new Uint8Array(buffer);
    this.#i32 = new Int32Array(buffer);
    this.#f64 = new Float64Array(buffer);
    this.#view = new DataView(buffer);
  }

  escape(src: number, len: number, dst: number, room: number): number {
    const bytes = this.#bytes;
    const end = dst + room;
    let at = dst;
    for (let i = src; i < src + len; i++) {
      const c = bytes[i]!;
      if (c < 0x20 || c >= 0x7f || c === BACKSLASH) {
        const fits = Math.min(4, end - at - 1);
        if (fits > 0) bytes[at] = BACKSLASH;
        if (fits > 1) bytes[at + 1] = 0x78;
        if (fits > 2) bytes[at + 2] = HEX[c >> 4]!;
        if (fits > 3) bytes[at + 3] = HEX[c & 15]!;
        if (fits > 0) at += fits;
      } else if (at < end) {
        bytes[at++] = c;
      }
    }
    return at - dst;
  }

  extFormat(
    dst: number,
    limit: number,
    prefix: number,
    seq: number,
    tsUsec: number,
    flag: number,
    caller: number,
    src: number,
    len: number,
  ): number {
    const bytes = this.#bytes;
    let at = dst;
    at += putDecimal(bytes, at, prefix);
    bytes[at++] = COMMA;
    at += putDecimal(bytes, at, seq);
    bytes[at++] = COMMA;
    at += putDecimal(bytes, at, tsUsec);
    bytes[at++] = COMMA;
    bytes[at++] = flag;
    if (caller >= 0) {
      bytes.set(CALLER, at);
      at += CALLER.length;
      bytes[at++] = caller >= CPU_CALLER ? 0x43 : 0x54;
      at += putDecimal(bytes, at, caller >= CPU_CALLER ? caller - CPU_CALLER : caller);
    }
    bytes[at++] = SEMICOLON;
    at += this.escape(src, len, at, dst + limit - at);
    if (at < dst + limit) bytes[at++] = NEWLINE;
    return at - dst;
  }

  copy(src: number, len: number, dst: number): void {
    this.#bytes.copyWithin(dst, src, src + len);
  }

  lineLength(src: number, len: number): number {
    const bytes = this.#bytes;
    let n = 0;
    while (n < len && bytes[src + n] !== NEWLINE) n++;
    return n;
  }

  udpFrame(template: number, payload: number, src: number, len: number, id: number): void {
    const bytes = this.#bytes;
    const view = this.#view;
    if (src !== payload) bytes.copyWithin(payload, src, src + len);
    bytes.fill(0, payload + len, payload + ((len + 15) & ~15));
    bytes.copyWithin(payload - TEMPLATE.headerEnd, template, template + TEMPLATE.headerEnd);
    const udp = payload - 8;
    const udpLength = len + 8;
    view.setUint16(udp + 4, udpLength);
    if (view.getUint32(template + TEMPLATE.headerLength, true) === 42) {
      const ip = payload - 28;
      const total = len + 28;
      view.setUint16(ip + 2, total);
      view.setUint16(ip + 4, id);
      const sum = view.getUint32(template + TEMPLATE.ipSum, true) + swap(total) + swap(id);
      view.setUint16(ip + 10, ~fold(sum) & 0xffff, true);
    } else {
      const ip = payload - 48;
      view.setUint16(ip + 4, udpLength);
    }
    if (view.getUint32(template + TEMPLATE.udpChecksum, true) === 0) return;
    let sum = view.getUint32(template + TEMPLATE.udpSum, true) + 2 * swap(udpLength);
    let at = payload;
    for (; at + 1 < payload + len; at += 2) sum += bytes[at]! | (bytes[at + 1]! << 8);
    if (at < payload + len) sum += bytes[at]!;
    const checksum = ~fold(sum) & 0xffff;
    view.setUint16(udp + 6, checksum === 0 ? 0xffff : checksum, true);
  }

  /** Reads a word of a struct in memory. */
  #load(at: number, offset: number): number {
    return this.#i32[(at + offset) >>> 2]!;
  }

  #save(at: number, offset: number, value: number): void {
    this.#i32[(at + offset) >>> 2] = value;
  }

  /** Where the descriptor of a seq lies, of which the low 32 bits are enough. */
  #desc(ring: number, seq: number): number {
    return this.#load(ring, PRB.descs) + ((seq & (this.#load(ring, PRB.count) - 1)) << DESC_SHIFT);
  }

  /** Says whether a descriptor is still written or may be continued: it must stay. */
  #open(desc: number): boolean {
    return this.#load(desc, DESC.state) < STATE.finalized;
  }

  /** Where the text of a block lies: behind its id; at index 0 of the ring if the block wrapped. */
  #textAt(ring: number, begin: number, next: number): number {
    const size = this.#load(ring, PRB.size);
    const wrapped = wraps(begin, next, size, this.#load(ring, PRB.perfectFit));
    return (this.#load(ring, PRB.text) + (wrapped ? 0 : begin & (size - 1)) + ID_BYTES) >>> 0;
  }

  prbStore(ring: number, textBufSize: number, info: number, tsUsec: number, caller: number, cpu: number): number {
    const i32 = this.#i32;
    const block = (textBufSize + ID_BYTES + 7) & ~7;
    if (block > this.#load(ring, PRB.maxBlock)) return 0;
    const size = this.#load(ring, PRB.size);
    const headSeq = loadSeq(i32, ring + PRB.headSeq);
    const tailSeq = loadSeq(i32, ring + PRB.tailSeq);
    const begin = this.#load(ring, PRB.head);
    let next = (begin + block) | 0;
    // A block does not wrap: it begins at index 0 of the ring's next lap.
    if (wraps(begin, next, size, this.#load(ring, PRB.perfectFit))) next = ((begin | (size - 1)) + 1 + block) | 0;
    /** The position that the text ring's tail must reach. */
    let push = (next - size) | 0;
    /** The descriptor that the new one takes the place of. */
    let oldest = 0;
    if (headSeq - tailSeq >= this.#load(ring, PRB.count)) {
      oldest = this.#desc(ring, tailSeq);
      // An open descriptor stays, and so does the last one that is left.
      if (this.#open(oldest) || this.#open(this.#desc(ring, tailSeq + 1))) return 0;
      // The descriptor's text goes with it, if it is not gone yet.
      if (this.#load(oldest, DESC.state) !== STATE.reusable && this.#load(oldest, DESC.begin) !== FAILED_LPOS) {
        const oldestNext = this.#load(oldest, DESC.next);
        if (((oldestNext - push) | 0) > 0) push = oldestNext;
      }
    }
    // The newest record would have to be finalized first.
    if (headSeq > tailSeq && this.#open(this.#desc(ring, headSeq - 1))) return 0;
    if (!this.#pushTail(ring, push, headSeq)) return 0;
    if (oldest !== 0) {
      this.#save(oldest, DESC.state, STATE.reusable);
      saveSeq(i32, ring + PRB.tailSeq, tailSeq + 1);
    }
    if (loadSeq(i32, ring + PRB.tailOwner) < 0) saveSeq(i32, ring + PRB.tailOwner, headSeq);
    const desc = this.#desc(ring, headSeq);
    this.#f64[(desc + DESC.ts) >>> 3] = tsUsec;
    this.#save(desc, DESC.begin, begin);
    this.#save(desc, DESC.next, next);
    this.#save(desc, DESC.info, info);
    this.#save(desc, DESC.caller, caller);
    this.#save(desc, DESC.cpu, cpu);
    this.#save(desc, DESC.state, STATE.finalized);
    saveSeq(i32, ring + PRB.headSeq, headSeq + 1);
    this.#save(ring, PRB.head, next);
    return this.#textAt(ring, begin, next);
  }

  /** Overwrites the oldest texts up to `push`; returns false if one is open or none is left. */
  #pushTail(ring: number, push: number, headSeq: number): boolean {
    const i32 = this.#i32;
    while (((push - this.#load(ring, PRB.tail)) | 0) > 0) {
      let owner = loadSeq(i32, ring + PRB.tailOwner);
      if (owner < 0) return false;
      const desc = this.#desc(ring, owner);
      if (this.#open(desc)) return false;
      this.#save(desc, DESC.state, STATE.reusable);
      this.#save(ring, PRB.tail, this.#load(desc, DESC.next));
      do owner++;
      while (owner < headSeq && this.#load(this.#desc(ring, owner), DESC.begin) === FAILED_LPOS);
      saveSeq(i32, ring + PRB.tailOwner, owner < headSeq ? owner : -1);
    }
    return true;
  }

  extFrame(
    template: number,
    payload: number,
    room: number,
    ring: number,
    seqLow: number,
    loglevel: number,
    caller: number,
    id: number,
  ): number {
    const headSeq = loadSeq(this.#i32, ring + PRB.headSeq);
    const back = ((headSeq | 0) - seqLow) >>> 0;
    const seq = headSeq - back;
    if (back === 0 || seq < loadSeq(this.#i32, ring + PRB.tailSeq)) return 0;
    const desc = this.#desc(ring, seqLow);
    const begin = this.#load(desc, DESC.begin);
    const info = this.#load(desc, DESC.info);
    const cpu = this.#load(desc, DESC.cpu);
    if (this.#load(desc, DESC.state) !== STATE.finalized || begin === FAILED_LPOS || cpu < 0) return 0;
    const level = (info >>> INFO.levelShift) & 7;
    const flags = info >>> INFO.flagsShift;
    if (level >= loglevel && (flags & LOG_FORCE_CON) === 0) return 0;
    const facility = (info >>> INFO.facilityShift) & 0xff;
    const length = this.extFormat(
      payload,
      room + 1,
      (facility << 3) | level,
      seq,
      this.#f64[(desc + DESC.ts) >>> 3]!,
      (flags & LOG_CONT) !== 0 ? FLAG_CONT : FLAG_NONE,
      caller !== 0 ? this.#load(desc, DESC.caller) >>> 0 : -1,
      this.#textAt(ring, begin, this.#load(desc, DESC.next)),
      info & INFO.textLenMask,
    );
    if (length > room) return 0;
    this.udpFrame(template, payload, payload, length, id);
    return length;
  }
}
