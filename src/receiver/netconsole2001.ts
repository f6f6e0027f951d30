/**
 * netconsole-client of 2001: checks source and version, prints `(offset): text`, asks for nothing.
 * The offset tells how many bytes of text were lost on the way. The client of 2001 left it to its
 * reader to notice; this one says so.
 *
 * A text that comes late and fills a gap is delivered as late, and no longer counts as lost. An
 * offset that goes back for any other reason is a sender that began anew, or a datagram that came
 * twice: the one after it tells which.
 *
 * Differs: the client of 2001 ended at a datagram of another version; here only that source is no
 * longer listened to.
 */
import { checkOptions, flag } from '../options.js';
import { get32 } from '../wire/field.js';
import { NETCONSOLE2001, NETCONSOLE2001_MAX_TEXT, NETCONSOLE2001_VERSION } from '../wire/netconsole2001.js';
import { decodeText, plural } from '../wire/text.js';
import { Fifo } from './fifo.js';
import { printable } from './print.js';
import { checkDatagram } from './source.js';

/** Datagrams kept for a caller who does not fetch them. */
const READY_MAX = 16384;
/** Gaps remembered. */
const HOLES_MAX = 256;

/** Options of the receiver. */
export interface Netconsole2001ReceiverOptions {
  /**
   * Whether the datagrams are from the server that is listened to; if not, all are refused. Default
   * true.
   */
  readonly accepted?: boolean;
}

/** A datagram's text. The caller owns it. */
export interface Text2001 {
  readonly kind: 'text';
  /** How many bytes of text the server had sent before this one, modulo 2^32. */
  readonly offset: number;
  /** The text, at most 1455 bytes. */
  readonly text: Uint8Array;
  /** Bytes lost right before it; of the first datagram, bytes sent before we listened. */
  readonly lost: number;
  /** Whether this is the first datagram of the stream that was heard. */
  readonly first: boolean;
  /** Whether the datagram came after later ones; its bytes were counted as lost until now. */
  readonly late: boolean;
  /** Whether the offset went back: the datagram was sent twice, or the server began anew. */
  readonly back: boolean;
}

/** A sender of another version, of which nothing more is delivered. */
export interface Version2001 {
  readonly kind: 'version';
  /** The first byte of the datagram; this receiver reads version 1. */
  readonly version: number;
}

/** What the receiver delivers. */
export type Item2001 = Text2001 | Version2001;

/** Counted since the beginning. */
export interface Netconsole2001ReceiverStats {
  /** Datagrams that came, refused ones too. */
  datagrams: number;
  /** Texts that were delivered. */
  records: number;
  /** Bytes of text that the offsets say were sent, but that have not come. */
  lostBytes: number;
  /** Texts that came late, and filled a gap. */
  late: number;
  /** Items that the caller did not fetch in time. */
  overrun: number;
  /** Datagrams that were refused, by the reason. */
  refused: { source: number; version: number; malformed: number };
}

/** A receiver for one server of 2001. Its calls are those of `Receiver`. */
export class Netconsole2001Receiver {
  /** Counted since the beginning. The object is the receiver's own and goes on counting. */
  readonly stats: Netconsole2001ReceiverStats = {
    datagrams: 0,
    records: 0,
    lostBytes: 0,
    late: 0,
    overrun: 0,
    refused: { source: 0, version: 0, malformed: 0 },
  };
  /** Always 0, as nothing is held back. */
  readonly heldBytes = 0;
  readonly #accepted: boolean;
  readonly #ready = new Fifo<Item2001>(READY_MAX);
  /** The offset of the next datagram; undefined: none has come. */
  #expected: number | undefined;
  /**
   * The offset that would come next if the last datagram, whose offset went back, was only a
   * repetition.
   */
  #otherwise: number | undefined;
  /** Gaps, oldest first. */
  #holes: { from: number; length: number }[] = [];
  #ended = false;

  constructor(options: Netconsole2001ReceiverOptions = {}) {
    checkOptions<Netconsole2001ReceiverOptions>('receiver', options, { accepted: flag });
    this.#accepted = options.accepted ?? true;
  }

