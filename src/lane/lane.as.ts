// The loops of the lane in AssemblyScript, which `npm run lane` compiles to WebAssembly with SIMD.
// `lane.ts` says what each of them does, and `plain.ts` is their specification. They allocate
// nothing and have no static data: they use only the memory that is handed in.
import {
  DESC_BEGIN, DESC_CALLER, DESC_CPU, DESC_INFO, DESC_NEXT, DESC_SHIFT, DESC_STATE, DESC_TS,
  FAILED_LPOS, ID_BYTES, INFO_FACILITY_SHIFT, INFO_FLAGS_SHIFT, INFO_LEVEL_SHIFT,
  INFO_TEXT_LEN_MASK, LOG_CONT, LOG_FORCE_CON, PRB_COUNT, PRB_DESCS, PRB_HEAD, PRB_HEAD_SEQ,
  PRB_MAX_BLOCK, PRB_PERFECT_FIT, PRB_SIZE, PRB_TAIL, PRB_TAIL_OWNER, PRB_TAIL_SEQ, PRB_TEXT,
  STATE_FINALIZED, STATE_REUSABLE, TEMPLATE_HEADER_END, TEMPLATE_HEADER_LENGTH, TEMPLATE_IP_SUM,
  TEMPLATE_UDP_CHECKSUM, TEMPLATE_UDP_SUM,
} from './layout.as';

/**
 * Eight digits of a value under 1e8, each 0 to 9, with the first digit in the lowest byte. It takes
 * three divisions, each of which works on all parts at once.
 */
@inline function eight(v: u32): u64 {
  const hi = v / 10000;
  const fours = <u64>hi | (<u64>(v - hi * 10000) << 32);
  const hundreds = ((fours * 10486) >> 20) & 0x0000007f0000007f;
  const twos = hundreds | ((fours - 100 * hundreds) << 16);
  const tens = ((twos * 103) >> 10) & 0x000f000f000f000f;
  return tens | ((twos - 10 * tens) << 8);
}

const ZEROS: u64 = 0x3030303030303030;

/**
 * Writes a value under 1e8 in decimal without leading zeros, eight bytes in any case. Branches find
 * out how many digits there are, as the processor guesses those and need not wait for the number.
 */
@inline function small(dst: usize, v: u32): usize {
  if (v < 10) {
    store<u8>(dst, <u8>(48 + v));
    return dst + 1;
  }
  if (v < 100) {
    const ten = (v * 103) >> 10;
    store<u16>(dst, <u16>(0x3030 + ten + ((v - ten * 10) << 8)));
    return dst + 2;
  }
  const digits = eight(v) | ZEROS;
  if (v >= 10000000) {
    store<u64>(dst, digits);
    return dst + 8;
  }
  if (v >= 1000000) {
    store<u64>(dst, digits >> 8);
    return dst + 7;
  }
  if (v >= 100000) {
    store<u64>(dst, digits >> 16);
    return dst + 6;
  }
  if (v >= 10000) {
    store<u64>(dst, digits >> 24);
    return dst + 5;
  }
  if (v >= 1000) {
    store<u64>(dst, digits >> 32);
    return dst + 4;
  }
  store<u64>(dst, digits >> 40);
  return dst + 3;
}

/** Decimal of a whole number up to 2^53, which is under 1e16. */
@inline function decimal(dst: usize, v: i64): usize {
  if (v < 100000000) return small(dst, <u32>v);
  if (v < 4294967296) {
    const high = <u32>v / 100000000;
    const next = small(dst, high);
    store<u64>(next, eight(<u32>v - high * 100000000) | ZEROS);
    return next + 8;
  }
  let hi = <i64>(<f64>v * 1e-8);
  let lo = v - hi * 100000000;
  // The quotient may be one off.
  if (lo < 0) {
    hi--;
    lo += 100000000;
  } else if (lo >= 100000000) {
    hi++;
    lo -= 100000000;
  }
  const at = small(dst, <u32>hi);
  store<u64>(at, eight(<u32>lo) | ZEROS);
  return at + 8;
}

@inline function hex(v: u32): u8 {
  return <u8>(v < 10 ? 48 + v : 87 + v);
}

