/**
 * Puts hosts in order of the time at which something happens to them next. It is a binary heap; of
 * hosts with the same time the one with the lowest number comes first.
 */
export class HostQueue {
  readonly #at: number[] = [];
  readonly #host: number[] = [];

  /** When the first host is due, in microseconds; Infinity if the queue is empty. */
  get firstUsec(): number {
    return this.#at[0] ?? Number.POSITIVE_INFINITY;
  }

  /** Adds a host, even if it is in the queue. Whoever pops it asks it when it is really due. */
  push(atUsec: number, host: number): void {
    if (atUsec === Number.POSITIVE_INFINITY) return;
    const at = this.#at;
    const hosts = this.#host;
    let i = at.length;
    at.push(atUsec);
    hosts.push(host);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#before(i, parent)) break;
      this.#swap(i, parent);
      i = parent;
    }
  }

  /** Takes out the first host and returns its number, if it is due at `usec`. */
  popDue(usec: number): number | undefined {
    if (this.firstUsec > usec) return undefined;
    const first = this.#host[0]!;
    const lastAt = this.#at.pop()!;
    const lastHost = this.#host.pop()!;
    if (this.#at.length > 0) {
      this.#at[0] = lastAt;
      this.#host[0] = lastHost;
      this.#sink();
    }
    return first;
  }

  #sink(): void {
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      const right = left + 1;
      let least = i;
      if (left < this.#at.length && this.#before(left, least)) least = left;
      if (right < this.#at.length && this.#before(right, least)) least = right;
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #before(a: number, b: number): boolean {
    return this.#at[a]! < this.#at[b]! || (this.#at[a] === this.#at[b] && this.#host[a]! < this.#host[b]!);
  }

  #swap(a: number, b: number): void {
    [this.#at[a], this.#at[b]] = [this.#at[b]!, this.#at[a]!];
    [this.#host[a], this.#host[b]] = [this.#host[b]!, this.#host[a]!];
  }
}
