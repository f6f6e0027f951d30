/** Draws a scenario: its text, and the outcome of every operation. */
import { h, type JSX } from 'preact';
import { parseScenario } from '../../scenario/index.js';
import type { Exploration } from '../run.js';
import { recordedOn } from '../scenario.js';
import type { ExplorerScenario } from '../state.js';
import { short, TextArea } from './dom.js';
import type { EditProps } from './records.js';

/** Draws the input for the scenario's text. */
export function ScenarioForm({ state, onChange }: EditProps): JSX.Element {
  const scenario = state.scenario!;
  const on = recordedOn(scenario);
  return h(
    'section',
    { 'aria-labelledby': 'scenario' },
    h('h2', { id: 'scenario' }, 'Scenario'),
    on !== undefined && h('p', { class: 'note' }, `Recorded on Linux ${on}, whose log guides that kernel.`),
    h(TextArea, {
      label: 'Operations, in JSON',
      rows: 30,
      value: scenario.text,
      onText: (text) => onChange({ scenario: { ...scenario, text } }),
    }),
  );
}

interface StepsProps {
  readonly outcomes: readonly Exploration[];
  readonly scenario: ExplorerScenario;
}

/** Draws the operations, and the outcome of each in every kernel. */
export function Steps({ outcomes, scenario }: StepsProps): JSX.Element {
  const ops = operations(scenario.text);
  return h(
    'details',
    { class: 'card' },
    h('summary', {}, h('h2', {}, `Operations (${ops.length})`)),
    h(
      'div',
      { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': 'Operations and outcomes' },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ['', 'Operation', ...outcomes.map(({ asked }) => `Linux ${asked}`)].map((name) =>
              h('th', { key: name, scope: 'col' }, name || 'No.'),
            ),
          ),
        ),
        h(
          'tbody',
          {},
          ops.map((op, i) =>
            h(
              'tr',
              { key: i },
              h('td', {}, i),
              h('td', {}, h('code', {}, short(op, 90))),
              outcomes.map(({ asked, outcomes: said }, n) => {
                const text = outcomeText(said?.[i]);
                const differs = n > 0 && text !== outcomeText(outcomes[0]!.outcomes?.[i]);
                return h('td', { key: asked, class: differs ? 'diff' : '' }, h('code', {}, short(text, 40)));
              }),
            ),
          ),
        ),
      ),
    ),
  );
}

function operations(text: string): string[] {
  try {
    return parseScenario(text, 'the scenario').ops.map(
      ({ op, ...fields }) =>
        `${op} ${Object.values(fields)
          .filter((one) => typeof one !== 'object')
          .join(' ')}`,
    );
  } catch {
    // The error is shown where the result would be.
    return [];
  }
}

function outcomeText(outcome: unknown): string {
  if (outcome === null || outcome === undefined) return '';
  return typeof outcome === 'string' ? outcome : JSON.stringify((outcome as { data: string }).data);
}
