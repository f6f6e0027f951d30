/**
 * Models the printk ring as a list of records with the sequential rules of the kernel's
 * documentation: there is one writer, and positions only grow. It is slow, and each record keeps
 * its own bytes.
 */
export interface OracleRecord {
  readonly seq: number;
  readonly caller: number;
  state: 'reserved' | 'committed' | 'final' | 'reusable';
  /** Where the text lies; undefined if it found no room. */
  block: { readonly begin: number; readonly next: number } | undefined;
  text: string;
}

/** How large the ring is, and the rules in which kernels differ. */
export interface OracleOptions {
  /** The size of the ring in bytes, as a power of 2. */
  readonly sizeBits: number;
  /** How much of the ring one record may take. */
  readonly recordShare: 'whole' | 'half';
  /** Whether a record may end exactly where the ring does. */
  readonly perfectFit: boolean;
}

/** The model of a ring. */
export class OracleRing {
  readonly size: number;
  /** How many descriptors the ring has. */
  readonly count: number;
  /** All records so far, by seq. */
  readonly records: OracleRecord[] = [];
  readonly #max: number;
  readonly #perfect: boolean;
  /** The seq of the oldest record that still has its descriptor. */
  tailSeq = 0;
  #head = 0;
  #tail = 0;

  constructor({ sizeBits, recordShare, perfectFit }: OracleOptions) {
    this.size = 2 ** sizeBits;
    this.count = this.size / 32;
    this.#max = recordShare === 'half' ? this.size / 2 : this.size - 8;
    this.#perfect = perfectFit;
  }

  #block(bytes: number): number {
    return 8 * Math.ceil((bytes + 8) / 8);
  }

  #next(begin: number, block: number): number {
    const { size } = this;
    const lap = (position: number) => Math.floor(position / size);
    const end = begin + block;
    if (lap(begin) === lap(this.#perfect ? end - 1 : end)) return end;
    return lap(end) * size === end && this.#perfect ? end : (lap(begin) + 1) * size + block;
  }

  #pushTail(to: number): boolean {
    while (this.#tail < to) {
      const owner = this.records.find(({ block, seq }) => seq >= this.tailSeq && block?.begin === this.#tail);
      if (owner === undefined || owner.state === 'reserved' || owner.state === 'committed') return false;
      owner.state = 'reusable';
      this.#tail = owner.block!.next;
    }
    return true;
  }

  #pushDescriptor(): boolean {
    const oldest = this.records[this.tailSeq]!;
    if (oldest.state === 'reserved' || oldest.state === 'committed') return false;
    oldest.state = 'reusable';
    if (oldest.block !== undefined && !this.#pushTail(oldest.block.next)) return false;
    const following = this.records[this.tailSeq + 1]!.state;
    if (following !== 'final' && following !== 'reusable') return false;
    this.tailSeq++;
    return true;
  }

  /**
   * Reserves a record with room for `bytes`. If there is none, returns undefined; the seq may be
   * used up even so.
   */
  reserve(bytes: number, caller: number): OracleRecord | undefined {
    const block = this.#block(bytes);
    if (block > this.#max) return undefined;
    if (this.records.length - this.tailSeq >= this.count && !this.#pushDescriptor()) return undefined;
    const previous = this.records.at(-1);
    if (previous?.state === 'committed') previous.state = 'final';
    const record: OracleRecord = { seq: this.records.length, caller, state: 'reserved', block: undefined, text: '' };
    this.records.push(record);
    const next = this.#next(this.#head, block);
    if (!this.#pushTail(next - this.size)) {
      record.state = 'committed';
      return undefined;
    }
    record.block = { begin: this.#head, next };
    this.#head = next;
    return record;
  }

  /**
   * Reopens the last record for `bytes` more, up to `max` in all; returns undefined if it is
   * another caller's, is final, or there is no room.
   */
  reserveInLast(bytes: number, caller: number, max: number): OracleRecord | undefined {
    const last = this.records.at(-1);
    if (last === undefined || last.state !== 'committed' || last.caller !== caller || last.block === undefined)
      return undefined;
    const want = last.text.length + bytes;
    const block = this.#block(want);
    if (want > max || block > this.#max || last.block.next !== this.#head) return undefined;
    const next = this.#next(last.block.begin, block);
    last.state = 'reserved';
    if (next > this.#head) {
      if (!this.#pushTail(next - this.size)) {
        last.state = 'committed';
        return undefined;
      }
      last.block = { begin: last.block.begin, next };
      this.#head = next;
    }
    return last;
  }

  /** Returns what a reader that begins at the oldest record sees. */
  readable(): { seq: number; text: string }[] {
    const out: { seq: number; text: string }[] = [];
    for (const { seq, state, block, text } of this.records.slice(this.tailSeq)) {
      if (state === 'reserved' || (state === 'committed' && block !== undefined)) break;
      if (state === 'final' && block !== undefined) out.push({ seq, text });
    }
    return out;
  }
}