/** Byte by byte, near the end of the room or where something must be escaped. */
function escapeByte(at: usize, end: usize, c: u32): usize {
  if (c < 0x20 || c >= 0x7f || c == 0x5c) {
    const left: isize = <isize>(end - at) - 1;
    if (left > 0) store<u8>(at, 0x5c);
    if (left > 1) store<u8>(at + 1, 0x78);
    if (left > 2) store<u8>(at + 2, hex(c >> 4));
    if (left > 3) store<u8>(at + 3, hex(c & 15));
    return left <= 0 ? at : at + <usize>min<isize>(left, 4);
  }
  if (at < end) {
    store<u8>(at, <u8>c);
    return at + 1;
  }
  return at;
}

/**
 * Marks the bytes that must be escaped: those under 0x20, from 0x7f on, and the backslash. Adding
 * one turns 0x7f into the least of the negative numbers.
 */
@inline function escaped(v: v128): v128 {
  return v128.or(i8x16.lt_s(i8x16.add(v, i8x16.splat(1)), i8x16.splat(0x21)), i8x16.eq(v, i8x16.splat(0x5c)));
}

/**
 * Copies sixteen bytes or more at a time while none needs an escape and there is room; returns how
 * many it copied. It reads up to 15 bytes behind the end.
 */
@inline function plainRun(src: usize, last: usize, dst: usize, end: usize): usize {
  let i = src;
  let at = dst;
  const room = end - dst < last - src ? end - dst : last - src;
  const last64 = src + (room & ~63);
  while (i < last64) {
    const a = v128.load(i);
    const b = v128.load(i, 16);
    const c = v128.load(i, 32);
    const d = v128.load(i, 48);
    if (v128.any_true(v128.or(v128.or(escaped(a), escaped(b)), v128.or(escaped(c), escaped(d))))) break;
    v128.store(at, a);
    v128.store(at, b, 16);
    v128.store(at, c, 32);
    v128.store(at, d, 48);
    i += 64;
    at += 64;
  }
  while (i < last) {
    const v = v128.load(i);
    const bad = escaped(v);
    let clean: usize = v128.any_true(bad) ? <usize>ctz(i8x16.bitmask(bad)) : 16;
    if (clean > last - i) clean = last - i;
    if (at + 16 > end) break;
    v128.store(at, v);
    i += clean;
    at += clean;
    if (clean < 16) break;
  }
  return i - src;
}

function slowEscape(src: usize, last: usize, dst: usize, end: usize): usize {
  let at = dst;
  let i = src;
  while (i < last) {
    at = escapeByte(at, end, load<u8>(i));
    i++;
    const n = plainRun(i, last, at, end);
    i += n;
    at += n;
  }
  return at;
}

@inline function put(src: usize, last: usize, dst: usize, end: usize): usize {
  const n = plainRun(src, last, dst, end);
  return src + n === last ? dst + n : slowEscape(src + n, last, dst + n, end);
}

/** As `PlainLane.escape`. */
export function escape(src: usize, len: i32, dst: usize, room: i32): i32 {
  return <i32>(put(src, src + len, dst, dst + room) - dst);
}

/** `PREFIX,SEQ,TS,FLAG[,caller=ID];` */
@inline function header(dst: usize, prefix: u32, seq: i64, ts: i64, flag: u32, caller: i64): usize {
  let at = small(dst, prefix);
  store<u8>(at, 0x2c);
  at = decimal(at + 1, seq);
  store<u8>(at, 0x2c);
  at = decimal(at + 1, ts);
  store<u16>(at, <u16>(0x2c | (flag << 8)));
  at += 2;
  if (caller >= 0) {
    store<u64>(at, 0x3d72656c6c61632c); // ",caller="
    store<u8>(at + 8, caller >= 0x80000000 ? 0x43 : 0x54);
    at = decimal(at + 9, caller & 0x7fffffff);
  }
  store<u8>(at, 0x3b);
  return at + 1;
}

/** The text and the newline, within `limit` bytes from `dst` on; returns all there is. */
@inline function body(dst: usize, from: usize, limit: i32, src: usize, len: i32): i32 {
  const end = dst + limit;
  let at = put(src, src + len, from, end);
  if (at < end) store<u8>(at++, 0x0a);
  return <i32>(at - dst);
}

/** As `PlainLane.extFormat`. */
export function extFormat(dst: usize, limit: i32, prefix: u32, seq: f64, ts: f64, flag: u32, caller: f64, src: usize, len: i32): i32 {
  return body(dst, header(dst, prefix, <i64>seq, <i64>ts, flag, <i64>caller), limit, src, len);
}

