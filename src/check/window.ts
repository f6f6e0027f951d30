/**
 * The records of one host that a receiver must print now: a window that moves along the truth. Each
 * printed record takes its place in it by seq and stamp, or by text.
 */
import { Expectations, WINDOW } from './expected.js';
import { type Facts, NOT_KEPT, stampOf, type TrueFacts } from './facts.js';

/** What became of the records of one host, or of all hosts. */
export interface Tally {
  /** Records that left the host's kernel. */
  expected: number;
  /** Records that were printed, even if they were late in order or changed. */
  delivered: number;
  /**
   * Records that were not printed, because the network lost or changed a part of them: the sender
   * knows that.
   */
  lostByNetwork: number;
  /** Records that were not printed, although they arrived whole. */
  lostByReceiver: number;
  /**
   * Records that were printed after they had left the window: thousands of records of their host
   * after their turn. They count as lost, too.
   */
  late: number;
  /** Records that were printed again, more often than they were sent. */
  duplicated: number;
  /** Records that were printed behind one that was sent later. */
  reordered: number;
  /** Records that were printed with another text, level or dictionary. */
  changed: number;
  /** Records that were printed, but never sent by this host. */
  foreign: number;
}

/** The window of one host, and the counts of what became of its records. */
export class HostWindow {
  /** The host's address. */
  readonly host: string;
  /** The host's name in the plan. */
  readonly name: string;
  /** What became of the records so far; complete after `end`. */
  readonly tally: Tally = emptyTally();
  readonly #rows = new Expectations();
  /** The order of the latest record that was printed, and the number of its boot. */
  #latest = -1;
  #boot = 0;
  /**
   * The keys of the last records that left the window, in a ring; and for each whether it was not
   * printed.
   */
  readonly #gone: number[] = [];
  readonly #unprinted: boolean[] = [];
  #goneAt = 0;

  constructor(host: string, name: string) {
    this.host = host;
    this.name = name;
  }

  /** Adds a record that must be printed; `place` is its number among those of all hosts. */
  expect(facts: TrueFacts, place: number): void {
    const rows = this.#rows;
    this.tally.expected++;
    if (rows.next - rows.first === WINDOW) this.#leave();
    rows.push(facts, place);
  }

  /** Whether no record is expected behind the latest one that was printed. */
  get exhausted(): boolean {
    return this.#latest === this.#rows.next - 1;
  }

  /** How many records are expected behind the latest one that was printed. */
  get ahead(): number {
    return this.#rows.next - 1 - this.#latest;
  }

  /** Says whether the window has a record that could be this one. */
  knows(facts: Facts, text: string): boolean {
    return this.#find(facts, text) >= 0;
  }

  /**
   * Says whether a record like this one was not printed yet, in the boot that is printed now or a
   * later one. After a reboot a machine says the same again, with the same seq and stamp, so an
   * unprinted record of an earlier boot is another record.
   */
  awaits(facts: Facts): boolean {
    const rows = this.#rows;
    return this.#candidates(facts).some((order) => !rows.printed(order) && rows.boot(order) >= this.#boot);
  }

