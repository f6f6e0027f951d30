/** The state machine for one extended target: `Receiver`. The overview is in `index.ts`. */
import { DIALECTS, type Dialect } from '../wire/dialects.js';
import { Fifo } from './fifo.js';
import { type ReceiverOptions, receiverOptions } from './options.js';
import { type Packet, parsePacket, type Refusal } from './parse.js';
import { PendingRecord, type ReceivedRecord } from './record.js';
import { ResponseText } from './response.js';
import { type ReceiverStats, receiverStats } from './stats.js';
import { OUT_OF_SEQUENCE, RETIRED, Window } from './window.js';

/** Out-of-sequence records held at most; also the length of the history, in packets. */
export const NCRX_OOS_MAX = 32;
/** No deadline is nearer than this, so that a caller never spins. */
export const DEADLINE_MIN_MS = 10;

/**
 * What became of a payload: `none` (there was none), `stored` (a new record, or its first piece), `merged` (another
 * piece), `duplicate` (nothing new in it), `retired` (its record is gone), `oos` (out of sequence, held), or a refusal.
 */
export type ProcessOutcome = 'none' | 'stored' | 'merged' | 'duplicate' | 'retired' | 'oos' | Refusal;

function popcount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

export class Receiver {
  readonly dialect: Dialect;
  readonly stats: ReceiverStats = receiverStats();
  readonly #options: Required<ReceiverOptions>;
  readonly #window: Window;
  readonly #response = new ResponseText();
  readonly #ready: Fifo<ReceivedRecord>;
  #now = Number.NEGATIVE_INFINITY;
  /** Acked through this; -1: nothing. */
  #ackedSeq = -1;
  #ackedAt = Number.NEGATIVE_INFINITY;
  /** No hole is due before this. */
  #retxDue = Number.POSITIVE_INFINITY;
  /** One bit a packet, the newest lowest: 1 if it was out of sequence. */
  #oosHistory = 0;
  #oos: PendingRecord[] = [];
  /** The last seq delivered in order. */
  #lastSeq = -1;

  /** EINVAL if an option makes no sense. */
  constructor(options: ReceiverOptions = {}) {
    const o = receiverOptions(options);
    this.dialect = DIALECTS[o.dialect];
    this.#options = o;
    this.#window = new Window(o, (record) => this.#deliver(record, false));
    this.#ready = new Fifo(2 * o.nrSlots + NCRX_OOS_MAX);
  }

