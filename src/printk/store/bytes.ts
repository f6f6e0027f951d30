/**
 * How the kernels before 5.10 store a message: in the byte ring, an unfinished line kept back until
 * it is whole.
 *
 *   4.2, 4.4    a text without newline is a fragment. The same task's next text without a level continues it, anything else ends it.
 *   from 4.9    only a text that is marked KERN_CONT continues, of the same task; else the line is stored as it is.
 *
 * Up to 4.19 nothing is kept while an extended console is registered: every fragment is a record.
 * Up to 4.9 a kept line goes to the consoles at once, piece by piece (`printed`); its record is
 * then marked LOG_NOCONS, so that nobody prints it twice.
 *
 * Linux 4.2, 4.9, 4.14, 5.4: kernel/printk/printk.c vprintk_emit(), log_output(), cont_add(),
 * cont_flush(), cont_print_text().
 */
import type { Usec } from '../../time/index.js';
import {
  type DevPrintkInfo,
  LOG_CONT,
  LOG_FORCE_CON,
  LOG_NEWLINE,
  LOG_NOCONS,
  LOG_OWN_CONT,
  LOG_OWN_MORE,
  LOG_PREFIX,
  LOGLEVEL_DEFAULT,
} from '../record.js';
import type { ByteRing } from '../ring.js';
import { MARKER } from './markers.js';
import {
  callerIdOf,
  cutDev,
  type PrintkOptions,
  type StoreContext,
  type StoreStrategy,
  type UnfinishedLine,
  type UnfinishedPiece,
  withNewline,
} from './strategy.js';

const NEWLINE = 0x0a;
/** Room for a message's dictionary. Linux: dev_vprintk_emit(). */
const DICT_BYTES = 128;

/** What is said of a text beside it. */
interface Entry {
  facility: number;
  level: number;
  flags: number;
  tsUsec: Usec;
  callerId: number;
  dev: DevPrintkInfo | undefined;
}

/** The line that is kept back. Linux: struct cont. */
interface Unfinished extends Entry {
  readonly bytes: Uint8Array;
  /** 0: there is none. */
  length: number;
  /** How much of it the consoles have. Linux: cons. */
  printed: number;
  /** It is stored, and only waits for the consoles to have its end. */
  flushed: boolean;
}

/** The strategy of the byte ring. */
export class ByteStore implements StoreStrategy, UnfinishedLine {
  readonly #log: ByteRing;
  readonly #context: StoreContext;
  readonly #cont: Unfinished;

  constructor(log: ByteRing, context: StoreContext) {
    this.#log = log;
    this.#context = context;
    const entry = { facility: 0, level: 0, flags: 0, tsUsec: 0 as Usec, callerId: 0, dev: undefined };
    this.#cont = { ...entry, bytes: new Uint8Array(context.recordMax), length: 0, printed: 0, flushed: false };
  }

  get unfinished(): UnfinishedLine {
    return this;
  }

  /** As in `UnfinishedLine`. */
  get keeps(): boolean {
    return this.#cont.length > 0 && !this.#cont.flushed;
  }

  /**
   * Stores the message `src[from, from + length)`; returns the bytes of its text, 0 if it was lost.
   */
  store(src: Uint8Array, from: number, length: number, options: PrintkOptions): number {
    if (!options.newline) return this.#store(src, from, length, options);
    return this.#store(withNewline(src, from, length), 0, length + 1, options);
  }

