/**
 * Which sources are due: a binary heap of deadlines, so that letting time pass costs what is due
 * and not what is known.
 *
 * A deadline that moves back, as most do with each datagram, is left where it is in the heap: it
 * is looked at too early then, and put where it belongs.
 */

/** What is due at a time. */
export interface Due {
  /** When, milliseconds; Infinity: never. Owned by who uses the heap. */
  deadline: number;
  /** Owned by the heap: where the entry is, -1: not in it, and by which time it was put there. */
  place: number;
  placedFor: number;
}

/** Entries by deadline. Those that are never due are not in it. */
export class Deadlines<Entry extends Due> {
  readonly #heap: Entry[] = [];

  /** Nothing is due before this; it may be early. Infinity: nothing is due ever. */
  get next(): number {
    return this.#heap[0]?.placedFor ?? Number.POSITIVE_INFINITY;
  }

  /** To be called when an entry's deadline has changed. */
  changed(entry: Entry): void {
    if (entry.place < 0) {
      if (entry.deadline === Number.POSITIVE_INFINITY) return;
      entry.place = this.#heap.length;
      this.#heap.push(entry);
    } else if (entry.deadline >= entry.placedFor) return;
    entry.placedFor = entry.deadline;
    this.#rise(entry);
  }

  /** Takes an entry out, whether or not it is in. */
  remove(entry: Entry): void {
    const { place } = entry;
    if (place < 0) return;
    const last = this.#heap.pop()!;
    entry.place = -1;
    if (last === entry) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes out all that are due at `now`; those that were looked at too early stay. */
  take(now: number): Entry[] {
    const due: Entry[] = [];
    for (let first = this.#heap[0]; first !== undefined && first.placedFor <= now; first = this.#heap[0]) {
      this.remove(first);
      if (first.deadline <= now) due.push(first);
      else this.changed(first);
    }
    return due;
  }

  #put(entry: Entry, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }

  #rise(entry: Entry): void {
    let { place } = entry;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = this.#heap[above]!;
      if (other.placedFor <= entry.placedFor) break;
      this.#put(other, place);
      place = above;
    }
    this.#put(entry, place);
  }

  #sink(entry: Entry): void {
    let { place } = entry;
    for (;;) {
      let below = place * 2 + 1;
      if (below >= this.#heap.length) break;
      const right = this.#heap[below + 1];
      if (right !== undefined && right.placedFor < this.#heap[below]!.placedFor) below++;
      const other = this.#heap[below]!;
      if (other.placedFor >= entry.placedFor) break;
      this.#put(other, place);
      place = below;
    }
    this.#put(entry, place);
  }
}
