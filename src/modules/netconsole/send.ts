/**
 * Makes datagrams of a console's records and messages, for one target.
 *
 *   sendStraight   frames records that need nothing but their own text: each is formatted where its frame lies
 *   sendPlain      cuts a message without a header into pieces
 *   sendExtended   sends a message with a header, and what the target adds, in the datagrams that `plan.ts` says
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
  type Datagrams,
  edgeLoss,
  MAX_PRINT_CHUNK,
  planEdge,
  planFragments,
  planReliable,
  planWhole,
  putInsert,
  type Transmission,
} from './plan.js';
import { putSysdata } from './sysdata.js';
import type { Target } from './target.js';

/** Room for one line of extradata. Linux: MAX_EXTRADATA_ENTRY_LEN. */
export const MAX_EXTRADATA_ENTRY_LEN = 256;

const SEMICOLON = 0x3b;

/**
 * How a target's next records are sent: `straight` from the ring to the frame, `composed` from
 * formatted messages, or not at all. A console asks once for each run of records. For a single
 * record the lane may still refuse the straight way.
 */
export type Plan = 'straight' | 'composed' | 'none';

/** Says whether a target takes messages now. */
export function isUp(nt: Target): boolean {
  return nt.state === 'enabled' && nt.np.dev!.running;
}

/** Decides a target's plan. This is the only place that does. */
export function planOf(nt: Target, ring: RingReader): Plan {
  if (!isUp(nt)) return 'none';
  if (!nt.extended || nt.release || nt.userdataLength > 0 || nt.sysdata) return 'composed';
  return ring.prb !== undefined && nt.np.framesInPlace ? 'straight' : 'composed';
}

/** Counts what became of one datagram. Linux: send_udp(). */
function tally(nt: Target, result: SendResult): void {
  if (result === 'drop') nt.stats.xmitDropCount++;
  else if (result === 'enomem') nt.stats.enomemCount++;
  else nt.stats.frames++;
}

/**
 * Sends records of `run` straight, to a target whose plan is `straight`, until one cannot go that
 * way. The caller formats that one and sends it with `sendExtended`.
 */
export function sendStraight(nt: Target, { ring, format }: KernelContext, run: ConsoleRun): void {
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

/** Sends a message without a header, in pieces. */
export function sendPlain(nt: Target, { start, end }: ConsoleMessage): void {
  for (let at = start; at < end; at += MAX_PRINT_CHUNK) {
    tally(nt, nt.np.sendUdp(at, Math.min(MAX_PRINT_CHUNK, end - at)));
  }
}

/** Sends one extended message. An `emergency` is marked as one, in the target's dialect. */
export function sendExtended(
  nt: Target,
  context: KernelContext,
  message: ConsoleMessage,
  transmission: Transmission = 'ordinary',
): void {
  const { heap, profile, releasePrefix } = context;
  const { start, end } = message;
  const { userdataLength } = nt;
  const more = nt.release || nt.sysdata;
  const total = end - start + userdataLength;
  // Nearly every message fits one datagram and has nothing but userdata, for which there is room
  // behind the text.
  if (!more && total <= MAX_PRINT_CHUNK && transmission === 'ordinary') {
    if (userdataLength > 0) heap.lane.copy(nt.userdataAt, userdataLength, end);
    tally(nt, nt.np.sendUdp(start, profile.edgeBug ? total - edgeLoss(total, userdataLength) : total));
    return;
  }
  const text: Part = { at: start, length: end - start };
  if (!more && userdataLength === 0) {
    sendRun(nt, context, { heap, parts: [text] }, transmission);
    return;
  }
  const borrowed = heap.borrow();
  const release = nt.release ? releasePrefix.length : 0;
  if (release > 0) heap.bytes.set(releasePrefix, borrowed);
  const sysdata = nt.sysdata ? putSysdata(nt, context, borrowed + release, message.record) : 0;
  const parts = [
    { at: borrowed, length: release },
    text,
    { at: nt.userdataAt, length: userdataLength },
    { at: borrowed + release, length: sysdata },
  ];
  sendRun(nt, context, { heap, parts }, transmission);
  heap.giveBack(borrowed);
}

/** A message in parts: its text alone, or release, text, userdata and sysdata. */
interface Run {
  /** The kernel's heap, in which the parts lie. */
  readonly heap: Heap;
  readonly parts: readonly Part[];
}

interface Part {
  readonly at: number;
  readonly length: number;
}

/** Plans which datagrams a message becomes. */
function planMessage(
  nt: Target,
  { profile }: KernelContext,
  { heap, parts }: Run,
  transmission: Transmission,
): Datagrams {
  let total = 0;
  for (let i = 0; i < parts.length; i++) total += parts[i]!.length;
  if (total <= MAX_PRINT_CHUNK && transmission === 'ordinary') {
    return profile.edgeBug ? planEdge(total, parts[2]!.length + parts[3]!.length) : planWhole(total);
  }
  const alone = parts.length === 1;
  const release = alone ? 0 : parts[0]!.length;
  let header = release + semicolonIn(heap, alone ? parts[0]! : parts[1]!);
  const reliable = nt.reliable?.dialect;
  if (reliable === undefined) return planFragments({ total, header });
  // The series looks for the header's end in the release too.
  if (release > 0) header = Math.min(header, semicolonIn(heap, parts[0]!));
  return planReliable({ total, header }, reliable, transmission);
}

/**
 * Returns where the first semicolon of a part stands, which is near its start, or the part's length
 * if there is none.
 */
function semicolonIn({ bytes }: Heap, { at, length }: Part): number {
  let i = 0;
  while (i < length && bytes[at + i] !== SEMICOLON) i++;
  return i;
}

/** Puts each datagram of a message together in a slot, and sends it. */
function sendRun(nt: Target, context: KernelContext, run: Run, transmission: Transmission): void {
  const { np } = nt;
  const datagrams = planMessage(nt, context, run, transmission);
  const { head, insert, cuts } = datagrams;
  for (let i = 0; i + 1 < cuts.length; i++) {
    if (insert?.fragment !== undefined) nt.stats.fragments++;
    const slot = np.reserveUdp();
    if (slot < 0) {
      tally(nt, np.dev === undefined ? 'drop' : 'enomem');
      continue;
    }
    const { slab } = np.dev!.device;
    const payload = slab.payloadAt(slot);
    const length = cuts[i + 1]! - cuts[i]!;
    gather(run, 0, head, slab.heap, payload);
    const before = head + putInsert(datagrams, i, slab.bytes, payload + head);
    gather(run, cuts[i]!, length, slab.heap, payload + before);
    tally(nt, np.commitUdp(slot, before + length));
  }
}

/** Copies `length` bytes of a run, from `from` on, to `dst` of `to`. */
function gather({ heap, parts }: Run, from: number, length: number, to: Heap, dst: number): void {
  let skip = from;
  let left = length;
  let at = dst;
  for (let i = 0; left > 0; i++) {
    const part = parts[i]!;
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
