/**
 * Reads lines with the kernel's stamp: dmesg, consoles, `/proc/kmsg`, pstore. One parser reads all
 * formats of this kind; they differ in what makes a record of a line without a stamp.
 *
 *   [    1.234567] text                          dmesg, a console
 *   <6>[    1.234567] text                       dmesg -r, and a console with console_msg_format=syslog
 *   kern  :info  : [    1.234567] text           dmesg -x
 *
 * A stamp may stand anywhere in a line. What stands before it (a login prompt, a boot script's
 * words, a terminal's escapes, a console server's time) is not text, and is reported unless the
 * head has shown that many lines have it. If a newline was lost, a record begins inside another
 * one's text, at a stamp that is padded as the kernel pads it and not earlier than the stamp of
 * that text.
 *
 * A text of several lines goes on in indented ones (wrapped-lines.ts). If each of its lines has a
 * stamp (`dmesg -S`, a serial console), each becomes a record: nothing shows that they belong
 * together. Any other line is reported.
 */
import { Cursor, SPACE } from './bytes.js';
import type { LogHead, StampOrigin } from './format.js';
import { view } from './lines.js';
import * as others from './other-lines.js';
import type { Batch, PooledRecord } from './record.js';
import { findStamp, foundUsec, latin1, STAMP_TEXT, takeCaller, takePriority, takeStamp } from './stamp.js';
import { COLOUR, erasedEnd } from './terminal.js';
import { type Traits, traitsOf } from './traits.js';
import { isBlank, WrappedLines } from './wrapped-lines.js';

/** The rules in which these formats differ. */
export interface KernelLineRules {
  /** Reads what stands in front of the stamp. Where it succeeds, a line needs no stamp. */
  readonly mark?: (cursor: Cursor, record: PooledRecord) => boolean;
  /** True if texts go on in indented lines. */
  readonly wraps: boolean;
  /** The reason that is reported for a line that is not one of the format's. */
  readonly reason: string;
}

const OPEN = 0x5b;
const LESS = 0x3c;
const STAR = 0x2a;
const ESC = 0x1b;

const STRAY_LINE = 'an indented line without a record before it';
const FRONT = 'something else in front of a record';
const ECHO = "a syslog daemon's copy of a record before it";
const CUT_COPY = 'a copy that was cut, and printed again';
const NOTICE = "the console's own notice";

const STAMP = new RegExp(STAMP_TEXT);
/** Linux: kernel/printk/printk.c; up to 4.x the notice has no newline. */
const DROPPED = /\*\* (\d+) printk messages? dropped \*\* ?/;
const DROPPED_LAST = /\*\* (\d+) printk messages? dropped \*\* ?$/;
const REPLAYING = /^\*\* replaying previous printk message \*\*$/;
const NOTICE_MAX_BYTES = 64;
/** What a daemon repeats in front of a stamp. */
const SYSLOG_FRONT = /^[a-z]{3} [ \d]\d \d\d:\d\d:\d\d |^\d{4}-\d\d-\d\dt\d\d:\d\d:\d\d/i;
/** A date behind a priority, which makes it a line of a syslog protocol. */
const SYSLOG_LINE = /^(?:\d+ \d{4}-\d\d-\d\dT|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )/;

/** Parses the lines; subclasses add what a format needs beyond its rules. */
export class KernelLines extends WrappedLines {
  readonly origin: StampOrigin;
  readonly #rules: KernelLineRules;
  readonly #traits: Traits;
  readonly #cursor = new Cursor();
  /** The last stamp that was read, in microseconds. */
  #latest = -1;
  /** How many lost records notices have told of; the next record takes the number. */
  #missed = 0;
  /** The line and bytes of a notice behind the pending record, which may be a cut copy. 0: none. */
  #noticeLine = 0;
  #noticeStart = 0;
  #noticeEnd = 0;

  constructor(head: LogHead, rules: KernelLineRules) {
    super(head);
    this.#rules = rules;
    this.#traits = traitsOf(head);
    const stampless = rules.mark !== undefined && !head.lines.some((line) => STAMP.test(line));
    this.origin = stampless ? 'none' : 'boot';
  }

