/**
 * Models the byte ring of the kernels before 5.10 by its own variables: two indexes, two sequence
 * numbers, and a header of length 0 where the ring wraps.
 */
const HEADER = 16;

/** The model, which keeps lengths and texts but no bytes. */
export class OracleLogbuf {
  readonly size: number;
  firstIdx = 0;
  nextIdx = 0;
  firstSeq = 0;
  nextSeq = 0;
  /** The length of the record at each index; 0: the ring goes on at index 0. */
  readonly #lengths = new Map<number, number>();
  /** The texts in the ring, by seq. */
  readonly texts = new Map<number, string>();

  /** `sizeBits` is the size of the ring in bytes, as a power of 2. */
  constructor(sizeBits: number) {
    this.size = 2 ** sizeBits;
  }

  #following(index: number): number {
    const length = this.#lengths.get(index)!;
    return length === 0 ? this.#lengths.get(0)! : index + length;
  }

  #fits(size: number, empty: boolean): boolean {
    const { firstIdx: first, nextIdx: next } = this;
    const free = next > first || empty ? Math.max(this.size - next, first) : first - next;
    return free >= size + HEADER;
  }

  #makeRoom(size: number): boolean {
    while (this.firstSeq < this.nextSeq) {
      if (this.#fits(size, false)) return true;
      this.firstIdx = this.#following(this.firstIdx);
      this.texts.delete(this.firstSeq++);
    }
    return this.#fits(size, true);
  }

  /**
   * Stores a text beside a dictionary of `dictBytes` bytes; says whether it was stored, whole or
   * cut.
   */
  store(text: string, dictBytes = 0): boolean {
    const used = (bytes: number) => Math.ceil((HEADER + bytes) / 4) * 4;
    let kept = text;
    let size = used(text.length + dictBytes);
    if (!this.#makeRoom(size)) {
      kept = `${text.slice(0, this.size / 4)}<truncated>`;
      size = used(kept.length);
      if (!this.#makeRoom(size)) return false;
    }
    if (this.nextIdx + size + HEADER > this.size) {
      this.#lengths.set(this.nextIdx, 0);
      this.nextIdx = 0;
    }
    this.#lengths.set(this.nextIdx, size);
    this.nextIdx += size;
    this.texts.set(this.nextSeq++, kept);
    return true;
  }
}
