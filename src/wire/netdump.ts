/**
 * Parses and emits what Red Hat's netconsole and netdump send to their server: a header of 13 bytes
 * and a payload. One of the codes is a log line.
 */
import { get32, put32 } from './field.js';

/** Offsets of the fields, in bytes; `length` is the length of the header. */
export const NETDUMP = { version: 0, nr: 1, code: 5, info: 9, length: 13 } as const;
/** The first byte of every datagram. */
export const NETDUMP_VERSION = 3;

/** The codes; 12 has two meanings, by version. Linux (Red Hat 2.4): include/linux/netconsole.h */
export const NETDUMP_REPLY = [
  'NONE',
  'ERROR',
  'LOG',
  'MEM',
  'RESERVED',
  'HELLO',
  'NR_PAGES',
  'PAGE_SIZE',
  'START_NETDUMP',
  'END_NETDUMP',
  'REGS',
  'MAGIC',
  'START_WRITE_NETDUMP or SHOW_STATE',
] as const;

/** What a datagram of a netdump client says. */
export interface NetdumpReply {
  /** The number of the request that is answered; 0 for a log line. */
  readonly nr: number;
  /** The code, an index into NETDUMP_REPLY. */
  readonly code: number;
  /** For a log line, the offset of its text in all text sent. */
  readonly info: number;
  /** For a log line its text; for other codes what the request asked for. */
  readonly payload: Uint8Array;
}

/** Parses a datagram; `payload` is a view. Undefined if the version or the code is unknown. */
export function parseNetdump(bytes: Uint8Array): NetdumpReply | undefined {
  if (bytes.length < NETDUMP.length || bytes[0] !== NETDUMP_VERSION) return undefined;
  const code = get32(bytes, NETDUMP.code);
  if (code >= NETDUMP_REPLY.length) return undefined;
  return {
    nr: get32(bytes, NETDUMP.nr),
    code,
    info: get32(bytes, NETDUMP.info),
    payload: bytes.subarray(NETDUMP.length),
  };
}

/** Writes header and payload at `at` and returns their length; never reads `bytes`. */
export function emitNetdump(reply: NetdumpReply, bytes: Uint8Array, at = 0): number {
  bytes[at] = NETDUMP_VERSION;
  put32(bytes, at + NETDUMP.nr, reply.nr);
  put32(bytes, at + NETDUMP.code, reply.code);
  put32(bytes, at + NETDUMP.info, reply.info);
  bytes.set(reply.payload, at + NETDUMP.length);
  return NETDUMP.length + reply.payload.length;
}
