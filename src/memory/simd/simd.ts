// The hot loops, in AssemblyScript, compiled to WebAssembly with SIMD by `npm run simd`. What each does: ../ops.ts.
// No allocation, no static data: only the memory that is handed in.

/** Eight digits of a value under 1e8, the first in the lowest byte, each 0 to 9: three divisions, each for all parts at once. */
@inline function eight(v: u32): u64 {
  const hi = v / 10000;
  const fours = <u64>hi | (<u64>(v - hi * 10000) << 32);
  const hundreds = ((fours * 10486) >> 20) & 0x0000007f0000007f;
  const twos = hundreds | ((fours - 100 * hundreds) << 16);
  const tens = ((twos * 103) >> 10) & 0x000f000f000f000f;
  return tens | ((twos - 10 * tens) << 8);
}

const ZEROS: u64 = 0x3030303030303030;

/** Decimal of a value under 1e8, no leading zeros; writes eight bytes. */
@inline function small(dst: usize, v: u32): usize {
  if (v < 10) {
    store<u8>(dst, <u8>(48 + v));
    return dst + 1;
  }
  const digits = eight(v);
  const zeros = ctz(digits) & 56;
  store<u64>(dst, (digits | ZEROS) >> zeros);
  return dst + 8 - <usize>(zeros >> 3);
}

/** Decimal of a whole number up to 2^53, which is under 1e16. */
@inline function decimal(dst: usize, value: f64): usize {
  const v = <i64>value;
  if (v < 100000000) return small(dst, <u32>v);
  let hi = <i64>(value / 1e8);
  let lo = v - hi * 100000000;
  // The quotient may have been rounded up.
  if (lo < 0) {
    hi--;
    lo += 100000000;
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

/** Bytes that must be escaped: under 0x20, 0x7f and over, and the backslash. Adding one makes 0x7f the least of the negative. */
@inline function escaped(v: v128): v128 {
  return v128.or(i8x16.lt_s(i8x16.add(v, i8x16.splat(1)), i8x16.splat(0x21)), i8x16.eq(v, i8x16.splat(0x5c)));
}

/** Copies sixteen and more at a time while none needs an escape and there is room; returns how many. Reads up to 15 bytes behind the end. */
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

export function escape(src: usize, len: i32, dst: usize, room: i32): i32 {
  return <i32>(put(src, src + len, dst, dst + room) - dst);
}

export function extFormat(dst: usize, limit: i32, prefix: u32, seq: f64, ts: f64, flag: u32, caller: f64, src: usize, len: i32): i32 {
  let at = small(dst, prefix);
  store<u8>(at, 0x2c);
  at = decimal(at + 1, seq);
  store<u8>(at, 0x2c);
  at = decimal(at + 1, ts);
  store<u16>(at, <u16>(0x2c | (flag << 8)));
  at += 2;
  if (caller >= 0) {
    store<u64>(at, 0x3d72656c6c61632c); // ",caller="
    const id = <u64>caller;
    store<u8>(at + 8, id >= 0x80000000 ? 0x43 : 0x54);
    at = decimal(at + 9, id >= 0x80000000 ? caller - 2147483648 : caller);
  }
  store<u8>(at, 0x3b);
  at++;
  const end = dst + limit;
  at = put(src, src + len, at, end);
  if (at < end) store<u8>(at++, 0x0a);
  return <i32>(at - dst);
}

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

export function udpFrame(template: usize, payload: usize, src: usize, len: i32, id: u32): void {
  let acc = i32x4.splat(0);
  let i: usize = 0;
  const n = <usize>len;
  for (; i + 16 <= n; i += 16) {
    const v = v128.load(src + i);
    v128.store(payload + i, v);
    acc = i32x4.add(acc, i32x4.extadd_pairwise_i16x8_u(v));
  }
  if (i < n) {
    const mask = i8x16.lt_u(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>(n - i)));
    const v = v128.and(v128.load(src + i), mask);
    v128.store(payload + i, v);
    acc = i32x4.add(acc, i32x4.extadd_pairwise_i16x8_u(v));
  }
  const head = payload - 64;
  v128.store(head, v128.load(template));
  v128.store(head + 16, v128.load(template + 16));
  v128.store(head + 32, v128.load(template + 32));
  v128.store(head + 48, v128.load(template + 48));
  const udpLength = swap(<u32>len + 8);
  store<u16>(payload - 4, <u16>udpLength);
  if (load<u32>(template + 64) == 42) {
    const total = swap(<u32>len + 28);
    const ident = swap(id);
    store<u16>(payload - 26, <u16>total);
    store<u16>(payload - 24, <u16>ident);
    store<u16>(payload - 18, <u16>~fold(load<u32>(template + 68) + total + ident));
  } else {
    store<u16>(payload - 44, <u16>udpLength);
  }
  if (load<u32>(template + 76) == 0) return;
  const sum = i32x4.extract_lane(acc, 0) + i32x4.extract_lane(acc, 1) + i32x4.extract_lane(acc, 2) + i32x4.extract_lane(acc, 3);
  const checksum = ~fold(load<u32>(template + 72) + 2 * udpLength + sum) & 0xffff;
  store<u16>(payload - 2, <u16>(checksum == 0 ? 0xffff : checksum));
}
