/**
 * printk: from a formatted message to a record in the ring.
 *
 *   text, facility, level, device
 *     -> level and continuation markers (0x01 and a digit or `c`), only in the kernel's own messages
 *     -> a reservation, sized by the unstripped text, cut to the record's maximum
 *     -> the text without markers and without one trailing newline
 *     -> finalized, if it ended in a newline; else it waits for a continuation or for the next record
 *
 * `store` does that. Who prints is not its business: `onStored` tells the consoles. Nothing here throws.
 *
 * Linux: kernel/printk/printk.c vprintk_store(). Differs: the text comes formatted, there are no varargs.
 *
 * Over 300 lines: 4.2 stores and continues by rules of its own, beside the others'.
 */
import type { Heap } from '../memory/heap.js';
import type { Profile } from '../profile/index.js';
import type { Usec } from '../time/index.js';
import { LogBuffer } from './logbuf.js';
import {
  type DevPrintkInfo,
  LOG_CONT,
  LOG_FORCE_CON,
  LOG_NEWLINE,
  LOG_PREFIX,
  LOGLEVEL_DEFAULT,
  type LogLevel,
  type Task,
} from './record.js';
import type { Ringbuffer } from './ring.js';
import { PrintkRingbuffer } from './ringbuffer.js';

/** What may be said of a message beside its text. */
export interface PrintkOptions {
  /** 0 (the default): the kernel's own; 1..255: what user space writes. */
  readonly facility?: number;
  /** Overrides a level marker in the text. */
  readonly level?: LogLevel;
  /** The device it is about; cut to 15 and 47 bytes. Linux: dev_printk(). */
  readonly dev?: DevPrintkInfo;
  /** Who logs; default: the kernel's current task. */
  readonly task?: Task;
  /** For replaying: the record's own stamp instead of now. */
  readonly tsUsec?: number;
  /** For replaying: a caller id instead of the task's. */
  readonly callerId?: number;
  /** Every console prints it, whatever its level. Linux: printk_force_console_enter(). */
  readonly force?: boolean;
  /** For replaying: the record's own flag `c`. */
  readonly cont?: boolean;
}

const MARKER = 0x01;
const NEWLINE = 0x0a;
const encoder = new TextEncoder();
const TRUNCATED: Uint8Array = encoder.encode('<truncated>');
const NOTHING: PrintkOptions = {};
/** A string longer than this is encoded apart. */
const SCRATCH_CHARS = 2048;

export interface PrintkConfig {
  readonly profile: Profile;
  /** CONFIG_PRINTK_CALLER. */
  readonly caller: boolean;
}

/** A method of one class, not a function for each kernel: so that the compiler knows it, and a time needs no object. */
interface Clock {
  /** Microseconds since boot. */
  now(): Usec;
}

export class PrintkStore {
  readonly heap: Heap;
  readonly ring: Ringbuffer;
  /** Linux: default_message_loglevel. */
  defaultMessageLoglevel = 4;
  readonly #clock: Clock;
  current: Task = { pid: 1, comm: 'init', cpu: 0 };
  /** Nothing is stored any more. Linux: suppress_printk and the end of panic(). */
  suppress = false;
  /** Called before a message is stored, with what it will be; may store others first. For scenarios that follow a log. */
  onStore: ((text: Uint8Array, facility: number, level: number) => number | undefined) | undefined;

  readonly recordMax: number;
  /** Whether an extended console is registered: then 4.2 joins no lines. */
  extConsoles: () => boolean = () => false;
  readonly #log: LogBuffer | undefined;
  readonly #prb: PrintkRingbuffer | undefined;
  /** 4.2's unfinished line. Linux: struct cont. */
  readonly #cont = { bytes: TRUNCATED.subarray(0, 0), length: 0, facility: 0, level: 0, owner: 0, tsUsec: 0 };
  readonly #context: boolean;
  readonly #scratchAt: number;
  readonly #scratch: Uint8Array;

