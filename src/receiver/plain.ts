/**
 * The receiver for a plain target: datagrams in, lines out.
 *
 * A plain target sends the console's text as it is, in pieces of at most 1000 bytes, without any
 * header: nothing tells whether one was lost, doubled or overtaken. So a line is what lies between
 * two newlines in the order of arrival; one that is not finished in `lineTimeoutMs` is delivered as
 * it is. CRs and NULs at the edges of a line are those of a relay.
 */
import { checkOptions, number, type OptionRules } from '../options.js';
import { Fifo } from './fifo.js';
import { NCRX_TEXT_MAX } from './parse.js';
import { DEADLINE_MIN_MS } from './receiver.js';
import { checkDatagram } from './source.js';

/** Lines kept for a caller who does not fetch them. */
const READY_MAX = 16384;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const DROPPED = /^\*\* (\d{1,15}) printk messages dropped \*\*/;

/** Options of a receiver for plain text. */
export interface PlainOptions {
  /** Milliseconds after which a line without its newline is delivered. Default 1000. */
  readonly lineTimeoutMs?: number;
}

/** The rules for the options of a receiver for plain text. */
export const PLAIN_RULES: OptionRules<PlainOptions> = { lineTimeoutMs: number(0, Number.POSITIVE_INFINITY) };

/** A line as it came, what ends it not included. The caller owns it. */
export interface PlainLine {
  /** The bytes of the line, at most 8191. */
  readonly text: Uint8Array;
  /** When its last byte came, in the receiver's milliseconds. */
  readonly receivedMs: number;
  /** Whether it ended in a newline; if not, it timed out, or was cut at 8191 bytes. */
  readonly complete: boolean;
  /** How many messages were dropped, if the line is the kernel's notice of that; else 0. */
  readonly dropped: number;
}

/** Counted since the beginning. */
export interface PlainStats {
  /** Datagrams that came. */
  datagrams: number;
  /** Lines that were delivered. */
  records: number;
  /** Lines that were delivered without their newline. */
  incomplete: number;
  /** Messages that the sender said it had dropped. */
  dropped: number;
  /** Lines that ended in CR LF, or a CR: a relay's. */
  carriageReturns: number;
  /** Lines that the caller did not fetch in time. */
  overrun: number;
}

/** A receiver for one plain target. Its calls are those of `Receiver`. */
export class PlainReceiver {
  /** Counted since the beginning. The object is the receiver's own and goes on counting. */
  readonly stats: PlainStats = { datagrams: 0, records: 0, incomplete: 0, dropped: 0, carriageReturns: 0, overrun: 0 };
  readonly #lineTimeoutMs: number;
  readonly #partial: Uint8Array = new Uint8Array(NCRX_TEXT_MAX);
  readonly #ready = new Fifo<PlainLine>(READY_MAX);
  #length = 0;
  #heardAt = Number.NEGATIVE_INFINITY;
  #now = Number.NEGATIVE_INFINITY;

  /** Throws EINVAL if an option makes no sense. */
  constructor(options: PlainOptions = {}) {
    checkOptions('receiver', options, PLAIN_RULES);
    this.#lineTimeoutMs = options.lineTimeoutMs ?? 1000;
  }

  /** Bytes of the unfinished line. */
  get heldBytes(): number {
    return this.#length;
  }

  /** As `Receiver.process`. */
  process(given: Uint8Array | undefined, nowMs: number): 'none' | 'stored' {
    const payload = checkDatagram(given, nowMs);
    if (nowMs > this.#now) this.#now = nowMs;
    if (this.#length > 0 && this.#heardAt + this.#lineTimeoutMs <= this.#now) this.#deliver(false);
    if (payload === undefined) return 'none';
    this.stats.datagrams++;
    this.#heardAt = this.#now;
    for (let at = 0; at < payload.length; ) {
      const found = payload.indexOf(NEWLINE, at);
      const end = found < 0 ? payload.length : found;
      const take = Math.min(end - at, NCRX_TEXT_MAX - this.#length);
      this.#partial.set(payload.subarray(at, at + take), this.#length);
      this.#length += take;
      at += take;
      if (at < end) this.#deliver(false);
      else if (found >= 0) {
        this.#deliver(true);
        at++;
      }
    }
    return 'stored';
  }

  /** Returns the next line; undefined while there is none. The caller owns it. */
  next(): PlainLine | undefined {
    return this.#ready.shift();
  }

  /** Returns nothing, as a plain target listens to nothing. */
  response(): undefined {
    return undefined;
  }

  /**
   * Returns when an unfinished line is delivered as it is, in the milliseconds of `process`;
   * undefined if there is no such line.
   */
  nextDeadline(): number | undefined {
    if (this.#length === 0) return undefined;
    return Math.max(this.#heardAt + this.#lineTimeoutMs, this.#now + DEADLINE_MIN_MS);
  }

  /** As `flush`, at the end of a `using` block; what that delivers is lost. */
  [Symbol.dispose](): void {
    this.flush();
  }

  /** Delivers the unfinished line. */
  flush(): void {
    if (this.#length > 0) this.#deliver(false);
  }

  #deliver(complete: boolean): void {
    const length = this.#length;
    this.#length = 0;
    let [from, to] = [0, length];
    while (to > 0 && isEdge(this.#partial[to - 1]!)) to--;
    while (from < to && isEdge(this.#partial[from]!)) from++;
    if (to === 0 && !complete) return;
    if (to < length && this.#partial[to] === CARRIAGE_RETURN) this.stats.carriageReturns++;
    const text = this.#partial.slice(from, to);
    const start = String.fromCharCode(...text.subarray(0, 64));
    const dropped = Number(DROPPED.exec(start)?.[1] ?? 0);
    this.stats.records++;
    if (!complete) this.stats.incomplete++;
    this.stats.dropped += dropped;
    if (this.#ready.push({ text, receivedMs: this.#heardAt, complete, dropped })) this.stats.overrun++;
  }
}

function isEdge(byte: number): boolean {
  return byte === CARRIAGE_RETURN || byte === 0;
}
