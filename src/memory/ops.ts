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

/** The control block of a printk ring and its descriptors, see `printk/ringbuffer.ts`. Offsets in bytes. */
export const PRB = {
  /** i64: the seq that comes next, the oldest one, and the one whose text lies at `tail` (-1: none). */
  headSeq: 0,
  tailSeq: 8,
  tailOwner: 16,
  /** i32: positions in the text ring. */
  head: 24,
  tail: 28,
  /** i32: how many descriptors; where they and the text ring begin; the text ring's size; the largest block; 1: a block may end with the ring. */
  count: 32,
  descs: 36,
  text: 40,
  size: 44,
  maxBlock: 48,
  perfectFit: 52,
  bytes: 64,
} as const;

/** A descriptor of a printk ring. Offsets in bytes. */
export const DESC = {
  /** f64: microseconds. */
  ts: 0,
  /** i32: positions of its block. */
  begin: 8,
  next: 12,
  /** i32: length of the text (16 bits), facility (8), level (3), flags (5). */
  info: 16,
  caller: 20,
  /** i32: the processor; negative (DESC_HAS_DICT) if the record has a dictionary, kept elsewhere. */
  cpu: 24,
  state: 28,
  bytes: 32,
} as const;

/** States of a descriptor. Linux: enum desc_state. */
export const DESC_STATE = { reserved: 1, committed: 2, finalized: 3, reusable: 4 } as const;
export const DESC_HAS_DICT: number = 1 << 31;
/** The text could not be stored. */
export const FAILED_LPOS = 1;
/** In front of every text: a block's id. Nothing is kept there, so a writer may write over it. */
export const ID_BYTES = 8;

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

  /**
   * Stores a whole final record in the ring at `ring`, all but its text: reserves `textBufSize` bytes, pushing the oldest records out, and
   * fills the descriptor in. Returns where the text belongs. 0: not done, for a reason that only the steps of
   * `printk/ringbuffer.ts` tell; whatever was pushed out they would have pushed out too.
   */
  prbStore(ring: number, textBufSize: number, info: number, tsUsec: number, caller: number, cpu: number): number;

  /**
   * A record of the ring at `ring`, of whose seq the low 32 bits are `seq`, as a frame: reading it, `extFormat` and `udpFrame` at once, the text copied once, straight from the ring to
   * the payload. `loglevel`: records of this level and above are not for the console. `caller`: 1 with the caller's id. Returns
   * the payload's length. 0: not done, for a reason that only the steps tell: it is lost, not final, filtered, has a
   * dictionary, or exceeds `room`; the bytes from the headers to 64 behind `room` are undefined then.
   */
  extFrame(
    template: number,
    payload: number,
    room: number,
    ring: number,
    seq: number,
    loglevel: number,
    caller: number,
    id: number,
  ): number;
}
