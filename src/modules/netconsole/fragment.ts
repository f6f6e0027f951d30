/**
 * From a console's text to datagrams.
 *
 *   plain      pieces of 1000 bytes, no header
 *   extended   [release,] header ; body [userdata] [sysdata]          if all of it fits 1000 bytes
 *              [release,] header ,ncfrag=OFFSET/TOTAL ; piece         else; every datagram but the last is 1000 bytes
 *
 * With the reliable extension what does not fit is cut by its dialect's rule, and an emergency transmission is marked:
 *              [release,] header ,emg=1 ,ncfrag=OFFSET@I/N ; piece
 *
 * Nearly all messages fit and need no appendix. Of those, extended ones are formatted right in the frame's slot (`sendRecords`)
 * if one target has them to itself, else sent from where the console formatted them. The others are put
 * together in the slot.
 *
 * Linux: drivers/net/netconsole.c send_ext_msg_udp(), send_msg_no_fragmentation(), send_fragmented_body(), send_msg_udp().
 */
import { putDecimal } from '../../lane/plain.js';
import type { Heap } from '../../memory/heap.js';
import type { SendResult } from '../../netpoll/index.js';
import type { FormatOptions } from '../../printk/format.js';
import type { PrintkRecord } from '../../printk/record.js';
import type { RingReader } from '../../printk/ring.js';
import type { Profile } from '../../profile/index.js';
import type { ReliableDialect } from '../../wire/dialects.js';
import { putSysdata } from './sysdata.js';
import type { NetconsoleTarget } from './target.js';

/** Largest payload of a datagram. */
export const MAX_PRINT_CHUNK = 1000;
/** Room for one line of extradata. Linux: MAX_EXTRADATA_ENTRY_LEN. */
export const MAX_EXTRADATA_ENTRY_LEN = 256;

const SEMICOLON = 0x3b;
const SLASH = 0x2f;
const encoder = new TextEncoder();
const NCFRAG: Uint8Array = encoder.encode(',ncfrag=');

export interface FragmentHost {
  readonly heap: Heap;
  readonly profile: Profile;
  readonly ring: RingReader;
  readonly format: FormatOptions;
  /** utsname's release, as bytes with the comma that follows it. */
  readonly releasePrefix: Uint8Array;
  readonly release: string;
  /** Who is printing now. */
  readonly current: { readonly cpu: number; readonly comm: string };
}

/** Counts what became of one datagram. Linux: send_udp(). */
function tally(nt: NetconsoleTarget, result: SendResult): void {
  if (result === 'drop') nt.stats.xmitDropCount++;
  else if (result === 'enomem') nt.stats.enomemCount++;
  else nt.stats.frames++;
}

/** Sends `[start, end)` of the heap in pieces. */
export function sendPlain(nt: NetconsoleTarget, start: number, end: number): void {
  for (let at = start; at < end; at += MAX_PRINT_CHUNK) {
    tally(nt, nt.np.sendUdp(at, Math.min(MAX_PRINT_CHUNK, end - at)));
  }
}

/** Sends one extended message, `[start, end)` of the heap; `emergency`: marked as such, in the target's dialect. */
export function sendExtended(
  nt: NetconsoleTarget,
  host: FragmentHost,
  start: number,
  end: number,
  record: PrintkRecord,
  emergency = false,
): void {
  // Nearly all are: whole, as they are.
  if (end - start <= MAX_PRINT_CHUNK && !emergency && !nt.release && nt.userdataLength === 0 && !nt.sysdata) {
    tally(nt, nt.np.sendUdp(start, end - start));
  } else {
    sendOthers(nt, host, start, end, record, emergency);
  }
}

/**
 * Sends records that need nothing but their own text, from `seq` on, at most `max`, each formatted in its frame. Returns how many; the
 * next one must be read and formatted first.
 */
