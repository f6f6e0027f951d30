/**
 * The slow twin of the receiver's window, from the rules of libncrx: lists and scans, no ring, no cached times, whole
 * records only. Where the receiver departs from libncrx on purpose, so does this.
 */
export interface NaiveOptions {
  readonly nrSlots: number;
  readonly retxStride: number;
  readonly ackIntvMs: number;
  readonly retxIntvMs: number;
  readonly msgTimeoutMs: number;
  readonly oosThr: number;
  readonly oosIntvMs: number;
  readonly oosTimeoutMs: number;
}

interface Slot {
  readonly seq: number;
  /** Position in the ring, for the time a retired slot leaves behind. */
  readonly position: number;
  stamp: number;
  asked: number;
  record: boolean;
}

const NEVER = Number.NEGATIVE_INFINITY;

export class NaiveReceiver {
  readonly #o: NaiveOptions;
  /** Oldest first. */
  #slots: Slot[] = [];
  #next: number | undefined;
  #position = 0;
  /** Slots opened since the stream began. */
  #opened = 0;
  #stamps: number[];
  #history: boolean[] = [];
  #oos: { seq: number; at: number }[] = [];
  #reset = false;
  #acked: number | undefined;
  #ackedAt = NEVER;
  #last = 0;
  /** Seqs that the sequence jumped over when it was reset. */
  #jumped = 0;
  /** Retired without a record. */
  readonly #lost = new Set<number>();
  delivered: string[] = [];

  constructor(options: NaiveOptions) {
    this.#o = options;
    this.#stamps = Array(options.nrSlots).fill(NEVER);
  }

  /** The first seq not retired, less one; undefined: there is none. */
  #ackable(): number | undefined {
    const seq = (this.#next ?? 0) - this.#slots.length - 1;
    return seq < 0 ? undefined : seq;
  }

  step(packet: { seq: number; emergency: boolean } | undefined, now: number): { outcome: string; response: string } {
    const o = this.#o;
    const before = this.#next ?? 0;
    if (this.#acked === this.#ackable()) this.#ackedAt = now;
    const outcome = packet === undefined ? 'none' : this.#take(packet.seq, packet.emergency, now);
    for (let s = this.#slots[0]; s !== undefined && (s.record || s.stamp + o.msgTimeoutMs <= now); s = this.#slots[0])
      this.#retire();
    while (this.#oos.length > 0 && this.#oos[0]!.at + o.oosTimeoutMs <= now) this.#deliverOos();
    const wanted = [];
    const after = this.#next ?? 0;
    const crossed = Math.floor(before / o.retxStride) !== Math.floor(after / o.retxStride);
    const due = o.ackIntvMs > 0 && this.#acked !== this.#ackable() && this.#ackedAt + o.ackIntvMs < now;
    for (const s of this.#slots.filter((slot) => !slot.record)) {
      const late = Math.max(s.stamp, s.asked) + o.retxIntvMs <= now;
      if (!late && !(crossed && after - s.seq > o.retxStride)) continue;
      if (late) s.asked = now;
      wanted.push(s.seq);
    }
    if (this.#next === undefined || (!due && wanted.length === 0)) return { outcome, response: '' };
    this.#acked = this.#ackable();
    this.#ackedAt = now;
    return { outcome, response: [`ncrx${this.#acked ?? ''}`, ...wanted].join(' ') };
  }

  #take(seq: number, emergency: boolean, now: number): string {
    this.#history = [false, ...this.#history].slice(0, 32);
    if (emergency) {
      this.#acked = undefined;
      this.#ackedAt = NEVER;
    }
    const fate = this.#put(seq, emergency, now);
    if (fate !== 'oos') return fate;
    this.#history[0] = true;
    if (!this.#oos.some((r) => r.seq === seq)) this.#oos.push({ seq, at: now });
    if (this.#history.filter(Boolean).length >= this.#o.oosThr) this.#restart(now);
    else if (this.#oos.length > 32) this.#deliverOos();
    return 'oos';
  }

  #put(seq: number, emergency: boolean, now: number): string {
    const o = this.#o;
    if (this.#next === undefined) {
      this.#next = seq;
      this.#reset = true;
    }
    const ahead = seq - this.#next;
    if (Math.abs(ahead) > o.nrSlots) return 'oos';
    const old = this.#slots.find((s) => s.seq === seq);
    if (old !== undefined) {
      old.stamp = now;
      if (old.record) return 'duplicate';
      old.record = true;
      return 'stored';
    }
    if (ahead < 0) {
      if (this.#lost.delete(seq)) {
        this.delivered.push(`${seq} oos`);
        return 'late';
      }
      const position = (((this.#position + ahead) % o.nrSlots) + o.nrSlots) % o.nrSlots;
      const unheard = -ahead > this.#opened || this.#stamps[position]! + o.oosIntvMs < now;
      if (!emergency && unheard) return 'oos';
      this.#stamps[position] = now;
      return 'retired';
    }
    while (this.#next <= seq) {
      this.#opened++;
      this.#slots.push({ seq: this.#next++, position: this.#position, stamp: now, asked: NEVER, record: false });
      this.#position = (this.#position + 1) % o.nrSlots;
      if (this.#slots.length > o.nrSlots - o.retxStride) this.#retire();
    }
    this.#slots.at(-1)!.record = true;
    return 'stored';
  }

  #retire(): void {
    const slot = this.#slots.shift()!;
    this.#stamps[slot.position] = slot.stamp;
    const next = this.#slots[0];
    if (next !== undefined) next.stamp = Math.max(next.stamp, slot.stamp);
    else this.#stamps[this.#position] = Math.max(this.#stamps[this.#position]!, slot.stamp);
    if (!slot.record) {
      this.#lost.add(slot.seq);
      return;
    }
    const skipped = this.#reset ? this.#jumped : slot.seq - this.#last - 1;
    if (this.#reset) this.#jumped = 0;
    this.delivered.push(`${slot.seq}${this.#reset ? ' reset' : ''}${skipped > 0 ? ` after ${skipped}` : ''}`);
    this.#reset = false;
    this.#last = slot.seq;
  }

  #deliverOos(): void {
    this.delivered.push(`${this.#oos.shift()!.seq} oos`);
  }

  #restart(now: number): void {
    while (this.#slots.length > 0) this.#retire();
    const before = this.#next ?? 0;
    this.#next = undefined;
    // What is known of the seqs of the old stream says nothing of the new one.
    this.#stamps.fill(NEVER);
    this.#opened = 0;
    this.#lost.clear();
    this.#acked = undefined;
    const lowest = this.#oos.reduce((a, b) => (b.seq < a.seq ? b : a));
    const held = [lowest, ...this.#oos.filter((r) => r !== lowest)];
    this.#oos = [];
    this.#jumped = Math.max(0, lowest.seq - before);
    for (const { seq } of held)
      if (!['stored', 'late'].includes(this.#put(seq, false, now))) this.delivered.push(`${seq} oos`);
  }
}
