/**
 * `diff SCENARIO|LOG --kernel A --kernel B`: tells in words what two kernels do differently with
 * the same input.
 */

import { createMemoryDevice } from '../net/memory.js';
import { defined } from '../options.js';
import { FEATURES } from '../profile/features.js';
import { HISTORICAL } from '../profile/historical.js';
import { chooseProfile, type ProfileChoice } from '../profile/index.js';
import { NotALogError, readLog, replay } from '../replay/index.js';
import { runScenario } from '../scenario/index.js';
import { PcapReader } from '../wire/pcap.js';
import { plural } from '../wire/text.js';
import { recordsLogged, recordsSent } from './diff-records.js';
import { compareRuns, type Difference, type DifferenceKind, type Run } from './diff-runs.js';
import { UsageError } from './errors.js';
import { isScenario, readScenario } from './run.js';

/** Options of `diff`. */
export interface DiffOptions {
  /** The two kernels: first A, then B. */
  readonly kernel?: readonly string[];
  /** The targets that a log is sent to, as for `replay`. A scenario names its own. */
  readonly target?: readonly string[];
  /** The format of a log. Default: it is recognised. */
  readonly format?: string;
  /** For a log: only records below this level are sent. */
  readonly loglevel?: number;
  /** Print all as one JSON object. */
  readonly json?: boolean;
}

interface Stream {
  write(text: string): unknown;
}

/**
 * Runs `path` on both kernels and prints the differences to `out`, warnings to `err`. `path` is a
 * scenario, a recording's folder or a log; `-` is a log on standard input. Holds all records in
 * memory. Returns the exit code: 0 if nothing differs, 1 if something does. Throws UsageError,
 * KernelError or ScenarioError for an input or an option that makes no sense.
 */
export async function diff(path: string, options: DiffOptions, out: Stream, err: Stream): Promise<number> {
  const names = options.kernel ?? [];
  if (names.length !== 2)
    throw new UsageError(`diff compares two kernels, and ${names.length} were named: give --kernel twice`);
  const [a, b] = [chooseProfile(names[0]), chooseProfile(names[1])];
  for (const { warning } of [a, b]) if (warning !== undefined) err.write(`netconsole-emulator: ${warning}\n`);
  const scenario = isScenario(path);
  const ancient = [a, b].find(({ profile }) => HISTORICAL.some(({ name }) => name === profile.name));
  if (!scenario && ancient !== undefined) {
    const message = `Linux ${ancient.profile.name} has a system of before netconsole, which replays of logs choose with --as`;
    throw new UsageError(`${message}: compare such kernels with a scenario that loads it`);
  }
  const input = scenario ? scenarioInput(path, options) : await logInput(path, options, err);
  const { differences, pairs } = compareRuns(await input.run(names[0]!), await input.run(names[1]!), input.ops);
  const features = featuresThatDiffer(a, b);
  const counts = count(differences);
  if (options.json) {
    const kernels = [a, b].map(({ said, profile }, i) => ({ asked: names[i], profile: profile.name, said }));
    out.write(`${JSON.stringify({ kernels, differences, features, summary: { pairs, ...counts } })}\n`);
  } else {
    const lines = [`A: ${a.said}`, `B: ${b.said}`, '', ...differences.map(sentence)];
    if (differences.length > 0) lines.push('');
    lines.push(summary(pairs, counts), ...featureLines(features));
    out.write(`${lines.join('\n')}\n`);
  }
  return differences.length === 0 ? 0 : 1;
}

interface Input {
  readonly ops: Parameters<typeof compareRuns>[2];
  readonly run: (kernel: string) => Run | Promise<Run>;
}

function scenarioInput(path: string, { target, format, loglevel }: DiffOptions): Input {
  if (target !== undefined || format !== undefined || loglevel !== undefined)
    throw new UsageError(
      'a scenario says itself what its targets and its loglevel are: leave out --target, --format and --loglevel',
    );
  const { scenario } = readScenario(path);
  const run = (kernel: string): Run => {
    const { pcap, kmsg, outcomes } = runScenario(scenario, { kernel });
    const sent = recordsSent(new PcapReader().push(pcap).map(({ frame }) => frame));
    return { sent, logged: recordsLogged(kmsg), outcomes };
  };
  return { ops: scenario.ops, run };
}

