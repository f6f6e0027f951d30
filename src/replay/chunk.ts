/**
 * The records that are logged as one, and what they may become at most.
 *
 * Invariant: `lines[0, count)` are whole until `clear`, or until the reader is asked for its next
 * batch: their texts lie in the reader's memory. Lines are used again.
 */
import type { PrintkOptions } from '../printk/printk.js';
import type { LogLevel } from '../printk/record.js';
import type { LogRecord } from './formats/record.js';

/**
 * Bytes of an escaped message that surely fit one frame's body, and the header that may come with
 * it.
 */
const PIECE_BYTES = 800;
const HEADER_BYTES = 200;
/** The largest datagram. */
const DATAGRAM_BYTES = 1000;
/**
 * The ring has a descriptor for so many bytes of text, and a record takes so many beside its own.
 * Linux: PRB_AVGBITS.
 */
const DESC_TEXT_BYTES = 32;
const RECORD_BYTES = 16;
/**
 * Of a log that does not say, and what is sent. Linux: default_message_loglevel,
 * default_console_loglevel.
 */
const DEFAULT_LEVEL = 4;
const DEFAULT_LOGLEVEL = 7;
const NOTHING = new Uint8Array(0);

/** A record of the log, ready to be stored. The chunk's own: it is filled anew after `clear`. */
export interface ChunkLine {
  /** Not below the seq of the line before, plus 1. */
  seq: number;
  /** Without a newline at its end. */
  text: Uint8Array;
  readonly options: { -readonly [K in keyof PrintkOptions]: PrintkOptions[K] };
}

/** Every field is there from the start, so that all lines are alike to V8. */
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

export interface ChunkLimits {
  /** Targets that each record goes to. */
  readonly targets: number;
  /** Of the ring's text. */
  readonly ringBytes: number;
  /** Records of this level and above are not sent. Default: Linux's. */
  readonly loglevel?: number | undefined;
}

export class Chunk {
  readonly lines: ChunkLine[] = [];
  count = 0;
  /** Records that their level keeps from being sent. */
  filtered = 0;
  /** Frames that it becomes at most. */
  frames = 0;
  readonly #limits: ChunkLimits;
  /** Of the ring: text, and descriptors, of which a gap takes some too. */
  #bytes = 0;
  #descs = 0;

  constructor(limits: ChunkLimits) {
    this.#limits = limits;
  }

  /**
   * Whether a text may be added without more than `maxFrames`, or more than half of the ring.
   * `skipped`: seqs before it.
   */
  fits(textBytes: number, skipped: number, maxFrames: number): boolean {
    const half = this.#limits.ringBytes / 2;
    return (
      this.frames + this.#framesOf(textBytes) <= maxFrames &&
      this.#bytes + textBytes + RECORD_BYTES <= half &&
      this.#descs + skipped + 1 <= half / DESC_TEXT_BYTES
    );
  }

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

  /** The next line, which is used again after `clear`: all have the same fields. */
  #line(): ChunkLine {
    const at = this.count++;
    if (at === this.lines.length) this.lines.push(blankLine());
    return this.lines[at]!;
  }

  clear(): void {
    this.count = 0;
    this.filtered = 0;
    this.frames = 0;
    this.#bytes = 0;
    this.#descs = 0;
  }

  /** Frames that a record becomes, at most. */
  #framesOf(textBytes: number): number {
    const longest = 4 * textBytes + HEADER_BYTES;
    return this.#limits.targets * (longest <= DATAGRAM_BYTES ? 1 : 1 + Math.ceil(longest / PIECE_BYTES));
  }
}
