/**
 * Finds what differs between two runs of the same input. The messages of both are aligned by text,
 * target by target, and each pair is compared, header by header and datagram by datagram. A
 * difference that later records repeat is told once, with a count.
 */
import type { Outcome, ScenarioOp } from '../scenario/index.js';
import { sameBytes } from '../wire/text.js';
import { align, changed } from './diff-align.js';
import type { SentRecord } from './diff-records.js';

/** What one kernel made of the input. */
export interface Run {
  /** The messages that were sent, in the order of their first frames. */
  readonly sent: readonly SentRecord[];
  /** For a scenario: the records in /dev/kmsg. */
  readonly logged?: readonly SentRecord[];
  /** For a scenario: the result of each operation. */
  readonly outcomes?: readonly Outcome[];
}

/**
 * What differs: the outcome of an operation; a target that only one run sends to; a record that
 * only one run has; of a record that both have, its wording, the length it is cut at, its
 * fragments, a header field or the dictionary; or the order of two records.
 */
export type DifferenceKind =
  | 'outcome'
  | 'target'
  | 'only-a'
  | 'only-b'
  | 'wording'
  | 'cut'
  | 'fragments'
  | 'field'
  | 'dictionary'
  | 'order';

/** One difference between the runs A and B. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** Where it was seen first: the target, the log, or the operation. */
  readonly where: string;
  /** The number of the frame, or of the record in the log, from 1; null if that run has none. */
  readonly frames: readonly [a: number | null, b: number | null];
  /** The text of the record where it was seen first. */
  readonly text: string;
  /** The field or key that differs; for a record that one run lacks, what that run did with it. */
  readonly what: string;
  /** What run A has there, in words; empty if only one run has the record. */
  readonly a: string;
  /** What run B has there, in words; empty if only one run has the record. */
  readonly b: string;
  /** How many records have the same difference. */
  records: number;
}

/**
 * Fields that count on from message to message. One extra message shifts them by the same amount in
 * all that follow, which is told once.
 */
const COUNTERS = [
  ['seq', 'seq'],
  ['tsUsec', 'stamp (µs)'],
] as const;

/**
 * Compares run `b` with run `a`; `ops` are the operations of the scenario, if both ran one. Returns
 * the differences, and how many pairs of messages were compared.
 */
export function compareRuns(
  a: Run,
  b: Run,
  ops: readonly ScenarioOp[] = [],
): { differences: Difference[]; pairs: number } {
  const comparison = new Comparison();
  comparison.outcomes(a.outcomes ?? [], b.outcomes ?? [], ops);
  comparison.sent(a, b);
  comparison.logged(a.logged ?? [], b.logged ?? []);
  return { differences: comparison.differences, pairs: comparison.pairs };
}

type Pair = readonly [a: SentRecord, b: SentRecord];

class Comparison {
  readonly differences: Difference[] = [];
  /** How many pairs of sent messages were compared. */
  pairs = 0;
  readonly #seen = new Map<string, Difference>();
  readonly #told = new Set<string>();

  outcomes(a: readonly Outcome[], b: readonly Outcome[], ops: readonly ScenarioOp[]): void {
    for (const [i, op] of ops.entries()) {
      const [before, after] = [outcome(a[i]), outcome(b[i])];
      if (before === after) continue;
      const object = op.path ?? op.params ?? op.args ?? op.name ?? op.data ?? '';
      const what = object === '' ? op.op : `${op.op} ${object}`;
      const place = { where: `operation ${i}`, frames: [null, null] as const, text: '' };
      this.differences.push({ kind: 'outcome', ...place, what, a: before, b: after, records: 1 });
    }
  }

  sent(a: Run, b: Run): void {
    const [ofA, ofB] = [byTarget(a.sent), byTarget(b.sent)];
    const textsOf = ({ logged }: Run) => logged && new Set(logged.map(({ text }) => text));
    const logs = [textsOf(a), textsOf(b)] as const;
    const pairs: Pair[] = [];
    for (const target of new Set([...ofA.keys(), ...ofB.keys()])) {
      const [mine, other] = [ofA.get(target) ?? [], ofB.get(target) ?? []];
      if (mine.length === 0 || other.length === 0) {
        this.#target(target, mine, other);
        continue;
      }
      for (const [x, y] of align(mine, other)) {
        if (x !== undefined && y !== undefined) {
          pairs.push([x, y]);
          this.#pair(x, y);
        } else if (x !== undefined) this.#only('only-a', x, lacks(x, logs[1]));
        else this.#only('only-b', y!, lacks(y!, logs[0]));
      }
    }
    this.pairs = pairs.length;
    this.#order(pairs);
  }

  /** Compares the logs. What was told of a message that was sent is not told again. */
  logged(a: readonly SentRecord[], b: readonly SentRecord[]): void {
    for (const [x, y] of align(a, b)) {
      if (this.#told.has(x?.text ?? '') || this.#told.has(y?.text ?? '')) continue;
      if (x !== undefined && y !== undefined) this.#pair(x, y);
      else if (x !== undefined) this.#only('only-a', x, '');
      else this.#only('only-b', y!, '');
    }
  }

  /** Tells that one of the runs sends nothing at all to a target. */
  #target(target: string, a: readonly SentRecord[], b: readonly SentRecord[]): void {
    for (const { text } of [...a, ...b]) this.#told.add(text);
    this.differences.push({
      kind: 'target',
      where: target,
      frames: [a[0]?.frame ?? null, b[0]?.frame ?? null],
      text: (a[0] ?? b[0])!.text,
      what: 'records',
      a: String(a.length),
      b: String(b.length),
      records: a.length + b.length,
    });
  }

