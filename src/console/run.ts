/**
 * One console's way through the log: which record is next, how many were lost on the way, and the
 * next message, formatted as that kind of console wants it.
 *
 *   record -> filtered by console_loglevel -> formatted plain or extended -> preceded by a notice of what was lost
 *
 * Linux: kernel/printk/printk.c printk_get_next_message(), console_prepend_dropped().
 */
import type { Heap } from '../memory/heap.js';
import { type FormatOptions, formatExt, formatPlain, formatPlainLog } from '../printk/format.js';
import { extFlag } from '../printk/kmsg.js';
import { LOG_FORCE_CON, LOG_NOCONS, type PrintkRecord, printkRecord } from '../printk/record.js';
import { type RingReader, readValid } from '../printk/ring.js';
import type { Profile } from '../profile/index.js';
import { encodeText } from '../wire/text.js';
import { CON_EXTENDED, type Console, type ConsoleHost, type ConsoleMessage, type ConsoleRun } from './console.js';

/** Where a notice goes in front of a message, in the borrowed buffer. */
const NOTICE_ROOM = 64;

/**
 * What decides which records consoles print: the registry's own fields, read anew for each record.
 */
export interface LoglevelSettings {
  /** Consoles print only records whose level is a lower number. */
  readonly consoleLoglevel: number;
  /** Whether they print every record, whatever its level. */
  readonly ignoreLoglevel: boolean;
}

/** Above every level. */
const LOGLEVELS = 8;

/** A registered console, and where it is in the log. */
export class RegisteredConsole implements ConsoleRun {
  /** The console itself, which belongs to whoever registered it. */
  readonly con: Console;
  seq: number;
  left = 0;
  start = 0;
  end = 0;
  readonly record: PrintkRecord = printkRecord();
  readonly #heap: Heap;
  readonly #ring: RingReader;
  readonly #profile: Profile;
  readonly #format: FormatOptions;
  readonly #settings: LoglevelSettings;
  readonly #extended: boolean;
  /** The ring of the kernels before 5.10, whose formats depend on the record before. */
  readonly #byteRing: boolean;
  /** Records lost since the last notice. */
  #dropped = 0;
  /** The flags of the record before, on which the formats of the byte ring depend. */
  previousFlags = 0;
  #wanted = true;
  /** The buffer that messages are formatted in. */
  #at = 0;
  /** The message that follows its notice; 0 if there is none. */
  #nextStart = 0;
  #nextEnd = 0;

  constructor(con: Console, seq: number, host: ConsoleHost, settings: LoglevelSettings) {
    this.con = con;
    this.seq = seq;
    this.#heap = host.heap;
    this.#ring = host.ring;
    this.#profile = host.profile;
    this.#format = host.format;
    this.#settings = settings;
    this.#extended = (con.flags & CON_EXTENDED) !== 0;
    this.#byteRing = host.profile.ring === 'log';
  }

  get bytes(): Uint8Array {
    return this.#heap.bytes;
  }

  get loglevel(): number {
    const { consoleLoglevel, ignoreLoglevel } = this.#settings;
    return ignoreLoglevel ? LOGLEVELS : Math.max(0, consoleLoglevel);
  }

