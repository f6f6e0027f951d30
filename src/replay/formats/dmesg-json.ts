/**
 * Reads what `dmesg --json` prints.
 *
 *   {
 *      "dmesg": [
 *         {
 *            "pri": 6,                       with -x: "fac": "kern", "pri": "info"
 *            "time":     1.234567,
 *            "caller": "T1",                 with PRINTK_CALLER
 *            "msg": "text\nwith \u001b and any byte from 0x80 on as it is"
 *         },{
 *
 * The file is read object by object, whatever its indentation, so that neither the file nor one of
 * its lines need fit in memory. Members with other names are skipped. "pri" and "fac" are missing
 * if dmesg has no name for them, and "time" with `--time-format notime`; with -T or iso "time" is a
 * date.
 *
 * After a broken object, reading goes on at the next `{` that is followed by a member's name. Such
 * a `{` does begin an object: inside a string, the name's quote would have a backslash before it.
 */
import { BACKSLASH, ByteFinder, Cursor, Names, NEWLINE, unescapeJson } from './bytes.js';
import type { Follows, LogFormat, LogHead, LogParser, StampOrigin } from './format.js';
import { date, isLetter, isWhite, seconds, skipLiteral, skipWhite, WORD_MAX_BYTES } from './json-tokens.js';
import { view } from './lines.js';
import { FACILITY_NUMBERS, LEVEL_NUMBERS } from './names.js';
import { type Batch, type PooledRecord, RECORD_MAX_BYTES } from './record.js';

const QUOTE = 0x22;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const PRIORITY_MAX = 2047;
/** How many bytes of a broken object are quoted in its report. */
const EXCERPT_BYTES = 64;

const NO_OBJECT = 'no object as "dmesg --json" prints it';
const NO_MSG = 'an object without "msg"';
const TOO_LONG = `an object of more than ${RECORD_MAX_BYTES} bytes`;
const CUT = 'the file ends inside this object';

/** The result of reading an object. `wrapper`: it was the outer beginning, up to "dmesg"'s `[`. */
type Outcome = 'record' | 'wrapper' | 'incomplete' | 'broken';

/**
 * The beginning of dmesg's output, and one of its objects on a line of its own, as jq prints it.
 */