  /** Bytes of text held for records that are not delivered yet. */
  get heldBytes(): number {
    let bytes = this.#window.bytes;
    for (const record of this.#oos) bytes += record.size;
    return bytes;
  }

  /** Records held that are not delivered yet, whole or not. */
  get held(): number {
    return this.#window.occupied + this.#oos.length;
  }

  /**
   * Takes in a datagram, or, with undefined, only lets time pass. The payload is not kept. Then fetch `next()` until
   * undefined, send `response()`, and call again at `nextDeadline()`. Never throws. A time before the last one is
   * taken as the last one.
   */
  process(payload: Uint8Array | undefined, nowMs: number): ProcessOutcome {
    if (nowMs > this.#now) this.#now = nowMs;
    const window = this.#window;
    const { headSeq, opened } = window;
    this.#response.clear();
    // While all is acked the ack interval does not run: it begins with the next record.
    if (this.#ackedSeq === window.tailSeq - 1) this.#ackedAt = this.#now;
    const outcome = payload === undefined ? 'none' : this.#receive(payload);
    while (
      window.occupied > 0 &&
      (window.tailWhole || window.tailTimestamp + this.#options.msgTimeoutMs <= this.#now)
    ) {
      window.retireTail();
    }
    while (this.#oos.length > 0 && this.#oos[0]!.receivedMs + this.#options.oosTimeoutMs <= this.#now) {
      this.#deliver(this.#oos.shift()!, true);
    }
    if (this.#options.respond) this.#respond(headSeq, window.opened !== opened);
    return outcome;
  }

  /** The next record, in order. What is not fetched is kept, to a bound; then the oldest is dropped and counted. */
  next(): ReceivedRecord | undefined {
    return this.#ready.shift();
  }

  /** What the last `process` wants sent to where the datagram came from, at most 1000 bytes. The caller owns it. */
  response(): Uint8Array | undefined {
    return this.#response.bytes();
  }

  /**
   * When to call `process` at the latest, milliseconds; undefined: not before the next datagram.
   * Differs: libncrx looks at holes one `retx_intv` from now, whenever now is; this is when the first is due, or given up.
   */
  nextDeadline(): number | undefined {
    const window = this.#window;
    let when = Number.POSITIVE_INFINITY;
    if (this.#options.respond) {
      if (this.#ackPending()) when = this.#ackedAt + this.#options.ackIntvMs;
      if (window.holes > 0) when = Math.min(when, this.#retxDue);
    }
    if (window.occupied > 0) when = Math.min(when, window.tailTimestamp + this.#options.msgTimeoutMs);
    if (this.#oos.length > 0) when = Math.min(when, this.#oos[0]!.receivedMs + this.#options.oosTimeoutMs);
    return when === Number.POSITIVE_INFINITY ? undefined : Math.max(when, this.#now + DEADLINE_MIN_MS);
  }

  /** Delivers all that is held, whole or not, and forgets the stream. For the end, or when a sender is forgotten. */
  flush(): void {
    this.#window.reset();
    for (const record of this.#oos.splice(0)) this.#deliver(record, true);
    this.#ackedSeq = -1;
    this.#response.clear();
  }

  #receive(payload: Uint8Array): ProcessOutcome {
    const { stats } = this;
    stats.datagrams++;
    const packet = parsePacket(payload, this.dialect);
    if (typeof packet === 'string') {
      stats.refused[packet]++;
      return packet;
    }
    this.#oosHistory <<= 1;
    if (packet.fragment !== undefined) stats.fragments++;
    if (packet.emergency) {
      stats.emergencies++;
      // The sender has heard no ack for long. Differs: libncrx sets the time to 0, which is not long ago on a young clock.
      this.#ackedSeq = -1;
      this.#ackedAt = Number.NEGATIVE_INFINITY;
    }
    const outcome = this.#place(packet);
    if (outcome === 'duplicate' || outcome === 'retired') stats.duplicates++;
    else if (outcome === 'ncfrag-mismatch') stats.refused[outcome]++;
    return outcome;
  }

  #place(packet: Packet): ProcessOutcome {
    const window = this.#window;
    const seqReset = !window.started;
    const slot = window.slotFor(packet.seq, packet.emergency, this.#now);
    if (slot === RETIRED) return 'retired';
    if (slot === OUT_OF_SEQUENCE) return this.#holdOos(packet);
    const record = window.recordAt(slot);
    if (record === undefined) {
      window.store(slot, new PendingRecord(packet, this.#now, seqReset));
      return 'stored';
    }
    const before = record.size;
    const outcome = record.merge(packet);
    window.settle(slot, record.size - before);
    return outcome;
  }

  #holdOos(packet: Packet): ProcessOutcome {
    this.stats.oos++;
    this.#oosHistory |= 1;
    // Differs: libncrx holds each packet by itself, and of several pieces of one record a reset keeps the last.
    const same = this.#oos.find((record) => record.seq === packet.seq);
    if (same === undefined || same.merge(packet) === 'ncfrag-mismatch') {
      this.#oos.push(new PendingRecord(packet, this.#now, false));
    }
    if (popcount(this.#oosHistory) >= this.#options.oosThr) this.#restart();
    else if (this.#oos.length > NCRX_OOS_MAX) this.#deliver(this.#oos.shift()!, true);
    return 'oos';
  }

  /** So much is out of sequence that the sequence must be another: begin anew with what has been held. */
  #restart(): void {
    const window = this.#window;
    window.reset();
    this.#ackedSeq = -1;
    this.stats.resets++;
    const held = this.#oos;
    this.#oos = [];
    const first = held.reduce((a, b) => (b.seq < a.seq ? b : a));
    first.seqReset = true;
    for (const record of [first, ...held.filter((r) => r !== first)]) {
      const slot = window.slotFor(record.seq, record.emergency, this.#now);
      if (slot >= 0 && window.recordAt(slot) === undefined) window.store(slot, record);
      else this.#deliver(record, true);
    }
  }

  #deliver(record: PendingRecord, oos: boolean): void {
    const { stats } = this;
    let skipped = 0;
    if (!oos) {
      if (!record.seqReset) skipped = record.seq - this.#lastSeq - 1;
      this.#lastSeq = record.seq;
    }
    stats.records++;
    if (!record.complete) stats.incomplete++;
    if (skipped > 0) stats.gaps++;
    stats.skipped += skipped;
    if (this.#ready.push(record.deliver(oos, skipped))) stats.overrun++;
  }

  #ackPending(): boolean {
    return this.#options.ackIntvMs > 0 && this.#window.started && this.#ackedSeq !== this.#window.tailSeq - 1;
  }

  #respond(oldHeadSeq: number, opened: boolean): void {
    const { ackIntvMs, retxIntvMs, retxStride } = this.#options;
    const window = this.#window;
    if (this.#ackPending() && this.#ackedAt + ackIntvMs < this.#now) this.#startResponse();
    if (window.holes === 0) {
      this.#retxDue = Number.POSITIVE_INFINITY;
      return;
    }
    if (opened) this.#retxDue = Math.min(this.#retxDue, this.#now + retxIntvMs);
    const crossed = Math.floor(oldHeadSeq / retxStride) !== Math.floor(window.headSeq / retxStride);
    if (!crossed && this.#now < this.#retxDue) return;
    this.#retxDue = window.requestHoles(this.#now, retxIntvMs, retxStride, crossed, (seq) => {
      if (this.#response.empty) this.#startResponse();
      return this.#response.request(seq);
    });
  }

  /** Any response acks: that far everything is delivered or given up. */
  #startResponse(): void {
    this.#ackedSeq = this.#window.tailSeq - 1;
    this.#ackedAt = this.#now;
    this.#response.start(this.dialect.responsePrefix!, this.#ackedSeq);
    this.stats.responses++;
  }
}
