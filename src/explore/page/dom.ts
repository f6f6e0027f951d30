/** Small parts that the page is made of: labelled inputs, and formats for its texts. */
import { type ComponentChildren, h, type JSX } from 'preact';
import { useId } from 'preact/hooks';
import { printable } from '../../receiver/print.js';

/** Returns a text with its lines kept, and its control characters written out. */
export function lines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** What a component may have as its content: text, elements, or lists of them. */
export type Node = ComponentChildren;

/** Returns microseconds as `12.345 s`. */
export function seconds(usec: number): string {
  return `${(usec / 1e6).toFixed(3)} s`;
}

/** Returns a text on one line, cut to `length` characters. */
export function short(text: string, length = 60): string {
  const line = printable(text.replaceAll('\n', '↵'));
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

interface Labelled {
  readonly label: string;
  readonly hint?: string;
}

/**
 * Draws a label above an input, and a hint below it. The input must take the attributes that bind
 * it to both.
 */
export function Field({
  label,
  hint,
  wide,
  input,
}: Labelled & { readonly wide?: boolean; readonly input: (bound: Bound) => Node }): JSX.Element {
  const id = useId();
  const described = hint === undefined ? {} : { 'aria-describedby': `${id}-hint` };
  return h(
    'div',
    { class: wide ? 'field wide' : 'field' },
    h('label', { for: id }, label),
    input({ id, ...described }),
    hint && h('small', { id: `${id}-hint` }, hint),
  );
}

/** The attributes that bind an input to its label and hint. */
interface Bound {
  readonly id: string;
  readonly 'aria-describedby'?: string;
}

interface TextProps extends Labelled {
  readonly value: string;
  readonly placeholder?: string;
  readonly onText: (text: string) => void;
}

/** Draws an input for one line of text. */
export function TextInput({ value, placeholder, onText, ...labelled }: TextProps): JSX.Element {
  const input = (bound: Bound) =>
    h('input', {
      ...bound,
      type: 'text',
      value,
      placeholder,
      spellcheck: false,
      autocomplete: 'off',
      onInput: (event: Event) => onText((event.currentTarget as HTMLInputElement).value),
    });
  return h(Field, { ...labelled, input });
}

interface AreaProps extends Labelled {
  readonly value: string;
  readonly rows: number;
  readonly fixed?: boolean;
  readonly onText: (text: string) => void;
}

/** Draws an input for several lines of text; `fixed` makes it read-only. */
export function TextArea({ value, rows, fixed = false, onText, ...labelled }: AreaProps): JSX.Element {
  const input = (bound: Bound) =>
    h('textarea', {
      ...bound,
      rows,
      value,
      readOnly: fixed,
      spellcheck: false,
      onInput: (event: Event) => onText((event.currentTarget as HTMLTextAreaElement).value),
    });
  return h(Field, { ...labelled, wide: true, input });
}

interface NumberProps extends Labelled {
  readonly value: number | undefined;
  readonly placeholder?: string;
  readonly min: number;
  readonly max: number;
  readonly step?: number | 'any';
  /** Called with undefined for an empty input, and not at all for what is not in the range. */
  readonly onNumber: (value: number | undefined) => void;
}

/** Draws an input for a number, which may be left empty. */
export function NumberInput(props: NumberProps): JSX.Element {
  const { value, placeholder, onNumber, min, max, step = 1, ...labelled } = props;
  const onInput = (event: Event) => {
    const { value: text, validity } = event.currentTarget as HTMLInputElement;
    if (text === '' && !validity.badInput) onNumber(undefined);
    else if (validity.valid) onNumber(Number(text));
  };
  const input = (bound: Bound) =>
    h('input', { ...bound, type: 'number', value: value ?? '', placeholder, min, max, step, onInput });
  return h(Field, { ...labelled, input });
}

interface SelectProps extends Labelled {
  readonly value: string;
  /** The values, and the text that is shown for each. */
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onSelect: (value: string) => void;
}

/** Draws a choice of one among several. */
export function Select({ value, options, onSelect, ...labelled }: SelectProps): JSX.Element {
  const all = options.map(([one, text]) => h('option', { key: one, value: one, selected: one === value }, text));
  const onChange = (event: Event) => onSelect((event.currentTarget as HTMLSelectElement).value);
  return h(Field, { ...labelled, input: (bound: Bound) => h('select', { ...bound, value, onChange }, all) });
}

interface CheckProps extends Labelled {
  readonly checked: boolean;
  readonly onCheck: (checked: boolean) => void;
}

/** Draws a checkbox. */
export function Check({ label, hint, checked, onCheck }: CheckProps): JSX.Element {
  return h(
    'label',
    { class: 'check' },
    h('input', { type: 'checkbox', checked, onChange: (event) => onCheck(event.currentTarget.checked) }),
    h('span', {}, label, hint && h('small', {}, hint)),
  );
}

interface ButtonProps {
  readonly onPress: () => void;
  readonly class?: string;
  /** What a screen reader says where the button's text is a symbol. */
  readonly label?: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly children?: Node;
}

/** Draws a button that never submits a form. */
export function Button({ onPress, label, pressed, children, ...rest }: ButtonProps): JSX.Element {
  return h(
    'button',
    { type: 'button', 'aria-label': label, title: label, 'aria-pressed': pressed, onClick: onPress, ...rest },
    children,
  );
}
