/**
 * Finds what became of each record, from the ring, a console, the wire and the receivers.
 *
 * An extended datagram names its seq. A plain one has a timestamp at most. It belongs to the record
 * during whose printk it left or, if it left later, to the next record with the same timestamp.
 */
import { type ExtendedRecord, parseBody, parsePayload } from '../wire/extended.js';
import { decodeText } from '../wire/text.js';
import { DEFAULTS, type ExplorerState, recordTimes } from './state.js';
import type { Arrival, Transmission } from './wire.js';

/** Where the records of a state went in one kernel's log. */
export interface Logged {
  /** The seqs of each record. A record has none if it joined a neighbour or found no room. */
  readonly seqs: readonly (readonly number[])[];
  /** The indices of the records that the ring had no room for. */
  readonly refused: ReadonlySet<number>;
  /** For a datagram that left while a record was logged: the index of that record. */
  readonly during: ReadonlyMap<Transmission, number>;
}

/** A record as the ring has it at the end of the run. */
export interface RingRecord {
  readonly seq: number;
  readonly level: number;
  readonly facility: number;
  readonly tsUsec: number;
  /** The flag of its header: `-`, `c`, in old kernels also `+`. */
  readonly flag: string;
  /** Who logged it, as the header says: `T1`, `C0`; undefined if it does not say. */
  readonly caller: string | undefined;
  /** The text, without escapes. */
  readonly text: string;
  /** The dictionary behind the text, in order. */
  readonly dictionary: readonly (readonly [key: string, value: string])[];
  /** The record as /dev/kmsg prints it. */
  readonly line: string;
}

/** What became of one record. */
export interface Row {
  /** Rows of different kernels with the same key are compared. */
  readonly key: string;
  /** The text of the record, by which the page names the row. */
  readonly label: string;
  /** Its index in the state; undefined for a record of the kernel's own, or of a scenario. */
  readonly record: number | undefined;
  /** The records in the ring; none if it was joined, refused or overwritten. */
  readonly ring: readonly RingRecord[];
  /** Why the ring does not have the record, in sentences. */
  readonly notes: readonly string[];
  /** What to show in place of the datagrams if there are none. */
  readonly silent: string;
  /** What a serial console prints for the record. */
  readonly console: string;
  /** The datagrams that carried it, in the order in which they left. */
  readonly sent: readonly Transmission[];
  /** What receivers delivered of it. */
  readonly received: readonly Arrival[];
}

/** What the rows of one kernel are made from. */
export interface RowSources {
  readonly state: ExplorerState;
  readonly logged: Logged;
  /** The records that /dev/kmsg holds at the end. */
  readonly kmsg: readonly Uint8Array[];
  /** What a serial console prints for each record of the state. */
  readonly console: readonly string[];
  readonly transmissions: readonly Transmission[];
  readonly arrivals: readonly Arrival[];
}

/** A row that is still being filled. */
interface OpenRow extends Row {
  readonly ring: RingRecord[];
  readonly sent: Transmission[];
  readonly received: Arrival[];
}

/** Returns a row for every record of the state, then the rows of the kernel's own records. */
export function rowsOf(sources: RowSources): Row[] {
  const { state, logged, kmsg, console, transmissions, arrivals } = sources;
  const ring = new Map(kmsg.flatMap((line) => ringRecord(line) ?? []).map((record) => [record.seq, record]));
  const rows: OpenRow[] = state.records.map(({ text }, i) => ({
    key: `r${i}`,
    label: text,
    record: i,
    ring: logged.seqs[i]!.flatMap((seq) => ring.get(seq) ?? []),
    ...notesOf(i, sources, ring),
    console: console[i] ?? '',
    sent: [],
    received: [],
  }));
  const bySeq = new Map<number, OpenRow>();
  logged.seqs.forEach((seqs, i) => {
    for (const seq of seqs) bySeq.set(seq, rows[i]!);
  });
  const own = (seq: number, label: string): OpenRow => {
    const record = ring.get(seq);
    const row: OpenRow = {
      key: `k${rows.length - state.records.length}`,
      label: record?.text ?? label,
      record: undefined,
      ring: record === undefined ? [] : [record],
      notes: [],
      silent: 'Nothing.',
      console: '',
      sent: [],
      received: [],
    };
    rows.push(row);
    bySeq.set(seq, row);
    return row;
  };
  const rowOf = (seq: number, label: string) => bySeq.get(seq) ?? own(seq, label);
  for (const [seq, { text }] of ring) rowOf(seq, text);
  const stamped = new StampOrder(state, rows);
  for (const one of transmissions) {
    const { message, payload } = one.decoded;
    if (one.cause === 'response') continue;
    if (message?.kind === 'extended') rowOf(message.seq, decodeText(message.body)).sent.push(one);
    else {
      const during = logged.during.get(one);
      const row = during === undefined ? stamped.next(decodeText(payload ?? new Uint8Array(0))) : rows[during];
      row?.sent.push(one);
    }
  }
  const lines = new StampOrder(state, rows);
  for (const arrival of arrivals) {
    const { record, line } = arrival;
    if (record !== undefined) rowOf(record.seq, decodeText(record.text)).received.push(arrival);
    else lines.next(decodeText(line!.text))?.received.push(arrival);
  }
  return rows;
}

