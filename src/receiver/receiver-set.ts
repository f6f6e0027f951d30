/**
 * One receiver per source address and port, for a socket with many senders.
 *
 * Anybody can send from any address, so the number of sources and the bytes they hold are bounded.
 * A datagram that is refused makes no source. If there are too many sources, one is flushed (what
 * it held is delivered) and forgotten: the one quiet longest of those that have never delivered
 * anything, or, if there are none, of the others. Each is counted in `stats.evicted`.
 */
import { callback, checkArgument, checkOptions, number, type OptionRules, wholeNumber } from '../options.js';
import { Deadlines, type Due } from './deadlines.js';
import { Fifo } from './fifo.js';
import { type Ranked, Ranking } from './ranking.js';
import type { Delivery, OutgoingResponse, ReceiverSetOptions, Source, SourceReceiver } from './source.js';
import { addUp } from './totals.js';

const RULES: OptionRules<ReceiverSetOptions> = {
  maxSources: wholeNumber(1),
  maxBytes: number(0, Number.POSITIVE_INFINITY),
  maxWindowBytes: number(0, Number.POSITIVE_INFINITY),
  onForgotten: callback,
};
/** Items and responses kept for a caller who does not fetch them. */
const READY_MAX = 32768;
/** The results of `process` for a datagram that was taken; any other is a reason why it was not. */
const TAKEN = new Set(['none', 'stored', 'merged', 'duplicate', 'retired', 'late', 'oos']);

interface Entry<Item> extends Ranked<Entry<Item>>, Due {
  readonly key: string;
  readonly source: Source;
  readonly receiver: SourceReceiver<Item>;
  /** Bytes of the text that the receiver holds. */
  bytes: number;
  /** Bytes of the receiver's windows. */
  windowBytes: number;
}

/** Receivers by source. Made by `createReceiverSet`. */
export class ReceiverSet<Item> {
  /**
   * Counted since the beginning: sources that were heard, those of them that were forgotten to make
   * room (`evicted`), and items or responses that were not fetched in time (`overrun`).
   */
  readonly stats: { sources: number; evicted: number; overrun: number } = { sources: 0, evicted: 0, overrun: 0 };
  readonly #create: (source: Source) => SourceReceiver<Item>;
  readonly #maxSources: number;
  readonly #maxBytes: number;
  readonly #maxWindowBytes: number;
  readonly #onForgotten: ReceiverSetOptions['onForgotten'];
  readonly #entries = new Map<string, Entry<Item>>();
  /** Which source goes next if there are too many. */
  readonly #ranking = new Ranking<Entry<Item>>();
  /** The source of the last datagram: mostly that of the next one too. */
  #last: Entry<Item> | undefined;
  readonly #ready = new Fifo<Delivery<Item>>(READY_MAX);
  readonly #responses = new Fifo<OutgoingResponse>(READY_MAX);
  readonly #totals: Record<string, unknown> = {};
  readonly #lent: { source: Source; item: Item | undefined } = { source: { address: '', port: 0 }, item: undefined };
  /** The source whose items have not been moved to `#ready` yet. */
  #open: Entry<Item> | undefined;
  readonly #deadlines = new Deadlines<Entry<Item>>();
  /** Sources that are gone, of which `onForgotten` has not been told yet. */
  readonly #forgotten: Entry<Item>[] = [];
  #bytes = 0;
  #windowBytes = 0;

  /** Throws EINVAL if an option makes no sense. */
  constructor(create: (source: Source) => SourceReceiver<Item>, options: ReceiverSetOptions = {}) {
    checkArgument('createReceiverSet', 'create', create, callback);
    checkOptions('createReceiverSet', options, RULES);
    this.#create = create;
    this.#maxSources = options.maxSources ?? 256;
    this.#onForgotten = options.onForgotten;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    this.#maxWindowBytes = options.maxWindowBytes ?? Number.POSITIVE_INFINITY;
  }

  /** How many sources are known now. */
  get size(): number {
    return this.#entries.size;
  }

  /** Bytes of text held for all sources. */
  get heldBytes(): number {
    return this.#bytes;
  }

  /** Bytes of the windows of all sources. */
  get windowBytes(): number {
    return this.#windowBytes;
  }

