/**
 * A message of the byte ring, which stores whole records only: an unfinished line waits beside it (Linux: struct cont), until it
 * is continued and ends, someone else logs, or it grows too long.
 *
 * Linux 4.2: kernel/printk/printk.c vprintk_emit(), cont_add(), cont_flush(). Differs: an unfinished line reaches consoles when
 * it is whole.
 */
import { LOG_CONT, LOG_NEWLINE, LOG_PREFIX } from '../record.js';
import type { ByteRing, LogEntry } from '../ring.js';
import { KERN_DEFAULT_MARKERS, markerBytes, markerLevel, parseMarkers } from './markers.js';
import { cutDev, type PrintkOptions, type StoreContext, type StoreStrategy } from './strategy.js';

const NEWLINE = 0x0a;
/** An unfinished line longer than this part of its room is stored as it is. */
const CONT_FULL = 0.8;

/** The strategy of the byte ring. */
export class ByteStore implements StoreStrategy {
  readonly #log: ByteRing;
  readonly #context: StoreContext;
  /** The unfinished line. */
  readonly #cont: { bytes: Uint8Array; length: number; facility: number; level: number; owner: number; tsUsec: number };

  constructor(log: ByteRing, context: StoreContext) {
    this.#log = log;
    this.#context = context;
    const bytes = new Uint8Array(context.recordMax);
    this.#cont = { bytes, length: 0, facility: 0, level: 0, owner: 0, tsUsec: 0 };
  }

  store(src: Uint8Array, from: number, length: number, options: PrintkOptions): number {
    const context = this.#context;
    const facility = options.facility ?? 0;
    const markers = facility === 0 ? parseMarkers(src, from, length, KERN_DEFAULT_MARKERS) : 0;
    const skip = markerBytes(markers);
    let level: number = options.level ?? markerLevel(markers);
    if (level < 0) level = context.defaultMessageLoglevel;
    let flags = options.dev !== undefined ? LOG_PREFIX | LOG_NEWLINE : 0;
    let n = Math.min(length, context.recordMax - 1);
    if (n > 0 && src[from + n - 1] === NEWLINE) {
      n--;
      flags |= LOG_NEWLINE;
    }
    // What has a marker begins a line of its own.
    const start = Math.min(skip, n);
    if (start > 0) flags |= LOG_PREFIX;
    const text = src.slice(from + start, from + n);
    let { tsUsec } = options;
    if (context.onStore !== undefined)
      tsUsec ??= context.onStore(src.slice(from + skip, from + length), facility, level);
    const line = { facility, level, flags, tsUsec: tsUsec ?? context.now(), dev: cutDev(options.dev) };
    return this.#emit(text, line, (options.task ?? context.current).pid);
  }

  /** Linux: vprintk_emit() from the continuation buffer on. */
  #emit(text: Uint8Array, line: LogEntry, owner: number): number {
    const cont = this.#cont;
    const prefixed = (line.flags & LOG_PREFIX) !== 0;
    if ((line.flags & LOG_NEWLINE) === 0) {
      if (cont.length > 0 && (prefixed || cont.owner !== owner)) this.#flush(LOG_NEWLINE);
      return this.#add(text, line, owner)
        ? text.length
        : this.#log.store({ ...line, flags: line.flags | LOG_CONT }, text);
    }
    let added = false;
    if (cont.length > 0) {
      if (cont.owner === owner && !prefixed) added = this.#add(text, line, owner);
      this.#flush(LOG_NEWLINE);
    }
    return added ? text.length : this.#log.store(line, text);
  }

  /** Appends to the unfinished line; false: it must not wait. Linux: cont_add(). */
  #add(text: Uint8Array, { facility, level, tsUsec }: LogEntry, owner: number): boolean {
    const cont = this.#cont;
    if (this.#context.extConsoles() || cont.length + text.length > cont.bytes.length) {
      this.#flush(LOG_CONT);
      return false;
    }
    if (cont.length === 0) Object.assign(cont, { facility, level, owner, tsUsec });
    cont.bytes.set(text, cont.length);
    cont.length += text.length;
    if (cont.length > cont.bytes.length * CONT_FULL) this.#flush(LOG_CONT);
    return true;
  }

  /** Stores the unfinished line as it is. Linux: cont_flush(). */
  #flush(flags: number): void {
    const cont = this.#cont;
    if (cont.length === 0) return;
    const { facility, level, tsUsec } = cont;
    const line = cont.bytes.slice(0, cont.length);
    cont.length = 0;
    this.#log.store({ facility, level, flags, tsUsec, dev: undefined }, line);
  }
}
