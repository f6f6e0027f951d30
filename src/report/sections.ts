/**
 * Turns a summary, as commands print it with `--json`, into what a page shows: figures, charts and
 * tables. Pure, so that it runs in the page and in tests. What a summary lacks is left out.
 */
import { type HostRow, hostsTable } from './hosts.js';
import type { Table } from './table.js';

export type { Table } from './table.js';

import { type Losses, lossesOf } from './losses.js';
import { number } from './words.js';

/** The commands that have reports. */
export type ReportCommand = 'replay' | 'storm' | 'receive' | 'check' | 'run';

/** A command's summary as parsed JSON; each command has fields of its own. */
export interface Summary {
  readonly [field: string]: unknown;
}

/** A number or a few words at the top of a report; `bad` marks it as a problem. */
export interface Figure {
  readonly label: string;
  readonly value: string;
  readonly bad?: boolean;
}

/** One curve of a chart, with one value for each of the chart's `x`. */
export interface Line {
  readonly label: string;
  readonly values: readonly number[];
}

/** Curves over the time of the run, or bars over `names`. */
export interface Chart {
  /** The unit of the values, such as `frames/s`. */
  readonly unit: string;
  /** Seconds from the start of the run, one for each value; or the indices of the bars. */
  readonly x: readonly number[];
  readonly lines: readonly Line[];
  /** The name of each bar; if it is set, the chart has bars. */
  readonly names?: readonly string[];
}

/** A part of a report under a heading. */
export interface Section {
  /** The id of the section's element in the page. */
  readonly id: string;
  readonly title: string;
  /** One or two sentences that say what is shown. */
  readonly about: string;
  readonly chart?: Chart;
  readonly table?: Table;
}

/** A whole report. */
export interface Report {
  readonly title: string;
  /** Why the run ended early, if it did. */
  readonly stopped?: string;
  readonly figures: readonly Figure[];
  /** Warnings and notes of the command, in sentences. */
  readonly notes: readonly string[];
  readonly sections: readonly Section[];
}

const TITLES: Readonly<Record<ReportCommand, string>> = {
  replay: 'Replay of a log',
  storm: 'Storm of a fleet',
  receive: 'What was received',
  check: 'Check of a receiver',
  run: 'Run of a scenario',
};

/** Returns the report on a summary of `command`. */
export function reportOf(command: ReportCommand, summary: Summary): Report {
  const stopped = summary['stopped'] as { readonly message: string } | undefined;
  const losses = lossesOf(summary);
  const notes = [summary['warning'], ...((summary['notes'] ?? []) as unknown[])].filter(
    (note) => typeof note === 'string',
  );
  return {
    title: TITLES[command],
    ...(stopped !== undefined && { stopped: stopped.message }),
    figures: figuresOf(summary, losses),
    notes,
    sections: [
      ...overTime(summary),
      ...lateness(summary),
      ...dropsSection(losses),
      ...hostSection(summary),
      ...listSection(summary),
      countsSection(summary),
    ],
  };
}

/** The fields of a summary that become figures, in this order. */
const FIGURES: readonly (readonly [field: string, label: string])[] = [
  ['hosts', 'hosts'],
  ['hostCount', 'hosts'],
  ['sources', 'hosts heard'],
  ['records', 'records'],
  ['messages', 'messages'],
  ['printed', 'records printed'],
  ['operations', 'operations'],
  ['datagrams', 'datagrams'],
  ['frames', 'frames'],
  ['framesPerSecond', 'frames/s'],
  ['seconds', 'seconds'],
];

function figuresOf(summary: Summary, losses: Losses): Figure[] {
  const figures = FIGURES.flatMap(([field, label]): Figure[] => {
    const value = summary[field];
    return typeof value === 'number' ? [{ label, value: number(value) }] : [];
  });
  const total = summary['total'] as Readonly<Record<string, number>> | undefined;
  if (total !== undefined) {
    figures.push({ label: 'records expected', value: number(total['expected']!) });
    figures.push({ label: 'delivered', value: number(total['delivered']!) });
  }
  const refused = summary['refused'];
  if (typeof refused === 'number') figures.push({ label: 'operations refused', value: number(refused) });
  const { datagrams, skipped } = summary;
  if (typeof datagrams === 'number' && typeof skipped === 'number')
    figures.push({ label: 'seqs missing', value: number(skipped), bad: skipped > 0 });
  if (losses.known) figures.push({ label: 'lost', value: number(losses.total), bad: losses.total > 0 });
  return figures;
}

/** The counts of one interval of a run; `from` is seconds after its start. */
type Interval = { readonly from: number; readonly seconds: number } & { readonly [column: string]: number };

/** A chart over the time of the run, drawn if any of its columns is ever above 0. */
interface Course {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly unit: string;
  readonly lines: readonly (readonly [column: string, label: string])[];
  /** Whether each count is divided by its interval's length; a level is shown as it is. */
  readonly perSecond: boolean;
}

