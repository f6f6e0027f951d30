/** Draws the right half: what differs, how one record went in every kernel, and each wire. */
import { h, type JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { differencesOf } from '../differences.js';
import { type Exploration, explore } from '../run.js';
import { type ExplorerState, recordTimes } from '../state.js';
import { Differences } from './differences.js';
import { Select, short } from './dom.js';
import { type Outcome, Result } from './result.js';
import { Steps } from './scenario.js';
import { Timeline } from './timeline.js';

/** Runs a state on all of its kernels. An error of one kernel becomes its outcome. */
export function outcomesOf(state: ExplorerState): Outcome[] {
  return state.kernels.map((name) => {
    try {
      return explore(state, name);
    } catch (error) {
      return { asked: name, error: (error as Error).message };
    }
  });
}

interface ResultsProps {
  readonly state: ExplorerState;
  readonly outcomes: readonly Outcome[];
  /** The key of the row to show; the first row is shown if there is none of this key. */
  readonly wanted: string;
  /** Called with a row's key, and the index of its record in the state, if it has one. */
  readonly onChoose: (key: string, record: number | undefined) => void;
  /** Drops a datagram, or lets it pass again. */
  readonly onDrop: (id: string) => void;
}

/** Draws the right half of the page. */
export function Results({ state, outcomes, wanted, onChoose, onDrop }: ResultsProps): JSX.Element {
  const ran = useMemo(() => outcomes.filter((one) => 'rows' in one), [outcomes]);
  const differences = useMemo(() => differencesOf(ran), [ran]);
  const rows = [...new Map(ran.flatMap((one) => one.rows).map((row) => [row.key, row])).values()];
  const rowKey = rows.some((row) => row.key === wanted) ? wanted : (rows[0]?.key ?? '');
  const choose = (key: string) => onChoose(key, rows.find((row) => row.key === key)?.record);
  const lost = new Set(state.lost);
  const drop = state.scenario === undefined ? onDrop : undefined;
  const start = state.records.length === 0 ? 0 : Math.min(...recordTimes(state));
  const titles = rows.map(({ key, record, label }) => {
    const number = record === undefined ? '' : `${record + 1}. `;
    return [key, `${number}${short(label, 90)}`] as const;
  });
  return h(
    'main',
    {},
    outcomes.length > 1 &&
      h(Differences, { differences, kernels: ran.map(({ asked }) => asked), rowKey, onChoose: choose }),
    state.scenario !== undefined && h(Steps, { outcomes: ran, scenario: state.scenario }),
    h(
      'section',
      { 'aria-labelledby': 'result' },
      h('h2', { id: 'result' }, 'On its way'),
      h(Select, { label: 'Record', value: rowKey, options: titles, onSelect: choose }),
      h(Result, { outcomes, rowKey, lost, onDrop: drop }),
    ),
    state.scenario === undefined &&
      ran.map((exploration, i) =>
        h(Wire, { key: exploration.asked, exploration, start, lost, onDrop: drop, opens: i === 0 }),
      ),
  );
}

interface WireProps {
  readonly exploration: Exploration;
  readonly start: number;
  readonly lost: ReadonlySet<string>;
  readonly onDrop: ((id: string) => void) | undefined;
  readonly opens: boolean;
}

/** Draws the wire only while it is open, since it may have hundreds of lines. */
function Wire({ exploration, opens, ...rest }: WireProps): JSX.Element {
  const [open, setOpen] = useState(opens);
  return h(
    'details',
    { class: 'card', open, onToggle: (event: Event) => setOpen((event.currentTarget as HTMLDetailsElement).open) },
    h('summary', {}, h('h2', {}, `The wire of Linux ${exploration.asked}`)),
    open && h(Timeline, { exploration, ...rest }),
  );
}
