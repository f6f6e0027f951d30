/** One stream: a window on the records of one boot of one host, and how far it is acked. */
import type { PacketFields } from './parse.js';
import { fingerprint, type PendingRecord } from './pending.js';
import { Window, type WindowOptions } from './window.js';

/**
 * By how much the stamps of one boot may be out of order: processors take them before a seq is
 * given.
 */
const TOLERANCE_USEC = 100_000;
/**
 * A stream that is not the current one is believed to go on only if its clock did too, to within
 * this.
 */
const CLOCK_SLACK_MS = 5000;

/** One sequence of records. */
export class Stream {
  /** Its number among those of the source. */
  readonly boot: number;
  /** What is known of the last seqs, and the records that wait there. */
  readonly window: Window;
  /** All records up to this seq are acked; -1: none is. */
  ackedSeq = -1;
  /** When the last ack was made, milliseconds; -Infinity: never. */
  ackedAt: number = Number.NEGATIVE_INFINITY;
  /** No hole is due before this. */
  retxDue: number = Number.POSITIVE_INFINITY;
  /** The last seq delivered in order. */
  lastSeq = -1;
  /** Seqs below this were counted as lost when the stream jumped over them. */
  countedBefore = -1;
  /** When something last came for it, milliseconds. */
  heardAt: number = Number.NEGATIVE_INFINITY;

  constructor(boot: number, options: WindowOptions, deliver: (record: PendingRecord, stream: Stream) => void) {
    this.boot = boot;
    this.window = new Window(options, (record) => deliver(record, this));
  }

  /** Says how a record fits this stream: see `Window.judge`. */
  judge(bytes: Uint8Array, fields: PacketFields): ReturnType<Window['judge']> {
    // An emergency may be cut otherwise, and a piece says nothing of the whole.
    const print = fields.fragment || fields.emergency ? Number.NaN : fingerprint(bytes, fields.bodyAt, fields.textEnd);
    return this.window.judge(fields.seq, fields.tsUsec, print, TOLERANCE_USEC);
  }

  /**
   * Says whether this stream has had the record, to the letter, not long ago. A stamp of 0, from
   * before the clock runs, tells nothing.
   */
  repeats(bytes: Uint8Array, fields: PacketFields, nowMs: number): boolean {
    if (fields.tsUsec === 0 || nowMs - this.heardAt > CLOCK_SLACK_MS) return false;
    return this.window.live && this.judge(bytes, fields) === 'same';
  }

  /**
   * Says whether a record surely belongs here, though `current` is the stream that something came
   * for last.
   */
  expects(bytes: Uint8Array, fields: PacketFields, nowMs: number, current: Stream): boolean {
    // Stamps that are all the same tell nothing.
    if (!this.window.live && fields.tsUsec === current.window.headStamp) return false;
    const stampMs = (fields.tsUsec - this.window.headStamp) / 1000;
    const quietMs = nowMs - this.heardAt;
    if (stampMs < -CLOCK_SLACK_MS || stampMs > 2 * quietMs + CLOCK_SLACK_MS) return false;
    if (quietMs > 2 * stampMs + CLOCK_SLACK_MS) return false;
    const verdict = this.judge(bytes, fields);
    return verdict === 'same' || verdict === 'fits' || verdict === 'next';
  }
}
