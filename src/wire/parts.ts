/**
 * Cuts a stream of chunks into parts whose lengths its owner names one by one: what both capture
 * formats are read with.
 *
 * A part is kept in memory of its own, so whoever takes it may keep it. What is skipped needs no
 * memory.
 */
export class Parts {
  /** The part being filled, `have` bytes of it. */
  part: Uint8Array;
  have = 0;
  /** Byte of the stream at which the part begins. */
  at = 0;
  #skip = 0;

  /** `length`: of the first part. */
  constructor(length: number) {
    this.part = new Uint8Array(length);
  }

  get full(): boolean {
    return this.#skip === 0 && this.have === this.part.length;
  }

  /** Bytes of the stream so far. */
  get read(): number {
    return this.at + this.have;
  }

  /** Bytes that are still to be skipped before the part begins. */
  get skipping(): number {
    return this.#skip;
  }

  /** Takes bytes of `chunk` from `from` on, no more than the part lacks; returns how many. */
  fill(chunk: Uint8Array, from: number): number {
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, chunk.length - from);
      this.#skip -= skipped;
      this.at += skipped;
      return skipped;
    }
    const count = Math.min(chunk.length - from, this.part.length - this.have);
    this.part.set(chunk.subarray(from, from + count), this.have);
    this.have += count;
    return count;
  }

  /**
   * Begins the part of `length` bytes that follows the full one, after `skip` bytes that nobody
   * wants.
   */
  next(length: number, skip = 0): void {
    this.at += this.part.length;
    this.part = new Uint8Array(length);
    this.have = 0;
    this.#skip = skip;
  }

  /** Makes the full part longer by `more` bytes, which are to be filled. */
  extend(more: number): void {
    const longer = new Uint8Array(this.part.length + more);
    longer.set(this.part);
    this.part = longer;
  }
}
