/** A queue that forgets its oldest entry when it is full, and says so. */
export class Fifo<T> {
  /** How many items the queue holds at most. */
  readonly limit: number;
  #items: (T | undefined)[] = [];
  #head = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** How many items wait. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Adds an item; returns whether the oldest one had to go. */
  push(item: T): boolean {
    const full = this.length >= this.limit;
    if (full) this.shift();
    this.#items.push(item);
    return full;
  }

  /** Takes out the oldest item; undefined if there is none. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
