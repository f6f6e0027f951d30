/**
 * The streams of one source, and which one a record goes to. A stream is the records of one boot of
 * one host, in one sequence: its window, and how far it is acked.
 *
 * Mostly a source has one. It has more when its host has started anew, while datagrams of the boot
 * before are still under way, and when several hosts share an address and port, as behind a relay.
 * Which stream a record belongs to is told by what is known of its seq and by the stamps of its
 * neighbours: within a boot stamps do not go back. Where the stamps of a stream stand still they
 * tell nothing, and it is judged by seqs alone, as libncrx does.
 *
 * Differs: libncrx has one stream, takes a record with a known seq for a duplicate whatever it
 * says, and follows another sequence only when 19 of 32 packets belong to it.
 */
import { OutOfSequence } from './oos.js';
import type { ReceiverOptions } from './options.js';
import type { PacketFields } from './parse.js';
import { fingerprint, type PendingRecord } from './pending.js';
import { recordPool } from './pool.js';
import type { ProcessOutcome, ReceiverStats } from './stats.js';
import { Stream } from './stream.js';
import { GIVEN_UP, OUT_OF_SEQUENCE, RETIRED } from './window.js';

/** How many streams of a source are remembered. The one that was quiet longest goes. */
const STREAMS_MAX = 8;

/** A stream that has been quiet for so long is forgotten. */
const FORGET_MS = 600_000;

type Deliver = (record: PendingRecord, stream: Stream | undefined) => void;

/** All streams of one source, and what is held apart from them. */
export class Streams {
  readonly #options: Required<ReceiverOptions>;
  readonly #stats: ReceiverStats;
  /** Delivers a record; `stream` is undefined if it is out of sequence. */
  readonly #deliver: Deliver;
  readonly #oos: OutOfSequence;
  /** The current one first, then the others, the one heard last before the others. Never empty. */
  #streams: Stream[];
  #boots = 0;
  #now = Number.NEGATIVE_INFINITY;

  constructor(options: Required<ReceiverOptions>, stats: ReceiverStats, deliver: Deliver) {
    this.#options = options;
    this.#stats = stats;
    this.#deliver = deliver;
    this.#oos = new OutOfSequence(options);
    this.#streams = [new Stream(this.#boots++, options, deliver)];
  }

  /** The stream that a record came for last. */
  get current(): Stream {
    return this.#streams[0]!;
  }

