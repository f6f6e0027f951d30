/**
 * A list of sources in the order in which they were heard, so that the one quiet longest is found
 * at once.
 */

/** Neighbours in the list. */
export interface Listed<Entry> {
  before: Entry | undefined;
  after: Entry | undefined;
}

/** Entries in the order in which they were heard. */
export class Quiet<Entry extends Listed<Entry>> {
  oldest: Entry | undefined;
  #newest: Entry | undefined;

  add(entry: Entry): void {
    entry.before = this.#newest;
    entry.after = undefined;
    if (this.#newest === undefined) this.oldest = entry;
    else this.#newest.after = entry;
    this.#newest = entry;
  }

  remove(entry: Entry): void {
    if (entry.before === undefined) this.oldest = entry.after;
    else entry.before.after = entry.after;
    if (entry.after === undefined) this.#newest = entry.before;
    else entry.after.before = entry.before;
  }

  heard(entry: Entry): void {
    if (this.#newest === entry) return;
    this.remove(entry);
    this.add(entry);
  }
}
