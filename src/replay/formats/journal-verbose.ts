/**
 * Reads what `journalctl -o verbose` prints: a line with a date and a cursor, then one field a
 * line.
 *
 *   Tue 2024-01-02 03:04:05.123456 CET [s=...;i=1;b=...;m=...;t=...;x=...]
 *       _TRANSPORT=kernel
 *       MESSAGE=text
 *               and on
 */
import { EQUALS } from '../../wire/text.js';
import { Names, NEWLINE, SPACE } from './bytes.js';
import { DATE_WORD, ISO_DATE, isoUsec } from './dates.js';
import type { LogFormat, LogHead } from './format.js';
import {
  BootIds,
  ENTRY_FIELDS,
  entryRecord,
  HIDDEN,
  isHidden,
  NO_MESSAGE,
  notKernel,
  SEVERAL,
} from './journal-entry.js';
import { LineParser, view } from './lines.js';
import { type Batch, type PooledRecord, RECORD_MAX_BYTES } from './record.js';
import { latin1 } from './stamp.js';

const FIRST = new RegExp(String.raw`^(?:${DATE_WORD} )?${ISO_DATE} ?\[s=[\da-f]+;`);
const FIRST_MAX_BYTES = 256;
const INDENT = 4;
/** The further lines of a value, which are indented to where the value begins. */
const MORE = /^ {4,}/;
const NO_ENTRY = 'no entry of journalctl -o verbose';

/** `journalctl -o verbose`, known by a line with a date and a cursor. */
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
  /** The pending entry's fields, and the name of the one that further lines belong to. */
  readonly #fields = new Map<string, string>();
  readonly #names = new Names();
  readonly #boots = new BootIds();
  readonly #field = (name: string): string | undefined => this.#fields.get(name);
  #last = '';
  #messages = 0;

  protected line(bytes: Buffer, start: number, end: number, batch: Batch): void {
    if (end === start) return;
    if (bytes[start] !== SPACE) {
      this.#entry(bytes, start, end, batch);
      return;
    }
    const long = this.pending !== undefined && end - this.pendingStart > RECORD_MAX_BYTES;
    if (this.pending === undefined || long) {
      this.broken(bytes, start, end, long ? `an entry of more than ${RECORD_MAX_BYTES} bytes` : NO_ENTRY, batch);
      return;
    }
    const equals = fieldEnd(bytes, start, end);
    if (equals > 0) {
      this.#last = this.#names.get(bytes, start + INDENT, equals);
      if (ENTRY_FIELDS.has(this.#last)) this.#set(this.#last, latin1(bytes, equals + 1, end));
      return;
    }
    const text = latin1(bytes, start, end);
    if (!MORE.test(text) || this.#last === '') {
      this.broken(bytes, start, end, NO_ENTRY, batch);
    } else if (ENTRY_FIELDS.has(this.#last)) {
      const indent = Math.min(INDENT + this.#last.length + 1, text.search(/\S|$/));
      this.#fields.set(this.#last, `${this.#fields.get(this.#last)}\n${text.slice(indent)}`);
    }
  }

  #set(name: string, value: string): void {
    const more = name === 'MESSAGE' && this.#messages++ > 0;
    this.#fields.set(name, more ? `${this.#fields.get(name)}\n${value}` : value);
  }

  /** Reads a line that is not indented: it begins an entry. */
  #entry(bytes: Buffer, start: number, end: number, batch: Batch): void {
    const first = FIRST.exec(latin1(bytes, start, Math.min(end, start + FIRST_MAX_BYTES)));
    if (first === null) {
      this.broken(bytes, start, end, NO_ENTRY, batch);
      return;
    }
    this.complete(bytes, batch);
    this.begin(start, batch).timeUsec = isoUsec(first[1]!, first[2]!, first[3], first[4]);
    this.#fields.clear();
    this.#messages = 0;
    this.#last = '';
  }

  protected finish(bytes: Buffer, record: PooledRecord, batch: Batch): void {
    const field = this.#field;
    const message = field('MESSAGE');
    const hidden = message !== undefined && isHidden(message) ? HIDDEN : undefined;
    const reason = notKernel(field('_TRANSPORT'), field('SYSLOG_IDENTIFIER')) ?? hidden;
    if (reason !== undefined || message === undefined) {
      const stop = bytes.indexOf(NEWLINE, this.pendingStart);
      batch.problems.add(record.line, reason ?? NO_MESSAGE, bytes, this.pendingStart, stop);
      return;
    }
    if (this.#messages > 1) {
      batch.problems.add(record.line, SEVERAL, bytes, this.pendingStart, bytes.indexOf(NEWLINE, this.pendingStart));
    }
    const { timeUsec } = record;
    entryRecord(field, record);
    record.timeUsec ??= timeUsec;
    record.reboot = this.#boots.isNew(field);
    const at = batch.reserve(message.length);
    batch.memory.write(message, at, 'latin1');
    batch.commit(record, view(batch.memory, at, at + message.length));
  }
}

/**
 * Returns where the `=` stands of the field that begins at `start`, behind its indentation, or -1
 * if no field begins there.
 */
function fieldEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < start + INDENT; at++) if (bytes[at] !== SPACE) return -1;
  let at = start + INDENT;
  for (; at < end && bytes[at] !== EQUALS; at++) {
    const byte = bytes[at]!;
    const capital = (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f;
    if (!capital && (byte < 0x30 || byte > 0x39 || at === start + INDENT)) return -1;
  }
  return at < end && at > start + INDENT ? at : -1;
}
