/**
 * Joins the fragments of extended records: those of one flow whose headers say the same and whose
 * bytes agree.
 *
 * A record is complete when its pieces cover it without a gap. Pieces may come in any order, twice,
 * and overlapping. Complete records are remembered, so that a copy of a piece begins nothing.
 *
 * Memory is bounded. A record over 256 KiB is not begun, and one of more than 1,024 pieces or twice
 * its bytes is given up. If more than 64 records are unfinished, the oldest is given up. The last
 * 4,096 complete records, or the last 4 MiB of them, are remembered.
 */
import { callback, checkArgument } from '../options.js';
import { type ExtendedRecord, parsePayload } from './extended.js';
import { recordEnd, skipReplayNotice } from './record.js';
import { startsWith } from './text.js';

/**
 * The limits of memory: bytes of a body, pieces of a record, unfinished records, remembered records
 * and their bytes.
 */
export const JOINER_LIMITS: Readonly<
  Record<'bodyBytes' | 'pieces' | 'pending' | 'remembered' | 'rememberedBytes', number>
> = {
  // A record with 256 userdata entries of 256 bytes has some 70 KiB.
  bodyBytes: 262_144,
  pieces: 1024,
  pending: 64,
  remembered: 4096,
  rememberedBytes: 4_194_304,
};

/** Where a fragment came from and went to. */
export interface Flow {
  /** The source address, as text. */
  readonly src: string;
  /** The source port. */
  readonly srcPort: number;
  /** The destination address, as text. */
  readonly dst: string;
  /** The destination port. */
  readonly dstPort: number;
}

/** A record that lacks some of its pieces. */
export interface IncompleteRecord {
  /** Where the pieces came from and went to. */
  readonly flow: Flow;
  /** The seq in the header of its pieces. */
  readonly seq: number;
  /** How many different fragments have come. */
  readonly pieces: number;
  /** How many different bytes of the body have come. */
  readonly haveBytes: number;
  /**
   * The length of the body; 0 if it is unknown, as in the `OFF@I/N` dialect only the last fragment
   * tells it.
   */
  readonly totalBytes: number;
}

/** A record whose pieces have all come. */
export interface JoinedRecord {
  /** Where the pieces came from and went to. */
  readonly flow: Flow;
  /** The record as the first piece describes it, but with the whole body and no `fragment`. */
  readonly record: ExtendedRecord;
  /** How many different fragments the record came in. */
  readonly pieces: number;
}

interface Pending {
  readonly flow: Flow;
  /** The first piece that came, without its body. */
  readonly first: ExtendedRecord;
  /** What is the same for all pieces of a record: total bytes, or the number of fragments. */
  readonly size: number;
  /** The length of the body in bytes; 0 if it is not known yet. */
  total: number;
  /** For each offset, the longest piece that came. */
  readonly pieces: Map<number, Uint8Array>;
  /** How many bytes `pieces` holds; overlapping ones are counted twice. */
  stored: number;
}

/** Joins fragments. The caller gives it every fragment of a capture, in any order. */
export class FragmentJoiner {
  /** Unfinished records in the order in which their first pieces came. */
  readonly #pending = new Map<string, Pending>();
  /** The bodies of complete records by the same keys, the oldest first, and their bytes. */
  readonly #remembered = new Map<string, Uint8Array>();
  #rememberedBytes = 0;
  readonly #onIncomplete: (record: IncompleteRecord) => void;
  /** How many fragments were copies of earlier ones. */
  copies = 0;

  /** `onIncomplete` is called for every record that is given up, and for those left at `end`. */
  constructor(onIncomplete: (record: IncompleteRecord) => void = () => {}) {
    checkArgument('FragmentJoiner', 'onIncomplete', onIncomplete, callback);
    this.#onIncomplete = onIncomplete;
  }

