/**
 * Draws a frame byte by byte: the message as text, then all bytes in hexadecimal and ASCII, each
 * coloured by its field. The field under the pointer, or chosen by arrow keys, is explained below.
 */
import { h, type JSX } from 'preact';
import { useId, useMemo, useState } from 'preact/hooks';
import type { Mark } from '../differences.js';
import { FIELD_KINDS, type Field, type FieldKind, fieldsOf } from '../fields.js';
import { lines } from './dom.js';

interface BytesProps {
  readonly frame: Uint8Array;
  /** The bytes that differ from the first kernel's frame. */
  readonly marks: readonly Mark[];
  /** How many bytes a line of the dump has. */
  readonly perRow: number;
  /** What a screen reader calls the frame. */
  readonly name: string;
}

/** Adjacent bytes of one field, all marked or all not. `field` is the field's index. */
interface Run {
  readonly field: number;
  readonly marked: boolean;
  readonly at: number;
  readonly end: number;
}

/** Draws one frame. */
export function Bytes({ frame, marks, perRow, name }: BytesProps): JSX.Element {
  const [on, setOn] = useState(-1);
  const id = useId();
  const fields = useMemo(() => fieldsOf(frame), [frame]);
  const owner = useMemo(() => ownersOf(fields, frame.length), [fields, frame]);
  const marked = useMemo(() => markedBytes(marks, frame.length), [marks, frame]);
  const rows: Run[][] = [];
  for (let at = 0; at < frame.length; at += perRow)
    rows.push(runsOf({ owner, marked }, at, Math.min(at + perRow, frame.length)));
  const payload = fields.findIndex(({ kind }) => !['link', 'ip', 'udp'].includes(kind));
  const part = (run: Run, text: string) =>
    h(
      'span',
      {
        key: run.at,
        class: `b k-${fields[run.field]!.kind}${run.field === on ? ' on' : ''}${run.marked ? ' diff' : ''}`,
        onMouseEnter: () => setOn(run.field),
      },
      text,
    );
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === 'Home') setOn(0);
    else if (event.key === 'End') setOn(fields.length - 1);
    else if (step !== undefined) setOn(Math.min(fields.length - 1, Math.max(0, on + step)));
    else return;
    event.preventDefault();
  };
  return h(
    'div',
    { class: 'bytes', onMouseLeave: () => setOn(-1) },
    payload >= 0 &&
      h(
        'p',
        { class: 'message' },
        runsOf({ owner, marked }, fields[payload]!.start, frame.length).map((run) => part(run, readable(frame, run))),
      ),
    h(
      'div',
      {
        class: 'dump',
        tabIndex: 0,
        role: 'group',
        'aria-label': `Bytes of ${name}. Arrow keys go from field to field.`,
        'aria-describedby': id,
        onKeyDown,
        onFocus: () => on < 0 && setOn(0),
      },
      rows.map((runs, i) =>
        h(
          'div',
          { key: i, class: 'line' },
          h('span', { class: 'offset' }, (i * perRow).toString(16).padStart(4, '0')),
          h(
            'span',
            { class: 'hex' },
            runs.map((run) => part(run, hexText(frame, run))),
          ),
          h(
            'span',
            { class: 'ascii' },
            runs.map((run) => part(run, asciiText(frame, run))),
          ),
        ),
      ),
    ),
    h('p', { class: 'meaning', id, 'aria-live': 'polite' }, on < 0 ? legend(fields) : meaning(fields[on]!, marks)),
  );
}

function ownersOf(fields: readonly Field[], length: number): Uint16Array {
  const owner = new Uint16Array(length);
  for (const [i, { start, end }] of fields.entries()) owner.fill(i, start, end);
  return owner;
}

function markedBytes(marks: readonly Mark[], length: number): Uint8Array {
  const marked = new Uint8Array(length);
  for (const [start, end] of marks) marked.fill(1, start, end);
  return marked;
}

function runsOf(of: { owner: Uint16Array; marked: Uint8Array }, from: number, to: number): Run[] {
  const { owner, marked } = of;
  const runs: Run[] = [];
  for (let at = from; at < to; ) {
    let end = at + 1;
    while (end < to && owner[end] === owner[at] && marked[end] === marked[at]) end++;
    runs.push({ field: owner[at]!, marked: marked[at] === 1, at, end });
    at = end;
  }
  return runs;
}

function hexText(frame: Uint8Array, { at, end }: Run): string {
  return Array.from(frame.subarray(at, end), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

function asciiText(frame: Uint8Array, { at, end }: Run): string {
  return Array.from(frame.subarray(at, end), (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·',
  ).join('');
}

/** Returns bytes as UTF-8 text, in which newlines are visible and other controls are escaped. */
function readable(frame: Uint8Array, { at, end }: Run): string {
  return lines(new TextDecoder().decode(frame.subarray(at, end)).replaceAll('\n', '↵\n'));
}

function meaning({ name, value, meaning: text, start, end, kind }: Field, marks: readonly Mark[]): JSX.Element[] {
  const differs = marks.some(([from, to]) => from < end && to > start);
  const where = end - start === 1 ? `byte ${start}` : `bytes ${start} to ${end - 1}`;
  return [
    h('b', { key: 'name', class: `k-${kind}` }, name),
    h('span', { key: 'value' }, ` ${value.length > 120 ? `${value.slice(0, 119)}…` : value} `),
    h('span', { key: 'text', class: 'soft' }, `${text} (${where}${differs ? '; not as in the first kernel' : ''})`),
  ];
}

/** Draws the kinds of field that the frame has, while no field is chosen. */
function legend(fields: readonly Field[]): JSX.Element[] {
  const kinds = [...new Set(fields.map(({ kind }) => kind))].filter((kind): kind is FieldKind => kind !== 'mark');
  return kinds.map((kind) => h('b', { key: kind, class: `k-${kind}` }, FIELD_KINDS[kind]));
}
