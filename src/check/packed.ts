/**
 * Records of the truth as numbers, in memory that one thread hands to another without a copy.
 */
import type { TrueRecord } from '../storm/index.js';
import { type TrueFacts, trueFacts } from './facts.js';

/** Takes the truth, record by record. A checker does, or a packer on its behalf. */
export interface TruthListener {
  /** Takes the next record. */
  expect(record: TrueRecord): void;
  /** Takes such a record by its numbers. `name` is read only if the host is new. */
  expectFacts(of: { readonly host: string; readonly name: string }, facts: TrueFacts): void;
}

/** A part of the truth. It can be read once. */
export interface TruthPart {
  /** Hands all its records to `listener`, and returns how many there were. */
  tell(listener: TruthListener): number;
}

/**
 * A record is seq and stamp as doubles; host, text, dictionary, boot, level and flags as words.
 */
const DOUBLES = 2;
const WORDS = 5;
const NETWORK = 1;
const LEVEL_SHIFT = 1;

/** Some records, and the hosts that had none before them. Whoever receives it owns the memory. */
export interface Packed {
  /** How many records there are. */
  readonly count: number;
  /** The seq and the stamp of each record; there may be room behind the last one. */
  readonly doubles: Float64Array<ArrayBuffer>;
  /** The host's number, text, dictionary, boot, and level with flags, of each record. */
  readonly words: Int32Array<ArrayBuffer>;
  /** The new hosts, whose numbers go on from those of the messages before. */
  readonly hosts: readonly { readonly host: string; readonly name: string }[];
}

/** Packs the records that it is given, `room` of them between two calls of `take` at most. */
export class FactsPacker implements TruthListener {
  readonly #room: number;
  readonly #numbers = new Map<string, number>();
  #hosts: { readonly host: string; readonly name: string }[] = [];
  #doubles: Float64Array<ArrayBuffer>;
  #words: Int32Array<ArrayBuffer>;
  /** How many records are packed now. */
  count = 0;

  /** Packs at most `room` records at a time. */
  constructor(room: number) {
    this.#room = room;
    this.#doubles = new Float64Array(room * DOUBLES);
    this.#words = new Int32Array(room * WORDS);
  }

  /** How many more records there is room for. The caller must not hand in more. */
  get left(): number {
    return this.#room - this.count;
  }

  expect(record: TrueRecord): void {
    this.expectFacts(record, trueFacts(record));
  }

  expectFacts(of: { readonly host: string; readonly name: string }, facts: TrueFacts): void {
    let number = this.#numbers.get(of.host);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(of.host, number);
      this.#hosts.push({ host: of.host, name: of.name });
    }
    const { seq, tsUsec, text, dict, boot, level, network } = facts;
    const at = this.count * DOUBLES;
    this.#doubles[at] = seq;
    this.#doubles[at + 1] = tsUsec;
    const word = this.count++ * WORDS;
    const words = this.#words;
    words[word] = number;
    words[word + 1] = text;
    words[word + 2] = dict;
    words[word + 3] = boot;
    words[word + 4] = (level << LEVEL_SHIFT) | (network ? NETWORK : 0);
  }

  /** Returns the records that were packed since the last call. The caller owns them. */
  take(): Packed {
    const packed = { count: this.count, doubles: this.#doubles, words: this.#words, hosts: this.#hosts };
    this.count = 0;
    this.#hosts = [];
    this.#doubles = new Float64Array(this.#room * DOUBLES);
    this.#words = new Int32Array(this.#room * WORDS);
    return packed;
  }
}

/** Reads packed records, `size` at a time. */
export class FactsReader implements TruthPart, TrueFacts {
  seq = -1;
  tsUsec = -1;
  level = -1;
  text = 0;
  dict = 0;
  boot = 0;
  network = false;
  readonly #size: number;
  readonly #hosts: { readonly host: string; readonly name: string }[] = [];
  #packed: Packed | undefined;
  #at = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Takes packed records, which are read next. The caller must have read all earlier ones. */
  take(packed: Packed): void {
    this.#packed = packed;
    this.#at = 0;
    for (const host of packed.hosts) this.#hosts.push(host);
  }

  /** Whether some records were not read yet. */
  get some(): boolean {
    return this.#at < (this.#packed?.count ?? 0);
  }

  /** Hands the next records, `size` of them at most, to `listener`; returns how many. */
  tell(listener: TruthListener): number {
    const { count, doubles, words } = this.#packed!;
    const from = this.#at;
    const end = Math.min(count, from + this.#size);
    for (let i = from; i < end; i++) {
      this.seq = doubles[i * DOUBLES]!;
      this.tsUsec = doubles[i * DOUBLES + 1]!;
      const word = i * WORDS;
      this.text = words[word + 1]!;
      this.dict = words[word + 2]!;
      this.boot = words[word + 3]!;
      this.level = words[word + 4]! >> LEVEL_SHIFT;
      this.network = (words[word + 4]! & NETWORK) !== 0;
      listener.expectFacts(this.#hosts[words[word]!]!, this);
    }
    this.#at = end;
    return end - from;
  }
}
