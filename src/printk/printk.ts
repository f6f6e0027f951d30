/**
 * printk: from a formatted message to a record in the ring.
 *
 *   text, facility, level, device
 *     -> level and continuation markers (0x01 and a digit or `c`), only in the kernel's own messages
 *     -> a reservation, sized by the unstripped text, cut to the record's maximum
 *     -> the text without markers and without one trailing newline
 *     -> finalized, if it ended in a newline; else it waits for a continuation or for the next record
 *
 * `PrintkStore.store` is the way in, and hands the message to the ring's strategy (`store/`).
 * Nothing is printed here: the caller tells the consoles. Nothing here throws.
 *
 * Linux: kernel/printk/printk.c vprintk_store(). Differs: the text comes formatted, there are no
 * varargs.
 */
import type { Heap } from '../memory/heap.js';
import { isBytes } from '../options.js';
import type { Profile } from '../profile/index.js';
import type { Usec } from '../time/index.js';
import type { Task } from './record.js';
import type { Ringbuffer } from './ring.js';
import {
  NO_OPTIONS,
  type PrintkOptions,
  type StoreContext,
  type StoreStrategy,
  type UnfinishedLine,
} from './store/strategy.js';

export type { PrintkOptions } from './store/strategy.js';

const encoder = new TextEncoder();
/** A longer string is encoded in memory of its own. */
const SCRATCH_CHARS = 2048;

/** What differs between the kernels' printk. */
export interface PrintkConfig {
  /** What the kernel's version does. */
  readonly profile: Profile;
  /** CONFIG_PRINTK_CALLER. */
  readonly caller: boolean;
}

/**
 * A class's method, not a function for each kernel, so that V8 sees one hidden class for all and
 * the time needs no boxed number.
 */
interface Clock {
  /** Microseconds since boot. */
  now(): Usec;
}

/** Stores the messages of one kernel. */
export class PrintkStore implements StoreContext {
  /** The heap of the ring, in which short strings are encoded. */
  readonly heap: Heap;
  /** The log that messages are stored in. */
  readonly ring: Ringbuffer;
  /** The task that logs from now on. Linux: current, smp_processor_id(). */
  current: Task = { pid: 1, comm: 'init', cpu: 0 };
  /** Linux: default_message_loglevel. */
  defaultMessageLoglevel = 4;
  /** When it is set, nothing is stored any more. Linux: suppress_printk and the end of panic(). */
  suppress = false;
  /**
   * For scenarios that follow a log: called with a message before it is stored, and may store
   * others first.
   */
  onStore: ((text: Uint8Array, facility: number, level: number) => number | undefined) | undefined;
  /** Says whether an extended console is registered; then kernels before 4.20 join no lines. */
  extConsoles: () => boolean = () => false;
  readonly recordMax: number;
  readonly executionContext: boolean;
  readonly #clock: Clock;
  readonly #strategy: StoreStrategy;
  readonly #scratchAt: number;
  readonly #scratch: Uint8Array;

  readonly profile: Profile;

  constructor(heap: Heap, ring: Ringbuffer, config: PrintkConfig, clock: Clock) {
    this.heap = heap;
    this.ring = ring;
    this.#clock = clock;
    const { profile } = config;
    this.profile = profile;
    this.recordMax = profile.recordMax - (config.caller && profile.callerTakesRecord ? 16 : 0);
    this.executionContext = profile.executionContext;
    this.#scratch = textScratch(heap);
    this.#scratchAt = this.#scratch.byteOffset;
    this.#strategy = ring.strategy(this);
  }

  /** The line that is kept back until it is whole, in the kernels before 5.10. */
  get unfinished(): UnfinishedLine | undefined {
    return this.#strategy.unfinished;
  }

  /** Microseconds since boot. */
  now(): Usec {
    return this.#clock.now();
  }

  /** Stores one message; returns the bytes of text stored, 0 if it was lost. */
  store(text: string | Uint8Array, options: PrintkOptions = NO_OPTIONS): number {
    if (typeof text === 'string') return this.suppress === true ? 0 : this.#storeString(text, options);
    if (text === null || text === undefined) checkBytes(text);
    // Once a member was read, V8 knows what kind of object this is, and the check costs nothing.
    const { length } = text;
    if (!(text instanceof Uint8Array)) checkBytes(text);
    if (this.suppress === true) return 0;
    // This throws TypeError for bytes that were transferred away, before room is made for them.
    if (length === 0) text.subarray();
    return this.#strategy.store(text, 0, length, options);
  }

  #storeString(text: string, options: PrintkOptions): number {
    if (text.length <= SCRATCH_CHARS) {
      const { written } = encoder.encodeInto(text, this.#scratch);
      return this.#strategy.store(this.heap.bytes, this.#scratchAt, written, options);
    }
    const src = encoder.encode(text);
    return this.#strategy.store(src, 0, src.length, options);
  }
}

/** Throws TypeError for a text, no string, that is not bytes either, of whatever realm. */
function checkBytes(text: unknown): void {
  if (isBytes(text)) return;
  throw new TypeError(`printk: the text is ${text === null ? 'null' : typeof text}, not a string or a Uint8Array`);
}

const scratches = new WeakMap<Heap, Uint8Array>();

/**
 * Returns where strings are encoded: each heap has one such place, which is used only inside
 * `store`.
 */
function textScratch(heap: Heap): Uint8Array {
  let scratch = scratches.get(heap);
  if (scratch === undefined) {
    const at = heap.alloc(SCRATCH_CHARS * 3 + 64, 64);
    scratch = heap.bytes.subarray(at, at + SCRATCH_CHARS * 3);
    scratches.set(heap, scratch);
  }
  return scratch;
}