const COURSES: readonly Course[] = [
  {
    id: 'rate',
    title: 'Rate',
    about:
      'Frames a second: those that were to leave, where the run had a schedule, and those that left or came in. A storm into a file goes by the time of its plan.',
    unit: 'frames/s',
    lines: [
      ['asked', 'asked for'],
      ['achieved', 'achieved'],
    ],
    perSecond: true,
  },
  {
    id: 'losses',
    title: 'Losses over time',
    about: 'What was lost anywhere, and seqs that a receiver found missing.',
    unit: '/s',
    lines: [
      ['lost', 'lost'],
      ['skipped', 'seqs missing'],
    ],
    perSecond: true,
  },
  {
    id: 'fragments',
    title: 'Fragments',
    about: 'Frames that carried a part of a record too long for one.',
    unit: 'frames/s',
    lines: [['fragments', 'fragments']],
    perSecond: true,
  },
  {
    id: 'reliable',
    title: 'Acks and transmissions again',
    about:
      'Of the reliable extension: acks, records sent again as the receiver asked, and as an emergency since no ack came.',
    unit: '/s',
    lines: [
      ['acks', 'acks'],
      ['retransmits', 'sent again'],
      ['emergencies', 'emergencies'],
    ],
    perSecond: true,
  },
  {
    id: 'emergency-interval',
    title: 'Emergency interval',
    about: 'The longest interval that a host backed off with between emergency transmissions.',
    unit: 'ms',
    lines: [['emergencyMs', 'interval']],
    perSecond: false,
  },
];

function overTime(summary: Summary): Section[] {
  const intervals = (summary['intervals'] ?? []) as readonly Interval[];
  if (intervals.length === 0) return [];
  return COURSES.flatMap(({ lines, perSecond, unit, ...section }): Section[] => {
    const shown = lines.filter(([column]) => intervals.some((one) => (one[column] ?? 0) > 0));
    if (shown.length === 0) return [];
    const values = shown.map(([column, label]) => ({
      label,
      values: intervals.map((one) => (one[column] ?? 0) / (perSecond ? one.seconds : 1)),
    }));
    return [{ ...section, chart: { unit, x: intervals.map(({ from }) => from), lines: values } }];
  });
}

/** Frames that were late by less than `belowMs`, and by no less than the bucket before says. */
interface Bucket {
  readonly belowMs: number;
  readonly frames: number;
}

function lateness(summary: Summary): Section[] {
  const late = summary['lateness'] as { p50: number; p99: number; max: number; buckets: Bucket[] } | undefined;
  if (late === undefined || late.buckets.length === 0 || late.max === 0) return [];
  const { p50, p99, max, buckets } = late;
  const about = `Behind the schedule: half of the frames by at most ${number(p50)} ms, 99 of 100 by at most ${number(p99)} ms, the latest by ${number(max)} ms.`;
  const chart: Chart = {
    unit: 'frames',
    x: buckets.map((_, i) => i),
    names: buckets.map(
      ({ belowMs }) => `< ${belowMs >= 10_000 ? `${number(Math.round(belowMs / 1000))} s` : `${number(belowMs)} ms`}`,
    ),
    lines: [{ label: 'frames', values: buckets.map(({ frames }) => frames) }],
  };
  return [{ id: 'lateness', title: 'Lateness', about, chart }];
}

function dropsSection(losses: Losses): Section[] {
  if (!losses.known) return [];
  const rows = losses.places.map(({ place, what, count }) => [place, what, count]);
  const about =
    'From a log line to its reader, place by place. A place that is not named does not show itself to this command.';
  return [
    { id: 'drops', title: 'Lost, by place', about, table: { columns: ['place', 'what is lost there', 'count'], rows } },
  ];
}

function hostSection(summary: Summary): Section[] {
  const hosts = [summary['worst'], summary['hosts']].find((some) => Array.isArray(some)) as HostRow[] | undefined;
  if (hosts === undefined || hosts.length === 0) return [];
  const about =
    'The hosts, those with most amiss first. Search for a name or an address; a column heading sorts by that column.';
  return [{ id: 'hosts', title: 'Hosts', about, table: hostsTable(hosts) }];
}

/** Lists that some summaries have: outputs that were checked, broken lines, operations. */
const LISTS: readonly (readonly [field: string, title: string, about: string])[] = [
  [
    'outputs',
    'Outputs',
    'Files that the receiver printed, what form they were found to be of, and lines of another form.',
  ],
  ['problems', 'Broken lines', 'Lines of the log that gave no record; the first of them.'],
  ['outcomes', 'Operations', 'What the scenario did, and what came of it.'],
];

function listSection(summary: Summary): Section[] {
  return LISTS.flatMap(([field, title, about]): Section[] => {
    const list = summary[field] as Readonly<Record<string, unknown>>[] | undefined;
    if (!Array.isArray(list) || list.length === 0) return [];
    const columns = [...new Set(list.flatMap((one) => Object.keys(one)))];
    const rows = list.map((one) => columns.map((column) => cell(one[column])));
    return [{ id: field, title, about, table: { columns, rows, ...(rows.length > 50 && { searchable: true }) } }];
  });
}

/** Lists every field that is not a list; the fields of an object are named by their path. */
function countsSection(summary: Summary): Section {
  const rows: [string, string | number][] = [];
  const add = (path: string, value: unknown): void => {
    if (Array.isArray(value)) return;
    if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) add(path === '' ? key : `${path}.${key}`, inner);
    else if (value !== undefined) rows.push([path, cell(value)]);
  };
  add('', summary);
  return {
    id: 'counts',
    title: 'All counts',
    about: 'As the command prints them with --json.',
    table: { columns: ['name', 'value'], rows },
  };
}

function cell(value: unknown): string | number {
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return '';
  return JSON.stringify(value);
}
