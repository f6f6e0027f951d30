/** Draws what became of one record, a column for each kernel: ring, console, wire, receiver. */
import { h, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dictionaryText } from '../../receiver/print.js';
import { recordText } from '../../receiver/record.js';
import { decodeText, encodeText } from '../../wire/text.js';
import { firstSent, type Mark, marksOf } from '../differences.js';
import { levelName } from '../payload-fields.js';
import type { RingRecord, Row } from '../rows.js';
import type { Exploration } from '../run.js';
import type { Arrival, Transmission } from '../wire.js';
import { Bytes } from './bytes.js';
import { Button, lines, seconds } from './dom.js';

/** What one kernel did, or why it could not run. */
export type Outcome = Exploration | { readonly asked: string; readonly error: string };

interface ResultProps {
  readonly outcomes: readonly Outcome[];
  readonly rowKey: string;
  readonly lost: ReadonlySet<string>;
  /** Drops a datagram, or lets it pass again. Undefined if datagrams cannot be dropped. */
  readonly onDrop: ((id: string) => void) | undefined;
}

/** Draws the columns of the kernels for the row `rowKey`. */
export function Result({ outcomes, rowKey, lost, onDrop }: ResultProps): JSX.Element {
  const first = outcomes.find((one) => 'rows' in one);
  const firstRow = first && rowIn(first, rowKey);
  return h(
    'div',
    { class: 'columns', tabIndex: 0, role: 'group', 'aria-label': 'What each kernel does' },
    outcomes.map((outcome, i) =>
      h(
        'section',
        { key: outcome.asked, class: 'card', 'aria-label': `Linux ${outcome.asked}` },
        h('h3', {}, `Linux ${outcome.asked}`),
        'error' in outcome
          ? h('p', { class: 'bad', role: 'alert' }, outcome.error)
          : [
              h('p', { key: 'said', class: 'soft' }, outcome.choice.said),
              outcome.notes.map((note) => h('p', { key: note, class: 'note' }, note)),
              h(RowResult, {
                key: rowKey,
                row: rowIn(outcome, rowKey),
                first: i === 0 || outcome === first ? undefined : (firstRow ?? null),
                perRow: outcomes.length === 1 ? 16 : 8,
                lost,
                onDrop,
              }),
            ],
      ),
    ),
  );
}

function rowIn(outcome: Exploration, key: string): Row | undefined {
  return outcome.rows.find((row) => row.key === key);
}

interface RowProps {
  readonly row: Row | undefined;
  /** The first kernel's row, or null if that has none; undefined if this is the first kernel. */
  readonly first: Row | null | undefined;
  readonly perRow: number;
  readonly lost: ReadonlySet<string>;
  readonly onDrop: ((id: string) => void) | undefined;
}

function RowResult({ row, first, perRow, lost, onDrop }: RowProps): JSX.Element {
  if (row === undefined) return h('p', { class: 'diff' }, 'This kernel has no such record.');
  const differs = (of: (row: Row) => unknown) =>
    first === undefined || (first !== null && String(of(first)) === String(of(row))) ? '' : 'diff';
  const places = firstSent(row);
  const theirs = first ? firstSent(first) : undefined;
  const marks = new Map<Transmission, readonly Mark[]>();
  if (first !== undefined)
    for (const [place, sent] of places) marks.set(sent, marksOf(sent.frame, theirs?.get(place)?.frame));
  return h(
    'div',
    {},
    h('h4', {}, 'In the ring'),
    row.notes.map((note) => h('p', { key: note, class: 'note' }, note)),
    row.ring.length === 0 && row.notes.length === 0 && h('p', { class: 'soft' }, 'Nothing.'),
    row.ring.map((record) =>
      h('div', { key: record.seq, class: differs(({ ring }) => ring.map(({ line }) => line)) }, h(Ring, { record })),
    ),
    row.console !== '' && [
      h('h4', { key: 'h' }, 'On a serial console'),
      h('pre', { key: 'pre', class: differs(({ console: text }) => text) }, lines(row.console)),
    ],
    h('h4', {}, `On the wire: ${row.sent.length === 1 ? '1 datagram' : `${row.sent.length} datagrams`}`),
    row.sent.length === 0 && h('p', { class: 'soft' }, row.silent),
    row.sent.map((sent, i) =>
      h(Datagram, {
        key: sent.id,
        sent,
        marks: marks.get(sent) ?? [],
        perRow,
        open: i === 0,
        lost: lost.has(sent.id),
        onDrop,
      }),
    ),
    h('h4', {}, 'At the receiver'),
    row.received.length === 0 && h('p', { class: 'soft' }, 'Nothing came.'),
    row.received.map((arrival, i) => h(Received, { key: i, arrival })),
  );
}

