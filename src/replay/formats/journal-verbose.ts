/**
 * What `journalctl -o verbose` prints: a date and a cursor, then a field a line.
 *
 *   Tue 2024-01-02 03:04:05.123456 CET [s=...;i=1;b=...;m=...;t=...;x=...]
 *       _TRANSPORT=kernel
 *       MESSAGE=text
 *               and on
 */
import { DATE_WORD, ISO_DATE, isoUsec } from './dates.js';
import type { LogFormat, LogHead } from './format.js';
import { BootIds, entryRecord, HIDDEN, isHidden, notKernel } from './journal-entry.js';
import { LineParser, view } from './lines.js';
import { type Batch, type PooledRecord, RECORD_MAX_BYTES } from './record.js';
import { latin1 } from './stamp.js';

const FIRST = new RegExp(String.raw`^(?:${DATE_WORD} )?${ISO_DATE} ?\[s=[\da-f]+;`);
const FIELD = /^ {4}([A-Z_][A-Z0-9_]*)=(.*)$/s;
/** A value's further lines are indented to the value. */
const MORE = /^ {4,}/;
const NO_ENTRY = 'no entry of journalctl -o verbose';
const NO_MESSAGE = 'an entry without MESSAGE';

export const journalVerbose: LogFormat = {
  name: 'journalctl -o verbose',
  description: 'journalctl -o verbose',
  recognise(head: LogHead) {
    if (!head.lines.some((line) => FIRST.test(line))) return 0;
    return head.share((line) => FIRST.test(line) || MORE.test(line));
  },
  open: (head: LogHead) => new JournalVerbose(head),
};

class JournalVerbose extends LineParser {
  readonly #fields = new Map<string, string>();
  readonly #boots = new BootIds();
  #last = '';

  protected line(bytes: Buffer, start: number, end: number, batch: Batch): void {
    if (end === start) return;
    const text = latin1(bytes, start, end);
    const first = FIRST.exec(text);
    if (first !== null) {
      this.complete(bytes, batch);
      this.begin(start, batch).timeUsec = isoUsec(first[1]!, first[2]!, first[3], first[4]);
      this.#fields.clear();
      this.#last = '';
      return;
    }
    const long = this.pending !== undefined && end - this.pendingStart > RECORD_MAX_BYTES;
    const field = FIELD.exec(text);
    if (this.pending === undefined || long) {
      this.broken(bytes, start, end, long ? `an entry of more than ${RECORD_MAX_BYTES} bytes` : NO_ENTRY, batch);
    } else if (field !== null) {
      this.#last = field[1]!;
      this.#fields.set(this.#last, field[2]!);
    } else if (MORE.test(text) && this.#last !== '') {
      const indent = '    '.length + this.#last.length + 1;
      this.#fields.set(
        this.#last,
        `${this.#fields.get(this.#last)}\n${text.slice(Math.min(indent, text.search(/\S|$/)))}`,
      );
    } else {
      this.broken(bytes, start, end, NO_ENTRY, batch);
    }
  }

  protected finish(bytes: Buffer, record: PooledRecord, batch: Batch): void {
    const field = (name: string) => this.#fields.get(name);
    const message = field('MESSAGE');
    const hidden = message !== undefined && isHidden(message) ? HIDDEN : undefined;
    const reason = notKernel(field('_TRANSPORT'), field('SYSLOG_IDENTIFIER')) ?? hidden;
    if (reason !== undefined || message === undefined) {
      batch.problems.add(
        record.line,
        reason ?? NO_MESSAGE,
        bytes,
        this.pendingStart,
        bytes.indexOf(0x0a, this.pendingStart),
      );
      return;
    }
    const { timeUsec } = record;
    entryRecord(field, record);
    record.timeUsec ??= timeUsec;
    record.reboot = this.#boots.isNew(field);
    const copy = batch.allocate(message.length);
    copy.set(Buffer.from(message, 'latin1'));
    batch.commit(record, view(copy, 0, copy.length));
  }
}
