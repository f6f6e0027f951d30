/**
 * The lines that dmesg prints: plain, with `-r` (as syslog(2) gives them), with `-x`.
 *
 *   [    1.234567] text                          dmesg
 *   <6>[    1.234567] text                       dmesg -r, and a console with console_msg_format=syslog
 *   kern  :info  : [    1.234567] text           dmesg -x
 *   [    1.234567] [    T1] text                 with PRINTK_CALLER; the kernel itself writes `][`
 *
 * A text of several lines: `/dev/kmsg` has it whole, and dmesg prints the further lines indented to the column of the
 * text (before 2.40, to that behind the stamp). They are joined again. Where each line has a stamp
 * of its own (`dmesg -S`, a serial console), the lines are records of their own: nothing tells them apart. A blank line is
 * the text's own last newline. Any other line without a stamp is broken.
 *
 * `dmesg` does not tell levels (-1). Where dmesg has no name for a facility, `-x` omits facility and level and `-r` prints
 * `<-1>`: -1 too. util-linux before 2.39 prints the priority of what user space logged wrongly in `-r` and `--json`
 * (facility | level); nothing here can mend that.
 */
import { Cursor, Names, NEWLINE, SPACE, unescapeDmesg } from './bytes.js';
import { LineParser, view } from './lines.js';
import { type Batch, type PooledRecord, RECORD_MAX_BYTES } from './record.js';

const FACILITY_NAMES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['res0', 'res1', 'res2', 'res3', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];
const LEVEL_NAMES = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];
/** What dmesg calls them, and what they are. */
export const FACILITY_NUMBERS: ReadonlyMap<string, number> = new Map(FACILITY_NAMES.map((name, i) => [name, i]));
export const LEVEL_NUMBERS: ReadonlyMap<string, number> = new Map(LEVEL_NAMES.map((name, i) => [name, i]));
const words = new Names();

export type DmesgFormat = 'dmesg' | 'dmesg -r' | 'dmesg -x';

const REASONS: Record<DmesgFormat, string> = {
  dmesg: 'no "[seconds.microseconds] " in front',
  'dmesg -r': 'no "<priority>" in front',
  'dmesg -x': 'no "facility:level: [seconds.microseconds] " in front',
};
const STRAY_LINE = 'an indented line without a record before it';
const TOO_LONG = `the record grows over ${RECORD_MAX_BYTES} bytes`;
/** The longest of `-x`: `authpriv:notice: `. */
const NAMES_MAX_BYTES = 24;
const PRIORITY_MAX = 2047;

export class DmesgParser extends LineParser {
  readonly #format: DmesgFormat;
  readonly #cursor = new Cursor();
  #textStart = 0;
  #textEnd = 0;
  /** Columns of what follows the stamp and of the text. */
  #stampColumn = 0;
  #textColumn = 0;
  /** Further lines of the text: start and end of each, indentation left out. */
  readonly #more: number[] = [];

  constructor(format: DmesgFormat) {
    super();
    this.#format = format;
  }

