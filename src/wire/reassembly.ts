/**
 * Reassembles IP datagrams of both versions from their fragments. RFC 791 section 3.2, RFC 8200
 * section 4.5, RFC 5722.
 *
 * Fragments may come in any order and twice. If fragments overlap with different bytes, that is an
 * attack or a mistake, and the datagram is given up. Memory is bounded: at most 64 datagrams are
 * unfinished, of which the oldest is given up for a new one. Each has at most 64 KiB and gets 60
 * seconds from its first fragment. The last 64 finished ones are remembered, so that a copy of a
 * fragment begins nothing.
 */
import { callback, checkArgument } from '../options.js';
import { sameBytes } from './text.js';

const MAX_DATAGRAM_BYTES = 65535;
const MAX_DATAGRAMS = 64;
const LIFETIME_USEC = 60e6;

/** A fragment of a datagram, with its addresses as text. */
export interface IpFragment {
  /** The source address, as text. */
  readonly src: string;
  /** The destination address, as text. */
  readonly dst: string;
  /** The protocol that the datagram carries. */
  readonly protocol: number;
  /** The identification that the fragments of the datagram share. */
  readonly id: number;
  /** Where in the datagram the fragment's payload begins, in bytes. */
  readonly offset: number;
  /** Whether another fragment of the datagram follows this one. */
  readonly more: boolean;
  /** As much of the fragment's payload as was captured. */
  readonly payload: Uint8Array;
  /** When the fragment was captured, in microseconds. */
  readonly tsUsec: number;
}

/** A datagram that lacks some of its fragments. */
export interface IncompleteDatagram {
  /** The source address, as text. */
  readonly src: string;
  /** The destination address, as text. */
  readonly dst: string;
  /** The identification that its fragments share. */
  readonly id: number;
  /** How many different fragments have come. */
  readonly fragments: number;
  /** How many bytes of the payload have come. */
  readonly haveBytes: number;
}

interface Pending {
  readonly first: IpFragment;
  readonly pieces: Map<number, Uint8Array>;
  /** The length of the datagram's payload; 0 until the last fragment has come. */
  total: number;
}

/**
 * What a fragment did. `waiting`: its datagram lacks others. `copy`: it had come already. `bad`: it
 * contradicts others, and the datagram is given up. `whole`: it completed the datagram, whose
 * payload the caller must not change.
 */
export type IpFragmentResult =
  | { readonly kind: 'waiting' | 'copy' | 'bad' }
  | { readonly kind: 'whole'; readonly payload: Uint8Array; readonly fragments: number };

/** Joins the fragments of IP datagrams. */
export class IpReassembler {
  readonly #pending = new Map<string, Pending>();
  readonly #finished = new Map<string, Uint8Array>();
  readonly #onIncomplete: (datagram: IncompleteDatagram) => void;

  /** `onIncomplete` is called for every datagram that is given up, and for those left at `end`. */
  constructor(onIncomplete: (datagram: IncompleteDatagram) => void = () => {}) {
    checkArgument('IpReassembler', 'onIncomplete', onIncomplete, callback);
    this.#onIncomplete = onIncomplete;
  }

  /** Takes a fragment, whose payload is copied. */
  push(fragment: IpFragment): IpFragmentResult {
    const { src, dst, protocol, id, offset, payload, more } = fragment;
    const key = `${src} ${dst} ${protocol} ${id}`;
    const end = offset + payload.length;
    const finished = this.#finished.get(key);
    if (finished !== undefined && end <= finished.length && sameBytes(finished.subarray(offset, end), payload))
      return { kind: 'copy' };
    let pending = this.#pending.get(key);
    if (pending !== undefined && Math.abs(fragment.tsUsec - pending.first.tsUsec) > LIFETIME_USEC) {
      this.#giveUp(key, pending);
      pending = undefined;
    }
    if (pending === undefined) {
      pending = { first: fragment, pieces: new Map(), total: 0 };
      this.#pending.set(key, pending);
      this.#trim();
    }
    const verdict = fits(pending, fragment);
    if (verdict === 'copy') return { kind: 'copy' };
    if (verdict === 'bad' || end > MAX_DATAGRAM_BYTES || payload.length === 0) {
      this.#giveUp(key, pending);
      return { kind: 'bad' };
    }
    pending.pieces.set(offset, payload.slice());
    if (!more) pending.total = end;
    if (pending.total === 0 || bytesOf(pending) < pending.total) return { kind: 'waiting' };
    const whole = new Uint8Array(pending.total);
    for (const [at, piece] of pending.pieces) whole.set(piece, at);
    this.#pending.delete(key);
    this.#remember(key, whole);
    return { kind: 'whole', payload: whole, fragments: pending.pieces.size };
  }

  /** Ends the input: reports the unfinished datagrams. */
  end(): void {
    for (const [key, pending] of this.#pending) this.#giveUp(key, pending);
  }

  #remember(key: string, whole: Uint8Array): void {
    this.#finished.delete(key);
    this.#finished.set(key, whole);
    for (const oldest of this.#finished.keys()) {
      if (this.#finished.size <= MAX_DATAGRAMS) break;
      this.#finished.delete(oldest);
    }
  }

  #trim(): void {
    for (const [key, pending] of this.#pending) {
      if (this.#pending.size <= MAX_DATAGRAMS) return;
      this.#giveUp(key, pending);
    }
  }

  #giveUp(key: string, pending: Pending): void {
    this.#pending.delete(key);
    const { src, dst, id } = pending.first;
    this.#onIncomplete({ src, dst, id, fragments: pending.pieces.size, haveBytes: bytesOf(pending) });
  }
}

function fits(pending: Pending, { offset, payload, more }: IpFragment): 'new' | 'copy' | 'bad' {
  const known = pending.pieces.get(offset);
  if (known !== undefined) return sameBytes(known, payload) ? 'copy' : 'bad';
  const end = offset + payload.length;
  if (pending.total > 0 && (more ? end > pending.total : true)) return 'bad';
  for (const [at, piece] of pending.pieces) {
    if (at < end && offset < at + piece.length) return 'bad';
    if (!more && at + piece.length > end) return 'bad';
  }
  return 'new';
}

function bytesOf(pending: Pending): number {
  let bytes = 0;
  for (const piece of pending.pieces.values()) bytes += piece.length;
  return bytes;
}