/** As `PlainLane.copy`: sixteen bytes at a time, the last of which may have been copied before. */
export function copy(src: usize, len: i32, dst: usize): void {
  const n = <usize>len;
  if (n >= 16) {
    for (let i: usize = 0; i + 16 < n; i += 16) v128.store(dst + i, v128.load(src + i));
    v128.store(dst + n - 16, v128.load(src + n - 16));
  } else if (n >= 8) {
    const first = load<u64>(src);
    store<u64>(dst + n - 8, load<u64>(src + n - 8));
    store<u64>(dst, first);
  } else {
    for (let i: usize = 0; i < n; i++) store<u8>(dst + i, load<u8>(src + i));
  }
}

/** As `PlainLane.lineLength`, sixteen bytes at a time. */
export function lineLength(src: usize, len: i32): i32 {
  for (let i: i32 = 0; i < len; i += 16) {
    const found = i8x16.eq(v128.load(src + i), i8x16.splat(0x0a));
    if (v128.any_true(found)) return min(len, i + ctz(i8x16.bitmask(found)));
  }
  return len;
}

@inline function fold(sum: u32): u32 {
  let s = (sum & 0xffff) + (sum >>> 16);
  s = (s & 0xffff) + (s >>> 16);
  return s;
}

@inline function swap(v: u32): u32 {
  return ((v & 0xff) << 8) | ((v >>> 8) & 0xff);
}

const BYTES: v128 = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

/** The sum of a run's little-endian words, four of them at once. */
@inline function words(v: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(v);
}

/** The same of bytes under 0x80, whose words are positive with a sign too. */
@inline function ascii(v: v128): v128 {
  return i32x4.dot_i16x8_s(v, i16x8.splat(1));
}

@inline function total(acc: v128): u32 {
  return i32x4.extract_lane(acc, 0) + i32x4.extract_lane(acc, 1) + i32x4.extract_lane(acc, 2) + i32x4.extract_lane(acc, 3);
}

@inline function firstBytes(v: v128, n: usize): v128 {
  return v128.and(v, i8x16.lt_u(BYTES, i8x16.splat(<i8>n)));
}

/** The headers in front of a payload of `len` bytes whose words add up to `sum`. */
@inline function headers(template: usize, payload: usize, len: i32, id: u32, sum: u32): void {
  const head = payload - TEMPLATE_HEADER_END;
  v128.store(head + 16, v128.load(template + 16));
  v128.store(head + 32, v128.load(template + 32));
  v128.store(head + 48, v128.load(template + 48));
  const udpLength = swap(<u32>len + 8);
  store<u16>(payload - 4, <u16>udpLength);
  if (load<u32>(template, TEMPLATE_HEADER_LENGTH) == 42) {
    const length = swap(<u32>len + 28);
    const ident = swap(id);
    store<u32>(payload - 26, length | (ident << 16));
    store<u16>(payload - 18, <u16>~fold(load<u32>(template, TEMPLATE_IP_SUM) + length + ident));
  } else {
    v128.store(head, v128.load(template));
    store<u16>(payload - 44, <u16>udpLength);
  }
  if (load<u32>(template, TEMPLATE_UDP_CHECKSUM) == 0) return;
  const checksum = ~fold(load<u32>(template, TEMPLATE_UDP_SUM) + 2 * udpLength + sum) & 0xffff;
  store<u16>(payload - 2, <u16>(checksum == 0 ? 0xffff : checksum));
}

@inline function framed(template: usize, payload: usize, src: usize, len: i32, id: u32): void {
  let acc = i32x4.splat(0);
  let i: usize = 0;
  const n = <usize>len;
  for (; i + 16 <= n; i += 16) {
    const v = v128.load(src + i);
    v128.store(payload + i, v);
    acc = i32x4.add(acc, words(v));
  }
  if (i < n) {
    const v = firstBytes(v128.load(src + i), n - i);
    v128.store(payload + i, v);
    acc = i32x4.add(acc, words(v));
  }
  headers(template, payload, len, id, total(acc));
}

/** As `PlainLane.udpFrame`. */
export function udpFrame(template: usize, payload: usize, src: usize, len: i32, id: u32): void {
  framed(template, payload, src, len, id);
}

/** Whether what begins and ends at these positions goes beyond the end of the text ring. */
@inline function wraps(begin: u32, next: u32, size: u32, perfectFit: u32): bool {
  return ((begin ^ (next - perfectFit)) & ~(size - 1)) != 0;
}

@inline function descOf(ring: usize, seq: u32): usize {
  return <usize>load<u32>(ring, PRB_DESCS) + (<usize>(seq & (load<u32>(ring, PRB_COUNT) - 1)) << DESC_SHIFT);
}

