/**
 * The records of one host that a receiver must print now: a window over the truth, in which each
 * printed record takes its place by seq and stamp, or by text.
 */
import type { TrueRecord } from '../storm/index.js';
import { type Expected, Index } from './expected.js';
import type { Printed } from './printed.js';

/** What became of the records of a host, or of all. */
export interface Tally {
  /** Records that left the host's kernel. */
  expected: number;
  delivered: number;
  /** Of those that were not: the network lost or changed a part of them, which the sender knows. */
  lostByNetwork: number;
  /** The others: the receiver had them, and did not print them. */
  lostByReceiver: number;
  /**
   * Printed after they had been given up here: thousands of records of their host after their turn.
   * Counted as lost, too.
   */
  late: number;
  /** Printed once more than they were sent. */
  duplicated: number;
  /** Printed behind a record that they left before. */
  reordered: number;
  /** Printed with another text, level or dictionary. */
  changed: number;
  /** Printed, and never sent by this host. */
  foreign: number;
}

/** Records of a host that are kept in mind. */
const WINDOW = 4096;
const STAMP = /^(?:<\d+>)?\[ *(\d+)\.(\d{6})\]/;

export class HostWindow {
  readonly host: string;
  readonly name: string;
  readonly tally: Tally = emptyTally();
  /** In the order in which they left; those before `#first` are gone. */
  #window: Expected[] = [];
  #first = 0;
  #next = 0;
  /** The order of the latest that was printed, and its stream. */
  #latest = -1;
  #boot = 0;
  readonly #bySeq = new Index();
  readonly #byText = new Index();
  /** Whether `#byText` has all: not before a record comes without seq. */
  #knowsTexts = false;
  /**
   * The last records that left the window, by what they are known by, in a ring; and which of them
   * were not printed.
   */
  readonly #gone: number[] = [];
  readonly #unprinted: boolean[] = [];
  #goneAt = 0;

  constructor(host: string, name: string) {
    this.host = host;
    this.name = name;
  }

