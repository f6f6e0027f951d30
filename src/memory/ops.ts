/**
 * The loops that touch every byte of a log line: one formats, one escapes, one makes the frame.
 *
 * All arguments called `at`, `dst`, `src` are offsets into one heap. Two implementations give the same bytes:
 * `plain.ts`, in TypeScript, is the oracle and the fallback; `simd.ts` runs `simd/simd.ts` compiled to
 * WebAssembly. Callers vouch for their offsets: nothing here checks bounds.
 */

/** The start of every heap, so that no offset is 0. No block is handed out below. */
export const OPS_SCRATCH = 4096;
/** The end of every heap: the loops may read so many bytes behind a text. */
export const OPS_OVERREAD = 64;

/** A header template, see `MemoryOps.udpFrame`; written by `netpoll/template.ts`. */
export const TEMPLATE = {
  /** Ethernet, IP and UDP header, ending at byte 64. */
  headerEnd: 64,
  /** u32: header length in bytes, 42 (IPv4) or 62 (IPv6). */
  headerLength: 64,
  /** u32: sum of the little-endian words of the IPv4 header without total length, id and checksum; 0 for IPv6. */
  ipSum: 68,
  /** u32: sum of the little-endian words of the pseudo header and the ports, without the two lengths. */
  udpSum: 72,
  /** u32: 1: UDP checksum computed (0 sent as ffff); 0: left 0. */
  udpChecksum: 76,
  bytes: 80,
} as const;

export interface MemoryOps {
  readonly name: 'plain' | 'simd';

  /**
   * A record in the extended format: `PREFIX,SEQ,TS,FLAG[,caller=ID];TEXT\n`, text escaped. Returns the bytes written, at most
   * `limit`. `flag`: a character code. `caller`: -1 for none, else the u32 caller id.
   * Linux: info_print_ext_header(), msg_print_ext_body() without the dictionary.
   */
  extFormat(
    dst: number,
    limit: number,
    prefix: number,
    seq: number,
    tsUsec: number,
    flag: number,
    caller: number,
    src: number,
    len: number,
  ): number;

  /**
   * Copies `len` bytes, bytes under 0x20, over 0x7e and backslashes as `\xNN`. Returns the bytes written, at
   * most `room`: an escape keeps its first `room - 1` characters, a literal needs one.
   * Linux: msg_add_ext_text().
   */
  escape(src: number, len: number, dst: number, room: number): number;

  /** How many bytes stand before the first newline; `len` if there is none. */
  lineLength(src: number, len: number): number;

  /**
   * Completes the frame whose payload lies at `payload`: copies `len` bytes from `src` (which may be `payload` itself),
   * puts the template's headers in front, fills in lengths, IPv4 `id` and checksums. Writes zeros up to the next
   * multiple of 16 bytes after the payload. The frame begins at `payload - headerLength`.
   */
  udpFrame(template: number, payload: number, src: number, len: number, id: number): void;
}
