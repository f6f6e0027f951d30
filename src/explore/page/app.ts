/** The page: its state on the left, what follows from it on the right. */
import { h, type JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { differencesOf } from '../differences.js';
import { EXAMPLES } from '../examples.js';
import { explore } from '../run.js';
import { type ExplorerState, recordTimes } from '../state.js';
import { Differences } from './differences.js';
import { Button, Select, short } from './dom.js';
import { Kernels, Link, Settings, Targets } from './machine.js';
import { Records } from './records.js';
import { type Outcome, Result } from './result.js';
import { ScenarioForm, Steps } from './scenario.js';
import { Timeline } from './timeline.js';

interface AppProps {
  readonly state: ExplorerState;
  /** What is to be said above all: of the log that was read, of an address that is none. */
  readonly notices: readonly string[];
  readonly onState: (state: ExplorerState) => void;
}

/** What every kernel of a state does. */
export function outcomesOf(state: ExplorerState): Outcome[] {
  return state.kernels.map((name) => {
    try {
      return explore(state, name);
    } catch (error) {
      return { asked: name, error: (error as Error).message };
    }
  });
}

export function App({ state, notices, onState }: AppProps): JSX.Element {
  const [chosen, setChosen] = useState(0);
  const [key, setKey] = useState<string>();
  const [copied, setCopied] = useState(false);
  const outcomes = useMemo(() => outcomesOf(state), [state]);
  const ran = outcomes.filter((one) => 'rows' in one);
  const differences = useMemo(() => differencesOf(ran), [outcomes]);
  const lost = new Set(state.lost);
  const onChange = (change: Partial<ExplorerState>) => {
    const next = Object.entries({ ...state, ...change }).filter(([, value]) => value !== undefined);
    onState(Object.fromEntries(next) as unknown as ExplorerState);
  };
  const onDrop =
    state.scenario === undefined
      ? (id: string) => onChange({ lost: lost.has(id) ? [...lost].filter((one) => one !== id) : [...lost, id] })
      : undefined;
  const rows = [...new Map(ran.flatMap((one) => one.rows).map((row) => [row.key, row])).values()];
  const rowKey = rows.some((row) => row.key === key) ? key! : (rows[state.scenario ? 0 : chosen]?.key ?? '');
  const choose = (next: string) => {
    setKey(next);
    const { record } = rows.find((row) => row.key === next) ?? {};
    if (record !== undefined) setChosen(record);
  };
  const copy = () => {
    void navigator.clipboard.writeText(location.href).then(() => setCopied(true));
    setTimeout(() => setCopied(false), 2000);
  };
  return h(
    'div',
    { class: 'page' },
    h(
      'header',
      { class: 'bar' },
      h('h1', {}, 'netconsole explorer'),
      h('p', {}, 'A log line, on its way through the kernel to the wire and beyond'),
      h(Select, {
        label: 'Examples',
        value: '',
        options: [['', 'choose…'], ...EXAMPLES.map(({ name }) => [name, name] as const)],
        onSelect: (name) => {
          const example = EXAMPLES.find((one) => one.name === name);
          if (example !== undefined) onState(example.state);
          setChosen(0);
          setKey(undefined);
        },
      }),
      h(Button, { onPress: copy, class: 'main' }, copied ? 'Copied' : 'Copy the address'),
    ),
    h(
      'div',
      { role: 'status' },
      notices.map((notice) => h('p', { key: notice, class: 'notice' }, notice)),
    ),
    h(
      'div',
      { class: 'halves' },
      h(
        'aside',
        { class: 'controls', 'aria-label': 'What is logged, and where' },
        h(Kernels, { state, onChange }),
        state.scenario === undefined
          ? [
              h(Records, {
                key: 'records',
                state,
                onChange,
                chosen,
                onChoose: (i) => {
                  setChosen(i);
                  setKey(`r${i}`);
                },
              }),
              h(Targets, { key: 'targets', state, onChange }),
              h(Settings, { key: 'settings', state, onChange }),
              h(Link, { key: 'link', state, onChange }),
            ]
          : h(ScenarioForm, { state, onChange }),
      ),
      h(
        'main',
        {},
        outcomes.length > 1 &&
          h(Differences, { differences, kernels: ran.map(({ asked }) => asked), rowKey, onChoose: choose }),
        state.scenario !== undefined && h(Steps, { outcomes: ran, scenario: state.scenario }),
        h(
          'section',
          { 'aria-labelledby': 'result' },
          h('h2', { id: 'result' }, 'On its way'),
          h(Select, {
            label: 'Record',
            value: rowKey,
            options: rows.map(
              (row) =>
                [row.key, `${row.record === undefined ? '' : `${row.record + 1}. `}${short(row.label, 90)}`] as const,
            ),
            onSelect: choose,
          }),
          h(Result, { outcomes, rowKey, lost, onDrop }),
        ),
        state.scenario === undefined &&
          ran.map((exploration) =>
            h(
              'details',
              { key: exploration.asked, class: 'card', open: ran[0] === exploration },
              h('summary', {}, h('h2', {}, `The wire of Linux ${exploration.asked}`)),
              h(Timeline, { exploration, start: Math.min(...recordTimes(state)), lost, onDrop }),
            ),
          ),
      ),
    ),
  );
}