  expect(record: TrueRecord, place: number): void {
    const { seq = -1, text, dict, level = -1, lost } = record;
    const one: Expected = {
      order: this.#next++,
      place,
      boot: record.boot,
      seq,
      tsUsec: record.tsUsec ?? stampOf(text),
      text: hash(text),
      dict: hashDict(dict),
      level,
      network: lost === 'network',
      printed: false,
    };
    this.tally.expected++;
    this.#window.push(one);
    if (seq >= 0) this.#bySeq.add(seq, one);
    if (seq < 0 || this.#knowsTexts) this.#byText.add(one.text, one);
    while (this.#window.length - this.#first > WINDOW) this.#leave(this.#window[this.#first++]!);
    if (this.#first > WINDOW) {
      this.#window = this.#window.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Whether one that could be this record is in the window. */
  knows(record: Printed): boolean {
    return this.#find(record, hash(record.text)) !== undefined;
  }

  /**
   * Whether one waits that is of the stream that is printed now, or of a later one. After a reboot
   * a machine says the same again, with the same seq and stamp: what was not printed before it is
   * another.
   */
  awaits(record: Printed): boolean {
    const same = this.#candidates(record, hash(record.text));
    return same.some((one) => !one.printed && one.boot >= this.#boot);
  }

  /**
   * What nearly all records are: the only one with its seq, or with its text, whose turn has not
   * come, and unchanged. Returns its place; -1, and nothing has happened: it is not so simple.
   */
  printedInTurn(record: Printed): number {
    const { seq, tsUsec } = record;
    const text = hash(record.text);
    const one = seq === undefined ? this.#texts.only(text) : this.#bySeq.only(seq);
    if (one === undefined || one.printed || one.boot < this.#boot || one.text !== text) return -1;
    if (tsUsec !== undefined && one.tsUsec >= 0 && one.tsUsec !== tsUsec) return -1;
    return this.#take(one, record, text);
  }

  /** Returns its place among all that is expected, -1 if it has none. */
  printed(record: Printed): number {
    const text = hash(record.text);
    const found = this.#find(record, text);
    if (found === undefined) {
      this.#unexpected(record, text);
      return -1;
    }
    if (found.printed) {
      this.tally.duplicated++;
      return found.place;
    }
    return this.#take(found, record, text);
  }

  #take(found: Expected, { level, dict }: Printed, text: number): number {
    found.printed = true;
    const differs =
      found.text !== text ||
      (level !== undefined && found.level >= 0 && level !== found.level) ||
      (dict !== undefined && hashDict(dict) !== found.dict);
    if (differs) this.tally.changed++;
    this.tally.delivered++;
    if (found.order < this.#latest) this.tally.reordered++;
    else {
      this.#latest = found.order;
      this.#boot = found.boot;
    }
    return found.place;
  }

  end(): void {
    for (let i = this.#first; i < this.#window.length; i++) this.#leave(this.#window[i]!);
    this.#window = [];
    this.#first = 0;
  }

  /** The window by text, which is made when it is asked for first. */
  get #texts(): Index {
    if (!this.#knowsTexts) {
      this.#knowsTexts = true;
      for (const one of this.#window.slice(this.#first)) if (one.seq >= 0) this.#byText.add(one.text, one);
    }
    return this.#byText;
  }

  #candidates({ seq, tsUsec }: Printed, text: number): readonly Expected[] {
    const same = seq === undefined ? this.#texts.get(text) : this.#bySeq.get(seq);
    return tsUsec === undefined ? same : same.filter((one) => one.tsUsec < 0 || one.tsUsec === tsUsec);
  }

  /**
   * One that fits; else one that was changed on its way. One that was printed already is printed
   * again.
   */
  #find(record: Printed, text: number): Expected | undefined {
    const same = this.#candidates(record, text);
    const now = same.filter(({ boot }) => boot >= this.#boot);
    const fits = (one: Expected) => one.text === text;
    const found =
      this.#nearest(now.filter(fits)) ?? this.#nearest(same.filter(fits)) ?? this.#nearest(now) ?? this.#nearest(same);
    if (found !== undefined) return found;
    return record.seq === undefined ? this.#withStampOf(record) : undefined;
  }

  /** The one whose turn is nearest to what was printed last. */
  #nearest(some: readonly Expected[]): Expected | undefined {
    const distance = ({ order }: Expected) => Math.abs(order - this.#latest);
    return some.reduce<Expected | undefined>(
      (best, one) => (best === undefined || distance(one) < distance(best) ? one : best),
      undefined,
    );
  }

  /** One of another text and the same stamp that waits: what is printed is what became of it. */
  #withStampOf({ tsUsec, text }: Printed): Expected | undefined {
    const stamp = tsUsec ?? stampOf(text);
    if (stamp < 0) return undefined;
    return this.#nearest(this.#window.slice(this.#first).filter((one) => !one.printed && one.tsUsec === stamp));
  }

  #unexpected({ seq }: Printed, text: number): void {
    const key = goneKey(seq ?? -1, text);
    const late = this.#gone.findIndex((one, i) => one === key && this.#unprinted[i]);
    if (late >= 0) {
      this.tally.late++;
      this.#unprinted[late] = false;
    } else if (this.#gone.includes(key)) this.tally.duplicated++;
    else this.tally.foreign++;
  }

  #leave(one: Expected): void {
    if (one.seq >= 0) this.#bySeq.remove(one.seq, one);
    if (one.seq < 0 || this.#knowsTexts) this.#byText.remove(one.text, one);
    this.#gone[this.#goneAt] = goneKey(one.seq, one.text);
    this.#unprinted[this.#goneAt] = !one.printed;
    this.#goneAt = (this.#goneAt + 1) % WINDOW;
    if (one.printed) return;
    if (one.network) this.tally.lostByNetwork++;
    else this.tally.lostByReceiver++;
  }
}

export function emptyTally(): Tally {
  return {
    expected: 0,
    delivered: 0,
    lostByNetwork: 0,
    lostByReceiver: 0,
    late: 0,
    duplicated: 0,
    reordered: 0,
    changed: 0,
    foreign: 0,
  };
}

/** What a record that left its window is remembered by: its seq, or below 0 its text. */
function goneKey(seq: number, text: number): number {
  return seq >= 0 ? seq : -1 - text;
}

function hashDict(dict: Readonly<Record<string, string>> | undefined): number {
  if (dict === undefined) return 0;
  const entries = Object.entries(dict).filter(([key]) => key !== '');
  return entries.length === 0 ? 0 : hash(JSON.stringify(entries));
}

/** The stamp that a plain text begins with, in microseconds; -1: none. */
function stampOf(text: string): number {
  const m = STAMP.exec(text);
  return m === null ? -1 : Number(m[1]) * 1e6 + Number(m[2]);
}

function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
