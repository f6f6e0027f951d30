/** The state machine for one extended target: `Receiver`. The overview is in `index.ts`. */
import { DIALECTS, type Dialect } from '../wire/dialects.js';
import { type ReceiverOptions, receiverOptions } from './options.js';
import { PacketFields, readPacket } from './parse.js';
import type { PendingRecord } from './pending.js';
import { ReadyQueue } from './ready.js';
import type { ReceivedRecord } from './record.js';
import { ResponseText } from './response.js';
import { checkDatagram } from './source.js';
import { type ProcessOutcome, type ReceiverStats, receiverStats } from './stats.js';
import type { Stream } from './stream.js';
import { Streams } from './streams.js';

/** No deadline is nearer than this, so that a caller never spins. */
export const DEADLINE_MIN_MS = 10;

/** A receiver for one source of extended records. The contract is in `index.ts`. */
export class Receiver {
  /** How the source spells fragments, acks and emergencies. */
  readonly dialect: Dialect;
  /** Counted since the beginning. */
  readonly stats: ReceiverStats = receiverStats();
  readonly #options: Required<ReceiverOptions>;
  readonly #streams: Streams;
  readonly #response = new ResponseText();
  readonly #ready: ReadyQueue;
  readonly #fields = new PacketFields();
  #now = Number.NEGATIVE_INFINITY;

  /** Throws EINVAL if an option makes no sense. */
  constructor(options: ReceiverOptions = {}) {
    const o = receiverOptions(options);
    this.dialect = DIALECTS[o.dialect];
    this.#options = o;
    this.#streams = new Streams(o, this.stats, (record, stream) => this.#deliver(record, stream));
    this.#ready = new ReadyQueue(2 * o.nrSlots + 32);
  }

  /** Bytes of text held for records that are not delivered yet. */
  get heldBytes(): number {
    return this.#streams.heldBytes;
  }

  /** Bytes of the memory of the last seqs. It grows with the stream, and is bounded. */
  get windowBytes(): number {
    return this.#streams.windowBytes;
  }

  /** Records held that are not delivered yet, whole or not. */
  get held(): number {
    return this.#streams.held;
  }

