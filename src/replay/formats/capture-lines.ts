/**
 * The text of a plain target, in datagrams of up to 1,000 bytes, cut into lines: each line is a
 * record.
 *
 * A line that has lost its end is ended by the next stamp. The kernel's notice that it has dropped
 * messages is no record, but a gap before the next one. The CR of a relay that ends its lines in CR
 * LF, and NULs at the edges of lines, are not of the text.
 */
import { CARRIAGE_RETURN } from '../../wire/text.js';
import { NEWLINE } from './bytes.js';
import { RECORD_MAX_BYTES } from './record.js';

/** Datagrams that are remembered to know their copies. */
const REMEMBERED = 64;
/** Longer than any stamp with a caller. */
const PREFIX_BYTES = 64;
/** Linux: kernel/printk/printk.c print_time(), print_caller() */
const PREFIX = /^\[ *(\d{1,10})\.(\d{6})\](?:\[ *([TC])(\d{1,10})\])? ?/;
/** Linux: kernel/printk/printk.c console_prepend_dropped() */
const DROPPED = /^\*\* (\d{1,9}) printk messages dropped \*\*/;
/** Linux: include/linux/kern_levels.h KERN_SOH */
const SOH = 1;
const LOG_USER = 1;
const NOTHING = new Uint8Array(0);

/** A line of a console. */
export interface PlainRecord {
  /** The frame that it begins in. */
  readonly frame: number;
  /** Without the stamp. */
  readonly text: Uint8Array;
  readonly tsUsec: number | undefined;
  readonly callerId: number | undefined;
  readonly facility: number;
  /** Records that the kernel has said, so far, that it dropped. */
  readonly missed: number;
}

export class CaptureLines {
  readonly #emit: (record: PlainRecord) => void;
  readonly #seen = new Set<string>();
  /** What came of a line that is not ended, and the frame that it begins in. */
  #line = NOTHING;
  #frame = 0;
  #missed = 0;
  /** All lines so far have ended in CR LF: a relay's, not a kernel's. */
  #relayed = true;

  constructor(emit: (record: PlainRecord) => void) {
    this.#emit = emit;
  }

  /**
   * Takes a datagram's text, which is copied. `key`: equal ones are copies of one datagram; without
   * it there are none.
   */
  push(text: Uint8Array, frame: number, key?: string): void {
    if (key !== undefined) {
      if (this.#seen.has(key)) return;
      this.#seen.add(key);
      if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.keys().next().value!);
    }
    if (this.#line.length > 0 && PREFIX.test(headOf(text))) this.#finish();
    for (let from = 0; ; ) {
      const newline = text.indexOf(NEWLINE, from);
      const part = text.subarray(from, newline < 0 ? text.length : newline);
      const held = this.#line;
      if (held.length === 0) this.#frame = frame;
      this.#line = new Uint8Array(held.length + part.length);
      this.#line.set(held);
      this.#line.set(part, held.length);
      if (newline < 0) break;
      this.#finish();
      from = newline + 1;
    }
    if (this.#line.length > RECORD_MAX_BYTES) this.#finish();
  }

  /** No more will come: the last line is a record without its newline. */
  end(): void {
    if (this.#line.length > 0) this.#finish();
  }

  #finish(): void {
    const line = this.#withoutReturn(withoutNuls(this.#line));
    const head = headOf(line);
    const nothing = line.length === 0 && this.#line.length > 0 && this.#line.every((byte) => byte === 0);
    this.#line = NOTHING;
    if (nothing) return;
    const dropped = DROPPED.exec(head);
    if (dropped !== null) {
      this.#missed += Number(dropped[1]);
      return;
    }
    const [prefix = '', seconds, micros, kind, id] = PREFIX.exec(head) ?? [];
    this.#emit({
      frame: this.#frame,
      text: line.subarray(prefix.length),
      tsUsec: seconds === undefined ? undefined : Number(seconds) * 1e6 + Number(micros),
      callerId: kind === undefined ? undefined : (kind === 'C' ? 0x80000000 : 0) + Number(id),
      // printk() takes a level marker off, so a text that has one was written to /dev/kmsg.
      facility: line[prefix.length] === SOH ? LOG_USER : 0,
      missed: this.#missed,
    });
  }

  #withoutReturn(line: Uint8Array): Uint8Array {
    let { length } = line;
    while (length > 0 && line[length - 1] === CARRIAGE_RETURN) length--;
    if (length === line.length) this.#relayed = false;
    return this.#relayed ? line.subarray(0, length) : line;
  }
}

function withoutNuls(line: Uint8Array): Uint8Array {
  let [from, to] = [0, line.length];
  while (from < to && line[from] === 0) from++;
  while (to > from && line[to - 1] === 0) to--;
  return line.subarray(from, to);
}

function headOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, PREFIX_BYTES)).toString('latin1');
}