export function sendRecords(
  nt: NetconsoleTarget,
  host: FragmentHost,
  seq: number,
  max: number,
  loglevel: number,
): number {
  if (nt.release || nt.userdataLength > 0 || nt.sysdata) return 0;
  const { ring } = host;
  if (ring.prb === undefined || seq < ring.firstSeq) return 0;
  const there = Math.min(max, ring.nextSeq - seq);
  const sent = nt.np.sendRecords(MAX_PRINT_CHUNK, ring.prb, seq | 0, there, loglevel, host.format.caller ? 1 : 0);
  nt.stats.records += sent;
  nt.stats.frames += sent;
  if (sent > 0 && nt.reliable !== undefined) nt.reliable.written();
  return sent;
}

function sendOthers(
  nt: NetconsoleTarget,
  host: FragmentHost,
  start: number,
  end: number,
  record: PrintkRecord,
  emergency: boolean,
): void {
  if (!nt.release && nt.userdataLength === 0 && !nt.sysdata) {
    if (nt.reliable !== undefined) sendPieces(nt, host.heap, start, end, nt.reliable.dialect, emergency);
    else sendFragments(nt, host, [{ at: start, length: end - start }], 0);
    return;
  }
  const sysdata = nt.sysdata ? host.heap.borrow() : 0;
  const sysdataLength = nt.sysdata ? putSysdata(nt, host, sysdata, record) : 0;
  const releaseLength = nt.release ? host.releasePrefix.length : 0;
  const parts = [
    { at: start, length: end - start },
    { at: nt.userdataAt, length: nt.userdataLength },
    { at: sysdata, length: sysdataLength },
  ];
  const total = releaseLength + end - start + nt.userdataLength + sysdataLength;
  if (total <= MAX_PRINT_CHUNK && !emergency) sendWhole(nt, host, parts, releaseLength, total);
  else if (nt.reliable !== undefined) sendComposed(nt, host, parts, releaseLength, total, emergency);
  else sendFragments(nt, host, parts, releaseLength);
  if (sysdata !== 0) host.heap.giveBack(sysdata);
}

interface Part {
  readonly at: number;
  readonly length: number;
}

function sendWhole(
  nt: NetconsoleTarget,
  host: FragmentHost,
  parts: readonly Part[],
  releaseLength: number,
  total: number,
): void {
  const slot = nt.np.reserveUdp();
  if (slot < 0) {
    tally(nt, nt.np.dev === undefined ? 'drop' : 'enomem');
    return;
  }
  const { slab } = nt.np.dev!.device;
  const payload = slab.payloadAt(slot);
  if (releaseLength > 0) slab.bytes.set(host.releasePrefix, payload);
  let at = payload + releaseLength;
  for (const part of parts) at += copy(host.heap, slab.heap, part.at, part.length, at);
  let length = total;
  if (host.profile.edgeBug && total === MAX_PRINT_CHUNK) {
    // The buffer has no room for a terminator: an appended part loses its last byte, a release alone gains a NUL.
    if (parts[1]!.length + parts[2]!.length > 0) length--;
    else if (releaseLength > 0) slab.bytes[payload + total - 1] = 0;
  }
  tally(nt, nt.np.commitUdp(slot, length));
}

/** The first part begins with the header; the rest of it and the other parts are what is cut into pieces. */
function sendFragments(nt: NetconsoleTarget, host: FragmentHost, parts: readonly Part[], releaseLength: number): void {
  const { heap } = host;
  const message = parts[0]!;
  const semicolon = heap.bytes.indexOf(SEMICOLON, message.at);
  const headerLength = semicolon - message.at;
  const data = parts.map((part, i) => (i === 0 ? { at: semicolon + 1, length: part.length - headerLength - 1 } : part));
  const total = data.reduce((sum, part) => sum + part.length, 0);
  for (let offset = 0; offset < total; ) {
    const head = releaseLength + headerLength + NCFRAG.length + decimals(offset) + 1 + decimals(total) + 1;
    const piece = Math.min(MAX_PRINT_CHUNK - head, total - offset);
    nt.stats.fragments++;
    const slot = nt.np.reserveUdp();
    if (slot < 0) {
      tally(nt, nt.np.dev === undefined ? 'drop' : 'enomem');
    } else {
      const { slab } = nt.np.dev!.device;
      const { bytes } = slab;
      let at = slab.payloadAt(slot);
      if (releaseLength > 0) bytes.set(host.releasePrefix, at);
      at += releaseLength;
      at += copy(heap, slab.heap, message.at, headerLength, at);
      bytes.set(NCFRAG, at);
      at += NCFRAG.length;
      at += putDecimal(bytes, at, offset);
      bytes[at++] = SLASH;
      at += putDecimal(bytes, at, total);
      bytes[at++] = SEMICOLON;
      gather(heap, slab.heap, data, offset, piece, at);
      tally(nt, nt.np.commitUdp(slot, head + piece));
    }
    offset += piece;
  }
}

