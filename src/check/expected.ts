/**
 * Holds the records that are expected of a host, in a ring of numbers that grows up to the host's
 * window. Two indexes are made when they are first needed, since most outputs are in order.
 *
 * A record has an order, from 0; those of `[first, next)` are kept. The numbers of a record lie
 * side by side, in one or two cache lines: with many hosts, none of them is in the cache when it is
 * needed.
 */
import type { TrueFacts } from './facts.js';

/** How many records of a host are kept at a time. */
export const WINDOW = 4096;
const SMALLEST = 64;

/** A record is place, seq, stamp as doubles; text, dictionary, boot, level and flags as words. */
const DOUBLES = 5;
const WORDS = 2 * DOUBLES;
const PLACE = 0;
const SEQ = 1;
const STAMP = 2;
const TEXT = 6;
const DICT = 7;
const BOOT = 8;
const FLAGS = 9;
const PRINTED = 1;
const NETWORK = 2;
const LEVEL_SHIFT = 2;

/** The records that are expected of one host. */
export class Expectations {
  /** The order of the first record that is kept. */
  first = 0;
  /** The order that the next record gets; as `first` if none is kept. */
  next = 0;
  #mask = SMALLEST - 1;
  #doubles = new Float64Array(SMALLEST * DOUBLES);
  #words = new Int32Array(this.#doubles.buffer);
  #bySeq: Index | undefined;
  #byText: Index | undefined;

  /** Adds a record behind the others. The caller calls `leave` first if `WINDOW` are kept. */
  push({ seq, tsUsec, text, dict, boot, level, network }: TrueFacts, place: number): void {
    if (this.next - this.first > this.#mask) this.#grow();
    const order = this.next++;
    const slot = order & this.#mask;
    const doubles = this.#doubles;
    doubles[slot * DOUBLES + PLACE] = place;
    doubles[slot * DOUBLES + SEQ] = seq;
    doubles[slot * DOUBLES + STAMP] = tsUsec;
    const words = this.#words;
    words[slot * WORDS + TEXT] = text;
    words[slot * WORDS + DICT] = dict;
    words[slot * WORDS + BOOT] = boot;
    words[slot * WORDS + FLAGS] = (level << LEVEL_SHIFT) | (network ? NETWORK : 0);
    if (seq >= 0) this.#bySeq?.add(seq, order);
    this.#byText?.add(text, order);
  }

  /** Removes the first record. Its fields can still be read until the next `push`. */
  leave(): void {
    const order = this.first++;
    const seq = this.seq(order);
    if (seq >= 0) this.#bySeq?.remove(seq, order);
    this.#byText?.remove(this.text(order), order);
  }

  /** Returns the record's place among all that are expected, of all hosts. */
  place(order: number): number {
    return this.#doubles[(order & this.#mask) * DOUBLES + PLACE]!;
  }

  /**
   * Returns the record's seq, or -1. The `order` here and below is that of a record that is kept.
   */
  seq(order: number): number {
    return this.#doubles[(order & this.#mask) * DOUBLES + SEQ]!;
  }

  /** Returns the record's stamp in microseconds, or -1. */
  tsUsec(order: number): number {
    return this.#doubles[(order & this.#mask) * DOUBLES + STAMP]!;
  }

  /** Returns the hash of the record's text, as `hashText` makes it. */
  text(order: number): number {
    return this.#words[(order & this.#mask) * WORDS + TEXT]!;
  }

  /** Returns the hash of the record's dictionary, as `hashDict` makes it. */
  dict(order: number): number {
    return this.#words[(order & this.#mask) * WORDS + DICT]!;
  }

  /** Returns the number of the boot that the record belongs to. */
  boot(order: number): number {
    return this.#words[(order & this.#mask) * WORDS + BOOT]!;
  }

  /** Returns the record's level, or -1. */
  level(order: number): number {
    return this.#words[(order & this.#mask) * WORDS + FLAGS]! >> LEVEL_SHIFT;
  }

  /** Says whether the network has lost or changed a part of the record. */
  network(order: number): boolean {
    return (this.#words[(order & this.#mask) * WORDS + FLAGS]! & NETWORK) !== 0;
  }

  /** Says whether the record was printed. */
  printed(order: number): boolean {
    return (this.#words[(order & this.#mask) * WORDS + FLAGS]! & PRINTED) !== 0;
  }

  /** Notes that the record was printed. */
  setPrinted(order: number): void {
    const at = (order & this.#mask) * WORDS + FLAGS;
    this.#words[at] = this.#words[at]! | PRINTED;
  }

  /** Returns the orders of the records with this seq. */
  withSeq(seq: number): readonly number[] {
    this.#bySeq ??= this.#indexOf((order) => this.seq(order));
    return this.#bySeq.get(seq);
  }

  /** Returns the orders of the records with this text. */
  withText(text: number): readonly number[] {
    this.#byText ??= this.#indexOf((order) => this.text(order));
    return this.#byText.get(text);
  }

  #indexOf(key: (order: number) => number): Index {
    const index = new Index();
    for (let order = this.first; order < this.next; order++) index.add(key(order), order);
    return index;
  }

  /** Makes the full ring twice as large. What lay in front of its first record came after it. */
  #grow(): void {
    const from = this.#doubles;
    const size = this.#mask + 1;
    const at = this.first & this.#mask;
    this.#mask = 2 * size - 1;
    this.#doubles = new Float64Array(2 * size * DOUBLES);
    this.#words = new Int32Array(this.#doubles.buffer);
    this.#doubles.set(from.subarray(at * DOUBLES), (this.first & this.#mask) * DOUBLES);
    const behind = (this.first + size - at) & this.#mask;
    this.#doubles.set(from.subarray(0, at * DOUBLES), behind * DOUBLES);
  }
}

/** Finds orders by a number that several of them may share. */
class Index {
  readonly #by = new Map<number, number | number[]>();

  add(key: number, order: number): void {
    const there = this.#by.get(key);
    if (there === undefined) this.#by.set(key, order);
    else if (typeof there === 'number') this.#by.set(key, [there, order]);
    else there.push(order);
  }

  remove(key: number, order: number): void {
    const there = this.#by.get(key);
    if (there === undefined || typeof there === 'number') this.#by.delete(key);
    else if (there.length === 2) this.#by.set(key, there[0] === order ? there[1]! : there[0]!);
    else there.splice(there.indexOf(order), 1);
  }

  get(key: number): readonly number[] {
    const there = this.#by.get(key);
    return there === undefined ? NONE : typeof there === 'number' ? [there] : there;
  }
}

const NONE: readonly number[] = [];
