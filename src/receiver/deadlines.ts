/**
 * Tells which sources are due: a binary heap of deadlines, so that the cost of letting time pass
 * depends on the sources that are due, not on all that are known.
 *
 * A deadline that moves to a later time, as most do with each datagram, stays where it is in the
 * heap. It is then looked at too early, and moved to its right place.
 */

/** An entry of the heap. */
export interface Due {
  /** When the entry is due, in milliseconds; Infinity if never. The user of the heap sets it. */
  deadline: number;
  /** Where the entry is in the heap; -1 if it is not in it. The heap sets this. */
  place: number;
  /** The deadline by which the entry was put there. The heap sets this. */
  placedFor: number;
}

/** Entries by deadline. Those that are never due are not in it. */
export class Deadlines<Entry extends Due> {
  readonly #heap: Entry[] = [];

  /** Nothing is due before this, which may be too early; Infinity if nothing is ever due. */
  get next(): number {
    return this.#heap[0]?.placedFor ?? Number.POSITIVE_INFINITY;
  }

  /** Moves an entry after its deadline has changed. Whoever changes a deadline must call this. */
  changed(entry: Entry): void {
    if (entry.place < 0) {
      if (entry.deadline === Number.POSITIVE_INFINITY) return;
      entry.place = this.#heap.length;
      this.#heap.push(entry);
    } else if (entry.deadline >= entry.placedFor) return;
    entry.placedFor = entry.deadline;
    this.#rise(entry);
  }

  /** Removes an entry, if it is in the heap. */
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
