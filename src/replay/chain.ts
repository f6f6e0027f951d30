/**
 * One kernel's records with seq, as far as a log has them: the last ones are remembered, so that
 * the next record, a copy and an overtaken one can be told apart. `Sequence` decides that, and asks
 * the functions here.
 */
import { keepRecord, type LogRecord, type PooledRecord } from './formats/record.js';

/** A stamp further back than this is of another boot. */
export const REBOOT_USEC = 1e6;
/** How many records are held back behind a gap, for those that they may have overtaken. */
export const HELD_RECORDS = 16;
/** How many records back a copy is recognised; a power of 2. */
const REMEMBERED = 64;

/** One kernel's records with seq. */
export interface Chain {
  readonly boot: number;
  /** The seq that follows. */
  next: number;
  latest: number;
  /**
   * Of the last records, in a ring: seq, stamp and a sample of the text; and where the last one is.
   */
  at: number;
  readonly seqs: Float64Array;
  readonly stamps: Float64Array;
  readonly samples: Float64Array;
  /** Copies of records behind a gap, by seq. */
  readonly held: PooledRecord[];
  /** The last gap that was passed over: seq and stamp on both sides. */
  gap: { readonly seq: number; readonly usec: number; readonly toSeq: number; readonly toUsec: number } | undefined;
  /** The number of the record that it went on with last. */
  used: number;
}

/** A chain that begins with `first`, which is not remembered yet. */
export function newChain(boot: number, first: LogRecord): Chain {
  return {
    boot,
    next: first.seq!,
    latest: first.tsUsec!,
    at: 0,
    seqs: new Float64Array(REMEMBERED).fill(-1),
    stamps: new Float64Array(REMEMBERED),
    samples: new Float64Array(REMEMBERED),
    held: [],
    gap: undefined,
    used: 0,
  };
}

/** Says whether `record` is not older than the last one of `chain`. */
export function isNext(chain: Chain, record: LogRecord): boolean {
  return record.tsUsec! >= chain.latest - REBOOT_USEC;
}

/**
 * Says whether `record` was overtaken so far that its place is gone, but no further than a network
 * does.
 */
export function isLate(chain: Chain, record: LogRecord): boolean {
  const back = chain.next - record.seq!;
  if (back <= 0 || back > HELD_RECORDS || record.tsUsec! < chain.latest - REBOOT_USEC) return false;
  return !chain.seqs.includes(record.seq!);
}

/** Whether the chain has had `record`: its seq, stamp and text. */
export function isCopy(chain: Chain, record: LogRecord): boolean {
  const at = chain.seqs.indexOf(record.seq!);
  if (at >= 0) return chain.stamps[at] === record.tsUsec && chain.samples[at] === sample(record.text);
  return chain.held.some((held) => held.seq === record.seq && held.tsUsec === record.tsUsec);
}

/** Makes `record` the last one of the chain. */
export function remember(chain: Chain, record: LogRecord): void {
  const seq = record.seq!;
  const at = (chain.at + 1) & (REMEMBERED - 1);
  chain.at = at;
  chain.seqs[at] = seq;
  chain.stamps[at] = record.tsUsec!;
  chain.samples[at] = sample(record.text);
  if (seq >= chain.next) chain.next = seq + 1;
  if (record.tsUsec! > chain.latest) chain.latest = record.tsUsec!;
}

/**
 * Makes a number of the length and some bytes, which tells two texts of one seq and microsecond
 * apart.
 */
function sample(text: Uint8Array): number {
  const { length } = text;
  if (length === 0) return 0;
  return length * 2 ** 24 + text[0]! * 65536 + text[length >> 1]! * 256 + text[length - 1]!;
}

/** Keeps a copy of `record`, in its place by seq. */
export function hold(chain: Chain, record: PooledRecord): void {
  const copy = keepRecord(record) as PooledRecord;
  const { held } = chain;
  let at = held.length;
  while (at > 0 && held[at - 1]!.seq! > copy.seq!) at--;
  held.splice(at, 0, copy);
}
