/**
 * What the lane does: the operations that both arms have.
 *
 * All arguments called `at`, `dst`, `src`, `payload`, `template`, `ring` are offsets into one
 * memory. Nothing here checks bounds: the callers vouch for their offsets. The compiled arm is
 * called with plain numbers, which travel in registers, so some parameter lists are long.
 */

/** `plain`: TypeScript, the specification. `simd`: compiled, the same results. */
export type LaneArm = 'plain' | 'simd';

/** The operations of one arm on one memory. */
export interface Lane {
  /** Which arm it is. */
  readonly arm: LaneArm;

  /**
   * Writes a record in the extended format, `PREFIX,SEQ,TS,FLAG[,caller=ID];TEXT\n`, with its text
   * escaped. Returns how many bytes it wrote, at most `limit`. `flag` is a character code; `caller`
   * is -1 for none, else the u32 caller id. Linux: info_print_ext_header(), msg_print_ext_body()
   * without the dictionary.
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
   * Copies `len` bytes; backslashes, and bytes under 0x20 or over 0x7e, become `\xNN`. Returns how
   * many bytes it wrote, at most `room`. Of an escape that does not fit, what fits into `room - 1`
   * is kept. Linux: msg_add_ext_text().
   */
  escape(src: number, len: number, dst: number, room: number): number;

  /**
   * Copies `len` bytes to `dst`; the two ranges must not overlap. For texts as short as a log line
   * it is many times faster than `copyWithin`, which leaves compiled code.
   */
  copy(src: number, len: number, dst: number): void;

  /** Returns how many bytes stand before the first newline; `len` if there is none. */
  lineLength(src: number, len: number): number;

  /**
   * Completes the frame whose payload lies at `payload`: copies `len` bytes from `src` (which may
   * be `payload` itself), puts the template's headers in front, fills in lengths, IPv4 `id` and
   * checksums. Writes zeros up to the next multiple of 16 bytes after the payload. The frame begins
   * at `payload - headerLength`.
   */
  udpFrame(template: number, payload: number, src: number, len: number, id: number): void;

  /**
   * Stores a whole final record in the ring at `ring`, all but its text: reserves `textBufSize`
   * bytes, pushing the oldest records out, and fills the descriptor in. Returns where the text
   * belongs. Returns 0 if the record must be stored by the steps of `printk/ringbuffer.ts`; records
   * that were pushed out by then would have been pushed out by the steps, too.
   */
  prbStore(ring: number, textBufSize: number, info: number, tsUsec: number, caller: number, cpu: number): number;

  /**
   * Makes a frame of a record in the ring at `ring`, whose seq has the low 32 bits `seq`. It reads
   * the record and does `extFormat` and `udpFrame` at once, so that the text is copied only once,
   * from the ring to the payload. Records of `loglevel` and above are not for the console; with
   * `caller` 1 the frame has the caller's id. Returns the payload's length, or 0 if it made no
   * frame: the record is lost, not final, filtered, has a dictionary, or exceeds `room`. The bytes
   * from the headers to 64 behind `room` are undefined then.
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

/** A lane and the memory it works on, which never moves nor grows. */
export interface OpenLane {
  /** The memory, all zero at the start. It belongs to whoever opened the lane. */
  readonly buffer: ArrayBuffer;
  /** The operations on that memory. */
  readonly lane: Lane;
}