  constructor(heap: Heap, ring: Ringbuffer, config: PrintkConfig, clock: Clock) {
    this.heap = heap;
    this.ring = ring;
    this.#clock = clock;
    const { profile } = config;
    this.recordMax = profile.recordMax - (config.caller && profile.callerTakesRecord ? 16 : 0);
    this.#context = profile.executionContext;
    this.#log = ring instanceof LogBuffer ? ring : undefined;
    this.#prb = ring instanceof PrintkRingbuffer ? ring : undefined;
    if (this.#log !== undefined) this.#cont.bytes = new Uint8Array(this.recordMax);
    this.#scratch = textScratch(heap);
    this.#scratchAt = this.#scratch.byteOffset;
  }

  /** Stores one message; returns the bytes of text stored, 0 if it was lost. */
  store(text: string | Uint8Array, options?: PrintkOptions): number {
    if (this.suppress) return 0;
    let src: Uint8Array;
    let from = 0;
    let length: number;
    if (typeof text !== 'string') {
      src = text;
      length = text.length;
    } else if (text.length > SCRATCH_CHARS) {
      src = encoder.encode(text);
      length = src.length;
    } else {
      src = this.heap.bytes;
      from = this.#scratchAt;
      length = encoder.encodeInto(text, this.#scratch).written;
    }

    const stored = this.#storeWhole(src, from, length, options ?? NOTHING);
    return stored >= 0 ? stored : this.#storeSteps(src, from, length, options ?? NOTHING);
  }

  /** What nearly all messages are: one whole line with at most a level before it. -1: another one, or there is no simple room for it. */
  #storeWhole(src: Uint8Array, from: number, length: number, options: PrintkOptions): number {
    const ring = this.#prb;
    const end = from + length - 1;
    if (ring === undefined || this.onStore !== undefined) return -1;
    if (length < 1 || length >= this.recordMax || src[end] !== NEWLINE) return -1;
    let level = this.defaultMessageLoglevel;
    let facility = 0;
    let task = this.current;
    let callerId: number | undefined;
    let tsUsec: number | undefined;
    let markerCounts = true;
    // Nearly always there are none, and then none is looked at.
    if (options !== NOTHING) {
      if (options.dev !== undefined || options.cont || options.force) return -1;
      facility = options.facility ?? 0;
      if (options.level !== undefined && options.level >= 0) {
        level = options.level;
        markerCounts = false;
      }
      task = options.task ?? task;
      callerId = options.callerId;
      tsUsec = options.tsUsec;
    }
    let markers = 0;
    if (facility === 0 && src[from] === MARKER) {
      const c = src[from + 1]!;
      if (length < 4 || c < 0x30 || c > 0x37 || src[from + 2] === MARKER) return -1;
      if (markerCounts) level = c - 0x30;
      markers = 2;
    }
    const n = length - 1 - markers;
    const at = ring.store(
      length + 1,
      n,
      (tsUsec ?? this.#clock.now()) as Usec,
      facility & 0xff,
      level & 7,
      LOG_NEWLINE,
      callerId ?? (task.pid > 0 ? task.pid : 0x80000000 + task.cpu),
      this.#context ? task.cpu : 0,
      this.#context ? task.comm : '',
    );
    if (at === 0) return -1;
    // The whole message, markers and newline too: the block has room for it, and that is cheaper than a view of its middle.
    if (from === 0) this.heap.bytes.set(src, at - markers);
    else this.heap.bytes.copyWithin(at, from + markers, end);
    return n;
  }

  #storeSteps(src: Uint8Array, from: number, length: number, options: PrintkOptions): number {
    const facility = options.facility ?? 0;
    let level = options.level ?? LOGLEVEL_DEFAULT;
    let cont = options.cont ?? false;
    let markers = 0;
    if (facility === 0 && src[from] === MARKER) {
      // Only the first seven bytes were formatted when the kernel looks: three pairs. Before 4.9 one pair, and `d` for `c`.
      const pairs = this.#log === undefined ? length : 2;
      for (; markers + 1 < length && markers < pairs && src[from + markers] === MARKER; markers += 2) {
        const c = src[from + markers + 1]!;
        if (c === (this.#log === undefined ? 0x63 : 0x64)) {
          if (markers < 6) cont ||= this.#log === undefined;
        } else if (c >= 0x30 && c <= 0x37) {
          if (level === LOGLEVEL_DEFAULT && markers < 6) level = c - 0x30;
        } else {
          break;
        }
      }
    }
    if (level === LOGLEVEL_DEFAULT) level = this.defaultMessageLoglevel;

    let tsUsec = options.tsUsec;
    if (this.onStore !== undefined) {
      const said = src.slice(from + markers, from + length);
      tsUsec ??= this.onStore(said, facility, level);
      // Whatever it stored in between used the scratch.
      if (from !== 0) this.heap.bytes.set(said, from + markers);
    }
    const task = options.task ?? this.current;
    const callerId = options.callerId ?? (task.pid > 0 ? task.pid : 0x80000000 + task.cpu);

    if (this.#log !== undefined)
      return this.#storeLog(this.#log, src, from, length, markers, facility, level, options, tsUsec);

    let reserve = Math.min((length + 1) & 0xffff || 1, this.recordMax);
    let newline = options.dev !== undefined;
    if (cont) {
      const e = this.ring.reserveInLast(callerId, reserve, this.recordMax);
      if (e !== undefined) {
        let n = Math.min(length, reserve - 1);
        if (n > 0 && src[from + n - 1] === NEWLINE) {
          n--;
          newline = true;
        }
        const start = Math.min(markers, n);
        this.#copy(src, from + start, n - start, e.textAt + e.textLen);
        e.textLen += n - start;
        if (newline) {
          e.flags |= LOG_NEWLINE;
          this.ring.finalCommit(e);
        } else {
          this.ring.commit(e);
        }
        return n - start;
      }
    }

    let truncated = 0;
    let entry = this.ring.reserve(reserve);
    if (entry === undefined) {
      // A quarter of the ring at most, so that one message cannot push out all others.
      reserve = Math.min(reserve, Math.floor(this.ring.size / 4));
      if (reserve >= TRUNCATED.length) {
        truncated = TRUNCATED.length;
        reserve -= truncated;
      }
      entry = this.ring.reserve(reserve + truncated);
      if (entry === undefined) return 0;
    }
    let n = Math.min(length, reserve - 1);
    if (n > 0 && src[from + n - 1] === NEWLINE) {
      n--;
      newline = true;
    }
    const start = Math.min(markers, n);
    n -= start;
    this.#copy(src, from + start, n, entry.textAt);
    if (truncated > 0) this.heap.bytes.set(TRUNCATED, entry.textAt + n);
    entry.textLen = n + truncated;
    entry.tsUsec = (tsUsec ?? this.#clock.now()) as Usec;
    entry.facility = facility & 0xff;
    entry.level = level & 7;
    entry.flags = (newline ? LOG_NEWLINE : 0) | (cont ? LOG_CONT : 0) | (options.force ? LOG_FORCE_CON : 0);
    entry.callerId = callerId;
    if (this.#context) {
      entry.cpu = task.cpu;
      entry.comm = task.comm;
    }
    if (options.dev !== undefined) {
      entry.dev = cutDev(options.dev);
    }
    if (newline) this.ring.finalCommit(entry);
    else this.ring.commit(entry);
    return n + truncated;
  }

  /** The kernels before 4.9 and 5.10. Linux 4.2: vprintk_emit(), cont_add(), cont_flush(). Differs: an unfinished line reaches consoles when it is whole. */
  #storeLog(
    log: LogBuffer,
    src: Uint8Array,
    from: number,
    length: number,
    markers: number,
    facility: number,
    level: number,
    options: PrintkOptions,
    tsUsec: number | undefined,
  ): number {
    let n = Math.min(length, this.recordMax - 1);
    let flags = options.dev !== undefined ? LOG_PREFIX | LOG_NEWLINE : 0;
    if (n > 0 && src[from + n - 1] === NEWLINE) {
      n--;
      flags |= LOG_NEWLINE;
    }
    // Only the first marker is read, and it begins a line of its own.
    const start = Math.min(markers, n, 2);
    if (start > 0) flags |= LOG_PREFIX;
    n -= start;
    const text = src.slice(from + start, from + start + n);
    const ts = tsUsec ?? this.#clock.now();
    const owner = (options.task ?? this.current).pid;
    const cont = this.#cont;
    const flush = (how: number) => {
      if (cont.length === 0) return;
      const line = Uint8Array.from(cont.bytes.subarray(0, cont.length));
      cont.length = 0;
      log.store(
        { facility: cont.facility, level: cont.level, flags: how, tsUsec: cont.tsUsec, dev: undefined },
        line,
        0,
        line.length,
      );
    };
    const add = (): boolean => {
      if (this.extConsoles() || cont.length + n > cont.bytes.length) {
        flush(LOG_CONT);
        return false;
      }
      if (cont.length === 0) Object.assign(cont, { facility, level, owner, tsUsec: ts });
      cont.bytes.set(text, cont.length);
      cont.length += n;
      if (cont.length > (cont.bytes.length * 80) / 100) flush(LOG_CONT);
      return true;
    };
    const put = (how: number) =>
      log.store({ facility, level, flags: how, tsUsec: ts, dev: cutDev(options.dev) }, text, 0, n);
    if ((flags & LOG_NEWLINE) === 0) {
      if (cont.length > 0 && ((flags & LOG_PREFIX) !== 0 || cont.owner !== owner)) flush(LOG_NEWLINE);
      return add() ? n : put(flags | LOG_CONT);
    }
    let stored = false;
    if (cont.length > 0) {
      if (cont.owner === owner && (flags & LOG_PREFIX) === 0) stored = add();
      flush(LOG_NEWLINE);
    }
    return stored ? n : put(flags);
  }

  #copy(src: Uint8Array, from: number, length: number, to: number): void {
    const { bytes } = this.heap;
    if (src === bytes) bytes.copyWithin(to, from, from + length);
    else if (from === 0 && length === src.length) bytes.set(src, to);
    else bytes.set(src.subarray(from, from + length), to);
  }
}

function cutDev(dev: DevPrintkInfo | undefined): DevPrintkInfo | undefined {
  return dev && { subsystem: dev.subsystem.slice(0, 15), device: dev.device.slice(0, 47) };
}

const scratches = new WeakMap<Heap, Uint8Array>();

/** Where strings are encoded: one place a heap, used only inside `store`. */
function textScratch(heap: Heap): Uint8Array {
  let scratch = scratches.get(heap);
  if (scratch === undefined) {
    const at = heap.alloc(SCRATCH_CHARS * 3 + 64, 64);
    scratch = heap.bytes.subarray(at, at + SCRATCH_CHARS * 3);
    scratches.set(heap, scratch);
  }
  return scratch;
}
