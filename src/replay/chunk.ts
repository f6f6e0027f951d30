/**
 * Collects the records that are logged together, and reckons how many frames they become at most.
 *
 * Invariant: `lines[0, count)` are valid until `clear`, or until the reader is asked for its next
 * batch, because their texts lie in the reader's memory. The line objects are used again.
 */
import type { PrintkOptions } from '../printk/printk.js';
import type { LogLevel } from '../printk/record.js';
import type { LogRecord } from './formats/record.js';

/**
 * How many bytes of an escaped message surely fit into one frame's body, and how long the header of
 * an extended record may be.
 */
const PIECE_BYTES = 800;
const HEADER_BYTES = 200;
/** The size of the largest datagram, in bytes. */
const DATAGRAM_BYTES = 1000;
/**
 * The ring has one descriptor for this many bytes of text, and each record takes RECORD_BYTES
 * beside its own text. Linux: PRB_AVGBITS.
 */
const DESC_TEXT_BYTES = 32;
const RECORD_BYTES = 16;
/**
 * The level of a record whose log does not tell it, and the level below which records are sent.
 * Linux: default_message_loglevel, default_console_loglevel.
 */
const DEFAULT_LEVEL = 4;
const DEFAULT_LOGLEVEL = 7;
const NOTHING = new Uint8Array(0);

/** A record of the log, ready to be stored. It is the chunk's, and filled anew after `clear`. */
export interface ChunkLine {
  /** The record's seq, higher than that of the line before. */
  seq: number;
  /** The text without a newline at its end, in the reader's memory. */
  text: Uint8Array;
  /** The options of `printk`, filled anew with the line. */
  readonly options: { -readonly [K in keyof PrintkOptions]: PrintkOptions[K] };
}

/** Makes a line with every field set, so that V8 gives all lines one hidden class. */
function blankLine(): ChunkLine {
  const options = {
    facility: 0,
    tsUsec: 0,
    cont: false,
    continues: false,
    level: undefined,
    callerId: undefined,
    dev: undefined,
    newline: true,
  };
  return { seq: 0, text: NOTHING, options };
}

/** What bounds a chunk. */
export interface ChunkLimits {
  /** The number of targets that each record goes to. */
  readonly targets: number;
  /** The size of the ring's text, in bytes. */
  readonly ringBytes: number;
  /** Records of this level or a higher number are not sent. Default: Linux's. */
  readonly loglevel?: number | undefined;
}

/** The records that every host is about to log. */
export class Chunk {
  /** The lines, of which only the first `count` are valid; the rest are kept for use again. */
  readonly lines: ChunkLine[] = [];
  /** How many records the chunk holds. */
  count = 0;
  /** How many records are not sent because of their level. */
  filtered = 0;
  /** How many frames the chunk becomes at most. */
  frames = 0;
  readonly #limits: ChunkLimits;
  /**
   * What the chunk takes of the ring: bytes of text, and descriptors. Gaps take descriptors, too.
   */
  #bytes = 0;
  #descs = 0;

  constructor(limits: ChunkLimits) {
    this.#limits = limits;
  }

  /**
   * Says whether a text may be added without exceeding `maxFrames` frames or half of the ring.
   * `skipped` is the number of seqs left out before it.
   */
  fits(textBytes: number, skipped: number, maxFrames: number): boolean {
    const half = this.#limits.ringBytes / 2;
    return (
      this.frames + this.#framesOf(textBytes) <= maxFrames &&
      this.#bytes + textBytes + RECORD_BYTES <= half &&
      this.#descs + skipped + 1 <= half / DESC_TEXT_BYTES
    );
  }

  /**
   * Adds a record, whose text is not copied. `skipped` is the number of seqs left out before it.
   */
  add(record: LogRecord, seq: number, skipped: number, tsUsec: number): void {
    const { text, level, facility, cont, continues, callerId, subsystem, device } = record;
    this.frames += this.#framesOf(text.length);
    this.#bytes += text.length + RECORD_BYTES;
    this.#descs += skipped + 1;
    if ((level < 0 ? DEFAULT_LEVEL : level) >= (this.#limits.loglevel ?? DEFAULT_LOGLEVEL)) this.filtered++;
    const line = this.#line();
    line.seq = seq;
    line.text = text;
    const { options } = line;
    options.facility = facility;
    options.tsUsec = tsUsec;
    options.cont = cont;
    options.continues = continues;
    options.level = level < 0 ? undefined : (level as LogLevel);
    options.callerId = callerId;
    options.dev =
      subsystem === undefined && device === undefined
        ? undefined
        : { subsystem: subsystem ?? '', device: device ?? '' };
  }

  /** Takes the next line object. */
  #line(): ChunkLine {
    const at = this.count++;
    if (at === this.lines.length) this.lines.push(blankLine());
    return this.lines[at]!;
  }

  /** Empties the chunk. Its lines are no longer valid then. */
  clear(): void {
    this.count = 0;
    this.filtered = 0;
    this.frames = 0;
    this.#bytes = 0;
    this.#descs = 0;
  }

  /** Returns how many frames a record becomes at most. */
  #framesOf(textBytes: number): number {
    const longest = 4 * textBytes + HEADER_BYTES;
    return this.#limits.targets * (longest <= DATAGRAM_BYTES ? 1 : 1 + Math.ceil(longest / PIECE_BYTES));
  }
}
