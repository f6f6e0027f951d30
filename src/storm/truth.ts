/**
 * What a perfect receiver must print of one host. The project's own receiver puts the frames
 * together as they leave the kernel, before any network.
 *
 * A record whose frames did not all arrive whole is told as lost by the network as soon as it is
 * complete: what the network does to a frame is known when the frame is sent.
 */
import {
  createPlainReceiver,
  dictionary,
  type Packet,
  type PlainReceiver,
  parsePacket,
  RECEIVER_DIALECTS,
  type ReceiverDialect,
  unescapeText,
} from '../receiver/index.js';
import { BACKSLASH, NEWLINE } from '../wire/text.js';

/** One line of a manifest. */
export interface TrueRecord {
  /** The host's address, by which a receiver knows it. */
  readonly host: string;
  /** The host's name in the plan. */
  readonly name: string;
  /** How often the host had booted before. */
  readonly boot: number;
  /** The sequence number, of extended targets only: plain ones send nothing but text. */
  readonly seq?: number;
  /** The header's stamp, in microseconds. A plain text has its stamp in front, if it has one. */
  readonly tsUsec?: number;
  /** The header's level, 0 to 7. */
  readonly level?: number;
  /** The header's facility; 0 is the kernel. */
  readonly facility?: number;
  /** The text with escapes decoded; of plain targets, with all that the console puts in front. */
  readonly text: string;
  /** The dictionary: keys and values of devices, userdata and sysdata. */
  readonly dict?: Readonly<Record<string, string>>;
  /** When it left, in microseconds from the start of the run. */
  readonly atUsec: number;
  /**
   * The network has lost or changed a part of the record: no receiver can print it, unless it is
   * sent again.
   */
  readonly lost?: 'network';
}

/** A record as `HostTruth` tells it, which does not know the host. */
export type HostRecord = Omit<TrueRecord, 'host' | 'name'>;

/** How a datagram left: in which boot, when, and whether it arrives unchanged. */
export interface Departure {
  /** The number of the boot, from 0. */
  readonly boot: number;
  /** When the datagram left, in microseconds from the start of the run. */
  readonly atUsec: number;
  /** Whether the datagram arrives unchanged. */
  readonly whole: boolean;
}

const decoder = new TextDecoder();

/** Makes the truth of one host's datagrams. */
export class HostTruth {
  /** The dialect of an extended target; undefined for a plain one. */
  readonly #dialect: ReceiverDialect | undefined;
  readonly #tell: (record: HostRecord) => void;
  readonly #plain: PlainReceiver = createPlainReceiver({ lineTimeoutMs: Number.MAX_VALUE });
  #boot = -1;
  /** Whether a datagram of the record that is under way did not arrive whole. */
  #damaged = false;
  /** The pieces so far of a record that comes in fragments. */
  #pieces: Uint8Array[] = [];
  #nextSeq = 0;
  /** How many seqs never left: the gaps between those that did. */
  missing = 0;

  /** Makes the truth of targets of this format; `tell` gets each record when it is complete. */
  constructor(format: ReceiverDialect['name'] | 'plain', tell: (record: HostRecord) => void) {
    this.#dialect = format === 'plain' ? undefined : RECEIVER_DIALECTS[format];
    this.#tell = tell;
  }

  /** Takes a datagram that leaves, and tells of each record that it completes. */
  sent(payload: Uint8Array, departure: Departure): void {
    if (departure.boot !== this.#boot) this.#startStream(departure.boot);
    this.#damaged ||= !departure.whole;
    if (this.#dialect === undefined) this.#sentPlain(payload, departure);
    else this.#sentExtended(parsePacket(payload, this.#dialect), departure);
  }

  #startStream(boot: number): void {
    this.#plain.flush();
    this.#plain.next();
    this.#boot = boot;
    this.#damaged = false;
    this.#pieces = [];
    this.#nextSeq = 0;
  }

  #sentExtended(packet: Packet | string, departure: Departure): void {
    // A record that the kernel sends again comes in the middle of the stream, and was told of when
    // it was new.
    if (typeof packet === 'string' || packet.seq < this.#nextSeq) return;
    const { fragment, text } = packet;
    if (fragment === undefined && this.#pieces.length === 0) {
      this.#complete(packet, text, departure);
      return;
    }
    this.#pieces.push(text.slice());
    const last = fragment === undefined || fragment.offset + text.length === fragment.total;
    if (!last) return;
    this.#complete(packet, joined(this.#pieces), departure);
    this.#pieces = [];
  }

  #complete({ seq, tsUsec, priority }: Packet, body: Uint8Array, { boot, atUsec }: Departure): void {
    this.missing += seq - this.#nextSeq;
    this.#nextSeq = seq + 1;
    const newline = body.indexOf(NEWLINE);
    const text = newline < 0 ? body : body.subarray(0, newline);
    const dict = newline < 0 ? [] : dictionary({ dict: body.subarray(newline + 1) });
    this.#tell({
      boot,
      seq,
      tsUsec,
      level: priority & 7,
      facility: priority >> 3,
      text: decoder.decode(text.includes(BACKSLASH) ? unescapeText(text) : text),
      ...(dict.length > 0 && {
        dict: Object.fromEntries(dict.map(([key, value]) => [decoder.decode(key), decoder.decode(value)])),
      }),
      atUsec,
      ...this.#fate(),
    });
  }

  #sentPlain(payload: Uint8Array, { boot, atUsec }: Departure): void {
    const plain = this.#plain;
    plain.process(payload, 0);
    for (let line = plain.next(); line !== undefined; line = plain.next()) {
      this.#tell({ boot, text: decoder.decode(line.text), atUsec, ...this.#fate() });
    }
  }

  #fate(): { readonly lost?: 'network' } {
    const damaged = this.#damaged;
    this.#damaged = false;
    return damaged ? { lost: 'network' } : {};
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