/** Where the text of a block lies. */
@inline function textOf(ring: usize, begin: u32, next: u32): usize {
  const size = load<u32>(ring, PRB_SIZE);
  return <usize>load<u32>(ring, PRB_TEXT) + (wraps(begin, next, size, load<u32>(ring, PRB_PERFECT_FIT)) ? 0 : begin & (size - 1)) + ID_BYTES;
}

/**
 * As `PlainLane.prbStore`. Its `#pushTail` is inlined, so that the tail and its owner stay in
 * registers.
 */
export function prbStore(ring: usize, textBufSize: u32, info: u32, ts: f64, caller: u32, cpu: u32): usize {
  const block = (textBufSize + ID_BYTES + 7) & ~7;
  if (block > load<u32>(ring, PRB_MAX_BLOCK)) return 0;
  const count = load<u32>(ring, PRB_COUNT);
  const size = load<u32>(ring, PRB_SIZE);
  const perfectFit = load<u32>(ring, PRB_PERFECT_FIT);
  const headSeq = load<i64>(ring, PRB_HEAD_SEQ);
  const tailSeq = load<i64>(ring, PRB_TAIL_SEQ);
  const headPos = load<u32>(ring, PRB_HEAD);
  let next = headPos + block;
  if (wraps(headPos, next, size, perfectFit)) next = (headPos | (size - 1)) + 1 + block;
  let push = next - size;
  let oldest: usize = 0;
  if (headSeq - tailSeq >= <i64>count) {
    oldest = descOf(ring, <u32>tailSeq);
    const state = load<u32>(oldest, DESC_STATE);
    const following = load<u32>(descOf(ring, <u32>tailSeq + 1), DESC_STATE);
    // An open one stays; so does the last that is left.
    if (state < STATE_FINALIZED || following < STATE_FINALIZED) return 0;
  }
  // The newest would have to be finalized first.
  if (headSeq > tailSeq) {
    if (load<u32>(descOf(ring, <u32>headSeq - 1), DESC_STATE) < STATE_FINALIZED) return 0;
  }
  let tail = load<u32>(ring, PRB_TAIL);
  let owner = load<i64>(ring, PRB_TAIL_OWNER);
  // The text of the oldest descriptor goes with it, if it is not gone yet.
  if (oldest != 0) {
    if (load<u32>(oldest, DESC_STATE) != STATE_REUSABLE && load<u32>(oldest, DESC_BEGIN) != FAILED_LPOS) {
      const oldestNext = load<u32>(oldest, DESC_NEXT);
      if (<i32>(oldestNext - push) > 0) push = oldestNext;
    }
  }
  // As `#pushTail`.
  while (<i32>(push - tail) > 0) {
    if (owner < 0) return 0;
    const desc = descOf(ring, <u32>owner);
    if (load<u32>(desc, DESC_STATE) < STATE_FINALIZED) return 0;
    store<u32>(desc, STATE_REUSABLE, DESC_STATE);
    tail = load<u32>(desc, DESC_NEXT);
    store<u32>(ring, tail, PRB_TAIL);
    owner++;
    while (owner < headSeq && load<u32>(descOf(ring, <u32>owner), DESC_BEGIN) == FAILED_LPOS) owner++;
    if (owner >= headSeq) owner = -1;
    store<i64>(ring, owner, PRB_TAIL_OWNER);
  }
  if (oldest != 0) {
    store<u32>(oldest, STATE_REUSABLE, DESC_STATE);
    store<i64>(ring, tailSeq + 1, PRB_TAIL_SEQ);
  }
  if (owner < 0) store<i64>(ring, headSeq, PRB_TAIL_OWNER);
  const desc = descOf(ring, <u32>headSeq);
  store<f64>(desc, ts, DESC_TS);
  store<u32>(desc, headPos, DESC_BEGIN);
  store<u32>(desc, next, DESC_NEXT);
  store<u32>(desc, info, DESC_INFO);
  store<u32>(desc, caller, DESC_CALLER);
  store<u32>(desc, cpu, DESC_CPU);
  store<u32>(desc, STATE_FINALIZED, DESC_STATE);
  store<i64>(ring, headSeq + 1, PRB_HEAD_SEQ);
  store<u32>(ring, next, PRB_HEAD);
  return textOf(ring, headPos, next);
}

/**
 * As `PlainLane.extFrame`, but one pass copies the text, searches it for what needs an escape, and
 * sums it up. Only if the search finds something is the text formatted again, with escapes.
 */