  /** Bytes of text held for records that are not delivered yet. */
  get heldBytes(): number {
    let bytes = this.#oos.bytes;
    for (const { window } of this.#streams) bytes += window.bytes;
    return bytes;
  }

  /** Bytes of the windows' rings. */
  get windowBytes(): number {
    let bytes = 0;
    for (const { window } of this.#streams) bytes += window.ringBytes;
    return bytes;
  }

  /** How many records are held that are not delivered yet, whole or not. */
  get held(): number {
    let records = this.#oos.length;
    for (const { window } of this.#streams) records += window.occupied;
    return records;
  }

  /** When something that is held is given up, in milliseconds; Infinity if nothing is held. */
  deadline(): number {
    let when = this.#oos.deadline();
    for (const { window } of this.#streams)
      if (window.occupied > 0) when = Math.min(when, window.tailTimestamp + this.#options.msgTimeoutMs);
    return when;
  }

  /** Delivers all that is held, whole or not, and begins anew. */
  flush(): void {
    for (const { window } of this.#streams) window.drain();
    for (const record of this.#oos.takeAll()) this.#deliver(record, undefined);
    this.#streams = [new Stream(this.#boots++, this.#options, this.#deliver)];
  }

  /** Puts a record, or a piece of one, where it belongs. */
  place(bytes: Uint8Array, fields: PacketFields, nowMs: number): ProcessOutcome {
    this.#now = nowMs;
    this.#oos.age();
    let stream = this.current;
    const { window } = stream;
    if (this.#streams.length > 1) {
      this.#trim();
      // A record that another stream has had already, to the letter, is not the next one of this
      // stream.
      const heard = this.#streams.find((s, i) => i > 0 && s.repeats(bytes, fields, nowMs));
      if (heard !== undefined) return this.#insert(bytes, fields, heard);
    }
    if (
      fields.seq === window.headSeq &&
      window.occupied === 0 &&
      window.started &&
      !fields.fragment &&
      (this.#streams.length === 1 || fields.tsUsec >= window.headStamp)
    ) {
      this.#pass(bytes, fields, stream);
      return 'stored';
    }
    if (window.started) {
      const verdict = stream.judge(bytes, fields);
      if (verdict === 'other' || verdict === 'unknown') {
        const other = this.#streams.find((s, i) => i > 0 && s.expects(bytes, fields, this.#now, stream));
        if (other !== undefined) stream = this.#promote(other);
        else if (verdict === 'other') return this.#another(bytes, fields);
      }
    }
    return this.#insert(bytes, fields, stream);
  }

  /** Delivers the next record of a stream that waits for nothing. */
  #pass(bytes: Uint8Array, fields: PacketFields, stream: Stream): void {
    const record = recordPool.take();
    record.begin(bytes, fields, this.#now);
    stream.window.pass(fields.seq, fields.tsUsec, fingerprint(bytes, fields.bodyAt, fields.textEnd), this.#now);
    stream.heardAt = this.#now;
    this.#deliver(record, stream);
    if (this.#oos.length > 1) this.#otherHost(stream);
  }

  #insert(bytes: Uint8Array, fields: PacketFields, stream: Stream): ProcessOutcome {
    const { window } = stream;
    const begins = !window.started;
    const slot = window.slotFor(fields, this.#now);
    if (slot === OUT_OF_SEQUENCE) return this.#holdOos(bytes, fields);
    stream.heardAt = this.#now;
    if (slot === RETIRED) {
      this.#oos.echo(bytes, fields, this.#now, window.headSeq - fields.seq);
      return 'retired';
    }
    if (slot === GIVEN_UP) return this.#late(bytes, fields, stream);
    const record = window.recordAt(slot);
    if (record === undefined) {
      const fresh = recordPool.take();
      fresh.begin(bytes, fields, this.#now);
      fresh.seqReset = begins;
      window.store(slot, fresh);
      if (this.#oos.length > 1) this.#otherHost(stream);
      return 'stored';
    }
    const before = record.size;
    const outcome = record.merge(bytes, fields);
    window.settle(slot, record.size - before);
    return outcome;
  }

  /**
   * Delivers a record that was given up and counted as lost. Differs: libncrx drops records that
   * come too late.
   */
  #late(bytes: Uint8Array, fields: PacketFields, stream: Stream): ProcessOutcome {
    if (fields.fragment) return 'retired';
    const record = recordPool.take();
    record.begin(bytes, fields, this.#now);
    stream.window.regain(fields.seq, fields.tsUsec, record.print);
    this.#stats.late++;
    this.#deliver(record, undefined);
    return 'late';
  }

  #holdOos(bytes: Uint8Array, fields: PacketFields): ProcessOutcome {
    this.#stats.oos++;
    const old = this.current;
    const delivered = this.#oos.follows(fields, old.window);
    if (delivered >= 0) {
      const record = recordPool.take();
      record.begin(bytes, fields, this.#now);
      const stream = this.#begin();
      if (delivered > 0) this.#countJump(old, record, delivered);
      this.#fill(stream, [record]);
      return 'stored';
    }
    this.#oos.hold(bytes, fields, this.#now);
    const older = this.#oos.takeOlder(old.window);
    if (older.length > 0) {
      this.#fill(this.#begin(), older);
      return 'stored';
    }
    if (this.#oos.crossed) this.#restart();
    else if (this.#oos.full) this.#deliver(this.#oos.shift(), undefined);
    return 'oos';
  }

  /** Begins a stream of another boot or host with a record that contradicts what is known. */
  #another(bytes: Uint8Array, fields: PacketFields): ProcessOutcome {
    const stream = this.#begin();
    const own = this.#oos.takeBefore(fields);
    this.#stats.duplicates -= own.echoes;
    this.#fill(stream, own.records);
    return this.#insert(bytes, fields, stream);
  }

  /** Begins another sequence with all that is held, as too much was out of sequence. */
  #restart(): void {
    const old = this.current;
    old.window.drain();
    const held = this.#oos.takeAll();
    const first = held.reduce((a, b) => (b.seq < a.seq ? b : a));
    const stream = this.#begin();
    this.#countJump(old, first, 0);
    this.#fill(stream, [first, ...held.filter((r) => r !== first)]);
  }

  /**
   * Begins a stream for another host, if two or more records wait that fit together and lie far
   * from a stream that goes on.
   */
  #otherHost(current: Stream): void {
    if (!current.window.live) return;
    const records = this.#oos.takeOther(current.window);
    if (records.length === 0) return;
    const stream = this.#begin();
    this.#fill(stream, records);
    this.#promote(current);
  }

  /**
   * Counts what was passed over if the sequence jumped ahead to `first`; `delivered` of the records
   * between were told as out of sequence. Differs: libncrx does not count what a jump of the
   * sequence passes over.
   */
  #countJump(old: Stream, first: PendingRecord, delivered: number): void {
    const skipped = first.seq - old.window.headSeq - delivered;
    if (skipped <= 0 || first.tsUsec < old.window.headStamp) return;
    first.skipped = skipped;
    old.countedBefore = first.seq;
    this.#stats.gaps++;
    this.#stats.skipped += skipped;
  }

  /** Begins a stream, which is the current one from now on. */
  #begin(): Stream {
    const stream = new Stream(this.#boots++, this.#options, this.#deliver);
    stream.ackedAt = this.current.ackedAt;
    this.#streams.unshift(stream);
    this.#trim();
    this.#stats.resets++;
    return stream;
  }

  /** Bounds what is held, however many streams there are. */
  #trim(): void {
    const last = this.#streams.at(-1)!;
    if (this.#streams.length > STREAMS_MAX || (last !== this.current && last.heardAt + FORGET_MS < this.#now)) {
      this.#streams.pop();
      last.window.drain();
    }
    for (let i = this.#streams.length - 1; i > 0 && this.held > 2 * this.#options.nrSlots; i--)
      this.#streams[i]!.window.drain();
  }

  #promote(stream: Stream): Stream {
    if (this.#streams[0] !== stream) this.#streams = [stream, ...this.#streams.filter((s) => s !== stream)];
    return stream;
  }

  /** Puts records into a new stream, which begins with the first of them. */
  #fill(stream: Stream, records: readonly PendingRecord[]): void {
    const { window } = stream;
    for (const record of records) {
      record.seqReset = record === records[0];
      const slot = window.slotFor(record, this.#now);
      if (slot >= 0 && window.recordAt(slot) === undefined) window.store(slot, record);
      else {
        if (slot === GIVEN_UP) window.regain(record.seq, record.tsUsec, record.print);
        this.#deliver(record, undefined);
      }
      stream.heardAt = this.#now;
    }
  }

  /** Delivers records that are whole or were waited for too long. */
  expire(nowMs: number): void {
    this.#now = nowMs;
    if (this.#streams.length === 1 && this.#oos.length === 0 && this.current.window.occupied === 0) return;
    const { msgTimeoutMs } = this.#options;
    for (const { window } of this.#streams)
      while (window.occupied > 0 && (window.tailWhole || window.tailTimestamp + msgTimeoutMs <= this.#now))
        window.retireTail();
    while (this.#oos.deadline() <= this.#now) this.#deliver(this.#oos.expire(this.current.window), undefined);
  }
}
