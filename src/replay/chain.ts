/**
 * Keeps what is known of the records, with seq, of one kernel in a log. The last ones are
 * remembered, so that the next record, a copy and an overtaken one can be told apart. `Sequence`
 * decides that, with the functions here.
 */
import { keepRecord, type LogRecord, type PooledRecord } from './formats/record.js';

/** A stamp that is further back than this belongs to another boot. */
export const REBOOT_USEC = 1e6;
/** How many records are held back behind a gap, to let those come first that they overtook. */
export const HELD_RECORDS = 16;
/** How many of the last records are remembered to recognise copies; a power of 2. */
const REMEMBERED = 64;

/** One kernel's records with seq. */
export interface Chain {
  /** The number of the boot that the records belong to. */
  readonly boot: number;
  /** The seq that is expected next. */
  next: number;
  /** The latest stamp, in microseconds. */
  latest: number;
  /** The index, in the rings below, of the last record. */
  at: number;
  /** Rings of what is remembered of the last records: their seqs; -1: nothing yet. */
  readonly seqs: Float64Array;
  /** Their stamps, in microseconds. */
  readonly stamps: Float64Array;
  /** A sample of each one's text, made of its length and some of its bytes. */
  readonly samples: Float64Array;
  /** Copies of records that wait behind a gap, in order of seq. */
  readonly held: PooledRecord[];
  /** The last gap that was given up: seq and stamp before and behind it. */
  gap: { readonly seq: number; readonly usec: number; readonly toSeq: number; readonly toUsec: number } | undefined;
  /** The count of records when this chain last went on, which tells for how long it has rested. */
  used: number;
}

/** Makes a chain that begins with `first`, which is not remembered yet. */
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
 * Says whether `record` was overtaken: its place has been passed, but it is not further back than a
 * network delays it.
 */
export function isLate(chain: Chain, record: LogRecord): boolean {
  const back = chain.next - record.seq!;
  if (back <= 0 || back > HELD_RECORDS || record.tsUsec! < chain.latest - REBOOT_USEC) return false;
  return !chain.seqs.includes(record.seq!);
}

/** Says whether the chain has already had `record`, with this seq, stamp and text. */
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
 * Makes a number of the length and some bytes, to tell apart two texts with the same seq and stamp.
 */
function sample(text: Uint8Array): number {
  const { length } = text;
  if (length === 0) return 0;
  return length * 2 ** 24 + text[0]! * 65536 + text[length >> 1]! * 256 + text[length - 1]!;
}

/** Keeps a copy of `record`, sorted in by its seq. */
export function hold(chain: Chain, record: PooledRecord): void {
  const copy = keepRecord(record) as PooledRecord;
  const { held } = chain;
  let at = held.length;
  while (at > 0 && held[at - 1]!.seq! > copy.seq!) at--;
  held.splice(at, 0, copy);
}