  /**
   * Takes in a record if it is the next one, unchanged, or if seqs were left out, one further on in
   * the same boot. Nearly all records are so. Returns its place; or -1, having done nothing.
   */
  printedInTurn(facts: Facts): number {
    const rows = this.#rows;
    const latest = this.#latest;
    const { seq, tsUsec, level, dict } = facts;
    let order = latest + 1;
    if (seq >= 0 && latest >= rows.first) {
      const step = seq - rows.seq(latest);
      if (step > 1 && step < WINDOW && rows.boot(latest + step) === this.#boot) order = latest + step;
    }
    if (order < rows.first || order >= rows.next) return -1;
    const same =
      (seq < 0 || rows.seq(order) === seq) &&
      rows.text(order) === facts.text &&
      (tsUsec < 0 || rows.tsUsec(order) < 0 || rows.tsUsec(order) === tsUsec) &&
      (level < 0 || rows.level(order) < 0 || rows.level(order) === level) &&
      (dict === NOT_KEPT || rows.dict(order) === dict) &&
      rows.boot(order) >= this.#boot;
    if (!same) return -1;
    rows.setPrinted(order);
    this.tally.delivered++;
    this.#latest = order;
    this.#boot = rows.boot(order);
    return rows.place(order);
  }

  /** Takes in a record. Returns its place among all that are expected, or -1 if it has none. */
  printed(facts: Facts, text: string): number {
    const found = this.#find(facts, text);
    if (found < 0) {
      this.#unexpected(facts);
      return -1;
    }
    if (this.#rows.printed(found)) this.tally.duplicated++;
    else this.#take(found, facts);
    return this.#rows.place(found);
  }

  #take(order: number, { level, dict, text }: Facts): void {
    const rows = this.#rows;
    rows.setPrinted(order);
    const differs =
      rows.text(order) !== text ||
      (level >= 0 && rows.level(order) >= 0 && level !== rows.level(order)) ||
      (dict !== NOT_KEPT && dict !== rows.dict(order));
    if (differs) this.tally.changed++;
    this.tally.delivered++;
    if (order < this.#latest) this.tally.reordered++;
    else {
      this.#latest = order;
      this.#boot = rows.boot(order);
    }
  }

  /** Ends the comparison: records that are still in the window were not printed. */
  end(): void {
    while (this.#rows.first < this.#rows.next) this.#leave();
  }

  #candidates({ seq, tsUsec, text }: Facts): readonly number[] {
    const rows = this.#rows;
    const same = seq < 0 ? rows.withText(text) : rows.withSeq(seq);
    if (tsUsec < 0) return same;
    return same.filter((order) => rows.tsUsec(order) < 0 || rows.tsUsec(order) === tsUsec);
  }

  /**
   * Returns the order of a record with this text; else of one that was changed on its way; else -1.
   * It may have been printed already.
   */
  #find(facts: Facts, text: string): number {
    const rows = this.#rows;
    const same = this.#candidates(facts);
    const now = same.filter((order) => rows.boot(order) >= this.#boot);
    const fits = (order: number) => rows.text(order) === facts.text;
    for (const some of [now.filter(fits), same.filter(fits), now, same]) {
      const nearest = this.#nearest(some);
      if (nearest >= 0) return nearest;
    }
    return facts.seq < 0 ? this.#withStampOf(facts, text) : -1;
  }

  /** Returns the order that is nearest to the latest that was printed; -1 if there is none. */
  #nearest(some: readonly number[]): number {
    const distance = (order: number) => Math.abs(order - this.#latest);
    return some.reduce((best, order) => (best < 0 || distance(order) < distance(best) ? order : best), -1);
  }

  /** Returns the order of an unprinted record with the same stamp and another text, or -1. */
  #withStampOf({ tsUsec }: Facts, text: string): number {
    const rows = this.#rows;
    const stamp = tsUsec < 0 ? stampOf(text) : tsUsec;
    if (stamp < 0) return -1;
    const some: number[] = [];
    for (let order = rows.first; order < rows.next; order++) {
      if (!rows.printed(order) && rows.tsUsec(order) === stamp) some.push(order);
    }
    return this.#nearest(some);
  }

  #unexpected({ seq, text }: Facts): void {
    const key = goneKey(seq, text);
    const late = this.#gone.findIndex((one, i) => one === key && this.#unprinted[i]);
    if (late >= 0) {
      this.tally.late++;
      this.#unprinted[late] = false;
    } else if (this.#gone.includes(key)) this.tally.duplicated++;
    else this.tally.foreign++;
  }

  #leave(): void {
    const rows = this.#rows;
    const order = rows.first;
    rows.leave();
    const printed = rows.printed(order);
    this.#gone[this.#goneAt] = goneKey(rows.seq(order), rows.text(order));
    this.#unprinted[this.#goneAt] = !printed;
    this.#goneAt = (this.#goneAt + 1) % WINDOW;
    if (printed) return;
    if (rows.network(order)) this.tally.lostByNetwork++;
    else this.tally.lostByReceiver++;
  }
}

/** Makes counts that are all 0. */
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

/** Returns the key of a record that left its window: its seq, or a number below 0 for its text. */
function goneKey(seq: number, text: number): number {
  return seq >= 0 ? seq : -1 - (text >>> 0);
}
