/**
 * A dump of `/dev/kmsg`: what reading it to the end gives.
 *
 *   6,172,932100,-,caller=T1;acpi PNP0A03:00: _OSC: OS supports\x0athe second line
 *    SUBSYSTEM=acpi
 *    DEVICE=+acpi:PNP0A03:00
 *
 * priority (facility * 8 + level), seq, microseconds, flag (`-`, `c`, on 4.x `+`; the first kernels had none), more fields,
 * `;`, escaped text; then the dictionary, a line an entry, behind a space. Fields and dictionary keys that are
 * not known are skipped, as the format's rules ask.
 *
 * Linux: Documentation/ABI/testing/dev-kmsg, kernel/printk/printk.c info_print_ext_header(), msg_print_ext_body().
 */
import { PRIO_MAX } from '../../wire/record.js';
import { COMMA, encodeText, SEMICOLON, SPACE, startsWith } from '../../wire/text.js';
import { Cursor, Names, unescapeKmsg } from './bytes.js';
import { LineParser, view } from './lines.js';
import { type Batch, type PooledRecord, RECORD_MAX_BYTES } from './record.js';

const FLAG_CONT = [0x63, 0x2b];
const CALLER = encodeText('caller=');
const SUBSYSTEM = encodeText(' SUBSYSTEM=');
const DEVICE = encodeText(' DEVICE=');

const NO_HEADER = 'no record of /dev/kmsg ("priority,seq,microseconds,flags;text")';
const BAD_PRIORITY = `a priority over ${PRIO_MAX}`;
const BAD_SEQ = 'a sequence number over 2^53';
const BAD_STAMP = 'a stamp over 2^53 microseconds';
const BAD_CALLER = 'a caller that is neither T and a thread nor C and a CPU';
const STRAY_ENTRY = 'a dictionary entry without a record before it';
const TOO_LONG = `the record grows over ${RECORD_MAX_BYTES} bytes`;
const BAD_ENTRY = 'no dictionary entry (" KEY=value")';

export class KmsgParser extends LineParser {
  readonly #cursor = new Cursor();
  readonly #names = new Names();
  #textStart = 0;
  #textEnd = 0;
  #escaped = false;

  protected line(bytes: Buffer, start: number, end: number, batch: Batch): void {
    if (end > start && bytes[start] === SPACE) {
      this.#entry(bytes, start, end, batch);
      return;
    }
    this.complete(bytes, batch);
    const record = this.begin(start, batch);
    const reason = this.#header(bytes, start, end, record);
    if (reason === undefined) return;
    this.pending = undefined;
    this.broken(bytes, start, end, reason, batch);
  }

  protected finish(bytes: Buffer, record: PooledRecord, batch: Batch): void {
    const start = this.#textStart;
    let end = this.#textEnd;
    if (this.#escaped) end = unescapeKmsg(bytes, start, end);
    batch.commit(record, view(bytes, start, end));
  }

  /** What is wrong with the header, or `undefined`. */
  #header(bytes: Buffer, start: number, end: number, record: PooledRecord): string | undefined {
    const cursor = this.#cursor;
    cursor.set(bytes, start, end);
    const priority = cursor.decimal();
    if (priority < 0 || !cursor.take(COMMA)) return NO_HEADER;
    const seq = cursor.decimal();
    if (seq < 0 || !cursor.take(COMMA)) return NO_HEADER;
    const tsUsec = cursor.decimal();
    if (tsUsec < 0) return NO_HEADER;
    if (cursor.take(COMMA)) {
      const flag = cursor.peek();
      if (flag !== 0x2d && !FLAG_CONT.includes(flag)) return NO_HEADER;
      cursor.pos++;
      record.cont = flag !== 0x2d;
      while (cursor.take(COMMA)) {
        if (startsWith(bytes, CALLER, cursor.pos, end)) {
          cursor.pos += CALLER.length;
          const caller = cursor.caller();
          if (caller < 0) return BAD_CALLER;
          record.callerId = caller;
        } else {
          while (cursor.pos < end && bytes[cursor.pos] !== COMMA && bytes[cursor.pos] !== SEMICOLON) cursor.pos++;
        }
      }
    }
    if (!cursor.take(SEMICOLON)) return NO_HEADER;
    if (priority > PRIO_MAX) return BAD_PRIORITY;
    if (seq > Number.MAX_SAFE_INTEGER) return BAD_SEQ;
    if (tsUsec > Number.MAX_SAFE_INTEGER) return BAD_STAMP;
    record.level = priority & 7;
    record.facility = priority >> 3;
    record.seq = seq;
    record.tsUsec = tsUsec;
    this.#textStart = cursor.pos;
    this.#textEnd = end;
    this.#escaped = this.backslash.within(bytes, cursor.pos, end);
    return undefined;
  }

  #entry(bytes: Buffer, start: number, end: number, batch: Batch): void {
    const record = this.pending;
    if (record === undefined) {
      this.broken(bytes, start, end, STRAY_ENTRY, batch);
    } else if (end - this.pendingStart > RECORD_MAX_BYTES) {
      this.broken(bytes, start, end, TOO_LONG, batch);
    } else if (startsWith(bytes, SUBSYSTEM, start, end)) {
      record.subsystem = this.#value(bytes, start + SUBSYSTEM.length, end);
    } else if (startsWith(bytes, DEVICE, start, end)) {
      record.device = this.#value(bytes, start + DEVICE.length, end);
    } else {
      if (!view(bytes, start, end).includes(0x3d)) this.broken(bytes, start, end, BAD_ENTRY, batch);
    }
  }

  /** A dictionary value. Decoded in a copy: the line may have to be read again. */
  #value(bytes: Buffer, start: number, end: number): string {
    if (!this.backslash.within(bytes, start, end)) return this.#names.get(bytes, start, end);
    const copy = bytes.slice(start, end);
    return this.#names.get(copy, 0, unescapeKmsg(copy, 0, copy.length));
  }
}
