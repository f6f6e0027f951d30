/** Draws the controls of the machine and its wire: targets, settings, receiver. */
import { h, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { DEFAULTS, type ExplorerState, type ExplorerTarget, SYSDATA, TARGETS_MAX } from '../state.js';
import { Button, Check, NumberInput, Select, TextArea, TextInput } from './dom.js';
import { type EditProps, without } from './records.js';

/** Draws the targets, and a button that adds one. */
export function Targets({ state, onChange }: EditProps): JSX.Element {
  const { targets } = state;
  const replace = (at: number, target: ExplorerTarget) =>
    onChange({ targets: targets.map((one, i) => (i === at ? target : one)) });
  const next: ExplorerTarget = { extended: false, remotePort: DEFAULTS.remotePort + targets.length };
  return h(
    'details',
    { open: true },
    h('summary', {}, h('h2', {}, `Targets (${targets.length})`)),
    targets.map((target, i) =>
      h(TargetForm, {
        key: i,
        target,
        name: `t${i}`,
        onTarget: (changed) => replace(i, changed),
        onRemove: () => onChange({ targets: targets.filter((_, n) => n !== i) }),
      }),
    ),
    targets.length < TARGETS_MAX &&
      h(
        'p',
        { class: 'buttons' },
        h(Button, { onPress: () => onChange({ targets: [...targets, next] }) }, 'Add a target'),
      ),
  );
}

interface TargetProps {
  readonly target: ExplorerTarget;
  readonly name: string;
  readonly onTarget: (target: ExplorerTarget) => void;
  readonly onRemove: () => void;
}

function TargetForm({ target, name, onTarget, onRemove }: TargetProps): JSX.Element {
  const set = (change: { readonly [K in keyof ExplorerTarget]?: ExplorerTarget[K] | undefined }) =>
    onTarget(without<ExplorerTarget>({ ...target, ...change }));
  const address = (label: string, key: 'localIp' | 'remoteIp' | 'remoteMac') =>
    h(TextInput, {
      label,
      value: target[key] ?? '',
      placeholder: DEFAULTS[key],
      onText: (text) => set({ [key]: text || undefined }),
    });
  const port = (label: string, key: 'localPort' | 'remotePort') =>
    h(NumberInput, {
      label,
      value: target[key],
      placeholder: String(DEFAULTS[key]),
      min: 1,
      max: 65_535,
      onNumber: (value) => set({ [key]: value }),
    });
  return h(
    'fieldset',
    { class: 'form' },
    h('legend', {}, name),
    h(Select, {
      label: 'Format',
      value: target.extended === false ? 'plain' : 'extended',
      options: [
        ['extended', 'extended'],
        ['plain', 'plain'],
      ],
      onSelect: (format) => set({ extended: format === 'plain' ? false : undefined }),
    }),
    h(Check, {
      label: 'Prepend the release',
      checked: target.release === true,
      onCheck: (release) => set({ release: release || undefined }),
    }),
    address('From', 'localIp'),
    port('Port', 'localPort'),
    address('To', 'remoteIp'),
    port('Port there', 'remotePort'),
    address('MAC there', 'remoteMac'),
    h('p', { class: 'buttons' }, h(Button, { onPress: onRemove }, 'Remove')),
  );
}

/** Draws the settings of the kernel, and what it appends to messages. */
export function Settings({ state, onChange }: EditProps): JSX.Element {
  const { sysdata = [] } = state;
  return h(
    'details',
    { open: true },
    h('summary', {}, h('h2', {}, 'Machine')),
    h(
      'fieldset',
      { class: 'form' },
      h('legend', { class: 'unseen' }, 'Machine'),
      h(TextInput, {
        label: 'Release (uname -r)',
        value: state.release ?? '',
        placeholder: 'each kernel’s own',
        onText: (release) => onChange({ release: release || undefined } as Partial<ExplorerState>),
      }),
      h(Select, {
        label: 'Console loglevel',
        value: String(state.loglevel ?? DEFAULTS.loglevel),
        options: [1, 2, 3, 4, 5, 6, 7, 8].map((level) => [String(level), `${level}: below level ${level}`] as const),
        onSelect: (level) => onChange({ loglevel: Number(level) }),
      }),
      h(Select, {
        label: 'Ring',
        value: String(state.ring ?? DEFAULTS.ring),
        options: Array.from({ length: 13 }, (_, i) => [String(i + 10), ringSize(i + 10)] as const),
        onSelect: (ring) => onChange({ ring: Number(ring) }),
      }),
      h(Check, {
        label: 'Say who logs (PRINTK_CALLER)',
        checked: state.caller === true,
        onCheck: (caller) => onChange({ caller }),
      }),
      h(Check, {
        label: 'Consoles are held back until all is logged',
        checked: state.held === true,
        onCheck: (held) => onChange({ held }),
      }),
      h(Userdata, { state, onChange }),
      h(
        'fieldset',
        { class: 'row' },
        h('legend', {}, 'Sysdata'),
        SYSDATA.map((field) =>
          h(Check, {
            key: field,
            label: field,
            checked: sysdata.includes(field),
            onCheck: (on) =>
              onChange({ sysdata: SYSDATA.filter((one) => (one === field ? on : sysdata.includes(one))) }),
          }),
        ),
      ),
    ),
  );
}

/** Keeps what is typed, even if it is no entry yet, until the state has other entries than that. */
function Userdata({ state, onChange }: EditProps): JSX.Element {
  const entries = state.userdata ?? [];
  const [typed, setTyped] = useState('');
  const same = JSON.stringify(entriesOf(typed)) === JSON.stringify(entries);
  return h(TextArea, {
    label: 'Userdata, KEY=VALUE a line',
    rows: 2,
    value: same ? typed : entries.map((entry) => entry.join('=')).join('\n'),
    onText: (text) => {
      setTyped(text);
      onChange({ userdata: entriesOf(text) });
    },
  });
}

function ringSize(shift: number): string {
  const bytes = 2 ** shift;
  return bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MiB` : `${bytes / 1024} KiB`;
}

function entriesOf(text: string): [string, string][] {
  return text.split('\n').flatMap((line): [string, string][] => {
    const at = line.indexOf('=');
    return at > 0 ? [[line.slice(0, at).trim(), line.slice(at + 1)]] : [];
  });
}

/** Draws the settings of the wire and of the receivers. */
export function Link({ state, onChange }: EditProps): JSX.Element {
  const { reliable, cut } = state;
  const setCut = (from: number, to: number) =>
    onChange({ cut: to > from ? [from, to] : undefined } as Partial<ExplorerState>);
  return h(
    'details',
    { open: reliable !== undefined || cut !== undefined },
    h('summary', {}, h('h2', {}, 'Wire and receiver')),
    h(
      'fieldset',
      { class: 'form' },
      h('legend', { class: 'unseen' }, 'Wire'),
      h(Select, {
        label: 'Reliable (2015)',
        value: reliable ?? '',
        options: [
          ['', 'off'],
          ['heo-2015', 'heo-2015'],
          ['netconsd', 'netconsd'],
        ],
        onSelect: (name) => onChange({ reliable: name || undefined } as Partial<ExplorerState>),
      }),
      h(NumberInput, {
        label: 'MTU',
        value: state.mtu,
        placeholder: String(DEFAULTS.mtu),
        min: 68,
        max: 65_535,
        onNumber: (mtu) => onChange({ mtu } as Partial<ExplorerState>),
      }),
      h(NumberInput, {
        label: 'Latency, ms',
        value: state.latencyMs,
        placeholder: String(DEFAULTS.latencyMs),
        min: 0,
        max: 10_000,
        step: 'any',
        onNumber: (latencyMs) => onChange({ latencyMs } as Partial<ExplorerState>),
      }),
      h(NumberInput, {
        label: 'Watch for, s',
        value: state.seconds,
        placeholder: reliable === undefined ? '2' : '30 or acked',
        min: 0,
        max: 3600,
        step: 'any',
        onNumber: (seconds) => onChange({ seconds } as Partial<ExplorerState>),
      }),
      h(NumberInput, {
        label: 'The wire is cut from, s',
        value: cut?.[0],
        placeholder: 'never',
        min: 0,
        max: 1e6,
        step: 'any',
        onNumber: (from = 0) => setCut(from, cut?.[1] ?? from + 15),
      }),
      h(NumberInput, {
        label: 'to, s',
        value: cut?.[1],
        placeholder: 'never',
        min: 0,
        max: 1e6,
        step: 'any',
        onNumber: (to = 0) => setCut(cut?.[0] ?? 0, to),
      }),
      reliable !== undefined &&
        h(NumberInput, {
          label: 'Emergency cap, s',
          value: state.emergencyCap,
          placeholder: String(DEFAULTS.emergencyCap),
          min: 0.1,
          max: 3600,
          step: 'any',
          onNumber: (emergencyCap) => onChange({ emergencyCap } as Partial<ExplorerState>),
        }),
    ),
  );
}
