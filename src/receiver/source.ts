/** A source of datagrams, the receiver that it has in a set, and what the set gives. */
import { isBytes, shown } from '../options.js';

/** What a source needs: `Receiver`, `PlainReceiver`, or any other decoder of this shape. */
export interface SourceReceiver<Item> {
  /** What was counted: numbers by name, which a set adds up. */
  readonly stats: object;
  /** Bytes of text held for items that are not delivered yet. */
  readonly heldBytes: number;
  /** Bytes of what it remembers of seqs, which grows with its streams. Default 0. */
  readonly windowBytes?: number;
  /** Takes in a datagram, or, without one, only lets time pass. Returns what became of it. */
  process(payload: Uint8Array | undefined, nowMs: number): string;
  /** Returns the next item, in order; undefined while there is none. The caller owns it. */
  next(): Item | undefined;
  /** As `next`, but the item is lent: it holds until the next call of any other method. */
  borrow?(): Item | undefined;
  /** Returns the next datagram to send back to the source, if the receiver answers. */
  response(): Uint8Array | undefined;
  /** Returns when `process` must be called without a datagram, in its milliseconds. */
  nextDeadline(): number | undefined;
  /** Delivers what waits: nothing more is expected. */
  flush(): void;
}

/** Where datagrams come from. */
export interface Source {
  /** The address that datagrams come from, as text. */
  readonly address: string;
  /** The UDP port that datagrams come from. */
  readonly port: number;
}

/** Bounds of a set. */
export interface ReceiverSetOptions {
  /** Sources kept at a time. Default 256. */
  readonly maxSources?: number;
  /** Bytes of text held for all of them. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Bytes of the windows of all of them, about; see `windowBytes`. Default: no bound. */
  readonly maxWindowBytes?: number;
  /**
   * Called when a source is forgotten, as there are too many or at `flush`, with the counts of its
   * receiver in `stats`.
   */
  readonly onForgotten?: (source: Source, stats: object) => void;
}

/** An item of a source. */
export interface Delivery<Item> {
  /** Whom the item came from. */
  readonly source: Source;
  /** The item itself: a record, line or dump, by the receiver. */
  readonly item: Item;
}

/** A response, and whom it is for. The caller owns the payload. */
export interface OutgoingResponse {
  /** Whom the response goes to. */
  readonly source: Source;
  /** The datagram to send. */
  readonly payload: Uint8Array;
}

const EMPTY = new Uint8Array(0);

/**
 * Checks what `process` of a receiver is given, before anything changes. Throws TypeError for a
 * payload that is neither bytes nor undefined, and RangeError for a time that is not a finite
 * number. Returns the payload; in place of one whose memory was transferred away, and of which no
 * method works, it returns an empty one.
 */
export function checkDatagram(payload: Uint8Array | undefined, nowMs: number): Uint8Array | undefined {
  if (payload !== undefined && !isBytes(payload))
    throw new TypeError(`process: the payload is ${shown(payload)}, not a Uint8Array or undefined`);
  if (!Number.isFinite(nowMs)) throw new RangeError(`process: nowMs is ${shown(nowMs)}, not a number of milliseconds`);
  return payload?.length === 0 ? EMPTY : payload;
}