  protected line(bytes: Buffer, start: number, end: number, batch: Batch): void {
    if (end === start || bytes[start] === SPACE) {
      this.#continuation(bytes, start, end, batch);
      return;
    }
    this.complete(bytes, batch);
    const record = this.begin(start, batch);
    if (this.#prefix(bytes, start, end, record)) return;
    this.pending = undefined;
    this.broken(bytes, start, end, REASONS[this.#format], batch);
  }

  protected finish(bytes: Buffer, record: PooledRecord, batch: Batch): void {
    const start = this.#textStart;
    let end = this.#textEnd;
    const more = this.#more;
    const escaped = this.backslash.within(bytes, start, more.length === 0 ? end : more[more.length - 1]!);
    for (let i = 0; i < more.length; i += 2) {
      bytes[end++] = NEWLINE;
      bytes.copyWithin(end, more[i]!, more[i + 1]!);
      end += more[i + 1]! - more[i]!;
    }
    if (escaped) end = unescapeDmesg(bytes, start, end);
    batch.commit(record, view(bytes, start, end));
  }

  /** Everything in front of the text. False: this is no such line. */
  #prefix(bytes: Uint8Array, start: number, end: number, record: PooledRecord): boolean {
    const cursor = this.#cursor;
    cursor.set(bytes, start, end);
    let named = false;
    if (this.#format === 'dmesg -r') {
      named = priority(cursor, record);
      if (!named) return false;
    } else if (this.#format === 'dmesg -x') {
      named = names(cursor, record);
    }
    if (stamp(cursor, record)) {
      cursor.take(SPACE);
      this.#stampColumn = cursor.pos - start;
      if (caller(cursor, record)) cursor.take(SPACE);
    } else {
      if (!named) return false;
      this.#stampColumn = cursor.pos - start;
    }
    this.#textColumn = cursor.pos - start;
    this.#textStart = cursor.pos;
    this.#textEnd = end;
    this.#more.length = 0;
    return true;
  }

  #continuation(bytes: Buffer, start: number, end: number, batch: Batch): void {
    if (this.pending === undefined) {
      this.broken(bytes, start, end, end === start ? 'a blank line without a record before it' : STRAY_LINE, batch);
      return;
    }
    if (end - this.pendingStart > RECORD_MAX_BYTES) {
      this.broken(bytes, start, end, TOO_LONG, batch);
      return;
    }
    let indent = 0;
    while (start + indent < end && indent < this.#textColumn && bytes[start + indent] === SPACE) indent++;
    if (indent < this.#textColumn && end > start) {
      if (indent < this.#stampColumn) {
        this.broken(bytes, start, end, REASONS[this.#format], batch);
        return;
      }
      indent = this.#stampColumn;
    }
    this.#more.push(start + indent, end);
  }
}

/** `<6>`, and `<-1>` for a facility that dmesg does not know. */
function priority(cursor: Cursor, record: PooledRecord): boolean {
  if (!cursor.take(0x3c)) return false;
  const unknown = cursor.take(0x2d);
  const value = cursor.decimal();
  if (value < 0 || value > PRIORITY_MAX || !cursor.take(0x3e)) return false;
  if (unknown) return true;
  record.level = value & 7;
  record.facility = value >> 3;
  return true;
}

/** `kern  :info  : `. Leaves the cursor where it was if that is not here. */
function names(cursor: Cursor, record: PooledRecord): boolean {
  const { bytes, pos } = cursor;
  const end = Math.min(cursor.end, pos + NAMES_MAX_BYTES);
  const colon = findColon(bytes, pos, end);
  const second = findColon(bytes, colon + 1, end);
  if (second >= end) return false;
  const facility = FACILITY_NUMBERS.get(words.get(bytes, pos, trimEnd(bytes, pos, colon)));
  const level = LEVEL_NUMBERS.get(words.get(bytes, colon + 1, trimEnd(bytes, colon + 1, second)));
  if (facility === undefined || level === undefined) return false;
  record.facility = facility;
  record.level = level;
  cursor.pos = second + 1;
  cursor.take(SPACE);
  return true;
}

function findColon(bytes: Uint8Array, from: number, end: number): number {
  let pos = from;
  while (pos < end && bytes[pos] !== 0x3a) pos++;
  return pos;
}

function trimEnd(bytes: Uint8Array, start: number, from: number): number {
  let end = from;
  while (end > start && bytes[end - 1] === SPACE) end--;
  return end;
}

/** `[    1.234567]`. Leaves the cursor where it was if that is not here. */
function stamp(cursor: Cursor, record: PooledRecord): boolean {
  const { pos } = cursor;
  if (cursor.take(0x5b)) {
    cursor.spaces();
    const usec = cursor.stamp();
    if (usec >= 0 && cursor.take(0x5d)) {
      record.tsUsec = usec;
      return true;
    }
  }
  cursor.pos = pos;
  return false;
}

/** `[    T1]`, `[C0]`. Leaves the cursor where it was if that is not here. */
function caller(cursor: Cursor, record: PooledRecord): boolean {
  const { pos } = cursor;
  if (cursor.take(0x5b)) {
    cursor.spaces();
    const id = cursor.caller();
    if (id >= 0 && cursor.take(0x5d)) {
      record.callerId = id;
      return true;
    }
  }
  cursor.pos = pos;
  return false;
}