  /**
   * Takes in a datagram, which is not kept, and returns what the source's receiver says of it. No
   * datagram makes it throw; for a wrong argument it throws as `Receiver.process` does.
   */
  process(address: string, port: number, payload: Uint8Array, nowMs: number): string {
    this.#settle();
    const last = this.#last;
    const known =
      last !== undefined && last.source.port === port && last.source.address === address
        ? last
        : this.#entries.get(`${address} ${port}`);
    const entry = known ?? this.#make(address, port);
    const outcome = entry.receiver.process(payload, nowMs);
    if (known === undefined) {
      if (!TAKEN.has(outcome)) {
        // Even a refusal may deliver something, such as a version that is not known.
        const item = entry.receiver.next();
        if (item !== undefined) this.#ready.push({ source: entry.source, item });
        else {
          addUp(this.#totals, entry.receiver.stats);
          return outcome;
        }
      }
      this.#add(entry);
    }
    this.#ranking.heard(entry);
    this.#last = entry;
    this.#open = entry;
    this.#account(entry);
    while (this.#isTooMuch && this.#entries.size > 1) this.#evict();
    if (this.#forgotten.length > 0) this.#tell();
    return outcome;
  }

  /** Lets time pass for every source that is due. */
  advance(nowMs: number): void {
    this.#settle();
    for (const entry of this.#deadlines.take(nowMs)) {
      entry.receiver.process(undefined, nowMs);
      this.#open = entry;
      this.#account(entry);
      this.#settle();
    }
  }

  /**
   * Returns the next item of any source; the caller owns it. Items that are not fetched are kept up
   * to a bound; beyond it the oldest is dropped and counted.
   */
  next(): Delivery<Item> | undefined {
    this.#settle();
    return this.#ready.shift();
  }

  /**
   * As `next`, but the delivery and its item are lent: they are valid until the next call of any
   * method. Allocates nothing.
   */
  borrow(): Delivery<Item> | undefined {
    if (this.#ready.length > 0) return this.#ready.shift();
    const entry = this.#open;
    if (entry === undefined) return undefined;
    const item = entry.receiver.borrow === undefined ? entry.receiver.next() : entry.receiver.borrow();
    if (item === undefined) {
      this.#open = undefined;
      return undefined;
    }
    this.#ranking.prove(entry);
    this.#lent.source = entry.source;
    this.#lent.item = item;
    return this.#lent as Delivery<Item>;
  }

  /** Returns the next response to send, oldest first; undefined if there is none. */
  nextResponse(): OutgoingResponse | undefined {
    return this.#responses.shift();
  }

  /**
   * Returns the milliseconds at which `advance` must be called at the latest, or a little earlier;
   * undefined if nothing waits.
   */
  nextDeadline(): number | undefined {
    const { next } = this.#deadlines;
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  /** As `flush`, at the end of a `using` block; what that delivers is lost. */
  [Symbol.dispose](): void {
    this.flush();
  }

  /** Delivers all that is held, of every source, and forgets them. */
  flush(): void {
    this.#settle();
    for (const entry of this.#entries.values()) this.#forget(entry);
    this.#tell();
  }

  /** Returns the statistics of all sources, forgotten ones too, added up by name. */
  totals(): Record<string, unknown> {
    const sum: Record<string, unknown> = {};
    addUp(sum, this.#totals);
    for (const entry of this.#entries.values()) addUp(sum, entry.receiver.stats);
    return sum;
  }

  #make(address: string, port: number): Entry<Item> {
    const source = { address, port };
    return {
      key: `${address} ${port}`,
      source,
      receiver: this.#create(source),
      bytes: 0,
      windowBytes: 0,
      deadline: Number.POSITIVE_INFINITY,
      place: -1,
      placedFor: Number.POSITIVE_INFINITY,
      proven: false,
      before: undefined,
      after: undefined,
    };
  }

  #add(entry: Entry<Item>): void {
    if (this.#entries.size >= this.#maxSources) this.#evict();
    this.#entries.set(entry.key, entry);
    this.#ranking.add(entry);
    this.stats.sources++;
  }

  get #isTooMuch(): boolean {
    return this.#bytes > this.#maxBytes || this.#windowBytes > this.#maxWindowBytes;
  }

  #evict(): void {
    const entry = this.#ranking.last;
    if (entry === undefined) return;
    this.stats.evicted++;
    this.#forget(entry);
  }

  #forget(entry: Entry<Item>): void {
    this.#settle();
    entry.receiver.flush();
    this.#ranking.remove(entry);
    this.#entries.delete(entry.key);
    this.#deadlines.remove(entry);
    if (this.#last === entry) this.#last = undefined;
    this.#bytes -= entry.bytes;
    this.#windowBytes -= entry.windowBytes;
    for (let item = entry.receiver.next(); item !== undefined; item = entry.receiver.next())
      if (this.#ready.push({ source: entry.source, item })) this.stats.overrun++;
    addUp(this.#totals, entry.receiver.stats);
    if (this.#onForgotten !== undefined) this.#forgotten.push(entry);
  }

  /** Calls `onForgotten`, when nothing is half done any more, so that its errors lose nothing. */
  #tell(): void {
    for (let entry = this.#forgotten.shift(); entry !== undefined; entry = this.#forgotten.shift())
      this.#onForgotten?.(entry.source, entry.receiver.stats);
  }

  /** Queues the items of the source that was heard last, which the caller has not fetched. */
  #settle(): void {
    const entry = this.#open;
    if (entry === undefined) return;
    this.#open = undefined;
    const { receiver, source } = entry;
    for (let item = receiver.next(); item !== undefined; item = receiver.next()) {
      this.#ranking.prove(entry);
      if (this.#ready.push({ source, item })) this.stats.overrun++;
    }
  }

  #account(entry: Entry<Item>): void {
    const { receiver, source } = entry;
    const payload = receiver.response();
    if (payload !== undefined && this.#responses.push({ source, payload })) this.stats.overrun++;
    const { heldBytes, windowBytes = 0 } = receiver;
    this.#bytes += heldBytes - entry.bytes;
    entry.bytes = heldBytes;
    this.#windowBytes += windowBytes - entry.windowBytes;
    entry.windowBytes = windowBytes;
    entry.deadline = receiver.nextDeadline() ?? Number.POSITIVE_INFINITY;
    this.#deadlines.changed(entry);
  }
}