  /**
   * Takes a fragment, whose body is copied, and returns the record that it completes. Ignores
   * records without `fragment`.
   */
  push(flow: Flow, record: ExtendedRecord): JoinedRecord | undefined {
    const { fragment, body } = record;
    if (fragment === undefined || body.length === 0) return undefined;
    const end = fragment.offset + body.length;
    const size = fragment.dialect === 'bytes' ? fragment.total : fragment.count;
    const limit = fragment.dialect === 'bytes' ? Math.min(size, JOINER_LIMITS.bodyBytes) : JOINER_LIMITS.bodyBytes;
    if (end > limit || size > JOINER_LIMITS.bodyBytes) return undefined;

    const key = keyOf(flow, record);
    const known = this.#remembered.get(key);
    if (known !== undefined && end <= known.length && startsWith(known, body, fragment.offset)) {
      this.copies++;
      return undefined;
    }
    let pending = this.#pending.get(key);
    // This is another record with the same number, because the sender has started anew.
    if (pending !== undefined && (pending.size !== size || !agrees(pending, fragment.offset, body))) {
      this.#giveUp(key, pending);
      pending = undefined;
    }
    if (pending === undefined) {
      const total = fragment.dialect === 'bytes' ? size : 0;
      pending = { flow, first: { ...record, body: body.subarray(0, 0) }, size, total, pieces: new Map(), stored: 0 };
      this.#pending.set(key, pending);
      this.#trim();
    }
    if (fragment.dialect === 'index' && fragment.index === fragment.count - 1) pending.total = end;
    const had = pending.pieces.get(fragment.offset)?.length ?? 0;
    if (had < body.length) {
      pending.pieces.set(fragment.offset, body.slice());
      pending.stored += body.length - had;
    } else {
      this.copies++;
    }
    if (pending.pieces.size > JOINER_LIMITS.pieces || pending.stored > 2 * JOINER_LIMITS.bodyBytes) {
      this.#giveUp(key, pending);
      return undefined;
    }
    if (pending.total === 0 || covered(pending) < pending.total) return undefined;
    this.#pending.delete(key);
    const whole = joined(pending);
    this.#remember(key, whole.body);
    return { flow, record: whole, pieces: pending.pieces.size };
  }

  /** Ends the input: reports the unfinished records. */
  end(): void {
    for (const [key, pending] of this.#pending) this.#giveUp(key, pending);
  }

  #remember(key: string, body: Uint8Array): void {
    this.#forget(key);
    this.#remembered.set(key, body);
    this.#rememberedBytes += body.length;
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= JOINER_LIMITS.remembered && this.#rememberedBytes <= JOINER_LIMITS.rememberedBytes)
        return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#rememberedBytes -= this.#remembered.get(key)?.length ?? 0;
    this.#remembered.delete(key);
  }

  #trim(): void {
    for (const [key, pending] of this.#pending) {
      if (this.#pending.size <= JOINER_LIMITS.pending) return;
      this.#giveUp(key, pending);
    }
  }

  #giveUp(key: string, pending: Pending): void {
    this.#pending.delete(key);
    this.#onIncomplete({
      flow: pending.flow,
      seq: pending.first.seq,
      pieces: pending.pieces.size,
      haveBytes: covered(pending),
      totalBytes: pending.total,
    });
  }
}

/** Makes a key of what all fragments of a record have in common. */
function keyOf(
  { src, srcPort, dst, dstPort }: Flow,
  { seq, tsUsec, prio, flag, caller, fragment }: ExtendedRecord,
): string {
  return `${src} ${srcPort} ${dst} ${dstPort} ${fragment?.dialect} ${seq} ${tsUsec} ${prio} ${flag} ${caller}`;
}

/** Says whether a piece has the same bytes as those that it overlaps. */
function agrees(pending: Pending, offset: number, body: Uint8Array): boolean {
  const end = offset + body.length;
  for (const [at, piece] of pending.pieces) {
    const from = Math.max(at, offset);
    const to = Math.min(at + piece.length, end);
    if (from < to && !startsWith(piece, body.subarray(from - offset, to - offset), from - at)) return false;
  }
  return true;
}

/** Returns how many different bytes of the record all pieces together cover. */
function covered(pending: Pending): number {
  const limit = pending.total || JOINER_LIMITS.bodyBytes;
  let bytes = 0;
  let reached = 0;
  for (const [offset, piece] of inOrder(pending)) {
    const end = Math.min(offset + piece.length, limit);
    if (end > reached) bytes += end - Math.max(offset, reached);
    reached = Math.max(reached, end);
  }
  return bytes;
}

function inOrder(pending: Pending): [number, Uint8Array][] {
  return [...pending.pieces].sort(([a], [b]) => a - b);
}

function joined(pending: Pending): ExtendedRecord {
  const body = new Uint8Array(pending.total);
  for (const [offset, piece] of inOrder(pending)) {
    if (offset < body.length) body.set(piece.subarray(0, body.length - offset), offset);
  }
  const { fragment: _, ...record } = pending.first;
  return { ...record, body };
}

/** Returns the records of a datagram: `first`, and those that a relay has put behind it. */
export function partRecords(first: ExtendedRecord): readonly ExtendedRecord[] {
  const records = [first];
  for (let last = first; last.fragment === undefined; ) {
    const { body } = last;
    const end = recordEnd(body, 0, body.length);
    const next = end < body.length ? parsePayload(body.subarray(skipReplayNotice(body, end, body.length))) : undefined;
    if (next?.kind !== 'extended') break;
    records[records.length - 1] = { ...last, body: body.subarray(0, end) };
    records.push(next);
    last = next;
  }
  return records;
}
