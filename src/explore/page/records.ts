/** Draws the log on the left: its records, the chosen one, and a way to paste others. */

import { h, type JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { defined } from '../../options.js';
import { levelName } from '../payload-fields.js';
import { type ReadLog, readRecords } from '../read.js';
import { type ExplorerRecord, type ExplorerState, RECORDS_MAX } from '../state.js';
import { Button, Check, Field, NumberInput, Select, short, TextArea, TextInput } from './dom.js';

/** What every control of the state gets: the state, and a function that changes parts of it. */
export interface EditProps {
  readonly state: ExplorerState;
  /** Replaces the given parts of the state; a part that is undefined gets its default. */
  readonly onChange: (change: Partial<ExplorerState>) => void;
}

/** `chosen` is the index of the chosen record. */
interface RecordsProps extends EditProps {
  readonly chosen: number;
  readonly onChoose: (record: number) => void;
}

/** Draws the records, with a form for the chosen one. */
export function Records({ state, onChange, chosen, onChoose }: RecordsProps): JSX.Element {
  const { records } = state;
  const [reading, setReading] = useState(false);
  const change = (next: readonly ExplorerRecord[], at: number) => {
    onChange({ records: next });
    onChoose(Math.max(0, Math.min(at, next.length - 1)));
  };
  const add = () => change([...records.slice(0, chosen + 1), NEW, ...records.slice(chosen + 1)], chosen + 1);
  const record = records[chosen];
  return h(
    'section',
    { 'aria-labelledby': 'records' },
    h('h2', { id: 'records' }, `Records (${records.length})`),
    h(
      'ol',
      { class: 'records' },
      records.map(({ text, level }, i) =>
        h(
          'li',
          { key: i },
          h(
            'button',
            { type: 'button', 'aria-current': i === chosen ? 'true' : undefined, onClick: () => onChoose(i) },
            h('span', { class: `level l${level ?? 4}` }, level ?? '·'),
            short(text, 80) || '(empty)',
          ),
        ),
      ),
    ),
    h(
      'p',
      { class: 'buttons' },
      h(Button, { onPress: add, disabled: records.length >= RECORDS_MAX }, 'Add'),
      h(
        Button,
        {
          onPress: () =>
            change(
              records.filter((_, i) => i !== chosen),
              chosen,
            ),
          disabled: record === undefined,
        },
        'Remove',
      ),
      h(Button, { onPress: () => setReading(!reading), class: reading ? 'on' : '' }, 'Paste a log'),
    ),
    reading &&
      h(Paste, {
        onRead: (log) => {
          take(log, onChange);
          onChoose(0);
          setReading(false);
        },
      }),
    record !== undefined &&
      h(RecordForm, {
        key: chosen,
        record,
        onRecord: (next) => onChange({ records: records.map((one, i) => (i === chosen ? next : one)) }),
      }),
  );
}

const NEW: ExplorerRecord = { text: 'another line', level: 6 };

function take({ records, release, caller }: ReadLog, onChange: EditProps['onChange']): void {
  onChange({ records, lost: [], ...defined({ release }), ...(caller && { caller }) });
}

interface FormProps {
  readonly record: ExplorerRecord;
  readonly onRecord: (record: ExplorerRecord) => void;
}

/** Returns an object without its undefined keys, since a state must not have any. */
export function without<T extends object>(value: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

function RecordForm({ record, onRecord }: FormProps): JSX.Element {
  const set = (change: { readonly [K in keyof ExplorerRecord]?: ExplorerRecord[K] | undefined }) =>
    onRecord(without<ExplorerRecord>({ ...record, ...change }));
  const levels: [string, string][] = [['', 'default (4)']];
  for (let level = 0; level < 8; level++) levels.push([String(level), `${level} ${levelName(level)}`]);
  return h(
    'fieldset',
    { class: 'form' },
    h('legend', {}, 'The record'),
    h(TextArea, {
      label: 'Text',
      rows: 3,
      value: record.text,
      fixed: record.hex !== undefined,
      ...(record.hex !== undefined && { hint: 'Its bytes are no UTF-8 and are kept as they are.' }),
      onText: (text) => set({ text }),
    }),
    h(Select, {
      label: 'Level',
      value: String(record.level ?? ''),
      options: levels,
      onSelect: (text) => set({ level: text === '' ? undefined : Number(text) }),
    }),
    h(NumberInput, {
      label: 'Facility',
      value: record.facility,
      placeholder: '0, the kernel',
      min: 0,
      max: 255,
      onNumber: (facility) => set({ facility }),
    }),
    h(NumberInput, {
      label: 'Time, µs since boot',
      value: record.tsUsec,
      placeholder: '1 ms later',
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      onNumber: (tsUsec) => set({ tsUsec }),
    }),
    h(NumberInput, {
      label: 'Process id',
      value: record.pid,
      placeholder: '1',
      min: 0,
      max: 0x7fffffff,
      onNumber: (pid) => set({ pid }),
    }),
    h(TextInput, {
      label: 'Process name',
      value: record.comm ?? '',
      placeholder: 'init',
      onText: (comm) => set({ comm: comm || undefined }),
    }),
    h(NumberInput, {
      label: 'Processor',
      value: record.cpu,
      placeholder: '0',
      min: 0,
      max: 8191,
      onNumber: (cpu) => set({ cpu }),
    }),
    h(TextInput, {
      label: 'Subsystem',
      value: record.subsystem ?? '',
      placeholder: 'pci',
      onText: (subsystem) => set({ subsystem: subsystem || undefined }),
    }),
    h(TextInput, {
      label: 'Device',
      value: record.device ?? '',
      placeholder: '+pci:0000:00:03.0',
      onText: (device) => set({ device: device || undefined }),
    }),
    h(Check, {
      label: 'Unfinished: no newline at its end',
      checked: record.unfinished === true,
      onCheck: (unfinished) => set({ unfinished: unfinished || undefined }),
    }),
  );
}

interface PasteProps {
  readonly onRead: (log: ReadLog) => void;
}

/** Reads what is pasted, or a file, in any format that `replay` knows. */
function Paste({ onRead }: PasteProps): JSX.Element {
  const [text, setText] = useState('');
  const [said, setSaid] = useState('');
  const [asLines, setAsLines] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const read = async (source: Parameters<typeof readRecords>[0], name: string) => {
    try {
      const log = await readRecords(source, { name, format: asLines ? 'text' : undefined });
      setSaid('');
      onRead(log);
    } catch (error) {
      setSaid((error as Error).message);
    }
  };
  return h(
    'fieldset',
    { class: 'form' },
    h('legend', {}, 'A log'),
    h(TextArea, { label: 'dmesg, /dev/kmsg, journal, syslog, ...', rows: 6, value: text, onText: setText }),
    h(Check, { label: 'Each line is a text, without a stamp', checked: asLines, onCheck: setAsLines }),
    h(
      'p',
      { class: 'buttons' },
      h(Button, { onPress: () => read({ text }, 'the text'), class: 'main' }, 'Read it'),
      h(Field, {
        label: 'or a file, also a capture',
        input: (bound) =>
          h('input', {
            ...bound,
            type: 'file',
            ref: file,
            onChange: () => {
              const [chosen] = file.current?.files ?? [];
              if (chosen !== undefined) void read(chunksOf(chosen), chosen.name);
            },
          }),
      }),
    ),
    said !== '' && h('p', { class: 'bad', role: 'alert' }, said),
  );
}

/** Yields the bytes of a file, which are unpacked if the file is gzip. */
async function* chunksOf(file: File): AsyncGenerator<Uint8Array> {
  const [a, b] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const packed = a === 0x1f && b === 0x8b;
  const stream = packed ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream();
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
