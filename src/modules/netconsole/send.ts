/**
 * From a console's records and messages to datagrams, for one target.
 *
 *   sendStraight   records that need nothing but their own text: each formatted right where its frame is
 *   sendPlain      a message without header, in pieces
 *   sendExtended   a message with header: as it is, or with what the target adds, in the pieces that `plan.ts` says
 *
 * `planOf` says which of them a target's records take.
 *
 * Linux: drivers/net/netconsole.c send_ext_msg_udp(), send_msg_udp(), send_udp().
 */
import type { ConsoleMessage, ConsoleRun } from '../../console/console.js';
import type { KernelContext } from '../../kernel/context.js';
import type { Heap } from '../../memory/heap.js';
import type { RecordRun, SendResult } from '../../netpoll/index.js';
import type { RingReader } from '../../printk/ring.js';
import {
  MAX_PRINT_CHUNK,
  type Piece,
  planEdge,
  planFragments,
  planReliable,
  planWhole,
  type Transmission,
} from './plan.js';
import { putSysdata } from './sysdata.js';
import type { NetconsoleTarget } from './target.js';

/** Room for one line of extradata. Linux: MAX_EXTRADATA_ENTRY_LEN. */
export const MAX_EXTRADATA_ENTRY_LEN = 256;

const SEMICOLON = 0x3b;

/**
 * How a target's next records go: `straight` from the ring to the frame, `composed` from formatted messages, or not at all. Asked
 * once a run, from what the target is at that moment; whether a record itself can go straight is the lane's to say.
 */
export type Plan = 'straight' | 'composed' | 'none';

/** Whether a target takes messages now. */
export function isUp(nt: NetconsoleTarget): boolean {
  return nt.state === 'enabled' && nt.np.dev!.running;
}

/** The one place that decides it. */
export function planOf(nt: NetconsoleTarget, ring: RingReader): Plan {
  if (!isUp(nt)) return 'none';
  if (!nt.extended || nt.release || nt.userdataLength > 0 || nt.sysdata) return 'composed';
  return ring.prb !== undefined && nt.np.framesInPlace ? 'straight' : 'composed';
}

/** Counts what became of one datagram. Linux: send_udp(). */
function tally(nt: NetconsoleTarget, result: SendResult): void {
  if (result === 'drop') nt.stats.xmitDropCount++;
  else if (result === 'enomem') nt.stats.enomemCount++;
  else nt.stats.frames++;
}

/** Sends what it can of `run` straight, to a target whose plan that is. The next record must be formatted first. */
export function sendStraight(nt: NetconsoleTarget, { ring, format }: KernelContext, run: ConsoleRun): void {
  if (run.seq < ring.firstSeq) return;
  const records: RecordRun = nt.run;
  records.ring = ring.prb!;
  records.seq = run.seq | 0;
  records.count = Math.min(run.left, ring.nextSeq - run.seq);
  records.room = MAX_PRINT_CHUNK;
  records.loglevel = run.loglevel;
  records.caller = format.caller ? 1 : 0;
  const sent = nt.np.sendRecords(records);
  if (sent === 0) return;
  run.passed(sent);
  nt.stats.records += sent;
  nt.stats.frames += sent;
  nt.reliable?.written();
}

/** Sends a message in pieces. */
export function sendPlain(nt: NetconsoleTarget, { start, end }: ConsoleMessage): void {
  for (let at = start; at < end; at += MAX_PRINT_CHUNK) {
    tally(nt, nt.np.sendUdp(at, Math.min(MAX_PRINT_CHUNK, end - at)));
  }
}

