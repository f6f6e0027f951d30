/**
 * Joins the fragments of extended records in a file, in both dialects (`ncfrag=OFF/TOTAL` and
 * `ncfrag=OFF@I/N`). Fragments may come in any order and more than once.
 */
import { type ExtendedRecord, type Flow, FragmentJoiner, parsePayload } from '../../wire/index.js';
import { encodeText } from '../../wire/text.js';
import { Cursor, NEWLINE, unescapeKmsg } from './bytes.js';
import { view } from './lines.js';
import { type Batch, type PooledRecord, RECORD_MAX_BYTES } from './record.js';
import { latin1 } from './stamp.js';

/** One sender for all fragments, because a file does not tell who sent them. */
const NOBODY: Flow = { src: '', srcPort: 0, dst: '', dstPort: 0 };
const REMEMBERED = 64;
const NO_FRAGMENT = 'a fragment whose place in its record is not told, or outside of it';
const TOO_LONG = `a record of more than ${RECORD_MAX_BYTES} bytes`;

/** Joins the fragments of one file. */
export class Fragments {
  readonly #joiner: FragmentJoiner;
  /** For each unfinished record, by seq, the line with its first fragment. */
  readonly #lines = new Map<number, number>();
  /** Seq and stamp of the latest records that have been joined. */
  readonly #done: string[] = [];
  readonly #lost: { seq: number; have: number; total: number }[] = [];

  constructor() {
    this.#joiner = new FragmentJoiner(({ seq, haveBytes, totalBytes }) => {
      this.#lost.push({ seq, have: haveBytes, total: totalBytes });
    });
  }

  /**
   * Takes a whole record or a fragment, given as header and body. If that makes a record whole,
   * commits it in `slot`, which was taken from `batch`. Returns false if it is neither.
   */
  take(payload: Uint8Array, slot: PooledRecord, batch: Batch): boolean {
    const parsed = parsePayload(payload);
    if (parsed.kind !== 'extended') return false;
    if (parsed.fragment === undefined) this.#commit(parsed, slot, batch);
    else this.push(payload, slot, batch);
    return true;
  }

  /**
   * Takes a fragment, given as header and body. If it completes a record, commits that in `slot`,
   * which was taken from `batch`.
   */
  push(payload: Uint8Array, slot: PooledRecord, batch: Batch): void {
    const parsed = parsePayload(payload);
    if (parsed.kind !== 'extended' || parsed.fragment === undefined) {
      batch.problems.add(slot.line, NO_FRAGMENT, payload, 0, payload.length);
      return;
    }
    const { seq, fragment } = parsed;
    const key = `${seq} ${parsed.tsUsec}`;
    if (this.#done.includes(key)) {
      batch.counts.duplicates++;
      return;
    }
    const room = fragment.dialect === 'bytes' ? fragment.total - fragment.offset : parsed.body.length;
    const piece = { ...parsed, body: parsed.body.subarray(0, Math.max(0, room)) };
    if (piece.body.length === 0) {
      batch.problems.add(slot.line, NO_FRAGMENT, payload, 0, payload.length);
      return;
    }
    if (!this.#lines.has(seq)) this.#lines.set(seq, slot.line);
    const joined = this.#joiner.push(NOBODY, piece);
    if (joined !== undefined) {
      slot.line = this.#lines.get(seq)!;
      this.#lines.delete(seq);
      this.#done.push(key);
      if (this.#done.length > REMEMBERED) this.#done.shift();
      batch.counts.joined++;
      this.#commit(joined.record, slot, batch);
    }
    this.#nameLost(batch);
  }

  /** Ends the input: reports the records whose fragments are not all there. */
  end(batch: Batch): void {
    this.#joiner.end();
    this.#nameLost(batch);
  }

  #nameLost(batch: Batch): void {
    for (const { seq, have, total } of this.#lost) {
      const of = total > 0 ? `${have} of ${total}` : `${have}`;
      const what = encodeText(`seq ${seq}`);
      batch.problems.add(
        this.#lines.get(seq) ?? batch.line,
        `fragments of a record, ${of} bytes of it`,
        what,
        0,
        what.length,
      );
      this.#lines.delete(seq);
      batch.counts.incomplete++;
    }
    this.#lost.length = 0;
  }

  #commit(joined: ExtendedRecord, slot: PooledRecord, batch: Batch): void {
    const { body } = joined;
    if (body.length > RECORD_MAX_BYTES) {
      batch.problems.add(slot.line, TOO_LONG, body, 0, body.length);
      return;
    }
    const [text = body, ...entries] = linesOf(body);
    slot.level = joined.prio & 7;
    slot.facility = joined.prio >> 3;
    slot.seq = joined.seq;
    slot.tsUsec = joined.tsUsec;
    slot.cont = joined.flag !== '-';
    slot.continues = joined.flag === '+';
    slot.release = joined.release;
    if (joined.caller !== undefined) {
      const cursor = new Cursor();
      cursor.set(encodeText(joined.caller), 0, joined.caller.length);
      const id = cursor.caller();
      slot.callerId = id < 0 ? undefined : id;
    }
    let last = '';
    const dictionary: Record<string, string> = {};
    for (const entry of entries) {
      const line = latin1(entry, 0, entry.length);
      const m = /^ ([^=]+)=(.*)$/s.exec(line);
      if (m === null) {
        // A line without a key goes on with the last value: userdata may hold newlines.
        if (last !== '') dictionary[last] += `\n${line}`;
        continue;
      }
      last = m[1]!;
      dictionary[last] = m[2]!;
    }
    const { SUBSYSTEM, DEVICE, ...rest } = dictionary;
    slot.subsystem = SUBSYSTEM;
    slot.device = DEVICE;
    slot.dictionary = Object.keys(rest).length > 0 ? rest : undefined;
    const bytes = batch.allocate(text.length);
    bytes.set(text);
    batch.commit(slot, view(bytes, 0, unescapeKmsg(bytes, 0, bytes.length)));
  }
}

/** Splits a body into lines; a newline at its end begins none. */
function linesOf(body: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let from = 0;
  for (let at = 0; at <= body.length; at++) {
    if (at < body.length && body[at] !== NEWLINE) continue;
    if (at > from || at < body.length) lines.push(body.subarray(from, at));
    from = at + 1;
  }
  return lines;
}