async function logInput(path: string, { target, format, loglevel }: DiffOptions, err: Stream): Promise<Input> {
  const chunks: Buffer[] = [];
  if (path === '-') for await (const chunk of process.stdin) chunks.push(chunk);
  let told = false;
  const run = async (kernel: string): Promise<Run> => {
    const log =
      path === '-' ? readLog(again(chunks), { name: 'the log on standard input', format }) : readLog(path, { format });
    const frames: Uint8Array[] = [];
    const device = createMemoryDevice('eth0', { keep: false, onFrame: (frame) => frames.push(frame.slice()) });
    const settings = { ...defined({ targets: target }), ...defined({ loglevel }) };
    try {
      const { brokenLines } = await replay(log, device, { ...settings, profile: kernel, stamp: { usec: 0 } });
      if (brokenLines > 0 && !told)
        err.write(`netconsole-emulator: ${plural(brokenLines, 'line')} of ${path} gave no record; replay names them\n`);
      told = true;
    } catch (error) {
      if (error instanceof NotALogError)
        throw new UsageError(`${error.message}; nor is it a scenario, a .json file that has "ops"`);
      throw error;
    }
    return { sent: recordsSent(frames) };
  };
  return { ops: [], run };
}

async function* again(chunks: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

interface FeatureDifference {
  readonly feature: string;
  readonly a: unknown;
  readonly b: unknown;
}

function featuresThatDiffer(a: ProfileChoice, b: ProfileChoice): FeatureDifference[] {
  return (Object.keys(FEATURES) as (keyof typeof FEATURES)[])
    .map((feature) => ({ feature, a: a.profile[feature], b: b.profile[feature] }))
    .filter((row) => row.a !== row.b);
}

function featureLines(features: readonly FeatureDifference[]): string[] {
  if (features.length === 0) return ['No feature of the profiles differs.'];
  const width = Math.max(...features.map(({ feature }) => feature.length));
  const rows = features.map(
    ({ feature, a, b }) => `  ${feature.padEnd(width)}  ${JSON.stringify(a)} in A, ${JSON.stringify(b)} in B`,
  );
  return ['', `${plural(features.length, 'feature')} of the profiles differ, which may show elsewhere:`, ...rows];
}

type Counts = Partial<Record<DifferenceKind, number>>;

/**
 * Counts the records, or operations, that show each kind of difference; a record counts once for
 * each field that differs.
 */
function count(differences: readonly Difference[]): Counts {
  const counts: Counts = {};
  for (const { kind, records } of differences) counts[kind] = (counts[kind] ?? 0) + records;
  return counts;
}

const COUNTED: Readonly<Record<DifferenceKind, string>> = {
  outcome: 'operations with another outcome',
  target: 'sent to targets that only one sends to',
  'only-a': 'only in A',
  'only-b': 'only in B',
  wording: 'worded otherwise',
  cut: 'cut at another length',
  fragments: 'fragmented otherwise',
  field: 'with other header fields',
  dictionary: 'with other keys (userdata, sysdata)',
  order: 'in another order',
};

function summary(pairs: number, counts: Counts): string {
  const kinds = (Object.keys(COUNTED) as DifferenceKind[]).filter((kind) => counts[kind] !== undefined);
  const told = kinds.map((kind) => `${counts[kind]} ${COUNTED[kind]}`);
  return `${plural(pairs, 'record')} sent by both: ${told.length === 0 ? 'nothing differs' : told.join('; ')}`;
}

/** How many characters of a text are shown. */
const SHOWN = 120;

function quote(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}

/** Returns a text as it is if it is short and printable, else quoted. */
function value(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) && text.length <= SHOWN ? text : quote(text);
}

function sentence(difference: Difference): string {
  const { kind, where, frames, text, what, a, b, records } = difference;
  const [inA, inB] = frames;
  const unit = where === 'the log' ? 'record' : 'frame';
  const place = `${unit} ${inA ?? inB}${inA !== null && inB !== null && inA !== inB ? ` (${inB} in B)` : ''}, ${where}`;
  const more = records > 1 ? `, and in ${plural(records - 1, 'more record')}` : '';
  switch (kind) {
    case 'outcome':
      return `${where}, ${value(what)}: ${value(a)} in A, ${value(b)} in B`;
    case 'target':
      return `${where}: ${plural(records, 'record')} in ${inA === null ? 'B, none in A' : 'A, none in B'}, the first is ${quote(text)}`;
    case 'only-a':
    case 'only-b':
      return `only in ${kind === 'only-a' ? 'A' : 'B'}: ${place}: ${quote(text)}${what === '' ? '' : `; in ${kind === 'only-a' ? 'B' : 'A'} it is ${what}`}`;
    case 'wording':
      return `${place}: worded otherwise: ${quote(a)} in A, ${quote(b)} in B${more}`;
    case 'order':
      return `${place}: sent in another order: A: ${a}; B: ${b}${more}`;
    case 'cut':
      return `${place}: ${quote(text)}: cut: ${a} in A, ${b} in B${more}`;
    default:
      return `${place}: ${quote(text)}: ${what}: ${value(a)} in A, ${value(b)} in B${more}`;
  }
}
