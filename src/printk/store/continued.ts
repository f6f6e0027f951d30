/**
 * A message of the rings of descriptors, step by step, whatever it is: it may continue the newest
 * record, it is cut to the record's maximum, or to a quarter of a ring that has no room, and it
 * stays open if it does not end in a newline.
 *
 * Linux: kernel/printk/printk.c vprintk_store(), truncate_msg().
 */
import type { Usec } from '../../time/index.js';
import { LOG_CONT, LOG_FORCE_CON, LOG_NEWLINE } from '../record.js';
import type { PrbReservedEntry, PrbRing } from '../ring.js';
import { KERN_CONT_MARKERS, markerBytes, markerContinues, markerLevel, parseMarkers } from './markers.js';
import {
  callerIdOf,
  cutDev,
  MAX_LOG_TAKE_PART,
  type PrintkOptions,
  type StoreContext,
  type StoreStrategy,
  TRUNCATED,
} from './strategy.js';

const NEWLINE = 0x0a;
/** Of one marker. */
const MARKER_BYTES = 2;

/** The steps of a ring of descriptors. */
export class ContinuedStore implements StoreStrategy {
  readonly #ring: PrbRing;
  readonly #context: StoreContext;

  constructor(ring: PrbRing, context: StoreContext) {
    this.#ring = ring;
    this.#context = context;
  }

  store(src: Uint8Array, from: number, length: number, options: PrintkOptions): number {
    const ring = this.#ring;
    const context = this.#context;
    const facility = options.facility ?? 0;
    const markers = facility === 0 ? parseMarkers(src, from, length, KERN_CONT_MARKERS) : 0;
    const skip = markerBytes(markers);
    const continues = (options.cont ?? false) || markerContinues(markers);
    let level: number = options.level ?? markerLevel(markers);
    if (level < 0) level = context.defaultMessageLoglevel;
    let { tsUsec } = options;
    if (context.onStore !== undefined) {
      const text = src.slice(from + skip, from + length);
      tsUsec ??= context.onStore(text, facility, level);
      // Whatever it stored in between used the place that a string is encoded in.
      if (from !== 0) context.heap.bytes.set(text, from + skip);
    }
    const task = options.task ?? context.current;
    const callerId = options.callerId ?? callerIdOf(task);
    const room = Math.min((length + 1) & 0xffff || 1, context.recordMax);
    const ends = (n: number) => n > 0 && src[from + n - 1] === NEWLINE;

    if (continues) {
      const e = ring.reserveInLast(callerId, room, context.recordMax);
      if (e !== undefined) {
        let n = Math.min(length, room - 1);
        const newline = ends(n);
        if (newline) n--;
        const start = Math.min(skip, n);
        this.#copy(src, from + start, n - start, e.textAt + e.textLen);
        e.textLen += n - start;
        if (newline || options.dev !== undefined) e.flags |= LOG_NEWLINE;
        this.#commit(e);
        return n - start;
      }
    }

    let entry = ring.reserve(room);
    let textRoom = room;
    let mark = 0;
    if (entry === undefined) {
      textRoom = Math.min(room, Math.floor(ring.size / MAX_LOG_TAKE_PART));
      if (textRoom >= TRUNCATED.length) mark = TRUNCATED.length;
      entry = ring.reserve(textRoom);
      if (entry === undefined) return 0;
      textRoom -= mark;
    }
    let n = Math.min(length, textRoom - 1);
    const newline = ends(n);
    if (newline) n--;
    const start = Math.min(skip, n);
    n -= start;
    this.#copy(src, from + start, n, entry.textAt);
    if (mark > 0) context.heap.bytes.set(TRUNCATED, entry.textAt + n);
    entry.textLen = n + mark;
    entry.tsUsec = (tsUsec ?? context.now()) as Usec;
    entry.facility = facility & 0xff;
    entry.level = level & 7;
    entry.flags =
      (newline || options.dev !== undefined ? LOG_NEWLINE : 0) |
      (continues ? LOG_CONT : 0) |
      (options.force ? LOG_FORCE_CON : 0);
    entry.callerId = callerId;
    if (context.executionContext) {
      entry.cpu = task.cpu;
      entry.comm = task.comm;
    }
    entry.dev = cutDev(options.dev);
    this.#commit(entry);
    return entry.textLen;
  }

  /** A line that has its newline is final; one that has not may be continued. */
  #commit(entry: PrbReservedEntry): void {
    if ((entry.flags & LOG_NEWLINE) !== 0) this.#ring.finalCommit(entry);
    else this.#ring.commit(entry);
  }

  /**
   * Copies the text. A view of the middle of `src` takes as long as copying a short line some times
   * over, so a marker before the text and a newline behind it are copied too: what the marker lands
   * on is put back, and the block has room for the newline.
   */
  #copy(src: Uint8Array, from: number, length: number, to: number): void {
    const { bytes, lane } = this.#context.heap;
    if (src === bytes) {
      lane.copy(from, length, to);
    } else if (from + length + 1 < src.length || (from !== 0 && from !== MARKER_BYTES)) {
      bytes.set(src.subarray(from, from + length), to);
    } else if (from === 0) {
      bytes.set(src, to);
    } else {
      const first = bytes[to - 2]!;
      const second = bytes[to - 1]!;
      bytes.set(src, to - MARKER_BYTES);
      bytes[to - 2] = first;
      bytes[to - 1] = second;
    }
  }
}
