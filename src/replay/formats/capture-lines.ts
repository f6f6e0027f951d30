/**
 * Cuts the text of a plain target, which comes in datagrams of up to 1,000 bytes, into lines. Each
 * line is a record.
 *
 * If the end of a line was lost, the next stamp ends it. The kernel's notice that it has dropped
 * messages is not a record; it becomes a gap before the next one. Two things are taken off as not
 * belonging to the text: NULs at the edges of lines, and the CR of a relay that ends lines in CR
 * LF.
 */
import { CARRIAGE_RETURN } from '../../wire/text.js';
import { NEWLINE } from './bytes.js';
import { RECORD_MAX_BYTES } from './record.js';

/** The number of datagrams that are remembered, so that their copies are recognised. */
const REMEMBERED = 64;
/** Longer than any stamp with a caller behind it. */
const PREFIX_BYTES = 64;
/** Linux: kernel/printk/printk.c print_time(), print_caller() */
const PREFIX = /^\[ *(\d{1,10})\.(\d{6})\](?:\[ *([TC])(\d{1,10})\])? ?/;
/** Linux: kernel/printk/printk.c console_prepend_dropped() */
const DROPPED = /^\*\* (\d{1,9}) printk messages dropped \*\*/;
/** Linux: include/linux/kern_levels.h KERN_SOH */
const SOH = 1;
const LOG_USER = 1;
const NOTHING = new Uint8Array(0);

/** One line of a console, as a record. */
export interface PlainRecord {
  /** The number of the frame that the line begins in. */
  readonly frame: number;
  /** The text, without the stamp. */
  readonly text: Uint8Array;
  /** The stamp in front of the text, in microseconds; absent if there is none. */
  readonly tsUsec: number | undefined;
  /** The caller in front of the text, as `LogRecord.callerId`; absent if there is none. */
  readonly callerId: number | undefined;
  /** 1 if the text shows that it was written to `/dev/kmsg`; 0 otherwise. */
  readonly facility: number;
  /** How many records the kernel has said, from the beginning up to here, that it dropped. */
  readonly missed: number;
}

/** Makes records of the text of one sender's datagrams. */
export class CaptureLines {
  readonly #emit: (record: PlainRecord) => void;
  readonly #seen = new Set<string>();
  /** The beginning of a line that has not ended yet, and the frame that it begins in. */
  #line = NOTHING;
  #frame = 0;
  #missed = 0;
  /** True while all lines so far have ended in CR LF, which a relay writes and no kernel does. */
  #relayed = true;

  /** `emit` gets each line as a record, as soon as its end is known. */
  constructor(emit: (record: PlainRecord) => void) {
    this.#emit = emit;
  }

  /**
   * Takes the text of one datagram and copies what it keeps. A datagram whose `key` was seen lately
   * is a copy of an earlier one and is left out; one without a `key` is always taken.
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

  /** Ends the input: an unfinished last line becomes a record without its newline. */
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
      // printk() strips level markers, so a text that still has one was written to /dev/kmsg.
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
