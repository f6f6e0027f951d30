/**
 * Reads what `journalctl -o export` prints: one field a line, and an empty line behind each entry.
 * A value with newlines or with bytes that are not text has its length in front.
 *
 *   __CURSOR=s=...
 *   _TRANSPORT=kernel
 *   MESSAGE
 *   <8 bytes: length><value>
 *
 * systemd: https://systemd.io/JOURNAL_EXPORT_FORMATS
 */
import { Names, NEWLINE } from './bytes.js';
import type { Follows, LogFormat, LogHead, LogParser } from './format.js';
import { BootIds, entryRecord, NO_MESSAGE, notKernel, SEVERAL } from './journal-entry.js';
import { view } from './lines.js';
import { type Batch, RECORD_MAX_BYTES } from './record.js';
import { latin1 } from './stamp.js';
import { joinLines } from './wrapped-lines.js';

const EQUALS = 0x3d;
const FIELD = /^[A-Z_][A-Z0-9_]*(?:=|$)/;
/** Only strings shorter than a stamp are kept: levels, transports and hosts are likely to recur. */
const STAMP_BYTES = 7;
const UNDERSCORE = 0x5f;
const NO_FIELD = 'no field of journalctl -o export';
const NO_ENTRY = 'no entry of journalctl -o export';
const TOO_LONG = `an entry of more than ${RECORD_MAX_BYTES} bytes`;
const CUT = 'the file ends inside this entry';

/** `journalctl -o export`, known by a field `__CURSOR` or `__REALTIME_TIMESTAMP`. */
export const journalExport: LogFormat = {
  name: 'journalctl -o export',
  description: 'journalctl -o export',
  recognise(head: LogHead) {
    return /^__(?:CURSOR|REALTIME_TIMESTAMP)=/m.test(head.text) ? head.share((line) => FIELD.test(line)) : 0;
  },
  open: () => new JournalExport(),
};

class JournalExport implements LogParser {
  /** The fields of the current entry: the index of each by name, and where its value lies. */
  readonly #fields = new Map<string, number>();
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #count = 0;
  /** The indices of those fields that are messages. */
  readonly #messages: number[] = [];
  readonly #names = new Names();
  /** How many lines of the current entry have been read. */
  #lines = 0;
  /** True while the rest of an entry that was too long is skipped, up to the next empty line. */
  #skipping = false;
  readonly #boots = new BootIds();

  parse(bytes: Uint8Array, at: number, end: number, follows: Follows, batch: Batch): number {
    const last = follows === 'nothing';
    let pos = at;
    while (pos < end && !batch.full) {
      if (this.#skipping) {
        const blank = (bytes as Buffer).indexOf('\n\n', pos, 'latin1');
        const stop = blank < 0 || blank + 2 > end ? end : blank + 2;
        batch.line += newlines(bytes, pos, stop);
        this.#skipping = stop === end && blank < 0;
        pos = stop;
        continue;
      }
      const stray = this.#stray(bytes, pos, end);
      if (stray > pos) {
        batch.problems.add(++batch.line, NO_FIELD, bytes, pos, stray);
        pos = stray + 1;
        continue;
      }
      const next = this.#entry(bytes, pos, end, follows);
      if (next < 0) {
        const long = end - pos > RECORD_MAX_BYTES;
        if (!long && !last) return pos;
        batch.problems.add(batch.line + 1, long ? TOO_LONG : CUT, bytes, pos, end);
        if (last) return end;
        this.#skipping = true;
        continue;
      }
      if (next > pos + 1) this.#commit(bytes, pos, next, batch);
      batch.line += this.#lines;
      pos = next;
    }
    return pos;
  }

