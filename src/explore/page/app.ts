/**
 * The page: its state on the left, and on the right what follows from that state.
 *
 * Whatever is typed shows at once on the left. The right is computed at once as long as that is
 * quick, and otherwise when the typing pauses.
 */
import { h, type JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { EXAMPLES } from '../examples.js';
import type { ExplorerState } from '../state.js';
import { Button, Select } from './dom.js';
import { Kernels } from './kernels.js';
import { Link, Settings, Targets } from './machine.js';
import { Records } from './records.js';
import { outcomesOf, Results } from './results.js';
import { ScenarioForm } from './scenario.js';

interface AppProps {
  readonly state: ExplorerState;
  /** What is said at the top: about the log that was read, or an address that cannot be used. */
  readonly notices: readonly string[];
  readonly onState: (state: ExplorerState) => void;
  /** The address of the page with its state in it. */
  readonly address: () => Promise<string>;
}

/** Milliseconds. A computation that takes no longer than this is done at every keystroke. */
const QUICK_MS = 40;
/** Milliseconds without typing after which a slower computation is done. */
const PAUSE_MS = 300;

/** Returns the newest state whose turn has come, depending on how long the last one took. */
function useSettled(state: ExplorerState, tookMs: number): ExplorerState {
  const [settled, setSettled] = useState(state);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(state), tookMs > QUICK_MS ? PAUSE_MS : 0);
    return () => clearTimeout(timer);
  }, [state]);
  return settled;
}

/** Draws the whole page. It holds which record is chosen; the state is the caller's. */
export function App({ state, notices, onState, address }: AppProps): JSX.Element {
  const [chosen, setChosen] = useState(0);
  const [wanted, setWanted] = useState('r0');
  const [copied, setCopied] = useState('');
  const took = useRef(0);
  const settled = useSettled(state, took.current);
  const outcomes = useMemo(() => {
    const from = performance.now();
    const all = outcomesOf(settled);
    took.current = performance.now() - from;
    return all;
  }, [settled]);
  const onChange = (change: Partial<ExplorerState>) => {
    const next = Object.entries({ ...state, ...change }).filter(([, value]) => value !== undefined);
    onState(Object.fromEntries(next) as unknown as ExplorerState);
  };
  const onDrop = (id: string) => {
    const { lost = [] } = state;
    onChange({ lost: lost.includes(id) ? lost.filter((one) => one !== id) : [...lost, id] });
  };
  // `results` below is kept while its inputs are the same, and must still call the newest function.
  const drop = useRef(onDrop);
  drop.current = onDrop;
  const choose = (key: string, record: number | undefined) => {
    setWanted(key);
    if (record !== undefined) setChosen(record);
  };
  const results = useMemo(
    () => h(Results, { state: settled, outcomes, wanted, onChoose: choose, onDrop: (id) => drop.current(id) }),
    [settled, outcomes, wanted],
  );
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(await address());
      setCopied('Copied');
    } catch {
      setCopied('Copy it from the address bar');
    }
    setTimeout(() => setCopied(''), 2500);
  };
  const show = (name: string) => {
    const example = EXAMPLES.find((one) => one.name === name);
    if (example !== undefined) onState(example.state);
    choose('r0', 0);
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
        onSelect: show,
      }),
      h(Button, { onPress: () => void copy(), class: 'main' }, copied || 'Copy the address'),
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
              h(Records, { key: 'records', state, onChange, chosen, onChoose: (i) => choose(`r${i}`, i) }),
              h(Targets, { key: 'targets', state, onChange }),
              h(Settings, { key: 'settings', state, onChange }),
              h(Link, { key: 'link', state, onChange }),
            ]
          : h(ScenarioForm, { state, onChange }),
      ),
      results,
    ),
  );
}
