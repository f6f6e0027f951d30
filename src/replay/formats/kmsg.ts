/**
 * Reads the kernel's extended format: a dump of `/dev/kmsg`, or a file that `nc -u` has written of
 * what extended netconsole targets sent.
 *
 *   6,172,932100,-,caller=T1;acpi PNP0A03:00: _OSC: OS supports\x0athe second line
 *    SUBSYSTEM=acpi
 *    DEVICE=+acpi:PNP0A03:00
 *   6.12.0,4,173,932200,-,ncfrag=0/61;the first 30 bytes...6.12.0,4,173,932200,-,ncfrag=30/61;the rest
 *
 * A header may begin with a release. Then come the priority (facility * 8 + level), the seq, the
 * time in microseconds, the flag (`-` or `c`, on 4.x also `+`; the first kernels had none), perhaps
 * more fields, and a `;`. Behind that stand the escaped text and the dictionary, of which each
 * entry is a line that begins with a space. Unknown fields are skipped, as the format's rules
 * demand.
 *
 * Fragments end without a newline, so the next header stands on the same line (fragments.ts joins
 * them). A record whose newline was lost is found when the next seq shows that one is missing.
 *
 * Linux: Documentation/ABI/testing/dev-kmsg, kernel/printk/printk.c info_print_ext_header(),
 * msg_print_ext_body(), drivers/net/netconsole.c send_ext_msg_udp().
 */
import { EQUALS, encodeText, NEWLINE, SPACE, startsWith } from '../../wire/text.js';
import { Names, unescapeKmsg } from './bytes.js';
import type { LogFormat, LogHead } from './format.js';
import { Fragments } from './fragments.js';
import { findHeader, HeaderReader, KMSG_HEADER, KMSG_START, startsHeader } from './kmsg-headers.js';
import { LineParser, view } from './lines.js';
import { type Batch, type PooledRecord, RECORD_MAX_BYTES } from './record.js';
import { latin1 } from './stamp.js';

const SUBSYSTEM = encodeText(' SUBSYSTEM=');
const DEVICE = encodeText(' DEVICE=');

const STRAY_ENTRY = 'a dictionary entry without a record before it';
const TOO_LONG = `the record grows over ${RECORD_MAX_BYTES} bytes`;
const BAD_ENTRY = 'no dictionary entry (" KEY=value")';

const LINE = new RegExp(`^(?:${KMSG_HEADER}| [\\w.-]+=)`);

/** `/dev/kmsg` and files of extended netconsole, known by a header with a seq and a stamp. */
export const kmsg: LogFormat = {
  name: '/dev/kmsg',
  description: 'a dump of /dev/kmsg, and what nc -u has written of extended targets',
  recognise(head: LogHead) {
    return head.lines.some((line) => KMSG_START.test(line)) ? head.share((line) => LINE.test(line)) : 0;
  },
  open: (head: LogHead) => new KmsgParser(head),
};

class KmsgParser extends LineParser {
  readonly #reader = new HeaderReader();
  readonly #names = new Names();
  readonly #fragments = new Fragments();
  #headerStart = 0;
  #textStart = 0;
  #textEnd = 0;
  #escaped = false;
  /** True if the pending record is one fragment; further lines are then part of its body. */
  #fragment = false;
  #bodyEnd = 0;
  /** True if not a newline but the next header ends the body. */
  #unended = false;
  /** The last committed record, kept until the next header shows whether a seq is missing. */
  #last: PooledRecord | undefined;

  protected line(bytes: Buffer, start: number, end: number, batch: Batch): void {
    if (this.#fragment && this.pending !== undefined && !startsHeader(bytes, start, end)) {
      this.#continue(bytes, start, end, batch);
    } else if (end === start) {
      // Pasted logs may be double spaced. A text holds no empty line: its newlines are escaped.
    } else if (bytes[start] === SPACE) {
      this.#entry(bytes, start, end, batch);
    } else {
      this.#begin(bytes, start, end, batch);
    }
  }

