/** Draws the list of kernels that are compared. */
import { h, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { PROFILE_ALIASES } from '../../profile/choose.js';
import { KERNELS } from '../../profile/kernels.js';
import { KERNELS_MAX } from '../state.js';
import { Button, Select, TextInput } from './dom.js';
import type { EditProps } from './records.js';

/** Draws the kernels, each with a button to remove it, and ways to add one. */
export function Kernels({ state, onChange }: EditProps): JSX.Element {
  const { kernels } = state;
  const names = [...KERNELS.map(({ name }) => name as string).reverse(), ...Object.keys(PROFILE_ALIASES)];
  const rest = names.filter((name) => !kernels.includes(name));
  const add = (name: string) => {
    if (name !== '' && !kernels.includes(name)) onChange({ kernels: [...kernels, name] });
  };
  return h(
    'section',
    { 'aria-labelledby': 'kernels' },
    h('h2', { id: 'kernels' }, 'Kernels'),
    h(
      'ul',
      { class: 'chips' },
      kernels.map((name) =>
        h(
          'li',
          { key: name },
          name,
          h(
            Button,
            {
              onPress: () => onChange({ kernels: kernels.filter((one) => one !== name) }),
              label: `Remove ${name}`,
              disabled: kernels.length === 1,
            },
            '✕',
          ),
        ),
      ),
    ),
    kernels.length < KERNELS_MAX &&
      h(Select, {
        label: 'Compare with',
        value: '',
        options: [['', 'choose a kernel…'], ...rest.map((name) => [name, name] as const)],
        onSelect: add,
      }),
    kernels.length < KERNELS_MAX && h(OtherRelease, { onRelease: add }),
  );
}

/** Takes any release that `uname -r` may print; the nearest kernel runs, and the page says so. */
function OtherRelease({ onRelease }: { readonly onRelease: (release: string) => void }): JSX.Element {
  const [release, setRelease] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    onRelease(release.trim());
    setRelease('');
  };
  return h(
    'form',
    { class: 'release', onSubmit: submit },
    h(TextInput, {
      label: 'or any release',
      value: release,
      placeholder: '5.15.0-134-generic',
      onText: setRelease,
    }),
    h('button', { type: 'submit' }, 'Compare'),
  );
}
