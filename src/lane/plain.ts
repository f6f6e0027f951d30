/** The plain arm: the specification of the compiled one, and what runs where that cannot. */
import type { Lane } from './lane.js';
import { TEMPLATE } from './layout.js';

const HEX = Uint8Array.from('0123456789abcdef', (c) => c.charCodeAt(0));
const COMMA = 0x2c;
const NEWLINE = 0x0a;

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

/** The loops on `buffer`. */
export function plainLane(buffer: ArrayBuffer): Lane {
  const bytes = new Uint8Array(buffer);
  const view = new DataView(buffer);

  function escapeText(src: number, len: number, dst: number, room: number): number {
    const end = dst + room;
    let at = dst;
    for (let i = src; i < src + len; i++) {
      const c = bytes[i]!;
      if (c < 0x20 || c >= 0x7f || c === 0x5c) {
        const fits = Math.min(4, end - at - 1);
        if (fits > 0) bytes[at] = 0x5c;
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

  function extFormat(
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
    let at = dst;
    at += putDecimal(bytes, at, prefix);
    bytes[at++] = COMMA;
    at += putDecimal(bytes, at, seq);
    bytes[at++] = COMMA;
    at += putDecimal(bytes, at, tsUsec);
    bytes[at++] = COMMA;
    bytes[at++] = flag;
    if (caller >= 0) {
      for (const c of ',caller=') bytes[at++] = c.charCodeAt(0);
      bytes[at++] = caller >= 0x80000000 ? 0x43 : 0x54;
      at += putDecimal(bytes, at, caller >= 0x80000000 ? caller - 0x80000000 : caller);
    }
    bytes[at++] = 0x3b;
    at += escapeText(src, len, at, dst + limit - at);
    if (at < dst + limit) bytes[at++] = 0x0a;
    return at - dst;
  }

  function fold(sum: number): number {
    let s = sum;
    while (s > 0xffff) s = (s & 0xffff) + Math.floor(s / 0x10000);
    return s;
  }
  const swap = (v: number) => ((v & 0xff) << 8) | ((v >> 8) & 0xff);

  function udpFrame(template: number, payload: number, src: number, len: number, id: number): void {
    if (src !== payload) bytes.copyWithin(payload, src, src + len);
    bytes.fill(0, payload + len, payload + ((len + 15) & ~15));
    bytes.copyWithin(payload - TEMPLATE.headerEnd, template, template + TEMPLATE.headerEnd);
    const headerLength = view.getUint32(template + TEMPLATE.headerLength, true);
    const udp = payload - 8;
    const udpLength = len + 8;
    view.setUint16(udp + 4, udpLength);
    if (headerLength === 42) {
      const ip = payload - 28;
      const total = len + 28;
      view.setUint16(ip + 2, total);
      view.setUint16(ip + 4, id);
      const sum = view.getUint32(template + TEMPLATE.ipSum, true) + swap(total) + swap(id);
      view.setUint16(ip + 10, ~fold(sum) & 0xffff, true);
    } else {
      view.setUint16(payload - 48 + 4, udpLength);
    }
    if (view.getUint32(template + TEMPLATE.udpChecksum, true) === 0) return;
    let sum = view.getUint32(template + TEMPLATE.udpSum, true) + 2 * swap(udpLength);
    let at = payload;
    for (; at + 1 < payload + len; at += 2) sum += bytes[at]! | (bytes[at + 1]! << 8);
    if (at < payload + len) sum += bytes[at]!;
    const checksum = ~fold(sum) & 0xffff;
    view.setUint16(udp + 6, checksum === 0 ? 0xffff : checksum, true);
  }

  function lineLength(src: number, len: number): number {
    let n = 0;
    while (n < len && bytes[src + n] !== NEWLINE) n++;
    return n;
  }

  // Their plain form is the steps that their callers otherwise take.
  const notDone = () => 0;
  return { arm: 'plain', lineLength, extFormat, escape: escapeText, udpFrame, prbStore: notDone, extFrame: notDone };
}