  protected line(bytes: Buffer, start: number, to: number, batch: Batch): void {
    const end = erasedEnd(bytes, start, to);
    if (this.#noticeLine > 0) this.#resolveNotice(bytes, start, end, batch);
    if (end === start) {
      this.blank(bytes, start, end, batch);
      return;
    }
    if (this.#traits.coloured && this.#uncolour(bytes, start, end, batch)) return;
    const first = bytes[start]!;
    if (isBlank(first)) {
      this.#indented(bytes, start, end, batch);
      return;
    }
    if (first === OPEN || first === LESS || this.#rules.mark !== undefined) {
      this.complete(bytes, batch);
      if (this.#begin(bytes, start, end, batch)) return;
    }
    this.other(bytes, start, end, batch);
  }

  protected finish(window: Buffer, record: PooledRecord, batch: Batch): void {
    this.#latest = record.tsUsec ?? this.#latest;
    record.missed = this.#missed;
    this.#missed = 0;
    batch.commit(record, this.wholeText(window, batch));
    if (this.#noticeLine > 0) this.#nameNotice(window, batch);
  }

  /** Begins the record at `start`. If there is none, returns false with no record pending. */
  #begin(bytes: Buffer, start: number, end: number, batch: Batch, from = start): boolean {
    const record = this.begin(from, batch);
    this.#noticeLine = 0;
    const cursor = this.#cursor;
    cursor.set(bytes, start, end);
    const marked = this.#rules.mark?.(cursor, record) ?? false;
    if (!marked) takePriority(cursor, record);
    const stamped = takeStamp(cursor, record);
    if (!stamped && (!marked || this.#isOther(cursor))) {
      this.pending = undefined;
      return false;
    }
    if (stamped) {
      cursor.take(SPACE);
      if (this.#traits.relayed && takeStamp(cursor, record)) cursor.take(SPACE);
    }
    const stamp = cursor.pos;
    if (stamped) {
      takeCaller(cursor, record);
      if (this.#traits.levelBehind) takePriority(cursor, record);
    }
    if (this.#traits.behind.length > 0) this.#skipBehind(cursor);
    this.beginText(bytes, { start, stamp, text: cursor.pos, end });
    const next = findStamp(bytes, cursor.pos, end);
    if (next >= 0 && foundUsec() >= (record.tsUsec ?? this.#latest)) this.#part(bytes, next, end, batch);
    return true;
  }

  /** Ends the pending record before `next`, where another one begins inside its text. */
  #part(bytes: Buffer, next: number, end: number, batch: Batch): void {
    const tail = latin1(bytes, Math.max(this.textStart, next - NOTICE_MAX_BYTES), next);
    const begin = next - (/<\d{1,4}>$/.exec(tail)?.[0].length ?? 0);
    const notice = DROPPED_LAST.exec(tail);
    let stop = notice === null ? begin : next - notice[0].length;
    while (stop > this.textStart && (bytes[stop - 1] === 0x0d || bytes[stop - 1] === 0)) stop--;
    this.textEnd = stop;
    this.complete(bytes, batch);
    if (notice !== null) this.#lose(Number(notice[1]), batch);
    this.#begin(bytes, begin, end, batch);
  }

  /**
   * Says whether the text of a marked line is not one of the kernel's: the rest of a cut stamp, or
   * a syslog protocol's line.
   */
  #isOther(cursor: Cursor): boolean {
    const text = latin1(cursor.bytes, cursor.pos, Math.min(cursor.end, cursor.pos + NOTICE_MAX_BYTES));
    return others.STAMP_REST.test(text) || SYSLOG_LINE.test(text);
  }

  #skipBehind(cursor: Cursor): void {
    for (const pattern of this.#traits.behind) {
      const rest = latin1(cursor.bytes, cursor.pos, Math.min(cursor.end, cursor.pos + NOTICE_MAX_BYTES));
      cursor.pos += pattern.exec(rest)?.[0].length ?? 0;
    }
  }

  /** Reads an indented line: a record, or more of the pending text. */
  #indented(bytes: Buffer, start: number, end: number, batch: Batch): void {
    let text = start;
    while (text < end && isBlank(bytes[text])) text++;
    if (bytes[text] === OPEN || bytes[text] === LESS) {
      const stamp = findStamp(bytes, text, end);
      if (stamp >= 0 && stamp - text < 7 && /^(<-?\d+>)?$/.test(latin1(bytes, text, stamp))) {
        this.complete(bytes, batch);
        if (this.#begin(bytes, text, end, batch, text)) return;
      }
    }
    const stray = this.#rules.wraps && this.pending === undefined;
    const indented = this.#rules.wraps ? this.continueText(bytes, start, end, batch) : 'other';
    if (indented !== 'other') return;
    this.complete(bytes, batch);
    if (this.#begin(bytes, text, end, batch, text)) return;
    const reason = stray ? STRAY_LINE : this.#rules.reason;
    this.other(bytes, start, end, batch, reason);
  }

  /** Reads a line that does not begin as a record does. */
  protected other(bytes: Buffer, start: number, end: number, batch: Batch, reason: string = this.#rules.reason): void {
    if (bytes[start] === STAR && this.#notice(bytes, start, end, batch)) return;
    const whose = others.otherWriter(bytes, start, end);
    if (whose !== undefined) {
      this.broken(bytes, start, end, whose, batch);
      return;
    }
    const stamp = findStamp(bytes, start, end);
    this.afterRecord = false;
    if (stamp < 0) {
      this.broken(bytes, start, end, others.isCut(bytes, start, end) ? others.CUT_STAMP : reason, batch);
      return;
    }
    const usec = foundUsec();
    this.complete(bytes, batch);
    const front = latin1(bytes, start, stamp);
    if (SYSLOG_FRONT.test(front) && usec <= this.#latest) {
      this.broken(bytes, start, end, ECHO, batch);
      return;
    }
    const begin = front.endsWith('>') ? stamp - (/<-?\d{1,4}>$/.exec(front)?.[0].length ?? 0) : stamp;
    if (!this.#traits.knownFront(front)) batch.problems.add(batch.line, FRONT, bytes, start, begin);
    const quoted = others.inQuotes(bytes, begin);
    const column = this.#traits.columnsEnd(bytes, begin, end);
    const stop = quoted ? end : Math.min(column, others.elementEnd(bytes, { start, at: begin, end }));
    if (quoted) this.#quoted(bytes, begin, end, batch);
    else this.#begin(bytes, begin, stop, batch);
    if (stop < end) this.complete(bytes, batch);
  }

  /** Reads a record inside a string, such as a member of a JSON object or a cell of a table. */
  #quoted(bytes: Buffer, start: number, end: number, batch: Batch): void {
    const text = others.quotedText(bytes, start, end);
    if (text === undefined) {
      this.broken(bytes, start, end, others.IN_QUOTES, batch);
      return;
    }
    this.#begin(text, 0, text.length, batch, start);
    // Complete it at once: if it were read again, it would have no quote before it.
    this.complete(bytes, batch);
  }

  /** Reads a console's own notice. Returns false if the line is none. */
  #notice(bytes: Buffer, start: number, end: number, batch: Batch): boolean {
    const text = latin1(bytes, start, Math.min(end, start + NOTICE_MAX_BYTES));
    if (REPLAYING.test(text)) {
      this.#noticeLine = batch.line;
      this.#noticeStart = start;
      this.#noticeEnd = end;
      if (this.pending === undefined) this.#nameNotice(bytes, batch);
      return true;
    }
    const dropped = DROPPED.exec(text);
    if (dropped?.index !== 0) return false;
    this.complete(bytes, batch);
    this.#lose(Number(dropped[1]), batch);
    const rest = start + dropped[0].length;
    if (rest >= end) {
      this.broken(bytes, start, end, NOTICE, batch);
      this.afterRecord = false;
    } else if (!this.#begin(bytes, rest, end, batch)) {
      this.other(bytes, rest, end, batch);
    }
    return true;
  }

  #lose(count: number, batch: Batch): void {
    const records = Math.min(count, Number.MAX_SAFE_INTEGER);
    this.#missed += records;
    batch.counts.dropped += records;
  }

  /**
   * Decides what the pending record was, now that a line follows the notice. If that line has the
   * same stamp, the pending record was a cut copy of it.
   */
  #resolveNotice(bytes: Buffer, start: number, end: number, batch: Batch): void {
    const copy = this.pending;
    const stamp = findStamp(bytes, start, end);
    if (copy === undefined || stamp < 0 || foundUsec() !== copy.tsUsec) {
      this.complete(bytes, batch);
      return;
    }
    this.pending = undefined;
    batch.problems.add(copy.line, CUT_COPY, this.textBytes, this.pendingStart, this.textEnd);
    this.#nameNotice(bytes, batch);
  }

  #nameNotice(bytes: Buffer, batch: Batch): void {
    batch.problems.add(this.#noticeLine, NOTICE, bytes, this.#noticeStart, this.#noticeEnd);
    this.#noticeLine = 0;
    this.afterRecord = false;
  }

  /** Reads a copy of the line without its colours. Returns false if it has none. */
  #uncolour(bytes: Buffer, start: number, end: number, batch: Batch): boolean {
    if (!view(bytes, start, end).includes(ESC)) return false;
    const plain = latin1(bytes, start, end).replaceAll(COLOUR, '');
    if (plain.length === end - start) return false;
    const copy = batch.allocate(plain.length);
    const buffer = Buffer.from(copy.buffer, copy.byteOffset, copy.length);
    buffer.write(plain, 'latin1');
    const { total } = batch.problems;
    this.line(buffer, 0, buffer.length, batch);
    // What has been reported or counted must not be read again, so the record ends here.
    if (batch.problems.total > total || this.#missed > 0) this.complete(bytes, batch);
    else this.pendingStart = start;
    return true;
  }
}
