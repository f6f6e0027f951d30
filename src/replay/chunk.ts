/**
 * The records that are logged as one: texts copied out of the reader's memory, and what they may
 * become at most.
 *
 * Invariant: `lines[0, count)` are whole until `clear`; after that both lines and the text's memory
 * are used again.
 */
import type { LogRecord } from './formats/record.js';
import type { Line } from './host.js';

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
const NEWLINE = 0x0a;
/**
 * Of a log that does not say, and what is sent. Linux: default_message_loglevel,
 * default_console_loglevel.
 */
const DEFAULT_LEVEL = 4;
const DEFAULT_LOGLEVEL = 7;

export interface ChunkLimits {
  /** Targets that each record goes to. */
  readonly targets: number;
  /** Of the ring's text. */
  readonly ringBytes: number;
  /** Records of this level and above are not sent. Default: Linux's. */
  readonly loglevel?: number | undefined;
}

export class Chunk {
  readonly lines: Line[] = [];
  count = 0;
  /** Records that their level keeps from being sent. */
  filtered = 0;
  /** Frames that it becomes at most. */
  frames = 0;
  readonly #limits: ChunkLimits;
  /** Of the ring: text, and descriptors, of which a gap takes some too. */
  #bytes = 0;
  #descs = 0;
  #text = new Uint8Array(4096);
  #used = 0;

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
    const { text, level, facility, cont, callerId, subsystem, device } = record;
    this.frames += this.#framesOf(text.length);
    this.#bytes += text.length + RECORD_BYTES;
    this.#descs += skipped + 1;
    if ((level < 0 ? DEFAULT_LEVEL : level) >= (this.#limits.loglevel ?? DEFAULT_LOGLEVEL)) this.filtered++;
    this.lines[this.count++] = {
      seq,
      bytes: this.#copy(text),
      options: {
        facility,
        tsUsec,
        cont,
        ...(level >= 0 && { level: level as 0 }),
        ...(callerId !== undefined && { callerId }),
        ...((subsystem !== undefined || device !== undefined) && {
          dev: { subsystem: subsystem ?? '', device: device ?? '' },
        }),
      },
    };
  }

  clear(): void {
    this.count = 0;
    this.filtered = 0;
    this.frames = 0;
    this.#bytes = 0;
    this.#descs = 0;
    this.#used = 0;
  }

  /** Frames that a record becomes, at most. */
  #framesOf(textBytes: number): number {
    const longest = 4 * textBytes + HEADER_BYTES;
    return this.#limits.targets * (longest <= DATAGRAM_BYTES ? 1 : 1 + Math.ceil(longest / PIECE_BYTES));
  }

  /** With a newline. */
  #copy(text: Uint8Array): Uint8Array {
    const length = text.length + 1;
    if (this.#used + length > this.#text.length) {
      // Lines made before keep the old memory.
      this.#text = new Uint8Array(Math.max(2 * this.#text.length, length));
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += length;
    this.#text.set(text, from);
    this.#text[this.#used - 1] = NEWLINE;
    return this.#text.subarray(from, this.#used);
  }
}
