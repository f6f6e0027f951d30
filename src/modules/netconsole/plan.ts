/**
 * Which datagrams a message becomes. Everything is computed from lengths: the message itself is
 * neither read nor copied, and its datagrams stay numbers until `putInsert` writes what marks one
 * of them as a piece.
 *
 *   plain      pieces of 1000 bytes, no header
 *   extended   [release,] header ; body [userdata] [sysdata]          if all of it fits 1000 bytes
 *              [release,] header ,ncfrag=OFFSET/TOTAL ; piece         else, 1000 bytes but the last
 *
 * With the reliable extension what does not fit is cut by its dialect's rule, and an emergency
 * transmission is marked:
 *              [release,] header ,emg=1 ,ncfrag=OFFSET@I/N ; piece
 *
 * Linux: drivers/net/netconsole.c send_msg_no_fragmentation(), send_fragmented_body(). Source of
 * the reliable rule: Heo, "netconsole: implement reliable netconsole", April 2015.
 */
import { putDecimal } from '../../lane/plain.js';
import type { FragmentForm, ReliableDialect } from '../../wire/dialects.js';

/** Largest payload of a datagram. */
export const MAX_PRINT_CHUNK = 1000;

/** A message, taken as one run of bytes: release, message, userdata, sysdata. */
export interface MessageShape {
  /** How many bytes the run has. */
  readonly total: number;
  /** How many bytes stand before the semicolon that ends the header, release included. */
  readonly header: number;
}

/**
 * The datagrams of one message. Number `i` is `head` bytes from the run's start, then what
 * `putInsert` writes, then the bytes of the run from `cuts[i]` up to `cuts[i + 1]`.
 */
export interface Datagrams {
  /** How many bytes of the run's start, its header, are repeated in every datagram. */
  readonly head: number;
  /** Stands between the head and the rest; undefined if nothing does. */
  readonly insert: Insert | undefined;
  /** Positions in the run where datagrams begin and end: one more than there are datagrams. */
  readonly cuts: readonly number[];
}

/** What stands between the head of a datagram and the rest of it. */
export interface Insert {
  /** Text that is the same in all datagrams of the message. */
  readonly text: string;
  /**
   * How `,ncfrag=PLACE;` behind the text names a piece's place; undefined if there is no such part.
   */
  readonly fragment: FragmentForm | undefined;
}

const NCFRAG = ',ncfrag=';
const MAINLINE: Insert = { text: '', fragment: 'bytes' };
const NUL: Insert = { text: '\0', fragment: undefined };
const SLASH = 0x2f;
const SEMICOLON = 0x3b;
const AT = 0x40;

/** Plans a run of `total` bytes as it is, in one datagram. */
export function planWhole(total: number): Datagrams {
  return { head: 0, insert: undefined, cuts: [0, total] };
}

/**
 * Returns how many bytes of a run's end are lost in the versions whose buffer of 1000 bytes has no
 * room left for a terminator: the last one of what is `appended` to the text, if the run is as long
 * as the buffer.
 */
export function edgeLoss(total: number, appended: number): number {
  return total === MAX_PRINT_CHUNK && appended > 0 ? 1 : 0;
}

/**
 * Plans a run that fits one datagram in those versions: if nothing is appended, and a release is in
 * front, the last byte of a run of 1000 bytes becomes a NUL.
 */
export function planEdge(total: number, appended: number): Datagrams {
  const loss = edgeLoss(total, appended);
  if (total < MAX_PRINT_CHUNK || loss > 0) return planWhole(total - loss);
  return { head: total - 1, insert: NUL, cuts: [total, total] };
}

/**
 * Plans mainline's pieces: each is as long as its own header allows. Linux: send_fragmented_body().
 */
export function planFragments({ total, header }: MessageShape): Datagrams {
  const body = total - header - 1;
  const room = MAX_PRINT_CHUNK - header - NCFRAG.length - 1 - decimals(body) - 1;
  const cuts = [header + 1];
  for (let offset = 0; offset < body; ) {
    offset = Math.min(body, offset + room - decimals(offset));
    cuts.push(header + 1 + offset);
  }
  return { head: header, insert: MAINLINE, cuts };
}

/** An emergency transmission is marked as such; every other one is `ordinary`. */
export type Transmission = 'ordinary' | 'emergency';

/**
 * Plans the pieces of the reliable series: all but the last have one length, however many digits
 * their numbers take. Nothing is sent if the header leaves no room, or if an emergency has no body.
 */
export function planReliable(
  { total, header }: MessageShape,
  dialect: ReliableDialect,
  transmission: Transmission,
): Datagrams {
  const chunk = MAX_PRINT_CHUNK - header - dialect.extra;
  const cuts = [header + 1];
  for (let at = header + 1; at < total && chunk > 0; ) {
    at = Math.min(total, at + chunk);
    cuts.push(at);
  }
  const mark = transmission === 'emergency' ? `,${dialect.emergencyKey}=1` : '';
  const insert =
    cuts.length > 2 ? { text: mark, fragment: dialect.fragment } : { text: `${mark};`, fragment: undefined };
  return { head: header, insert, cuts };
}

/** Writes the insert of datagram `i` at `at`; returns its length. */
export function putInsert({ head, insert, cuts }: Datagrams, i: number, bytes: Uint8Array, at: number): number {
  if (insert === undefined) return 0;
  const { text, fragment } = insert;
  let n = putText(text, bytes, at);
  if (fragment === undefined) return n;
  n += putText(NCFRAG, bytes, at + n);
  n += putDecimal(bytes, at + n, cuts[i]! - head - 1);
  if (fragment === 'index') {
    bytes[at + n++] = AT;
    n += putDecimal(bytes, at + n, i);
  }
  bytes[at + n++] = SLASH;
  const pieces = cuts.length - 1;
  n += putDecimal(bytes, at + n, fragment === 'index' ? pieces : cuts[pieces]! - head - 1);
  bytes[at + n++] = SEMICOLON;
  return n;
}

function putText(text: string, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return text.length;
}

/** How many digits an integer has. */
function decimals(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}