  #store(src: Uint8Array, from: number, length: number, options: PrintkOptions): number {
    const { contMarker } = this.#context.profile;
    const { recordMax, current, defaultMessageLoglevel } = this.#context;
    const facility = options.facility ?? 0;
    const task = options.task ?? current;
    let level = options.level ?? LOGLEVEL_DEFAULT;
    let flags = options.force ? LOG_FORCE_CON : 0;
    if (options.dev !== undefined) flags |= LOG_PREFIX | LOG_NEWLINE;
    if (options.cont) flags |= contMarker ? LOG_CONT : options.continues ? LOG_OWN_MORE : LOG_OWN_CONT;
    // The kernel's own messages have a marker where a level is given here.
    else if (facility === 0 && level !== LOGLEVEL_DEFAULT) flags |= LOG_PREFIX;
    let n = Math.min(length, recordMax - 1);
    if (n > 0 && src[from + n - 1] === NEWLINE) {
      n--;
      flags |= LOG_NEWLINE;
    }
    let markers = 0;
    if (facility === 0) {
      for (const most = contMarker ? n : 2; markers + 1 < n && markers < most && src[from + markers] === MARKER; ) {
        const c = src[from + markers + 1]!;
        if (c >= 0x30 && c <= 0x37) {
          if (level === LOGLEVEL_DEFAULT) level = c - 0x30;
          flags |= LOG_PREFIX;
        } else if (c === 0x64) {
          flags |= LOG_PREFIX;
        } else if (c === 0x63 && contMarker) {
          flags |= LOG_CONT;
        } else {
          break;
        }
        markers += 2;
      }
    }
    const entry: Entry = {
      facility,
      level: level === LOGLEVEL_DEFAULT ? defaultMessageLoglevel : level,
      flags,
      tsUsec: 0 as Usec,
      callerId: options.callerId ?? callerIdOf(task),
      dev: dictionary(options.dev),
    };
    // A copy: what follows the log may store others in between, in the same scratch.
    const text = src.slice(from + markers, from + n);
    return contMarker ? this.#output(entry, text, options) : this.#emit(entry, text, options);
  }

  /** Stores a text as 4.2 and 4.4 do: a level begins a line. Linux 4.2: vprintk_emit(). */
  #emit(entry: Entry, text: Uint8Array, options: PrintkOptions): number {
    const cont = this.#cont;
    const own = cont.length > 0 && cont.callerId === entry.callerId && (entry.flags & LOG_PREFIX) === 0;
    const whole = (entry.flags & LOG_NEWLINE) !== 0;
    if (own && this.#add(entry, text)) {
      if (whole) this.#flush(LOG_NEWLINE);
      return text.length;
    }
    if (!own) this.#flush(LOG_NEWLINE);
    this.#stamp(entry, text, options);
    if (!whole && !own && this.#add(entry, text)) return text.length;
    if (!whole) entry.flags |= LOG_CONT;
    return this.#log.store(entry, text);
  }

  /** Stores a text as 4.9 and later do: a marker continues a line. Linux 4.9: log_output(). */
  #output(entry: Entry, text: Uint8Array, options: PrintkOptions): number {
    const cont = this.#cont;
    const continues = (entry.flags & LOG_CONT) !== 0;
    if (cont.length > 0) {
      if (continues && cont.callerId === entry.callerId && this.#add(entry, text)) return text.length;
      this.#flush(cont.flags);
    }
    // An empty continuation only ends the line before it.
    if (text.length === 0 && continues) return 0;
    this.#stamp(entry, text, options);
    if ((entry.flags & LOG_NEWLINE) === 0 && this.#add(entry, text)) return text.length;
    return this.#log.store(entry, text);
  }

  #stamp(entry: Entry, text: Uint8Array, options: PrintkOptions): void {
    const { onStore } = this.#context;
    if (options.tsUsec === undefined && onStore !== undefined) {
      // It sees the message as it was written, with its newline.
      const said = new Uint8Array(text.length + ((entry.flags & LOG_NEWLINE) !== 0 ? 1 : 0)).fill(NEWLINE);
      said.set(text);
      entry.tsUsec = (onStore(said, entry.facility, entry.level) ?? this.#context.now()) as Usec;
    } else {
      entry.tsUsec = (options.tsUsec ?? this.#context.now()) as Usec;
    }
  }

  /**
   * Keeps a text back, behind what is kept already; returns false if the text must be stored.
   * Linux: cont_add().
   */
  #add(entry: Entry, text: Uint8Array): boolean {
    const cont = this.#cont;
    const { contMarker, extStopsJoining } = this.#context.profile;
    if (cont.length > 0 && cont.flushed) return false;
    if ((extStopsJoining && this.#context.extConsoles()) || cont.length + text.length > cont.bytes.length) {
      this.#flush(contMarker ? cont.flags : LOG_CONT);
      return false;
    }
    if (cont.length === 0) Object.assign(cont, entry, { printed: 0, flushed: false });
    cont.bytes.set(text, cont.length);
    cont.length += text.length;
    if (contMarker && (entry.flags & LOG_NEWLINE) !== 0) {
      cont.flags |= LOG_NEWLINE;
      this.#flush(cont.flags);
    }
    // The kernels that join beside extended consoles keep a line up to its end.
    if (extStopsJoining && cont.length > (cont.bytes.length * 80) / 100)
      this.#flush(contMarker ? cont.flags : LOG_CONT);
    return true;
  }

  /** Stores what is kept. Linux: cont_flush(). */
  #flush(flags: number): void {
    const cont = this.#cont;
    if (cont.length === 0 || cont.flushed) return;
    const { facility, level, callerId, dev } = cont;
    const text = cont.bytes.slice(0, cont.length);
    const forced = flags | (cont.flags & LOG_FORCE_CON);
    if (cont.printed > 0) {
      cont.flushed = true;
      // From 4.9 the flags are those of the first fragment, but consoles end the line all the same.
      cont.flags = this.#context.profile.contMarker ? flags | LOG_NEWLINE : flags;
      this.#log.store({ facility, level, callerId, dev, flags: forced | LOG_NOCONS, tsUsec: cont.tsUsec }, text);
      return;
    }
    // Before 4.9 it has the time of its end.
    const tsUsec = this.#context.profile.contMarker ? cont.tsUsec : this.#context.now();
    cont.length = 0;
    this.#log.store({ facility, level, callerId, dev, flags: forced, tsUsec }, text);
  }

  /** Hears that all consoles have printed all there is. */
  allPrinted(): void {
    this.#log.clearNocons();
  }

  /** As in `UnfinishedLine`. */
  get unprinted(): 'nothing' | 'after records' | 'now' {
    const { length, printed } = this.#cont;
    if (length === 0 || !this.#context.profile.unfinishedAtConsoles) return 'nothing';
    return printed === 0 ? 'after records' : 'now';
  }

  /**
   * Returns what consoles print now of the line that is kept, which counts as printed from now on.
   * Linux: cont_print_text().
   */
  takePiece(): UnfinishedPiece {
    const cont = this.#cont;
    const { level, tsUsec } = cont;
    const first = cont.printed === 0;
    const ends = cont.flushed && (cont.flags & LOG_NEWLINE) !== 0;
    const text = new Uint8Array(cont.length - cont.printed + (ends ? 1 : 0));
    text.set(cont.bytes.subarray(cont.printed, cont.length));
    if (ends) text[text.length - 1] = NEWLINE;
    cont.printed = cont.length;
    if (cont.flushed) cont.length = 0;
    return { level, tsUsec, first, text, force: (cont.flags & LOG_FORCE_CON) !== 0 };
  }
}

/** A dictionary that does not fit is left out. */
function dictionary(dev: DevPrintkInfo | undefined): DevPrintkInfo | undefined {
  if (dev === undefined) return undefined;
  const { subsystem, device } = dev;
  const length = (subsystem === '' ? 0 : 11 + subsystem.length) + (device === '' ? 0 : 8 + device.length);
  return length <= DICT_BYTES ? cutDev(dev) : undefined;
}