function Ring({ record }: { readonly record: RingRecord }): JSX.Element {
  const { seq, level, facility, tsUsec, flag, caller, text, dictionary: entries } = record;
  const facts = [
    `seq ${seq}`,
    `level ${level} (${levelName(level)})`,
    ...(facility === 0 ? [] : [`facility ${facility}`]),
    seconds(tsUsec),
    ...(flag === '-' ? [] : [`flag ${flag}`]),
    ...(caller === undefined ? [] : [`caller ${caller}`]),
    `${encodeText(text).length} bytes`,
  ];
  return h(
    'div',
    { class: 'ring' },
    h(
      'p',
      { class: 'facts' },
      facts.map((fact) => h('span', { key: fact }, fact)),
    ),
    h('pre', {}, lines(text)),
    entries.length > 0 && h('pre', { class: 'soft' }, lines(entries.map((entry) => entry.join('=')).join('\n'))),
  );
}

interface DatagramProps {
  readonly sent: Transmission;
  readonly marks: readonly Mark[];
  readonly perRow: number;
  readonly open: boolean;
  readonly lost: boolean;
  readonly onDrop: ((id: string) => void) | undefined;
}

/** What the page says about why a datagram was sent; empty where it says nothing. */
export const CAUSES: Readonly<Record<Transmission['cause'], string>> = {
  first: '',
  again: 'sent again',
  emergency: 'emergency',
  response: '',
};
/** What the page says about a datagram that does not arrive. */
export const FATES: Readonly<Record<Transmission['fate'], string>> = {
  arrives: '',
  lost: 'dropped',
  cut: 'lost: the wire is cut',
  mtu: 'lost: longer than the MTU, which netpoll does not ask for',
};

function Datagram({ sent, marks, perRow, open: opens, lost, onDrop }: DatagramProps): JSX.Element {
  const [open, setOpen] = useState(opens);
  const { id, frame, decoded, cause, fate } = sent;
  const { ip, udp } = decoded;
  const to = udp === undefined ? 'no UDP' : `${ip!.version === 6 ? `[${ip!.dst}]` : ip!.dst}:${udp.dstPort}`;
  return h(
    'article',
    { class: `datagram${fate === 'arrives' ? '' : ' lost'}`, 'data-id': id },
    h(
      'header',
      {},
      h(
        'button',
        { type: 'button', class: 'toggle', 'aria-expanded': open, onClick: () => setOpen(!open) },
        h('b', {}, id),
        ` ${frame.length} bytes to ${to}`,
      ),
      CAUSES[cause] !== '' && h('span', { class: `badge ${cause}` }, CAUSES[cause]),
      marks.length > 0 && h('span', { class: 'badge differs' }, 'differs'),
      FATES[fate] !== '' && h('span', { class: 'badge bad' }, FATES[fate]),
      onDrop !== undefined &&
        h(Button, { onPress: () => onDrop(id), pressed: lost, label: `Drop datagram ${id}`, class: 'drop' }, '✕'),
    ),
    open && h(Bytes, { frame, marks, perRow, name: `datagram ${id}` }),
  );
}

function Received({ arrival }: { readonly arrival: Arrival }): JSX.Element {
  const { record, line, usec } = arrival;
  if (record === undefined) {
    return h(
      'div',
      { class: 'ring' },
      h('p', { class: 'facts' }, h('span', {}, 'a line'), h('span', {}, seconds(usec))),
      h('pre', {}, lines(decodeText(line!.text))),
    );
  }
  const facts = [
    `seq ${record.seq}`,
    seconds(usec),
    ...(record.complete ? [] : [`${record.missingBytes} bytes are missing`]),
    ...(record.skipped > 0 ? [`${record.skipped} before it are lost`] : []),
    ...(record.emergency ? ['by an emergency transmission'] : []),
    ...(record.release === undefined ? [] : [`release ${record.release}`]),
    ...(record.oos ? ['out of sequence'] : []),
  ];
  const entries = dictionaryText(record);
  return h(
    'div',
    { class: `ring${record.complete ? '' : ' bad'}` },
    h(
      'p',
      { class: 'facts' },
      facts.map((fact) => h('span', { key: fact }, fact)),
    ),
    h('pre', {}, lines(recordText(record))),
    entries.length > 0 && h('pre', { class: 'soft' }, lines(entries.map((entry) => entry.join('=')).join('\n'))),
  );
}
