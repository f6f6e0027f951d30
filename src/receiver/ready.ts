/** Records that are due, until the caller fetches them; and the one that is lent out. */
import type { PendingRecord } from './pending.js';
import { recordPool } from './pool.js';

/** A queue that forgets its oldest record when it is full, and says so. */
export class ReadyQueue {
  readonly #limit: number;
  #records: PendingRecord[] = [];
  #head = 0;
  #lent: PendingRecord | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#records.length - this.#head;
  }

  /** True if the oldest had to go. */
  push(record: PendingRecord): boolean {
    const full = this.length >= this.#limit;
    if (full) recordPool.give(this.#records[this.#head++]!);
    if (this.#head > 1024) this.#compact();
    this.#records.push(record);
    return full;
  }

  /** The oldest one, lent until the next call; the one lent before comes back. */
  shift(): PendingRecord | undefined {
    this.takeBack();
    if (this.length === 0) return undefined;
    this.#lent = this.#records[this.#head++];
    if (this.#head === this.#records.length) {
      this.#records.length = 0;
      this.#head = 0;
    }
    return this.#lent;
  }

  /** What is lent comes back. */
  takeBack(): void {
    if (this.#lent === undefined) return;
    recordPool.give(this.#lent);
    this.#lent = undefined;
  }

  #compact(): void {
    this.#records = this.#records.slice(this.#head);
    this.#head = 0;
  }
}
