/**
 * Cuts a stream of chunks into parts, whose lengths the owner names one at a time. Both capture
 * formats are read with it.
 *
 * Each part has memory of its own, so whoever takes it may keep it. What is skipped needs no
 * memory.
 */
export class Parts {
  /** The part that is being filled. */
  part: Uint8Array;
  /** How many bytes of the part have come. */
  have = 0;
  /** The position in the stream at which the part begins. */
  at = 0;
  #skip = 0;

  /** `length` is the length of the first part. */
  constructor(length: number) {
    this.part = new Uint8Array(length);
  }

  /** Whether the part is complete. */
  get full(): boolean {
    return this.#skip === 0 && this.have === this.part.length;
  }

  /** How many bytes of the stream have been read, up to the part and in it. */
  get read(): number {
    return this.at + this.have;
  }

  /** How many bytes are still to be skipped before the part begins. */
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
   * Begins the next part, of `length` bytes, after the full one and after `skip` bytes that are not
   * needed.
   */
  next(length: number, skip = 0): void {
    this.at += this.part.length;
    this.part = new Uint8Array(length);
    this.have = 0;
    this.#skip = skip;
  }

  /** Makes the full part longer by `more` bytes, which then have to be filled. */
  extend(more: number): void {
    const longer = new Uint8Array(this.part.length + more);
    longer.set(this.part);
    this.part = longer;
  }
}