/** Says why the ring does not have a record, and why none of its datagrams left. */
function notesOf(
  i: number,
  { logged, state }: RowSources,
  ring: ReadonlyMap<number, RingRecord>,
): Pick<Row, 'notes' | 'silent'> {
  if (logged.refused.has(i)) return { notes: ['The ring has no room for it: it is lost.'], silent: 'Nothing.' };
  const seqs = logged.seqs[i]!;
  if (seqs.length === 0) {
    const joined = 'It has no record of its own: it was joined to a neighbour, or waits for its end.';
    return { notes: [joined], silent: 'Nothing by itself.' };
  }
  const gone = !seqs.some((seq) => ring.has(seq));
  const level = state.records[i]!.level ?? DEFAULT_LEVEL;
  const loglevel = state.loglevel ?? DEFAULTS.loglevel;
  const silent =
    level >= loglevel
      ? `Nothing: level ${level} is not below the console loglevel, ${loglevel}.`
      : gone
        ? 'Nothing: it was overwritten before the consoles printed it.'
        : 'Nothing: no target is enabled.';
  return { notes: gone ? ['Later records have overwritten it in the ring.'] : [], silent };
}

/** The level of a record that names none. Linux: CONFIG_MESSAGE_LOGLEVEL_DEFAULT. */
const DEFAULT_LEVEL = 4;

/** Parses a record as /dev/kmsg prints it. Returns undefined if the line is no record. */
export function ringRecord(line: Uint8Array): RingRecord | undefined {
  const parsed = parsePayload(line);
  if (parsed.kind !== 'extended') return undefined;
  return { ...header(parsed), ...parseBody(parsed.body), line: decodeText(line) };
}

function header({ seq, prio, tsUsec, flag, caller }: ExtendedRecord) {
  return { seq, level: prio & 7, facility: prio >> 3, tsUsec, flag, caller };
}

/** The timestamp of a plain text, after the console's notices and a priority. */
const STAMP = /^(?:\*\* .*\n)*(?:<\d+>)?\[ *(\d+)\.(\d{6})\]/;

/** Finds the record that a plain text belongs to. Takes the texts in order of time. */
class StampOrder {
  readonly #times: readonly number[];
  readonly #rows: readonly OpenRow[];
  /** The index of the row found last; -1 before the first text. */
  #at = -1;

  constructor(state: ExplorerState, rows: readonly OpenRow[]) {
    this.#times = recordTimes(state);
    this.#rows = rows;
  }

  /** Returns the row of the next text. A text without a timestamp belongs to the row before. */
  next(text: string): OpenRow | undefined {
    const [, seconds, usec] = STAMP.exec(text) ?? [];
    if (seconds !== undefined) {
      const time = Number(seconds) * 1e6 + Number(usec);
      const next = this.#times.indexOf(time, this.#at + 1);
      const again = this.#at >= 0 && this.#times[this.#at] === time;
      if (next >= 0) this.#at = next;
      else if (!again) this.#at = this.#times.indexOf(time);
    }
    return this.#rows[this.#at];
  }
}