function decimals(value: number): number {
  return value < 10 ? 1 : 1 + decimals(Math.floor(value / 10));
}

/** Puts the whole message together, then sends it in pieces. */
function sendComposed(
  nt: NetconsoleTarget,
  host: FragmentHost,
  parts: readonly Part[],
  releaseLength: number,
  total: number,
  emergency: boolean,
): void {
  const { heap } = host;
  const whole = heap.alloc(total);
  if (releaseLength > 0) heap.bytes.set(host.releasePrefix, whole);
  gather(heap, heap, parts, 0, total - releaseLength, whole + releaseLength);
  sendPieces(nt, heap, whole, whole + total, nt.reliable!.dialect, emergency);
  heap.free(whole);
}

/**
 * Sends `[start, end)` of the heap in pieces of constant length, as the series does with what exceeds 1000 bytes and with every
 * emergency transmission. A header that leaves no room sends nothing; neither does an emergency without a body.
 */
function sendPieces(
  nt: NetconsoleTarget,
  heap: Heap,
  start: number,
  end: number,
  dialect: ReliableDialect,
  emergency: boolean,
): void {
  const found = heap.bytes.indexOf(SEMICOLON, start);
  const headerEnd = found < 0 || found >= end ? end : found;
  const headerLength = headerEnd - start;
  const total = Math.max(0, end - headerEnd - 1);
  const chunk = MAX_PRINT_CHUNK - headerLength - dialect.extra;
  if (chunk <= 0) return;
  const count = Math.ceil(total / chunk);
  for (let i = 0; i < count; i++) {
    const offset = i * chunk;
    const piece = Math.min(chunk, total - offset);
    let text = emergency ? `,${dialect.emergencyKey}=1` : '';
    if (count > 1)
      text += dialect.fragment === 'index' ? `,ncfrag=${offset}@${i}/${count}` : `,ncfrag=${offset}/${total}`;
    if (count > 1) nt.stats.fragments++;
    const slot = nt.np.reserveUdp();
    if (slot < 0) {
      tally(nt, nt.np.dev === undefined ? 'drop' : 'enomem');
      continue;
    }
    const { slab } = nt.np.dev!.device;
    const payload = slab.payloadAt(slot);
    slab.bytes.set(heap.bytes.subarray(start, headerEnd), payload);
    let at = payload + headerLength;
    for (let k = 0; k < text.length; k++) slab.bytes[at++] = text.charCodeAt(k);
    slab.bytes[at++] = SEMICOLON;
    slab.bytes.set(heap.bytes.subarray(headerEnd + 1 + offset, headerEnd + 1 + offset + piece), at);
    tally(nt, nt.np.commitUdp(slot, at - payload + piece));
  }
}

/** Copies `[offset, offset + length)` of the parts, taken as one run, to `dst`. */
function gather(from: Heap, to: Heap, parts: readonly Part[], offset: number, length: number, dst: number): void {
  let skip = offset;
  let left = length;
  let at = dst;
  for (const part of parts) {
    if (skip >= part.length) {
      skip -= part.length;
      continue;
    }
    const n = Math.min(left, part.length - skip);
    at += copy(from, to, part.at + skip, n, at);
    left -= n;
    skip = 0;
    if (left === 0) break;
  }
}

function copy(from: Heap, to: Heap, src: number, length: number, dst: number): number {
  if (from === to) to.bytes.copyWithin(dst, src, src + length);
  else to.bytes.set(from.bytes.subarray(src, src + length), dst);
  return length;
}
