/** Draws what differs: a line for each difference, and a column for each kernel. */
import { h, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { printable } from '../../receiver/print.js';
import type { Difference } from '../differences.js';
import { Button, short } from './dom.js';

interface DifferencesProps {
  readonly differences: readonly Difference[];
  /** The names of the kernels that ran; the first is the one that others are compared with. */
  readonly kernels: readonly string[];
  /** The row that is chosen. */
  readonly rowKey: string;
  readonly onChoose: (key: string) => void;
}

/** The differences of one record. */
interface Group {
  readonly key: string;
  readonly label: string;
  /** What was compared, and its value in each kernel; undefined where it is as in the first. */
  readonly lines: Map<string, (string | undefined)[]>;
}

/** How many records are shown until a button asks for all. */
const SHOWN = 4;

/** Draws the table of differences. */
export function Differences({ differences, kernels, rowKey, onChoose }: DifferencesProps): JSX.Element {
  const [all, setAll] = useState(false);
  const groups = groupsOf(differences, kernels.length);
  const shown = all ? groups : groups.slice(0, SHOWN);
  const head = ['Record', 'What', ...kernels.map((name) => `Linux ${name}`)];
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'differences' },
    h('h2', { id: 'differences' }, 'What differs'),
    groups.length === 0
      ? h('p', {}, 'Nothing: all of these kernels do the same with these records.')
      : h(
          'div',
          { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': 'Table of differences' },
          h(
            'table',
            { class: 'differences' },
            h(
              'thead',
              {},
              h(
                'tr',
                {},
                head.map((name) => h('th', { key: name, scope: 'col' }, name)),
              ),
            ),
            shown.map((group) => h(GroupLines, { key: group.key, group, chosen: group.key === rowKey, onChoose })),
          ),
        ),
    groups.length > shown.length &&
      h(
        'p',
        { class: 'buttons' },
        h(Button, { onPress: () => setAll(true) }, `Show all ${groups.length} records that differ`),
      ),
  );
}

interface GroupProps {
  readonly group: Group;
  readonly chosen: boolean;
  readonly onChoose: (key: string) => void;
}

function GroupLines({ group, chosen, onChoose }: GroupProps): JSX.Element {
  const { key, label, lines } = group;
  const title = h(
    'th',
    { scope: 'rowgroup', rowSpan: lines.size },
    h(Button, { onPress: () => onChoose(key), class: 'link' }, short(label, 44) || '(empty)'),
  );
  const cell = (value: string | undefined, i: number) =>
    h(
      'td',
      { key: i, class: i > 0 && value !== undefined ? 'diff' : '' },
      value === undefined ? h('span', { class: 'soft' }, 'as the first') : h('code', {}, ends(value)),
    );
  const rows = [...lines].map(([what, values], i) =>
    h('tr', { key: what }, i === 0 && title, h('td', {}, what), values.map(cell)),
  );
  return h('tbody', { class: chosen ? 'chosen' : '' }, rows);
}

function groupsOf(differences: readonly Difference[], kernels: number): Group[] {
  const groups = new Map<string, Group>();
  for (const { key, label, what, kernel, first, other } of differences) {
    const group = groups.get(key) ?? { key, label, lines: new Map() };
    const values = group.lines.get(what) ?? [first, ...Array.from({ length: kernels - 1 }, () => undefined)];
    values[kernel] = other;
    group.lines.set(what, values);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Returns a value, or the beginning, end and length of a long one. */
function ends(value: string): string {
  const line = printable(value.replaceAll('\n', '↵'));
  return line.length > 48 ? `${line.slice(0, 24)}…${line.slice(-14)} (${value.length})` : line || '(empty)';
}