/** Sends one extended message; as an `emergency` it is marked so, in the target's dialect. */
export function sendExtended(
  nt: NetconsoleTarget,
  context: KernelContext,
  message: ConsoleMessage,
  transmission: Transmission = 'ordinary',
): void {
  const { heap, profile, releasePrefix } = context;
  const { start, end } = message;
  const { userdataLength } = nt;
  const more = nt.release || nt.sysdata;
  const total = end - start + userdataLength;
  // Nearly all are: whole, with nothing but userdata, which there is room for behind the message.
  if (!more && total <= MAX_PRINT_CHUNK && transmission === 'ordinary') {
    if (userdataLength > 0) heap.lane.copy(nt.userdataAt, userdataLength, end);
    // As `planEdge` has it.
    const lost = profile.edgeBug && userdataLength > 0 && total === MAX_PRINT_CHUNK ? 1 : 0;
    tally(nt, nt.np.sendUdp(start, total - lost));
    return;
  }
  const text: Part = { at: start, length: end - start };
  if (!more && userdataLength === 0) {
    sendPieces(nt, heap, [text], planMessage(nt, context, [text], transmission));
    return;
  }
  const borrowed = heap.borrow();
  const release = nt.release ? releasePrefix.length : 0;
  if (release > 0) heap.bytes.set(releasePrefix, borrowed);
  const sysdata = nt.sysdata ? putSysdata(nt, context, borrowed + release, message.record) : 0;
  const run = [
    { at: borrowed, length: release },
    text,
    { at: nt.userdataAt, length: userdataLength },
    { at: borrowed + release, length: sysdata },
  ];
  sendPieces(nt, heap, run, planMessage(nt, context, run, transmission));
  heap.giveBack(borrowed);
}

/** A part of a message's run of bytes, in the kernel's heap. */
interface Part {
  readonly at: number;
  readonly length: number;
}

/** The pieces of a message whose run is `message` alone, or release, message, userdata and sysdata. */
function planMessage(
  nt: NetconsoleTarget,
  { heap, profile }: KernelContext,
  run: readonly Part[],
  transmission: Transmission,
): readonly Piece[] {
  let total = 0;
  for (let i = 0; i < run.length; i++) total += run[i]!.length;
  if (total <= MAX_PRINT_CHUNK && transmission === 'ordinary') {
    if (!profile.edgeBug || total < MAX_PRINT_CHUNK) return planWhole(total);
    return planEdge(total, run[2]!.length + run[3]!.length);
  }
  const message = run.length > 1 ? run[1]! : run[0]!;
  const release = run.length > 1 ? run[0]!.length : 0;
  const header = release + semicolonIn(heap, message);
  const reliable = nt.reliable?.dialect;
  if (reliable === undefined) return planFragments({ total, header });
  // The series looks for the header's end in the release too.
  const inRelease = semicolonIn(heap, run[0]!);
  return planReliable({ total, header: inRelease < release ? inRelease : header }, reliable, transmission);
}

/** Where the first semicolon of a part stands, which is near its start; its length if there is none. */
function semicolonIn({ bytes }: Heap, { at, length }: Part): number {
  let i = 0;
  while (i < length && bytes[at + i] !== SEMICOLON) i++;
  return i;
}

/** Puts each datagram together in a slot, and sends it. */
function sendPieces(nt: NetconsoleTarget, heap: Heap, run: readonly Part[], pieces: readonly Piece[]): void {
  const { np } = nt;
  for (let i = 0; i < pieces.length; i++) {
    const { head, insert, from, length, fragment } = pieces[i]!;
    if (fragment) nt.stats.fragments++;
    const slot = np.reserveUdp();
    if (slot < 0) {
      tally(nt, np.dev === undefined ? 'drop' : 'enomem');
      continue;
    }
    const { slab } = np.dev!.device;
    const payload = slab.payloadAt(slot);
    const source = { heap, run };
    const inserted = payload + head;
    if (head > 0) gather(source, 0, head, slab.heap, payload);
    for (let k = 0; k < insert.length; k++) slab.bytes[inserted + k] = insert.charCodeAt(k);
    gather(source, from, length, slab.heap, inserted + insert.length);
    tally(nt, np.commitUdp(slot, head + insert.length + length));
  }
}

/** Copies `length` bytes of a run, from `from` on, to `dst` of `to`. */
function gather(
  { heap, run }: { heap: Heap; run: readonly Part[] },
  from: number,
  length: number,
  to: Heap,
  dst: number,
): void {
  let skip = from;
  let left = length;
  let at = dst;
  for (let i = 0; left > 0; i++) {
    const part = run[i]!;
    if (skip >= part.length) {
      skip -= part.length;
      continue;
    }
    const src = part.at + skip;
    const n = Math.min(left, part.length - skip);
    if (heap === to) to.lane.copy(src, n, at);
    else to.bytes.set(heap.bytes.subarray(src, src + n), at);
    skip = 0;
    at += n;
    left -= n;
  }
}
