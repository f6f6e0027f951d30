/** Records that are due, until the caller fetches them; and the one that is lent out. */
import { Fifo } from './fifo.js';
import type { PendingRecord } from './pending.js';
import { recordPool } from './pool.js';

/** A queue that forgets its oldest record when it is full, and says so. */
export class ReadyQueue {
  /** The oldest, which mostly is the only one. */
  #first: PendingRecord | undefined;
  readonly #more: Fifo<PendingRecord>;
  #lent: PendingRecord | undefined;

  constructor(limit: number) {
    this.#more = new Fifo(limit - 1);
  }

  /** Adds a record; returns whether the oldest one had to go. */
  push(record: PendingRecord): boolean {
    if (this.#first === undefined) {
      this.#first = record;
      return false;
    }
    const full = this.#more.length >= this.#more.limit;
    if (full) {
      recordPool.give(this.#first);
      this.#first = this.#more.shift();
    }
    this.#more.push(record);
    return full;
  }

  /**
   * Returns the oldest record, which is lent until the next call, and takes back the one lent
   * before. Returns undefined if there is none.
   */
  shift(): PendingRecord | undefined {
    this.takeBack();
    const record = this.#first;
    this.#lent = record;
    this.#first = this.#more.length === 0 ? undefined : this.#more.shift();
    return record;
  }

  /** Takes back the record that is lent. */
  takeBack(): void {
    if (this.#lent === undefined) return;
    recordPool.give(this.#lent);
    this.#lent = undefined;
  }
}
