/**
 * The log as the kernel of 2010 kept it: a ring of bytes, in which every line stands behind
 * `<level>` and, with printk.time, its stamp.
 *
 * That ring is made here, at the time of a dump, from the records that our own ring still holds, as
 * if nothing else had ever been logged; its buffer is as large as our text ring. A log that fits
 * the buffer is one segment, the newer one. Of a longer log the buffer keeps the end, which begins
 * somewhere in the middle of the buffer, so that there are two segments. Bytes of a record behind a
 * NUL were never logged, and a line without its end is not in the log yet.
 *
 * Linux: kernel/printk.c kmsg_dump() of 2.6.3x. Differs: once records were lost, it is not known
 * where in the buffer the log ends.
 */
import type { KernelContext } from '../../kernel/context.js';
import { type FormatOptions, formatPlain } from '../../printk/format.js';
import { printkRecord } from '../../printk/record.js';
import { readValid } from '../../printk/ring.js';

/** The log in two segments, either of which may be empty. */
export interface Segments {
  /** What stands before the newer segment; empty if the log fits the buffer. */
  readonly older: Uint8Array;
  /** The end of the log. */
  readonly newer: Uint8Array;
}

/** The longest prefix of a line and its newline, in bytes. */
const LINE_EXTRA = 65;
/** Bytes of the buffer at first; it doubles as needed. */
const FIRST_BYTES = 65536;

/** Makes the log of a dump. */
export class LogText {
  readonly #context: KernelContext;
  readonly #format: FormatOptions;
  /** Bytes that one record may need, if every byte of it is a line. */
  readonly #room: number;
  readonly #at: number;
  readonly #record = printkRecord();

  constructor(context: KernelContext) {
    this.#context = context;
    this.#format = { ...context.format, syslog: true };
    this.#room = (context.profile.recordMax + 1) * (LINE_EXTRA + 1);
    this.#at = context.heap.alloc(this.#room);
  }

  /** Gives back the memory that the formatting of a record needs. */
  release(): void {
    this.#context.heap.free(this.#at);
  }

  /** Returns all that is in the log; the bytes belong to the caller. */
  segments(): Segments {
    const text = this.#text();
    const size = this.#context.ring.size;
    const chars = Math.min(text.length, size);
    const end = text.length % size;
    const last = text.subarray(text.length - chars);
    const older = chars > end ? chars - end : 0;
    return { older: last.subarray(0, older), newer: last.subarray(older) };
  }

  #text(): Uint8Array {
    const { ring, heap } = this.#context;
    const record = this.#record;
    let all = new Uint8Array(Math.min(ring.size, FIRST_BYTES));
    let length = 0;
    for (let seq = ring.firstSeq; readValid(ring, seq, record); seq = record.seq + 1) {
      const nul = heap.bytes.subarray(record.textAt, record.textAt + record.textLen).indexOf(0);
      if (nul >= 0) record.textLen = nul;
      const n = formatPlain(heap, record, this.#at, this.#room, this.#format);
      if (length + n > all.length) {
        const more = new Uint8Array(all.length * 2 + n);
        more.set(all);
        all = more;
      }
      all.set(heap.bytes.subarray(this.#at, this.#at + n), length);
      length += n;
    }
    return all.subarray(0, length);
  }
}
