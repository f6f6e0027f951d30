/**
 * What the lane does: the operations that both arms have.
 *
 * All arguments called `at`, `dst`, `src`, `payload`, `template`, `ring` are offsets into one
 * memory. Nothing here checks bounds: the callers vouch for their offsets. The compiled arm is
 * called with plain numbers, which travel in registers, so some lists are long.
 */

/** `plain`: TypeScript, the specification. `simd`: compiled, the same results. */
export type LaneArm = 'plain' | 'simd';

export interface Lane {
  readonly arm: LaneArm;

  /**
   * A record in the extended format: `PREFIX,SEQ,TS,FLAG[,caller=ID];TEXT\n`, text escaped. Returns
   * the bytes written, at most `limit`. `flag`: a character code. `caller`: -1 for none, else the
   * u32 caller id. Linux: info_print_ext_header(), msg_print_ext_body() without the dictionary.
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
   * Copies `len` bytes, bytes under 0x20, over 0x7e and backslashes as `\xNN`. Returns the bytes
   * written, at most `room`: an escape keeps its first `room - 1` characters, a literal needs one.
   * Linux: msg_add_ext_text().
   */
  escape(src: number, len: number, dst: number, room: number): number;

  /**
   * Copies `len` bytes to `dst`, which no byte of them may lie in. Many times faster than
   * `copyWithin`, which leaves compiled code, for what is as short as a log line.
   */
  copy(src: number, len: number, dst: number): void;

  /** How many bytes stand before the first newline; `len` if there is none. */
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
   * belongs. 0: not done, for a reason that only the steps of `printk/ringbuffer.ts` tell; whatever
   * was pushed out they would have pushed out too.
   */
  prbStore(ring: number, textBufSize: number, info: number, tsUsec: number, caller: number, cpu: number): number;

  /**
   * A record of the ring at `ring`, of whose seq the low 32 bits are `seq`, as a frame: reading it,
   * `extFormat` and `udpFrame` at once, the text copied once, straight from the ring to the
   * payload. `loglevel`: records of this level and above are not for the console. `caller`: 1 with
   * the caller's id. Returns the payload's length. 0: not done, for a reason that only the steps
   * tell: it is lost, not final, filtered, has a dictionary, or exceeds `room`; the bytes from the
   * headers to 64 behind `room` are undefined then.
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
  readonly buffer: ArrayBuffer;
  readonly lane: Lane;
}
