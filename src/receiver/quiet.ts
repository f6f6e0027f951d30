/**
 * A list of sources in the order in which they were heard, so that the one quiet longest is found
 * at once.
 */

/** Neighbours in the list. */
export interface Listed<Entry> {
  /** The entry that was heard before this one; undefined for the oldest. The list sets it. */
  before: Entry | undefined;
  /** The entry that was heard after this one; undefined for the newest. The list sets it. */
  after: Entry | undefined;
}

/** Entries in the order in which they were heard. */
export class Quiet<Entry extends Listed<Entry>> {
  /** The entry that was quiet longest; undefined if the list is empty. */
  oldest: Entry | undefined;
  #newest: Entry | undefined;

  /** Adds an entry, as the newest. */
  add(entry: Entry): void {
    entry.before = this.#newest;
    entry.after = undefined;
    if (this.#newest === undefined) this.oldest = entry;
    else this.#newest.after = entry;
    this.#newest = entry;
  }

  /** Removes an entry, which must be in the list. */
  remove(entry: Entry): void {
    if (entry.before === undefined) this.oldest = entry.after;
    else entry.before.after = entry.after;
    if (entry.after === undefined) this.#newest = entry.before;
    else entry.after.before = entry.before;
  }

  /** Makes an entry of the list the newest. */
  heard(entry: Entry): void {
    if (this.#newest === entry) return;
    this.remove(entry);
    this.add(entry);
  }
}
