/**
 * The byte ring of the kernels before 5.10: records one behind the other, header and text, oldest
 * first out.
 *
 *   | header 16 | text | dictionary | pad to 4 | header ...            | 0 | (wrap: the rest is unused)
 *
 * A record never wraps: where it and a header behind it do not fit before the end, it begins at
 * index 0 again. The oldest records go until it fits; one that could never fit is cut to a quarter
 * of the ring; a seq is used only by what is stored.
 *
 * Linux 4.2: kernel/printk/printk.c log_store(), logbuf_has_space(), log_make_free_space(),
 * truncate_msg().
 */
import type { Heap } from '../memory/heap.js';
import type { Usec } from '../time/index.js';
import { type DevPrintkInfo, LOG_NOCONS, type PrintkRecord } from './record.js';
import type { ByteRing, LogEntry, PrbRead } from './ring.js';
import { ByteStore } from './store/bytes.js';
import { MAX_LOG_TAKE_PART, type StoreContext, type StoreStrategy, TRUNCATED } from './store/strategy.js';

/** sizeof(struct printk_log), and what a caller's id adds to it. */
const HEADER_BYTES = 16;
const CALLER_BYTES = 4;
/** Every record begins at a multiple of so many bytes, on x86. */
const LOG_ALIGN = 4;

interface Entry {
  readonly index: number;
  readonly size: number;
  readonly textLen: number;
  readonly tsUsec: number;
  readonly facility: number;
  readonly level: number;
  readonly callerId: number;
  flags: number;
  readonly dev: DevPrintkInfo | undefined;
}

/** The ring of the kernels before 5.10. */
export class LogBuffer implements ByteRing {
  readonly heap: Heap;
  readonly size: number;
  /** The lane does not know this ring. */
  readonly prb = undefined;
  fail = 0;
  readonly #at: number;
  readonly #header: number;
  readonly #entries = new Map<number, Entry>();
  /** Seqs of the records that only consoles registered later must print. */
  #nocons: number[] = [];
  #firstSeq = 0;
  #nextSeq = 0;
  #nextIndex = 0;
  /**
   * Index of the oldest record, or of the mark that the ring goes on at 0, or of the end of the
   * last record.
   */
  #firstIndex = 0;

  /** `caller` says whether records carry a caller's id. Linux: CONFIG_PRINTK_CALLER. */
  constructor(heap: Heap, sizeBits: number, { caller = false }: { readonly caller?: boolean } = {}) {
    this.heap = heap;
    this.size = 2 ** sizeBits;
    this.#header = HEADER_BYTES + (caller ? CALLER_BYTES : 0);
    this.#at = heap.alloc(this.size, 64);
  }

  strategy(context: StoreContext): StoreStrategy {
    return new ByteStore(this, context);
  }

  get firstSeq(): number {
    return this.#firstSeq;
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  get finalSeq(): number {
    return this.#nextSeq;
  }

  startAt(seq: number): void {
    if (this.#firstSeq === this.#nextSeq) this.skipTo(seq);
  }

  skipTo(seq: number): void {
    if (seq <= this.#nextSeq) return;
    // So many records are more than the buffer could hold, so that nothing before them would be
    // left.
    if (seq - this.#nextSeq > this.size / this.#header) {
      this.#entries.clear();
      this.#firstIndex = this.#nextIndex;
    }
    if (this.#entries.size === 0) this.#firstSeq = seq;
    this.#nextSeq = seq;
  }

  #hasSpace(size: number): boolean {
    const first = this.#firstIndex;
    const empty = this.#entries.size === 0;
    const next = this.#nextIndex;
    const free = next > first || empty ? Math.max(this.size - next, first) : first - next;
    return free >= size + this.#header;
  }

  #makeFreeSpace(size: number): boolean {
    while (this.#entries.size > 0 && !this.#hasSpace(size)) {
      while (!this.#entries.has(this.#firstSeq)) this.#firstSeq++;
      const { index, size: bytes } = this.#entries.get(this.#firstSeq)!;
      this.#firstIndex = index + bytes;
      this.#entries.delete(this.#firstSeq++);
    }
    return this.#hasSpace(size);
  }

  store(entry: LogEntry, src: Uint8Array): number {
    const dict = dictionaryBytes(entry.dev);
    let text = src.length;
    let suffix = 0;
    let { dev } = entry;
    let size = align(this.#header + text + dict);
    if (!this.#makeFreeSpace(size)) {
      text = Math.min(text, Math.floor(this.size / MAX_LOG_TAKE_PART));
      suffix = TRUNCATED.length;
      dev = undefined;
      size = align(this.#header + text + suffix);
      if (!this.#makeFreeSpace(size)) {
        this.fail++;
        return 0;
      }
    }
    if (this.#nextIndex + size + this.#header > this.size) this.#nextIndex = 0;
    const index = this.#nextIndex;
    const to = this.#at + index + this.#header;
    this.heap.bytes.set(src.subarray(0, text), to);
    if (suffix > 0) this.heap.bytes.set(TRUNCATED, to + text);
    if ((entry.flags & LOG_NOCONS) !== 0) this.#nocons.push(this.#nextSeq);
    this.#entries.set(this.#nextSeq++, { ...entry, dev, index, size, textLen: text + suffix });
    this.#nextIndex += size;
    return text + suffix;
  }

  clearNocons(): void {
    if (this.#nocons.length === 0) return;
    for (const seq of this.#nocons) {
      const entry = this.#entries.get(seq);
      if (entry !== undefined) entry.flags &= ~LOG_NOCONS;
    }
    this.#nocons = [];
  }

  read(seq: number, into: PrintkRecord): PrbRead {
    if (seq >= this.#nextSeq) return 'none';
    const entry = this.#entries.get(seq);
    if (entry === undefined) return 'lost';
    into.seq = seq;
    into.tsUsec = entry.tsUsec as Usec;
    into.textLen = entry.textLen;
    into.facility = entry.facility;
    into.level = entry.level;
    into.flags = entry.flags;
    into.callerId = entry.callerId;
    into.cpu = 0;
    into.comm = '';
    into.dev = entry.dev;
    into.textAt = this.#at + entry.index + this.#header;
    return 'ok';
  }

  release(): void {
    this.heap.free(this.#at);
  }
}

function align(size: number): number {
  return Math.ceil(size / LOG_ALIGN) * LOG_ALIGN;
}

/** `SUBSYSTEM=x`, NUL, `DEVICE=y`. */
function dictionaryBytes(dev: DevPrintkInfo | undefined): number {
  if (dev === undefined) return 0;
  const subsystem = dev.subsystem === '' ? 0 : 10 + dev.subsystem.length;
  const device = dev.device === '' ? 0 : 7 + dev.device.length;
  return subsystem + device + (subsystem > 0 && device > 0 ? 1 : 0);
}