  /** As `Receiver.process`. */
  process(given: Uint8Array | undefined, nowMs: number): 'none' | 'stored' | 'refused' {
    const payload = checkDatagram(given, nowMs);
    if (payload === undefined) return 'none';
    this.stats.datagrams++;
    const { refused } = this.stats;
    if (!this.#accepted) {
      refused.source++;
      return 'refused';
    }
    if (this.#ended || payload[0] !== NETCONSOLE2001_VERSION) {
      if (payload.length === 0) {
        refused.malformed++;
        return 'refused';
      }
      refused.version++;
      if (!this.#ended) this.#push({ kind: 'version', version: payload[0]! });
      this.#ended = true;
      return 'refused';
    }
    if (payload.length < NETCONSOLE2001.length || payload.length > NETCONSOLE2001.length + NETCONSOLE2001_MAX_TEXT) {
      refused.malformed++;
      return 'refused';
    }
    this.#text(get32(payload, NETCONSOLE2001.offset), payload.slice(NETCONSOLE2001.length));
    return 'stored';
  }

  #text(offset: number, text: Uint8Array): void {
    this.stats.records++;
    const end = (offset + text.length) >>> 0;
    if (this.#expected === undefined) {
      this.#expected = end;
      this.#push({ kind: 'text', offset, text, lost: offset, first: true, late: false, back: false });
      return;
    }
    if (this.#otherwise === offset) this.#expected = offset;
    // The sender began anew: the gaps of the old stream do not belong to the new one.
    else if (this.#otherwise !== undefined) this.#holes = [];
    const otherwise = this.#expected;
    this.#otherwise = undefined;
    /** Offsets wrap: half of the numbers lie ahead, half behind. */
    const ahead = (offset - this.#expected) | 0;
    let lost = 0;
    let late = false;
    if (ahead > 0) {
      lost = ahead;
      this.stats.lostBytes += lost;
      this.#holes.push({ from: this.#expected, length: lost });
      if (this.#holes.length > HOLES_MAX) this.#holes.shift();
    } else if (ahead < 0) {
      late = this.#fill(offset, text.length);
      if (!late) this.#otherwise = otherwise;
    }
    if (!late) this.#expected = end;
    this.#push({ kind: 'text', offset, text, lost, first: false, late, back: ahead < 0 && !late });
  }

  /** Takes `[offset, offset + length)` out of the gap it lies in; false: it lies in none. */
  #fill(offset: number, length: number): boolean {
    const at = this.#holes.findIndex((hole) => {
      const into = (offset - hole.from) >>> 0;
      return into < hole.length && into + length <= hole.length;
    });
    if (at < 0) return false;
    const hole = this.#holes[at]!;
    const before = (offset - hole.from) >>> 0;
    const rest = [
      { from: hole.from, length: before },
      { from: (offset + length) >>> 0, length: hole.length - before - length },
    ];
    this.#holes.splice(at, 1, ...rest.filter((piece) => piece.length > 0));
    this.stats.lostBytes -= length;
    this.stats.late++;
    return true;
  }

  #push(item: Item2001): void {
    if (this.#ready.push(item)) this.stats.overrun++;
  }

  /**
   * Returns the next text, or what is known of the sender's version; undefined while there is none.
   * The caller owns it.
   */
  next(): Item2001 | undefined {
    return this.#ready.shift();
  }

  /** Returns nothing, as the client never sends. */
  response(): undefined {
    return undefined;
  }

  /** Returns nothing, as nothing is waited for. */
  nextDeadline(): undefined {
    return undefined;
  }

  /** Does nothing: nothing is held back. */
  [Symbol.dispose](): void {}

  /** Does nothing: nothing is held back. */
  flush(): void {}
}

/**
 * Returns an item as the client printed it, and before it, on lines that begin with `--`, what was
 * lost. The lines have no newlines.
 */
export function netconsole2001Lines(item: Item2001): string[] {
  if (item.kind === 'version') {
    return [`[netconsole server has version ${item.version}, client supports only version 1! exiting.]`];
  }
  const { offset, text, lost, first, late, back } = item;
  const lines: string[] = [];
  if (lost > 0) lines.push(`-- ${plural(lost, 'byte')} ${first ? 'sent before we listened' : 'lost'}`);
  if (late) lines.push('-- late, no longer lost:');
  if (back) lines.push('-- the offset went back: sent twice, or begun anew:');
  const [head, ...more] = decodeText(text).replace(/\n$/, '').split('\n').map(printable);
  return [...lines, `(${offset}): ${head}`, ...more];
}

/** Returns an item as plain data. */
export function netconsole2001Json(item: Item2001): object {
  return item.kind === 'version' ? item : { ...item, text: decodeText(item.text) };
}