  protected finish(bytes: Buffer, record: PooledRecord, batch: Batch): void {
    if (this.#fragment) {
      this.#fragment = false;
      const payload = new Uint8Array(this.#bodyEnd - this.#headerStart + (this.#unended ? 0 : 1)).fill(NEWLINE);
      payload.set(view(bytes, this.#headerStart, this.#bodyEnd));
      this.#fragments.push(payload, record, batch);
      return;
    }
    const start = this.#textStart;
    const end = this.#escaped ? unescapeKmsg(bytes, start, this.#textEnd) : this.#textEnd;
    batch.commit(record, view(bytes, start, end));
    this.#last = record;
  }

  protected override ended(batch: Batch): void {
    if (this.#last !== undefined) this.#part(this.#last, -1, batch);
    this.#fragments.end(batch);
  }

  #begin(bytes: Buffer, start: number, end: number, batch: Batch): void {
    this.complete(bytes, batch);
    let record = this.begin(start, batch);
    this.#fragment = false;
    let reason = this.#header(bytes, start, end, record);
    const last = this.#last;
    if (last !== undefined) {
      this.#last = undefined;
      const gap = reason !== undefined || record.seq !== last.seq! + 1;
      if (gap && this.#part(last, record.seq ?? -1, batch)) {
        record = this.begin(start, batch);
        this.#fragment = false;
        reason = this.#header(bytes, start, end, record);
      }
    }
    if (reason !== undefined) {
      this.pending = undefined;
      this.#fragment = false;
      this.broken(bytes, start, end, reason, batch);
      return;
    }
    if (!this.#fragment) return;
    this.#headerStart = start;
    this.#continue(bytes, this.#textStart, end, batch);
  }

  /** Reads the header. Returns what is wrong with it, or `undefined`. */
  #header(bytes: Buffer, start: number, end: number, record: PooledRecord): string | undefined {
    const header = this.#reader;
    const reason = header.read(bytes, start, end, record);
    if (header.fragment) this.#fragment = true;
    if (reason !== undefined) return reason;
    this.#textStart = header.textStart;
    this.#textEnd = end;
    this.#escaped = this.backslash.within(bytes, header.textStart, end);
    return undefined;
  }

  /** Adds to the pending fragment's body, up to the line's end or the next header. */
  #continue(bytes: Buffer, start: number, end: number, batch: Batch): void {
    if (end - this.pendingStart > RECORD_MAX_BYTES) {
      this.broken(bytes, start, end, TOO_LONG, batch);
      return;
    }
    const glued = findHeader(bytes, start, end, { of: this.pending!, next: -1, joins: true });
    this.#bodyEnd = glued < 0 ? end : glued;
    this.#unended = glued >= 0;
    if (glued >= 0) this.#begin(bytes, glued, end, batch);
  }

  /**
   * Splits `last`, the last committed record, if another record begins inside its text that belongs
   * before `next`, whose predecessor is missing. The dictionary goes to the new record. Returns
   * false if no record begins there.
   */
  #part(last: PooledRecord, next: number, batch: Batch): boolean {
    if (batch.records.at(-1) !== last) return false;
    const { line, text, subsystem, device, dictionary } = last;
    const bytes = Buffer.from(text.buffer, text.byteOffset, text.length);
    const glued = findHeader(bytes, 0, bytes.length, { of: last, next, joins: false });
    if (glued < 0) return false;
    Object.assign(last, {
      text: text.subarray(0, glued),
      subsystem: undefined,
      device: undefined,
      dictionary: undefined,
    });
    const second = batch.next();
    second.line = line;
    this.#fragment = false;
    const reason = this.#header(bytes, glued, bytes.length, second);
    if (reason !== undefined) batch.problems.add(line, reason, bytes, glued, bytes.length);
    else if (this.#fragment) this.#fragments.push(bytes.subarray(glued), second, batch);
    else {
      Object.assign(second, { subsystem, device, dictionary });
      batch.commit(second, view(bytes, this.#textStart, bytes.length));
      this.#part(second, next, batch);
    }
    return true;
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
      const equals = bytes.indexOf(EQUALS, start);
      if (equals < 0 || equals >= end) {
        this.broken(bytes, start, end, BAD_ENTRY, batch);
        return;
      }
      const key = latin1(bytes, start + 1, equals);
      record.dictionary = { ...record.dictionary, [key]: latin1(bytes, equals + 1, end) };
    }
  }

  /** Reads a dictionary value. It is decoded in a copy, because the line may be read again. */
  #value(bytes: Buffer, start: number, end: number): string {
    if (!this.backslash.within(bytes, start, end)) return this.#names.get(bytes, start, end);
    const copy = Uint8Array.from(view(bytes, start, end));
    return this.#names.get(copy, 0, unescapeKmsg(copy, 0, copy.length));
  }
}