const WRAPPER = /^\s*\{\s*"dmesg"\s*:\s*\[/;
const OBJECT = /^\s*[[,]?\s*\{\s*"(?:pri|fac|time|caller|msg)"\s*:/;
/** Dates (-T, iso) instead of stamps. The differences that -d and -e print are not times. */
const DATES = /"time":\s*(?:"|\[|\d{4}-\d\d-\d\dT)/;
const DIFFERENCES = /"time":\s*"?\[?\s*(?:[<+]|[A-Z][a-z]{2}\d\d \d\d:\d\d\])/;

/** `dmesg --json`; with -T or iso, the stamps are made from dates. */
export const dmesgJson: LogFormat = {
  name: 'dmesg --json',
  description: 'dmesg --json, also as jq prints its objects',
  recognise({ text }: LogHead) {
    const json = WRAPPER.test(text) || OBJECT.test(text);
    return json && !DIFFERENCES.test(text) ? 1 : 0;
  },
  open: ({ text }: LogHead) => new JsonParser(DATES.test(text) ? 'first record' : 'boot'),
};

class JsonParser implements LogParser {
  readonly origin: StampOrigin;
  readonly #cursor = new Cursor();
  readonly #names = new Names();
  /** True while looking for the next object after a broken one, which has been reported. */
  #lost = false;
  #reason = '';
  /** Where the last string that was read lies, and where "msg" does; both without their quotes. */
  #start = 0;
  #end = 0;
  #msgStart = 0;
  #msgEnd = -1;
  #escaped = false;
  #msgEscaped = false;
  /** The window, and finders of the bytes in it that decide how it is read. */
  #bytes: Buffer = Buffer.alloc(0);
  readonly #backslash = new ByteFinder(BACKSLASH);
  readonly #newline = new ByteFinder(NEWLINE);

  constructor(origin: StampOrigin) {
    this.origin = origin;
  }

  parse(window: Uint8Array, at: number, end: number, follows: Follows, batch: Batch): number {
    const last = follows === 'nothing';
    const bytes = window as Buffer;
    const cursor = this.#cursor;
    this.#bytes = bytes;
    this.#backslash.reset();
    this.#newline.reset();
    let pos = at;
    while (!batch.full) {
      pos = this.#lost ? this.#nextObject(bytes, pos, end, batch) : skipBetween(bytes, pos, end, batch);
      if (this.#lost || pos >= end) return last ? end : pos;
      const record = batch.next();
      record.line = batch.line + 1;
      cursor.set(bytes, pos, end);
      const outcome = this.#object(cursor, record);
      const length = cursor.pos - pos;
      if (length <= RECORD_MAX_BYTES) {
        if (outcome === 'record' || outcome === 'wrapper') {
          batch.line += cursor.newlines;
          if (outcome === 'record') this.#commit(bytes, record, batch);
          pos = cursor.pos;
          continue;
        }
        if (!last && (outcome === 'incomplete' || end - pos < EXCERPT_BYTES)) return pos;
      }
      const reason = length > RECORD_MAX_BYTES ? TOO_LONG : outcome === 'incomplete' ? CUT : this.#reason;
      batch.problems.add(record.line, reason, bytes, pos, end);
      this.#lost = true;
      // The bytes from `pos` on are read again, so the finders must begin anew.
      this.#backslash.reset();
      this.#newline.reset();
      if (bytes[pos] === NEWLINE) batch.line++;
      pos++;
    }
    return pos;
  }

  /**
   * Reads one object. Leaves the cursor behind it, at the fault, or at the end of the window.
   */
  #object(cursor: Cursor, record: PooledRecord): Outcome {
    this.#reason = NO_OBJECT;
    this.#msgEnd = -1;
    if (cursor.take(OPEN)) {
      do {
        skipWhite(cursor);
        if (!this.#string(cursor)) break;
        const name = this.#word(cursor);
        skipWhite(cursor);
        if (!cursor.take(0x3a)) break;
        skipWhite(cursor);
        if (name === 'dmesg') {
          if (cursor.take(0x5b)) return 'wrapper';
          break;
        }
        if (!this.#member(name, cursor, record)) break;
        skipWhite(cursor);
        if (cursor.take(CLOSE)) {
          if (this.#msgEnd >= 0) return 'record';
          this.#reason = NO_MSG;
          return 'broken';
        }
      } while (cursor.take(0x2c));
    }
    return cursor.pos >= cursor.end ? 'incomplete' : 'broken';
  }

  /** Reads the value of member `name`. Returns false if it is wrong or not all in the window. */
  #member(name: string, cursor: Cursor, record: PooledRecord): boolean {
    switch (name) {
      case 'msg':
        if (!this.#string(cursor)) return false;
        this.#msgStart = this.#start;
        this.#msgEnd = this.#end;
        this.#msgEscaped = this.#escaped;
        return true;
      case 'time':
        if (this.origin === 'first record') return date(cursor, record);
        record.tsUsec = seconds(cursor);
        return record.tsUsec >= 0;
      case 'caller': {
        if (!this.#string(cursor)) return false;
        const id = new Cursor();
        id.set(cursor.bytes, this.#start, this.#end);
        record.callerId = id.caller();
        if (record.callerId >= 0 && id.pos === id.end) return true;
        return this.#refuse('a "caller" that is neither a thread nor a CPU');
      }
      case 'fac':
        if (!this.#string(cursor)) return false;
        record.facility = FACILITY_NUMBERS.get(this.#word(cursor)) ?? -1;
        return record.facility >= 0 || this.#refuse('an unknown "fac"');
      case 'pri': {
        if (cursor.peek() === QUOTE) {
          if (!this.#string(cursor)) return false;
          record.level = LEVEL_NUMBERS.get(this.#word(cursor)) ?? -1;
          return record.level >= 0 || this.#refuse('an unknown "pri"');
        }
        const priority = cursor.decimal();
        record.level = priority & 7;
        record.facility = priority >> 3;
        return (priority >= 0 && priority <= PRIORITY_MAX) || this.#refuse('an unknown "pri"');
      }
      default:
        return cursor.peek() === QUOTE ? this.#string(cursor) : skipLiteral(cursor);
    }
  }

  #refuse(reason: string): false {
    this.#reason = reason;
    return false;
  }

  /**
   * Reads a string and puts its limits into `#start` and `#end`. Returns false if there is none or
   * not all of it is in the window.
   */
  #string(cursor: Cursor): boolean {
    if (!cursor.take(QUOTE)) return false;
    const { bytes, end } = cursor;
    let pos = cursor.pos;
    this.#start = pos;
    const quote = this.#bytes.indexOf(QUOTE, pos);
    if (quote >= 0 && quote < end) {
      this.#escaped = this.#backslash.within(this.#bytes, pos, quote);
      if (!this.#escaped && !this.#newline.within(this.#bytes, pos, quote)) {
        this.#end = quote;
        cursor.pos = quote + 1;
        return true;
      }
    }
    this.#escaped = true;
    while (pos < end) {
      const byte = bytes[pos]!;
      if (byte === QUOTE) {
        this.#end = pos;
        cursor.pos = pos + 1;
        return true;
      }
      if (byte === NEWLINE) break;
      pos += byte === BACKSLASH ? 2 : 1;
    }
    cursor.pos = Math.min(pos, end);
    return false;
  }

  /** Returns the last string that was read, as a name; escapes in it are not decoded. */
  #word(cursor: Cursor): string {
    return this.#names.get(cursor.bytes, this.#start, Math.min(this.#end, this.#start + WORD_MAX_BYTES));
  }

  #commit(bytes: Buffer, record: PooledRecord, batch: Batch): void {
    const end = this.#msgEscaped ? unescapeJson(bytes, this.#msgStart, this.#msgEnd) : this.#msgEnd;
    batch.commit(record, view(bytes, this.#msgStart, end));
  }

  /**
   * Returns where the next object begins. If there is none, `#lost` stays set, and the result is
   * where to search from when more has come.
   */
  #nextObject(bytes: Buffer, from: number, end: number, batch: Batch): number {
    for (let pos = from; pos < end; pos++) {
      const byte = bytes[pos]!;
      if (byte === NEWLINE) batch.line++;
      if (byte !== OPEN) continue;
      let name = pos + 1;
      while (name < end && isWhite(bytes[name]!)) name++;
      if (name + 1 >= end && name - pos < EXCERPT_BYTES) return pos;
      if (bytes[name] !== QUOTE || !isLetter(bytes[name + 1]!)) continue;
      this.#lost = false;
      return pos;
    }
    return end;
  }
}

/** Skips the white space, commas and closing brackets between objects; returns where they end. */
function skipBetween(bytes: Uint8Array, from: number, end: number, batch: Batch): number {
  let pos = from;
  for (; pos < end; pos++) {
    const byte = bytes[pos]!;
    if (byte === NEWLINE) batch.line++;
    else if (!isWhite(byte) && byte !== 0x2c && byte !== 0x5d && byte !== CLOSE) break;
  }
  return pos;
}