  /**
   * Lets the console print up to `max` records; returns whether there was one. Linux:
   * console_emit_next_record().
   */
  print(max: number): boolean {
    const heap = this.#heap;
    if (this.seq >= this.#ring.nextSeq || this.skip()) return false;
    // A console may be printed from inside its own `emit`, as when it is unregistered there: the
    // outer call continues where the inner one stopped.
    const { left, start, end } = this;
    const at = this.#at;
    this.#at = heap.borrow();
    this.left = max;
    this.#nextEnd = 0;
    try {
      this.con.emit(this);
      return this.left < max;
    } finally {
      heap.giveBack(this.#at);
      this.#at = at;
      this.left = left;
      this.start = start;
      this.end = end;
    }
  }

  /** Gives the console one message that is not a record of the log. */
  printMessage({ start, end, record }: ConsoleMessage): void {
    this.left = 0;
    this.#nextStart = start;
    this.#nextEnd = end;
    Object.assign(this.record, record);
    this.con.emit(this);
  }

  /**
   * Moves a console that wants no records past all of them. Returns false if the console must look
   * at each record.
   */
  skip(): boolean {
    const { con } = this;
    this.#wanted = con.wants === undefined || con.wants();
    if (this.#wanted) return false;
    const ring = this.#ring;
    if (this.#byteRing || this.#dropped > 0 || this.seq < ring.firstSeq) return false;
    this.seq = Math.max(this.seq, ring.finalSeq);
    return true;
  }

  passed(records: number): void {
    this.seq += records;
    this.left -= records;
  }

  next(): boolean {
    if (this.#nextEnd > 0) {
      this.start = this.#nextStart;
      this.end = this.#nextEnd;
      this.#nextEnd = 0;
      return true;
    }
    const ring = this.#ring;
    const { record } = this;
    while (this.left > 0) {
      const { seq } = this;
      const outcome = ring.read(seq, record);
      if (outcome === 'none') return false;
      if (outcome === 'lost') {
        if (!readValid(ring, seq, record)) return false;
        this.#dropped += record.seq - seq;
      }
      this.seq = record.seq + 1;
      this.left--;
      const previous = this.previousFlags;
      this.previousFlags = record.flags;
      if (this.#byteRing && (record.flags & LOG_NOCONS) !== 0) continue;
      if (!this.#wanted || (record.level >= this.loglevel && (record.flags & LOG_FORCE_CON) === 0)) {
        if (this.#passOver()) return true;
        continue;
      }
      if (this.#extended) this.#formatExtended(previous);
      else this.#formatPlain(previous);
      return true;
    }
    return false;
  }

  /**
   * Skips a record that is filtered out or not wanted; returns whether its notice is sent all the
   * same.
   */
  #passOver(): boolean {
    const { record } = this;
    const profile = this.#profile;
    if (record.level < this.loglevel || (record.flags & LOG_FORCE_CON) !== 0) {
      if (!this.#extended && profile.droppedNotice !== 'none') this.#dropped = 0;
      return false;
    }
    // nbcon threads send the notice even if the record itself is filtered out.
    const notice = profile.nbcon && !this.#extended && this.#wanted && this.#dropped > 0;
    if (notice) this.#put(this.#notice());
    if (profile.filteredTakesNotice) this.#dropped = 0;
    return notice;
  }

  #formatExtended(previous: number): void {
    const profile = this.#profile;
    const flag = this.#byteRing ? extFlag(profile, this.record.flags, previous) : undefined;
    this.start = this.#at;
    this.end = this.start + formatExt(this.#heap, this.record, this.start, profile.extMax, this.#format, flag);
  }

  /** Formats the record just read, and puts the notice before it. */
  #formatPlain(previous: number): void {
    const heap = this.#heap;
    const profile = this.#profile;
    const format = this.#format;
    const start = this.#at + NOTICE_ROOM;
    const notice = this.#dropped > 0 && profile.droppedNotice !== 'none' ? this.#notice() : undefined;
    this.#dropped = 0;
    const length = this.#byteRing
      ? formatPlainLog(
          heap,
          this.record,
          start,
          profile.plainMax - (notice?.length ?? 0),
          format,
          profile.plainJoins ? previous : undefined,
        )
      : formatPlain(heap, this.record, start, profile.plainMax, format);
    this.start = start;
    this.end = start + length;
    if (notice === undefined) return;
    if (profile.droppedNotice === 'own-write') {
      this.#nextStart = this.start;
      this.#nextEnd = this.end;
      this.#put(notice);
      return;
    }
    this.start = start - notice.length;
    heap.bytes.set(notice, this.start);
    if (this.end - this.start >= profile.plainMax) this.end = this.start + profile.plainMax - 1;
  }

  /** Makes a notice the message. */
  #put(notice: Uint8Array): void {
    this.#heap.bytes.set(notice, this.#at);
    this.start = this.#at;
    this.end = this.#at + notice.length;
  }

  /** Says how many records were lost, and forgets it. */
  #notice(): Uint8Array {
    const end = this.#profile.droppedNotice === 'inline' ? ' ' : '\n';
    const text = `** ${this.#dropped} printk messages dropped **${end}`;
    this.#dropped = 0;
    return encodeText(text);
  }
}
