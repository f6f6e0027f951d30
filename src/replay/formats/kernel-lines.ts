/**
 * Lines with the kernel's stamp: dmesg, consoles, `/proc/kmsg`, pstore. All formats of this kind
 * are read by one parser; they differ in what makes a line without a stamp a record.
 *
 *   [    1.234567] text                          dmesg, a console
 *   <6>[    1.234567] text                       dmesg -r, and a console with console_msg_format=syslog
 *   kern  :info  : [    1.234567] text           dmesg -x
 *
 * A stamp is looked for anywhere in a line. What stands before it (a login prompt, a boot script's
 * words, a terminal's escapes, a console server's time) is no text; it is named unless the head has
 * shown that many lines have it. Where a newline was lost, a record begins inside another's text:
 * at a stamp that is padded as the kernel pads it and not before the one of the text.
 *
 * A text of several lines goes on in indented ones (wrapped-lines.ts). Where each line has a stamp
 * of its own (`dmesg -S`, a serial console), the lines are records of their own: nothing tells them
 * apart. Any other line is named.
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

/** What makes these formats differ. */
export interface KernelLineRules {
  /** What stands in front of the stamp. Where it is, a line without a stamp is a record too. */
  readonly mark?: (cursor: Cursor, record: PooledRecord) => boolean;
  /** Texts go on in indented lines. */
  readonly wraps: boolean;
  /** Why a line is none of the format's. */
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
/** Linux: kernel/printk/printk.c; up to 4.x the notice had no newline. */
const DROPPED = /\*\* (\d+) printk messages? dropped \*\* ?/;
const DROPPED_LAST = /\*\* (\d+) printk messages? dropped \*\* ?$/;
const REPLAYING = /^\*\* replaying previous printk message \*\*$/;
const NOTICE_MAX_BYTES = 64;
/** What stands before a stamp that a daemon repeats. */
const SYSLOG_FRONT = /^[a-z]{3} [ \d]\d \d\d:\d\d:\d\d |^\d{4}-\d\d-\d\dt\d\d:\d\d:\d\d/i;
/** A date behind a priority: the line of a syslog protocol. */
const SYSLOG_LINE = /^(?:\d+ \d{4}-\d\d-\d\dT|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )/;

export class KernelLines extends WrappedLines {
  readonly origin: StampOrigin;
  readonly #rules: KernelLineRules;
  readonly #traits: Traits;
  readonly #cursor = new Cursor();
  /** The stamp read last. */
  #latest = -1;
  /** What notices say of lost records, until the next one comes. */
  #missed = 0;
  /** A notice behind the pending record, which may be a copy that was cut. 0: there is none. */
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

  /** Begins the record of which all stands at `start`. False: there is none, nor one pending. */
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

  /** Another record begins at `next`, inside the text of the pending one. */
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
   * Whether a marked line's text is no text: a stamp that is not all here, a syslog protocol's
   * line.
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

  /** A record that is indented, or the text going on. */
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

  /** A line that does not begin as a record does. */
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

  /** A record inside a string: a member of an object of JSON, a cell of a table. */
  #quoted(bytes: Buffer, start: number, end: number, batch: Batch): void {
    const text = others.quotedText(bytes, start, end);
    if (text === undefined) {
      this.broken(bytes, start, end, others.IN_QUOTES, batch);
      return;
    }
    this.#begin(text, 0, text.length, batch, start);
    // Read again, it would have no quote before it.
    this.complete(bytes, batch);
  }

  /** What a console says of itself. */
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
   * A line follows the notice. If it has the pending record's stamp, the pending record was a copy
   * that was cut.
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

  /** Takes colours off, in a copy, and reads that. False: there are none. */
  #uncolour(bytes: Buffer, start: number, end: number, batch: Batch): boolean {
    if (!view(bytes, start, end).includes(ESC)) return false;
    const plain = latin1(bytes, start, end).replaceAll(COLOUR, '');
    if (plain.length === end - start) return false;
    const copy = batch.allocate(plain.length);
    const buffer = Buffer.from(copy.buffer, copy.byteOffset, copy.length);
    buffer.write(plain, 'latin1');
    const { total } = batch.problems;
    this.line(buffer, 0, buffer.length, batch);
    // What has been named or counted must not be read again: the record ends here.
    if (batch.problems.total > total || this.#missed > 0) this.complete(bytes, batch);
    else this.pendingStart = start;
    return true;
  }
}
