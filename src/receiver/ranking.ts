/**
 * Which source goes first if there are too many: the one quiet longest of those that have never
 * delivered anything, or, if there are none, of the others.
 */
import { type Listed, Quiet } from './quiet.js';

/** A source in the ranking. */
export interface Ranked<Entry> extends Listed<Entry> {
  /** Whether it has delivered anything. The ranking sets it. */
  proven: boolean;
}

/** Sources by how much they are worth keeping. */
export class Ranking<Entry extends Ranked<Entry>> {
  readonly #proven = new Quiet<Entry>();
  readonly #unproven = new Quiet<Entry>();

  /** The source that goes first; undefined if there is none. */
  get last(): Entry | undefined {
    return this.#unproven.oldest ?? this.#proven.oldest;
  }

  /** Adds a source, which has delivered nothing yet. */
  add(entry: Entry): void {
    this.#unproven.add(entry);
  }

  /** Takes note that a source of the ranking was heard. */
  heard(entry: Entry): void {
    (entry.proven ? this.#proven : this.#unproven).heard(entry);
  }

  /** Takes note that a source of the ranking has delivered something. */
  prove(entry: Entry): void {
    if (entry.proven) return;
    this.#unproven.remove(entry);
    this.#proven.add(entry);
    entry.proven = true;
  }

  /** Removes a source, which must be in the ranking. */
  remove(entry: Entry): void {
    (entry.proven ? this.#proven : this.#unproven).remove(entry);
  }
}