export function extFrame(template: usize, payload: usize, room: i32, ring: usize, seqLow: u32, loglevel: u32, caller: u32, id: u32): i32 {
  const headSeq = load<i64>(ring, PRB_HEAD_SEQ);
  const back = <u32>headSeq - seqLow;
  const seq = headSeq - <i64>back;
  if (back == 0 || seq < load<i64>(ring, PRB_TAIL_SEQ)) return 0;
  const desc = descOf(ring, seqLow);
  const begin = load<u32>(desc, DESC_BEGIN);
  const info = load<u32>(desc, DESC_INFO);
  if (load<u32>(desc, DESC_STATE) != STATE_FINALIZED || begin == FAILED_LPOS || load<i32>(desc, DESC_CPU) < 0) return 0;
  const level = (info >>> INFO_LEVEL_SHIFT) & 7;
  if (level >= loglevel && (info & (LOG_FORCE_CON << INFO_FLAGS_SHIFT)) == 0) return 0;
  const src = textOf(ring, begin, load<u32>(desc, DESC_NEXT));
  const len = <i32>(info & INFO_TEXT_LEN_MASK);
  const prefix = ((info >>> (INFO_FACILITY_SHIFT - 3)) & 0x7f8) | level;
  const flag: u32 = (info & (LOG_CONT << INFO_FLAGS_SHIFT)) != 0 ? 0x63 : 0x2d;
  const text = header(payload, prefix, seq, <i64>load<f64>(desc, DESC_TS), flag, caller != 0 ? <i64>load<u32>(desc, DESC_CALLER) : -1);
  const n = <i32>(text - payload) + len + 1;
  // Escapes would only make it longer.
  if (n > room) return 0;
  // Text and sum in one pass, while nothing needs an escape.
  let acc = i32x4.splat(0);
  const one = i8x16.splat(1);
  const backslash = i8x16.splat(0x5c);
  let least = i8x16.splat(0x7f);
  let backslashes = i8x16.splat(0);
  let i: usize = 0;
  const last = <usize>len;
  for (const last64 = last & ~63; i < last64; i += 64) {
    const a = v128.load(src + i);
    const b = v128.load(src + i, 16);
    const c = v128.load(src + i, 32);
    const d = v128.load(src + i, 48);
    least = i8x16.min_s(least, i8x16.min_s(i8x16.min_s(i8x16.add(a, one), i8x16.add(b, one)), i8x16.min_s(i8x16.add(c, one), i8x16.add(d, one))));
    backslashes = v128.or(backslashes, v128.or(v128.or(i8x16.eq(a, backslash), i8x16.eq(b, backslash)), v128.or(i8x16.eq(c, backslash), i8x16.eq(d, backslash))));
    v128.store(text + i, a);
    v128.store(text + i, b, 16);
    v128.store(text + i, c, 32);
    v128.store(text + i, d, 48);
    acc = i32x4.add(acc, i32x4.add(i32x4.add(ascii(a), ascii(b)), i32x4.add(ascii(c), ascii(d))));
  }
  for (; i + 16 <= last; i += 16) {
    const v = v128.load(src + i);
    least = i8x16.min_s(least, i8x16.add(v, one));
    backslashes = v128.or(backslashes, i8x16.eq(v, backslash));
    v128.store(text + i, v);
    acc = i32x4.add(acc, ascii(v));
  }
  if (i < last) {
    const rest = v128.load(src + i);
    const v = firstBytes(rest, last - i);
    backslashes = v128.or(backslashes, firstBytes(escaped(rest), last - i));
    v128.store(text + i, v);
    acc = i32x4.add(acc, ascii(v));
  }
  if (v128.any_true(v128.or(backslashes, i8x16.lt_s(least, i8x16.splat(0x21))))) {
    const whole = body(payload, text, room + 1, src, len);
    if (whole > room) return 0;
    framed(template, payload, payload, whole, id);
    return whole;
  }
  store<u8>(text + last, 0x0a);
  const odd = <usize>(text & 1);
  // Text that begins at an odd place has its bytes the other way round in their words.
  let sum = fold(total(acc));
  if (odd) sum = swap(sum);
  sum += (text + last) & 1 ? 0x0a00 : 0x0a;
  acc = i32x4.splat(0);
  let at = payload;
  for (; at + 16 <= text; at += 16) acc = i32x4.add(acc, ascii(v128.load(at)));
  acc = i32x4.add(acc, ascii(firstBytes(v128.load(at), text - at)));
  headers(template, payload, n, id, sum + total(acc));
  return n;
}
