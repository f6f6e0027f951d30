/**
 * The kernel's extended format: a dump of `/dev/kmsg`, and files that `nc -u` has written of
 * extended netconsole targets.
 *
 *   6,172,932100,-,caller=T1;acpi PNP0A03:00: _OSC: OS supports\x0athe second line
 *    SUBSYSTEM=acpi
 *    DEVICE=+acpi:PNP0A03:00
 *   6.12.0,4,173,932200,-,ncfrag=0/61;the first 30 bytes...6.12.0,4,173,932200,-,ncfrag=30/61;the rest
 *
 * Perhaps a release; priority (facility * 8 + level), seq, microseconds, flag (`-`, `c`, on 4.x
 * `+`; the first kernels had none), more fields, `;`, escaped text; then the dictionary, a line an
 * entry, behind a space. Fields that are not known are skipped, as the format's rules ask.
 *
 * Fragments end without a newline, so the next header stands on the same line (fragments.ts joins
 * them). A record whose newline was lost is found where the next seq says that one is missing.
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
  /** The pending record is one fragment; further lines are its body. */
  #fragment = false;
  #bodyEnd = 0;
  /** No newline ends the body: the next header does. */
  #unended = false;
  /** What was committed last, until the next header tells whether a seq is missing behind it. */
  #last: PooledRecord | undefined;

  protected line(bytes: Buffer, start: number, end: number, batch: Batch): void {
    if (this.#fragment && this.pending !== undefined && !startsHeader(bytes, start, end)) {
      this.#continue(bytes, start, end, batch);
    } else if (end === start) {
      // Logs are pasted double spaced; a text has its newlines escaped.
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

  /** What is wrong with the header, or `undefined`. */
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

  /** The pending fragment's body goes on, up to the line's end or the next header. */
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
   * Parts `last`, which was committed last, if another record begins inside its text: one before
   * the record `next`, of which the seq is missing. The dictionary is that one's. False: none does.
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

  /** A dictionary value. Decoded in a copy: the line may have to be read again. */
  #value(bytes: Buffer, start: number, end: number): string {
    if (!this.backslash.within(bytes, start, end)) return this.#names.get(bytes, start, end);
    const copy = Uint8Array.from(view(bytes, start, end));
    return this.#names.get(copy, 0, unescapeKmsg(copy, 0, copy.length));
  }
}
