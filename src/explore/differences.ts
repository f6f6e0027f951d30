/**
 * Finds what two kernels do differently with one record: sentences for people, and bytes to mark.
 *
 * Datagrams are compared in the order in which they were sent, and their fields by name, so that
 * one more byte in one place does not mark all bytes behind it. Fields that follow from others
 * (lengths, checksums, identifications, seqs, timestamps) are marked, but get no sentence.
 */
import { decodeText, sameBytes } from '../wire/text.js';
import { type Field, type FieldKind, fieldsOf } from './fields.js';
import type { Row } from './rows.js';
import type { Exploration } from './run.js';
import type { Transmission } from './wire.js';

/** One difference, between the first kernel and another. */
export interface Difference {
  /** The key of the row that differs. */
  readonly key: string;
  /** The text of the record that differs. */
  readonly label: string;
  /** The index of the other kernel among those that are compared; the first kernel is 0. */
  readonly kernel: number;
  /** What was compared, such as `console` or `text in the ring`. */
  readonly what: string;
  /** What the first kernel has there, in words. */
  readonly first: string;
  /** What the other kernel has there, in words. */
  readonly other: string;
}

/** Returns every difference from the first kernel: kernel by kernel, in the order of the rows. */
export function differencesOf(explorations: readonly Exploration[]): Difference[] {
  const [first, ...others] = explorations;
  if (first === undefined) return [];
  return others.flatMap((other, i) => {
    const theirs = new Map(other.rows.map((row) => [row.key, row]));
    const mine = new Set(first.rows.map(({ key }) => key));
    const found = first.rows.flatMap((row) => rowDifferences(row, theirs.get(row.key), i + 1));
    const more = other.rows.filter(({ key }) => !mine.has(key));
    return [...found, ...more.flatMap((row) => rowDifferences(undefined, row, i + 1))];
  });
}

/** Stands in for the row of a kernel that has none. */
const NOTHING: Omit<Row, 'key' | 'label' | 'record'> = {
  ring: [],
  notes: [],
  silent: '',
  console: '',
  sent: [],
  received: [],
};

function rowDifferences(first: Row | undefined, other: Row | undefined, kernel: number): Difference[] {
  const { key, label } = (first ?? other)!;
  const [a, b] = [first ?? NOTHING, other ?? NOTHING];
  const found: Difference[] = [];
  const say = (what: string, mine: string, theirs: string) => {
    if (mine !== theirs) found.push({ key, label, kernel, what, first: mine, other: theirs });
  };
  const ring = (row: Omit<Row, 'key' | 'label' | 'record'>, of: (record: Row['ring'][number]) => unknown) =>
    row.ring.map((record) => String(of(record))).join(' | ') || 'none';
  say('records in the ring', String(a.ring.length), String(b.ring.length));
  if (a.ring.length === b.ring.length) {
    for (const [what, of] of RING) say(what, ring(a, of), ring(b, of));
  }
  say('console', a.console, b.console);
  const [mine, theirs] = [firstSent(a), firstSent(b)];
  say('datagrams', String(mine.size), String(theirs.size));
  for (const [place, sent] of mine) {
    const same = theirs.get(place);
    if (same === undefined || sameBytes(same.frame, sent.frame)) continue;
    for (const one of frameDifferences(sent, same)) say(...one);
  }
  say('received', deliveredTexts(a), deliveredTexts(b));
  return found;
}

/** What is compared of the records in the ring, with the name that it gets in the table. */
const RING: readonly (readonly [string, (record: Row['ring'][number]) => unknown])[] = [
  ['text in the ring', ({ text }) => text],
  ['flag in the ring', ({ flag }) => flag],
  ['caller in the ring', ({ caller }) => caller ?? 'none'],
  ['dictionary in the ring', ({ dictionary }) => dictionary.map((entry) => entry.join('=')).join(', ') || 'none'],
];

/**
 * Returns the datagrams that were sent for the first time; whether a datagram is sent again depends
 * on the wire. The key is the destination and how many datagrams of the row went there before.
 */
export function firstSent({ sent }: Pick<Row, 'sent'>): Map<string, Transmission> {
  const counts = new Map<string, number>();
  const places = new Map<string, Transmission>();
  for (const one of sent) {
    if (one.cause !== 'first') continue;
    const { ip, udp } = one.decoded;
    const to = `${ip?.dst} ${udp?.dstPort}`;
    const count = counts.get(to) ?? 0;
    counts.set(to, count + 1);
    places.set(`${to}#${count}`, one);
  }
  return places;
}

function deliveredTexts({ received }: Pick<Row, 'received'>): string {
  const texts = received.map(({ record, line }) => decodeText((record ?? line!).text));
  return texts.sort().join(' | ') || 'nothing';
}

function frameDifferences(a: Transmission, b: Transmission): [what: string, first: string, other: string][] {
  const mine = byName(fieldsOf(a.frame));
  const theirs = byName(fieldsOf(b.frame));
  const names = new Set([...mine.keys(), ...theirs.keys()]);
  const cut = mine.has('ncfrag#0') || theirs.has('ncfrag#0');
  return [...names].flatMap((name): [string, string, string][] => {
    const [x, y] = [mine.get(name), theirs.get(name)];
    const one = (x ?? y)!;
    // Where the text of a fragment ends follows from the fragment's header.
    const told = !one.derived && !UNTOLD.has(one.kind) && !(cut && (one.kind === 'text' || one.kind === 'escape'));
    if (!told || x?.value === y?.value) return [];
    return [[`${one.name} on the wire`, x?.value ?? 'none', y?.value ?? 'none']];
  });
}

/** Kinds without a sentence: a seq and a timestamp follow from what was logged before, and when. */
const UNTOLD: ReadonlySet<FieldKind> = new Set(['mark', 'seq', 'time']);

/** Returns the fields by their name and how many fields of that name came before. */
function byName(fields: readonly Field[]): Map<string, Field> {
  const counts = new Map<string, number>();
  return new Map(
    fields.map((field) => {
      const count = counts.get(field.name) ?? 0;
      counts.set(field.name, count + 1);
      return [`${field.name}#${count}`, field];
    }),
  );
}

/** The bytes `[start, end)` of a frame that differ from another frame. */
export type Mark = readonly [start: number, end: number];

/** Returns the parts of `frame` that differ from `other`; all of `frame` if there is no other. */
export function marksOf(frame: Uint8Array, other: Uint8Array | undefined): Mark[] {
  if (other === undefined) return [[0, frame.length]];
  const theirs = byName(fieldsOf(other));
  const marks: Mark[] = [];
  for (const [name, field] of byName(fieldsOf(frame))) {
    const { start, end } = field;
    const same = theirs.get(name);
    if (same === undefined) {
      marks.push([start, end]);
      continue;
    }
    const [x, y] = [frame.subarray(start, end), other.subarray(same.start, same.end)];
    if (!sameBytes(x, y)) marks.push(changed(x, y, start));
  }
  return marks;
}

/**
 * Returns the part of `x` that remains without the bytes that `x` and `y` both begin and both end
 * with; it has one byte at least. `start` is the offset of `x` in its frame.
 */
function changed(x: Uint8Array, y: Uint8Array, start: number): Mark {
  let from = 0;
  while (from < x.length - 1 && x[from] === y[from]) from++;
  let tail = 0;
  while (tail < x.length - 1 - from && tail < y.length - from && x.at(-1 - tail) === y.at(-1 - tail)) tail++;
  return [start + from, start + x.length - tail];
}