  #only(kind: 'only-a' | 'only-b', record: SentRecord, what: string): void {
    this.#told.add(record.text);
    const { frame, target, text } = record;
    const frames = kind === 'only-a' ? ([frame, null] as const) : ([null, frame] as const);
    this.differences.push({ kind, where: target, frames, text, what, a: '', b: '', records: 1 });
  }

  #pair(x: SentRecord, y: SentRecord): void {
    const before = this.#seen.size;
    const cut = x.text !== y.text && (x.text.startsWith(y.text) || y.text.startsWith(x.text));
    if (cut) this.#add('cut', [x, y], 'text', [`${x.text.length} bytes`, `${y.text.length} bytes`]);
    else if (x.text !== y.text) this.#add('wording', [x, y], 'text', [x.text, y.text], changed(x.text, y.text));
    for (const [key, what] of COUNTERS) {
      const [from, to] = [x[key], y[key]];
      if (from === undefined && to === undefined) continue;
      this.#add('field', [x, y], what, [`${from ?? 'none'}`, `${to ?? 'none'}`], `${(to ?? 0) - (from ?? 0)}`);
    }
    // An id that counts the frames of its run differs as the numbers of the frames do. Only an id
    // that differs otherwise is told.
    if (x.id !== undefined && y.id !== undefined && x.id - x.frame !== y.id - y.frame)
      this.#add('field', [x, y], 'IP id', [`${x.id}`, `${y.id}`], `${y.id - y.frame - (x.id - x.frame)}`);
    for (const what of new Set([...Object.keys(x.says), ...Object.keys(y.says)])) {
      this.#add('field', [x, y], what, [`${x.says[what] ?? 'none'}`, `${y.says[what] ?? 'none'}`]);
    }
    this.#dictionaries(x, y);
    if (x.pieces.join() !== y.pieces.join()) this.#add('fragments', [x, y], 'fragments', [pieces(x), pieces(y)]);
    const same = x.payloads.every((payload, i) => sameBytes(payload, y.payloads[i] ?? new Uint8Array(0)));
    const counted = x.seq === y.seq && x.tsUsec === y.tsUsec;
    if (!same && counted && before === this.#seen.size && !this.#differs(x, y)) {
      this.#add('field', [x, y], 'bytes of the payload', ['as they are', 'other ones'], `${x.frame}`);
    }
    if (before !== this.#seen.size) this.#told.add(x.text).add(y.text);
  }

  /** Says whether the two differ in a way that was already told of an earlier pair. */
  #differs(x: SentRecord, y: SentRecord): boolean {
    return (
      JSON.stringify([x.text, x.says, x.dictionary, x.pieces]) !==
      JSON.stringify([y.text, y.says, y.dictionary, y.pieces])
    );
  }

  #dictionaries(x: SentRecord, y: SentRecord): void {
    const [a, b] = [new Map(x.dictionary), new Map(y.dictionary)];
    for (const key of new Set([...a.keys(), ...b.keys()])) {
      this.#add('dictionary', [x, y], key, [a.get(key) ?? 'not sent', b.get(key) ?? 'not sent']);
    }
    const order = (of: Map<string, string>, other: Map<string, string>) =>
      [...of.keys()].filter((key) => other.has(key)).join(' ');
    this.#add('dictionary', [x, y], 'order of the keys', [order(a, b), order(b, a)]);
  }

  /** Tells each place where run B sends two messages in the opposite order of run A. */
  #order(pairs: readonly Pair[]): void {
    const inOrder = [...pairs].sort(([a], [b]) => a.frame - b.frame);
    for (let i = 1; i < inOrder.length; i++) {
      const [first, next] = [inOrder[i - 1]!, inOrder[i]!];
      if (next[1].frame > first[1].frame) continue;
      const names = [first[0], next[0]].map(({ target, text }) => `${target} ${JSON.stringify(text)}`);
      const orders = [names.join(', then '), names.reverse().join(', then ')] as [string, string];
      this.#add('order', first, 'order', orders, `${first[0].target}\0${next[0].target}`);
    }
  }

  /** Tells a difference, or counts it if one with the same `change` was told before. */
  #add(kind: DifferenceKind, [x, y]: Pair, what: string, [a, b]: [string, string], change = `${a}\0${b}`): void {
    if (a === b) return;
    const key = `${kind}\0${what}\0${change}`;
    const seen = this.#seen.get(key);
    if (seen !== undefined) {
      seen.records++;
      return;
    }
    const { target: where, text } = x;
    const difference: Difference = { kind, where, frames: [x.frame, y.frame], text, what, a, b, records: 1 };
    this.#seen.set(key, difference);
    this.differences.push(difference);
  }
}

function outcome(of: Outcome | undefined): string {
  if (typeof of === 'object' && of !== null) return JSON.stringify(of.data);
  return of ?? 'none';
}

/** Says why the other run has not sent the message, as far as that run's log tells. */
function lacks({ text, target }: SentRecord, log: ReadonlySet<string> | undefined): string {
  if (log === undefined || target === 'other frames') return '';
  return log.has(text) ? 'logged, but not sent' : 'not logged';
}

function byTarget(records: readonly SentRecord[]): Map<string, SentRecord[]> {
  const all = new Map<string, SentRecord[]>();
  for (const record of records) {
    const own = all.get(record.target);
    if (own === undefined) all.set(record.target, [record]);
    else own.push(record);
  }
  return all;
}

function pieces({ pieces: at }: SentRecord): string {
  return at.length === 1 ? '1 datagram' : `${at.length} datagrams, from bytes ${at.join(' and ')}`;
}
