/**
 * Parses and emits the datagram of Ingo Molnar's netconsole for 2.4.10 (2001): a version byte, a
 * running text offset, text.
 *
 * The offset counts the bytes of text in all datagrams before this one, so that the receiver can
 * see what was lost.
 */
import { get32, put32 } from './field.js';

/** Offsets of the fields, in bytes; `length` is the length of the header. */
export const NETCONSOLE2001 = { version: 0, offset: 1, length: 5 } as const;
/** The first byte of every datagram. */
export const NETCONSOLE2001_VERSION = 1;
/** The longest text of a datagram, in bytes. Linux 2.4: drivers/net/netconsole.c MAX_PRINT_CHUNK */
export const NETCONSOLE2001_MAX_TEXT = 1455;

/** What a datagram says. */
export interface Netconsole2001 {
  /** The offset of the text in all text sent, modulo 2^32. */
  readonly offset: number;
  /** The text, at most 1455 bytes. */
  readonly text: Uint8Array;
}

/** Parses a datagram; `text` is a view. Undefined if the version differs or the length is wrong. */
export function parseNetconsole2001(payload: Uint8Array): Netconsole2001 | undefined {
  const { length } = NETCONSOLE2001;
  if (payload.length < length || payload.length > length + NETCONSOLE2001_MAX_TEXT) return undefined;
  if (payload[0] !== NETCONSOLE2001_VERSION) return undefined;
  return { offset: get32(payload, NETCONSOLE2001.offset), text: payload.subarray(length) };
}

/** Writes the 5 bytes before a text and returns their number; never reads `bytes`. */
export function emitNetconsole2001(offset: number, bytes: Uint8Array, at = 0): number {
  bytes[at] = NETCONSOLE2001_VERSION;
  put32(bytes, at + NETCONSOLE2001.offset, offset);
  return NETCONSOLE2001.length;
}
