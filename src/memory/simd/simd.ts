// The hot loops, in AssemblyScript, compiled to WebAssembly with SIMD by `npm run simd`. What each does: ../ops.ts.
// No allocation, no static data: only the memory that is handed in. Bytes 256..455 hold "00".."99".

const DIGITS: usize = 256;

@inline function two(dst: usize, v: u32): void {
  store<u16>(dst, load<u16>(DIGITS + (<usize>v << 1)));
}

@inline function four(dst: usize, v: u32): void {
  const hi = v / 100;
  two(dst, hi);
  two(dst + 2, v - hi * 100);
}

@inline function eight(dst: usize, v: u32): void {
  const hi = v / 10000;
  four(dst, hi);
  four(dst + 4, v - hi * 10000);
}

/** Decimal of a value under 1e8, no leading zeros. */
function small(dst: usize, value: u32): usize {
  let v = value;
  let n: usize = v < 10000 ? (v < 100 ? (v < 10 ? 1 : 2) : v < 1000 ? 3 : 4) : v < 1000000 ? (v < 100000 ? 5 : 6) : v < 10000000 ? 7 : 8;
  let at = dst + n;
  while (v >= 100) {
    const q = v / 100;
    at -= 2;
    two(at, v - q * 100);
    v = q;
  }
  if (v >= 10) two(at - 2, v);
  else store<u8>(at - 1, <u8>(48 + v));
  return dst + n;
}

function decimal(dst: usize, value: u64): usize {
  if (value < 100000000) return small(dst, <u32>value);
  const hi = value / 100000000;
  const at = decimal(dst, hi);
  eight(at, <u32>(value - hi * 100000000));
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

export function escape(src: usize, len: i32, dst: usize, room: i32): i32 {
  const end = dst + room;
  const last = src + len;
  let at = dst;
  let i = src;
  while (i < last) {
    // Sixteen at once while none needs an escape: a byte is plain if 0x20 <= c < 0x7f and c != '\'.
    if (i + 16 <= last && at + 16 <= end) {
      const v = v128.load(i);
      const bad = v128.or(
        v128.or(i8x16.lt_s(v, i8x16.splat(0x20)), i8x16.eq(v, i8x16.splat(0x7f))),
        i8x16.eq(v, i8x16.splat(0x5c)),
      );
      v128.store(at, v);
      if (!v128.any_true(bad)) {
        i += 16;
        at += 16;
        continue;
      }
      const clean: usize = ctz(i8x16.bitmask(bad));
      i += clean;
      at = escapeByte(at + clean, end, load<u8>(i));
      i++;
      continue;
    }
    at = escapeByte(at, end, load<u8>(i));
    i++;
  }
  return <i32>(at - dst);
}

export function extFormat(dst: usize, limit: i32, prefix: u32, seq: f64, ts: f64, flag: u32, caller: f64, src: usize, len: i32): i32 {
  let at = small(dst, prefix);
  store<u8>(at, 0x2c);
  at = decimal(at + 1, <u64>seq);
  store<u8>(at, 0x2c);
  at = decimal(at + 1, <u64>ts);
  store<u8>(at, 0x2c);
  store<u8>(at + 1, <u8>flag);
  at += 2;
  if (caller >= 0) {
    store<u64>(at, 0x3d72656c6c61632c); // ",caller="
    const id = <u64>caller;
    store<u8>(at + 8, id >= 0x80000000 ? 0x43 : 0x54);
    at = decimal(at + 9, id >= 0x80000000 ? id - 0x80000000 : id);
  }
  store<u8>(at, 0x3b);
  at++;
  const end = dst + limit;
  at += escape(src, len, at, <i32>(end - at));
  if (at < end) store<u8>(at++, 0x0a);
  return <i32>(at - dst);
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
