/**
 * One complete line, as nearly all messages are: a descriptor and its block in one call of the
 * lane, then the text.
 *
 * Everything else, a line that is continued or continues, a device's name, a forced one, a text
 * that is cut, and a ring with no simple room, takes the steps of `continued.ts`, which give the
 * same record.
 */
import { ID_BYTES } from '../../lane/layout.js';
import type { Heap } from '../../memory/heap.js';
import type { Usec } from '../../time/index.js';
import { packInfo } from '../prb.js';
import { LOG_NEWLINE, type Task } from '../record.js';
import type { PrbRing } from '../ring.js';
import { KERN_CONT_MARKERS, MARKER, markerBytes, markerContinues, markerLevel, parseMarkers } from './markers.js';
import {
  callerIdOf,
  NO_OPTIONS,
  type PrintkOptions,
  type StoreContext,
  type StoreStrategy,
  withNewline,
} from './strategy.js';

const NEWLINE = 0x0a;
/**
 * Used by `call`: V8 looks the method of `bytes.set(...)` up at every call, and that takes as long
 * as copying a short line.
 */
const { set } = Uint8Array.prototype;

/** The strategy of a ring of descriptors. */
export class WholeStore implements StoreStrategy {
  readonly #ring: PrbRing;
  readonly #context: StoreContext;
  readonly #steps: StoreStrategy;
  readonly #heap: Heap;
  readonly #recordMax: number;
  readonly #keepsTask: boolean;

  constructor(ring: PrbRing, context: StoreContext, steps: StoreStrategy) {
    this.#ring = ring;
    this.#context = context;
    this.#steps = steps;
    this.#heap = context.heap;
    this.#recordMax = context.recordMax;
    this.#keepsTask = context.executionContext;
  }

  store(src: Uint8Array, from: number, length: number, options: PrintkOptions): number {
    const newline = options.newline === true;
    // The line without its newline.
    const n = newline ? length : length > 0 && src[from + length - 1] === NEWLINE ? length - 1 : -1;
    const stored = n < 0 ? -1 : this.#storeLine(src, from, n, options);
    if (stored >= 0) return stored;
    if (newline) return this.#steps.store(withNewline(src, from, length), 0, length + 1, options);
    return this.#steps.store(src, from, length, options);
  }

  /** Stores a line of `length` bytes, a newline not counted. -1: that takes the steps. */
  #storeLine(src: Uint8Array, from: number, length: number, options: PrintkOptions): number {
    const context = this.#context;
    if (length + 1 >= this.#recordMax || context.onStore !== undefined) return -1;
    let level = -1;
    let facility = 0;
    let task: Task = context.current;
    let callerId: number | undefined;
    let tsUsec: number | undefined;
    if (options !== NO_OPTIONS) {
      if (options.dev !== undefined || options.cont || options.force) return -1;
      facility = options.facility ?? 0;
      level = options.level ?? -1;
      task = options.task ?? task;
      callerId = options.callerId;
      tsUsec = options.tsUsec;
    }
    let skip = 0;
    if (facility === 0 && src[from] === MARKER) {
      const markers = parseMarkers(src, from, length, KERN_CONT_MARKERS);
      skip = markerBytes(markers);
      // What stands before the text is copied with it, over its block's id.
      if (markerContinues(markers) || skip > ID_BYTES) return -1;
      if (level < 0) level = markerLevel(markers);
    }
    if (level < 0) level = context.defaultMessageLoglevel;
    const n = length - skip;
    const info = packInfo(n, facility & 0xff, level & 7, LOG_NEWLINE);
    const at = this.#ring.store(
      length + 2,
      info,
      (tsUsec ?? context.now()) as Usec,
      callerId ?? callerIdOf(task),
      this.#keepsTask === true ? task : undefined,
    );
    if (at === 0) return -1;
    // Markers and a newline are copied too: the block has room for them, and that is cheaper than a
    // view of the middle.
    if (src === this.#heap.bytes) this.#heap.lane.copy(from + skip, n, at);
    else set.call(this.#heap.bytes, src, at - skip);
    return n;
  }
}
