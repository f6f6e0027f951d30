/**
 * One receiver per source address and port, for a socket that hears many hosts.
 *
 * Anybody can send from any address, so the number of sources and the bytes they hold are bounded: the source that
 * has been quiet longest is flushed (what it held is delivered), forgotten and counted in `stats.evicted`.
 */
import { KernelError } from '../errno.js';
import { Fifo } from './fifo.js';

/** What a source needs: `Receiver`, `PlainReceiver`, or any other decoder of this shape. */
export interface SourceReceiver<Item> {
  readonly stats: object;
  readonly heldBytes: number;
  process(payload: Uint8Array | undefined, nowMs: number): string;
  next(): Item | undefined;
  response(): Uint8Array | undefined;
  nextDeadline(): number | undefined;
  flush(): void;
}

export interface Source {
  readonly address: string;
  readonly port: number;
}

export interface ReceiverSetOptions {
  /** Sources kept at a time. Default 256. */
  readonly maxSources?: number;
  /** Bytes of text held for all of them. Default 64 MiB. */
  readonly maxBytes?: number;
}

export interface Delivery<Item> {
  readonly source: Source;
  readonly item: Item;
}

export interface OutgoingResponse {
  readonly source: Source;
  readonly payload: Uint8Array;
}

/** Items and responses kept for a caller who does not fetch them. */
const READY_MAX = 32768;

interface Entry<Item> {
  readonly source: Source;
  readonly receiver: SourceReceiver<Item>;
  bytes: number;
  /** Infinity: none. */
  deadline: number;
}

export class ReceiverSet<Item> {
  /** `evicted`: sources forgotten. `overrun`: items or responses not fetched in time. */
  readonly stats: { sources: number; evicted: number; overrun: number } = { sources: 0, evicted: 0, overrun: 0 };
  readonly #create: (source: Source) => SourceReceiver<Item>;
  readonly #maxSources: number;
  readonly #maxBytes: number;
  /** By address and port, the one quiet longest first. */
  readonly #entries = new Map<string, Entry<Item>>();
  readonly #ready = new Fifo<Delivery<Item>>(READY_MAX);
  readonly #responses = new Fifo<OutgoingResponse>(READY_MAX);
  readonly #totals: Record<string, unknown> = {};
  #bytes = 0;

  /** EINVAL if an option makes no sense. */
  constructor(create: (source: Source) => SourceReceiver<Item>, options: ReceiverSetOptions = {}) {
    this.#create = create;
    this.#maxSources = options.maxSources ?? 256;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    if (!(this.#maxSources >= 1)) throw new KernelError('EINVAL', 'receiver', 'maxSources must be 1 at least');
    if (!(this.#maxBytes >= 0)) throw new KernelError('EINVAL', 'receiver', 'maxBytes must be a number, 0 at least');
  }

  /** Sources known now. */
  get size(): number {
    return this.#entries.size;
  }

  get heldBytes(): number {
    return this.#bytes;
  }

  /** Takes in a datagram. What the source's receiver says of it. Never throws. */
  process(address: string, port: number, payload: Uint8Array, nowMs: number): string {
    const key = `${address} ${port}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      if (this.#entries.size >= this.#maxSources) this.#evict();
      const source = { address, port };
      entry = { source, receiver: this.#create(source), bytes: 0, deadline: Number.POSITIVE_INFINITY };
      this.stats.sources++;
    } else {
      this.#entries.delete(key);
    }
    this.#entries.set(key, entry);
    const outcome = entry.receiver.process(payload, nowMs);
    this.#collect(entry);
    while (this.#bytes > this.#maxBytes && this.#entries.size > 1) this.#evict();
    return outcome;
  }

  /** Lets time pass for every source that is due. */
  advance(nowMs: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.deadline > nowMs) continue;
      entry.receiver.process(undefined, nowMs);
      this.#collect(entry);
    }
  }

  next(): Delivery<Item> | undefined {
    return this.#ready.shift();
  }

  /** The next response to send, oldest first, until undefined. */
  nextResponse(): OutgoingResponse | undefined {
    return this.#responses.shift();
  }

  /** When to call `advance` at the latest, milliseconds; undefined: not before the next datagram. */
  nextDeadline(): number | undefined {
    let when = Number.POSITIVE_INFINITY;
    for (const entry of this.#entries.values()) when = Math.min(when, entry.deadline);
    return when === Number.POSITIVE_INFINITY ? undefined : when;
  }

  /** Delivers all that is held, of every source, and forgets them. */
  flush(): void {
    while (this.#entries.size > 0) this.#forget();
  }

  /** The statistics of all sources, forgotten ones too, added up by name. */
  totals(): Record<string, unknown> {
    const sum: Record<string, unknown> = {};
    addUp(sum, this.#totals);
    for (const entry of this.#entries.values()) addUp(sum, entry.receiver.stats);
    return sum;
  }

  #evict(): void {
    this.stats.evicted++;
    this.#forget();
  }

  #forget(): void {
    for (const [key, entry] of this.#entries) {
      entry.receiver.flush();
      this.#collect(entry);
      this.#bytes -= entry.bytes;
      this.#entries.delete(key);
      addUp(this.#totals, entry.receiver.stats);
      return;
    }
  }

  #collect(entry: Entry<Item>): void {
    const { receiver, source } = entry;
    for (let item = receiver.next(); item !== undefined; item = receiver.next()) {
      if (this.#ready.push({ source, item })) this.stats.overrun++;
    }
    const payload = receiver.response();
    if (payload !== undefined && this.#responses.push({ source, payload })) this.stats.overrun++;
    this.#bytes += receiver.heldBytes - entry.bytes;
    entry.bytes = receiver.heldBytes;
    entry.deadline = receiver.nextDeadline() ?? Number.POSITIVE_INFINITY;
  }
}

function addUp(into: Record<string, unknown>, from: object): void {
  for (const [name, value] of Object.entries(from)) {
    const old = into[name];
    if (typeof value === 'number') into[name] = (typeof old === 'number' ? old : 0) + value;
    else if (typeof value === 'object' && value !== null) {
      const nested: Record<string, unknown> =
        typeof old === 'object' && old !== null ? (old as Record<string, unknown>) : {};
      into[name] = nested;
      addUp(nested, value);
    }
  }
}