  /**
   * Reads the fields of the entry at `from` and returns where the next one begins, or -1 if the
   * window does not hold all of it.
   */
  #entry(bytes: Uint8Array, from: number, end: number, follows: Follows): number {
    const last = follows === 'nothing';
    this.#fields.clear();
    this.#messages.length = 0;
    this.#count = 0;
    this.#lines = 0;
    let pos = from;
    while (pos < end) {
      const stop = bytes.indexOf(NEWLINE, pos);
      if (stop < 0 || stop >= end) return last && pos > from && stop < 0 ? this.#rest(bytes, pos, end) : -1;
      const name = nameEnd(bytes, pos, stop);
      const isValue = bytes[name] === EQUALS;
      // A line that is no field ends the entry, whatever else it is.
      if (pos > from && !isValue && name < stop) return pos;
      this.#lines++;
      if (stop === pos) return pos + 1;
      if (isValue) {
        this.#set(this.#names.get(bytes, pos, name), name + 1, stop);
        pos = stop + 1;
        continue;
      }
      if (stop + 9 > end) return -1;
      const length = littleEndian(bytes, stop + 1);
      const value = stop + 9;
      if (value + length + 1 > end) return -1;
      this.#set(this.#names.get(bytes, pos, stop), value, value + length);
      this.#lines += newlines(bytes, stop + 1, value + length + 1);
      pos = value + length + 1;
    }
    return last ? pos : -1;
  }

  /**
   * Returns where the line at `pos` ends if it is not a field, or -1 if it is. A field's name has
   * capitals, digits and `_`, up to a `=` or the line's end.
   */
  #stray(bytes: Uint8Array, pos: number, end: number): number {
    const at = nameEnd(bytes, pos, end);
    if (at === end || bytes[at] === EQUALS || bytes[at] === NEWLINE) return -1;
    const stop = bytes.indexOf(NEWLINE, at);
    return stop >= end ? -1 : stop;
  }

  /** Reads the last line of the log, which has no newline. */
  #rest(bytes: Uint8Array, pos: number, end: number): number {
    const equals = bytes.indexOf(EQUALS, pos);
    if (equals < 0) return -1;
    this.#set(this.#names.get(bytes, pos, equals), equals + 1, end);
    return end;
  }

  #set(name: string, start: number, end: number): void {
    const at = this.#count++;
    this.#fields.set(name, at);
    if (name === 'MESSAGE') this.#messages.push(at);
    this.#starts[at] = start;
    this.#ends[at] = end;
  }

  #commit(bytes: Uint8Array, from: number, to: number, batch: Batch): void {
    const field = (name: string): string | undefined => {
      const at = this.#fields.get(name);
      if (at === undefined) return undefined;
      const start = this.#starts[at]!;
      const end = this.#ends[at]!;
      return end - start < STAMP_BYTES ? this.#names.get(bytes, start, end) : latin1(bytes, start, end);
    };
    const message = this.#messages[0];
    const known = this.#fields.has('__REALTIME_TIMESTAMP') || this.#fields.has('_TRANSPORT');
    const reason = known ? notKernel(field('_TRANSPORT'), field('SYSLOG_IDENTIFIER')) : NO_ENTRY;
    if (reason !== undefined || message === undefined) {
      batch.problems.add(batch.line + 1, reason ?? NO_MESSAGE, bytes, from, to);
      return;
    }
    const record = batch.next();
    record.line = batch.line + 1;
    entryRecord(field, record);
    record.reboot = this.#boots.isNew(field);
    if (this.#messages.length > 1) batch.problems.add(record.line, SEVERAL, bytes, from, to);
    const text = (at: number) => view(bytes, this.#starts[at]!, this.#ends[at]!);
    batch.commit(record, this.#messages.length > 1 ? joinLines(this.#messages.map(text), batch) : text(message));
  }
}

function littleEndian(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 7; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
}

/** Returns where capitals, digits and `_`, which may be a field's name, end. */
function nameEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (!((byte >= 0x41 && byte <= 0x5a) || byte === UNDERSCORE || (byte >= 0x30 && byte <= 0x39))) break;
  }
  return at;
}

function newlines(bytes: Uint8Array, from: number, to: number): number {
  let found = 0;
  for (let at = bytes.indexOf(NEWLINE, from); at >= 0 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) found++;
  return found;
}
