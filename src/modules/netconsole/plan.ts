/**
 * Which datagrams a message becomes. No memory is read or written: everything is computed from
 * lengths.
 *
 *   plain      pieces of 1000 bytes, no header
 *   extended   [release,] header ; body [userdata] [sysdata]          if all of it fits 1000 bytes
 *              [release,] header ,ncfrag=OFFSET/TOTAL ; piece         else; every datagram but the last is 1000 bytes
 *
 * With the reliable extension what does not fit is cut by its dialect's rule, and an emergency
 * transmission is marked:
 *              [release,] header ,emg=1 ,ncfrag=OFFSET@I/N ; piece
 *
 * Linux: drivers/net/netconsole.c send_msg_no_fragmentation(), send_fragmented_body(). Source of
 * the reliable rule: Heo, "netconsole: implement reliable netconsole", April 2015.
 */
import type { ReliableDialect } from '../../wire/dialects.js';

/** Largest payload of a datagram. */
export const MAX_PRINT_CHUNK = 1000;

/** A message, taken as one run of bytes: release, message, userdata, sysdata. */
export interface MessageShape {
  /** Bytes of the run. */
  readonly total: number;
  /** Bytes before the semicolon that ends the header, release included. */
  readonly header: number;
}

/**
 * One datagram: `head` bytes from the run's start, then `insert`, then `length` bytes of the run
 * from `from` on.
 */
export interface Piece {
  readonly head: number;
  readonly insert: string;
  readonly from: number;
  readonly length: number;
  /** Whether it is one of several, and says so: `ncfrag`. */
  readonly fragment: boolean;
}

/** A run of `total` bytes as it is, in one datagram. */
export function planWhole(total: number): Piece[] {
  return [{ head: 0, insert: '', from: 0, length: total, fragment: false }];
}

/**
 * Such a run where the buffer has no room for a terminator, so that 1000 bytes are one too many: an
 * appended part loses its last byte, a release alone gains a NUL in its place.
 */
export function planEdge(total: number, appended: number): Piece[] {
  if (appended > 0) return [{ head: 0, insert: '', from: 0, length: total - 1, fragment: false }];
  return [{ head: total - 1, insert: '\0', from: total, length: 0, fragment: false }];
}

/** Mainline's pieces: each as long as its own header lets it be. Linux: send_fragmented_body(). */
export function planFragments({ total, header }: MessageShape): Piece[] {
  const body = total - header - 1;
  const pieces: Piece[] = [];
  for (let offset = 0; offset < body; ) {
    const insert = `,ncfrag=${offset}/${body};`;
    const length = Math.min(MAX_PRINT_CHUNK - header - insert.length, body - offset);
    pieces.push({ head: header, insert, from: header + 1 + offset, length, fragment: true });
    offset += length;
  }
  return pieces;
}

/** An emergency transmission is marked as such; every other one is `ordinary`. */
export type Transmission = 'ordinary' | 'emergency';

/**
 * The series' pieces: all of one length but the last, whatever the numbers printed. A header that
 * leaves no room sends nothing; neither does an emergency without a body.
 */
export function planReliable(
  { total, header }: MessageShape,
  dialect: ReliableDialect,
  transmission: Transmission,
): Piece[] {
  const body = Math.max(0, total - header - 1);
  const chunk = MAX_PRINT_CHUNK - header - dialect.extra;
  if (chunk <= 0) return [];
  const count = Math.ceil(body / chunk);
  const mark = transmission === 'emergency' ? `,${dialect.emergencyKey}=1` : '';
  return Array.from({ length: count }, (_, i) => {
    const offset = i * chunk;
    const place = dialect.fragment === 'index' ? `${offset}@${i}/${count}` : `${offset}/${body}`;
    return {
      head: header,
      insert: `${mark}${count > 1 ? `,ncfrag=${place}` : ''};`,
      from: header + 1 + offset,
      length: Math.min(chunk, body - offset),
      fragment: count > 1,
    };
  });
}