  /**
   * Takes in a datagram, or, with undefined, only lets time pass. The payload is not kept. A time
   * before the last one is taken as the last one. No datagram makes it throw; it throws TypeError
   * for a payload that is not bytes, and RangeError for a time that is not a number. Afterwards
   * fetch `next()` (or `borrow()`) until undefined, send `response()`, and call again at
   * `nextDeadline()`.
   */
  process(given: Uint8Array | undefined, nowMs: number): ProcessOutcome {
    const payload = checkDatagram(given, nowMs);
    if (nowMs > this.#now) this.#now = nowMs;
    this.#ready.takeBack();
    const before = this.#streams.current;
    const { headSeq, opened } = before.window;
    this.#response.clear();
    // While all is acked the ack interval does not run: it begins with the next record.
    if (before.ackedSeq === before.window.tailSeq - 1) before.ackedAt = this.#now;
    const outcome = payload === undefined ? 'none' : this.#receive(payload);
    this.#streams.expire(this.#now);
    if (this.#options.respond) {
      const { current } = this.#streams;
      if (current !== before || current.window.opened !== opened) {
        current.retxDue = Math.min(current.retxDue, this.#now + this.#options.retxIntvMs);
      }
      this.#respond(current, headSeq);
    }
    return outcome;
  }

  /**
   * Returns the next record, in order; the caller owns it. Records that are not fetched are kept up
   * to a bound; beyond it the oldest is dropped and counted.
   */
  next(): ReceivedRecord | undefined {
    return this.#ready.shift()?.owned();
  }

  /**
   * As `next`, but the record is lent: it holds until the next call of `process`, `next`, `borrow`
   * or `flush`. Allocates nothing.
   */
  borrow(): ReceivedRecord | undefined {
    return this.#ready.shift();
  }

  /**
   * Returns what the last `process` wants sent to where the datagram came from, at most 1000 bytes;
   * undefined if nothing. The caller owns it.
   */
  response(): Uint8Array | undefined {
    return this.#response.bytes();
  }

  /**
   * Returns the milliseconds at which to call `process` at the latest; undefined if nothing waits.
   * Differs: libncrx looks at holes one `retx_intv` from now, whenever now is; this is when the
   * first is due, or given up.
   */
  nextDeadline(): number | undefined {
    const { respond, ackIntvMs } = this.#options;
    let when = this.#streams.deadline();
    const { current } = this.#streams;
    if (respond) {
      if (this.#ackPending(current)) when = Math.min(when, current.ackedAt + ackIntvMs);
      if (current.window.holes > 0) when = Math.min(when, current.retxDue);
    }
    return when === Number.POSITIVE_INFINITY ? undefined : Math.max(when, this.#now + DEADLINE_MIN_MS);
  }

  /** As `flush`, at the end of a `using` block; what that delivers is lost. */
  [Symbol.dispose](): void {
    this.flush();
  }

  /**
   * Delivers all that is held, whole or not, and forgets the source's streams. For the end, or when
   * a sender is forgotten.
   */
  flush(): void {
    this.#ready.takeBack();
    this.#streams.flush();
    this.#response.clear();
  }

  #receive(payload: Uint8Array): ProcessOutcome {
    const { stats } = this;
    stats.datagrams++;
    let first: ProcessOutcome | undefined;
    const end = payload.length;
    for (let at = 0; at < end || first === undefined; ) {
      const fields = this.#fields;
      const refusal = readPacket(payload, at, end, this.dialect, fields);
      const outcome = refusal ?? this.#take(payload, fields);
      if (refusal !== undefined) {
        stats.refused[refusal]++;
        // Where the record ends is known only if its header was read to the end.
        at = refusal === 'text-too-long' ? fields.bodyEnd : end;
      } else {
        at = fields.bodyEnd;
      }
      if (first === undefined) first = outcome;
      else stats.parted++;
    }
    return first;
  }

  #take(bytes: Uint8Array, fields: PacketFields): ProcessOutcome {
    const { stats } = this;
    if (fields.fragment) stats.fragments++;
    if (fields.emergency) {
      stats.emergencies++;
      // The sender has heard no ack for long. Differs: libncrx sets the time to 0, which is not
      // long ago on a young clock.
      const { current } = this.#streams;
      current.ackedSeq = -1;
      current.ackedAt = Number.NEGATIVE_INFINITY;
    }
    const outcome = this.#streams.place(bytes, fields, this.#now);
    if (outcome === 'duplicate' || outcome === 'retired') stats.duplicates++;
    else if (outcome === 'ncfrag-mismatch') stats.refused[outcome]++;
    return outcome;
  }

  /** Delivers a record; `stream` is undefined if it is out of sequence. */
  #deliver(record: PendingRecord, stream: Stream | undefined): void {
    const { stats } = this;
    let { skipped } = record;
    if (stream === undefined) skipped = 0;
    else {
      if (!record.seqReset) {
        skipped = stream.lastSeq < 0 ? 0 : record.seq - stream.lastSeq - 1;
        if (record.seq < stream.countedBefore) {
          skipped = 0;
          stats.late++;
        }
        if (skipped > 0) {
          stats.gaps++;
          stats.skipped += skipped;
        }
      }
      stream.lastSeq = record.seq;
    }
    stats.records++;
    if (!record.complete) stats.incomplete++;
    if (record.endsInReturn) stats.carriageReturns++;
    record.boot = (stream ?? this.#streams.current).boot;
    record.settle(stream === undefined, skipped);
    if (this.#ready.push(record)) stats.overrun++;
  }

  #ackPending(stream: Stream): boolean {
    const { window } = stream;
    return this.#options.ackIntvMs > 0 && window.started && stream.ackedSeq !== window.tailSeq - 1;
  }

  #respond(stream: Stream, oldHeadSeq: number): void {
    const { ackIntvMs, retxIntvMs, retxStride } = this.#options;
    const { window } = stream;
    if (this.#ackPending(stream) && stream.ackedAt + ackIntvMs < this.#now) this.#startResponse(stream);
    if (window.holes === 0) {
      stream.retxDue = Number.POSITIVE_INFINITY;
      return;
    }
    const crossed = Math.floor(oldHeadSeq / retxStride) !== Math.floor(window.headSeq / retxStride);
    if (!crossed && this.#now < stream.retxDue) return;
    stream.retxDue = window.requestHoles(
      this.#now,
      retxIntvMs,
      crossed ? retxStride : Number.POSITIVE_INFINITY,
      (seq) => {
        if (this.#response.empty) this.#startResponse(stream);
        return this.#response.request(seq);
      },
    );
  }

  /** Every response carries an ack: up to there, everything is delivered or given up. */
  #startResponse(stream: Stream): void {
    stream.ackedSeq = stream.window.tailSeq - 1;
    stream.ackedAt = this.#now;
    this.#response.start(this.dialect.responsePrefix!, stream.ackedSeq);
    this.stats.responses++;
  }
}
