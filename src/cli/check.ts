/**
 * `check MANIFEST|PLAN OUTPUT...`: compares what a receiver printed with what it must have printed.
 */

import { existsSync, realpathSync } from 'node:fs';
import {
  type CheckSummary,
  check as checkOutputs,
  type HostReport,
  type OutputInfo,
  readTruth,
  type Tally,
  trouble,
} from '../check/index.js';
import { defined } from '../options.js';
import { openReport, REPORTED_HOSTS, WORST_HOSTS } from '../report/index.js';
import { plural } from '../wire/text.js';
import { UsageError } from './errors.js';
import { shardOf } from './storm.js';

/** Options of `check`. */
export interface CheckCliOptions {
  /** The format of the outputs, or a pattern. Default: each output's is recognised. */
  readonly format?: string;
  /** If the truth is a plan: the part of its hosts that was run, as `I/N`. */
  readonly shard?: string;
  /** How many hosts are named, the worst first. Default 10. */
  readonly worst?: number;
  /** Print the report as one JSON object. */
  readonly json?: boolean;
  /** Write the report as a page, too. */
  readonly report?: string;
}

/**
 * If more than this share of an output's records was never sent, or was sent with another text, the
 * output is taken for another run's; with such a share of lines of another form, for another form.
 */
const AMISS_SHARE = 0.1;
/** Fewer such records or lines than this prove nothing. */
const AMISS_MIN = 10;

/**
 * Prints the report to `out`. Returns the exit code: 0; 1 if the receiver lost or changed a record;
 * 2 if an output is cut off or is of another run or form, which `err` then says. Throws for files
 * that cannot be read or are not what they should be.
 */
export async function check(
  truth: string,
  outputs: readonly string[],
  options: CheckCliOptions,
  { out, err }: { readonly out: NodeJS.WritableStream; readonly err: NodeJS.WritableStream },
): Promise<number> {
  const { format, shard, worst = WORST_HOSTS } = options;
  using page = options.report === undefined ? undefined : openReport(options.report, { files: [truth, ...outputs] });
  refuseTwice(truth, outputs);
  const records = readTruth(truth, shard === undefined ? undefined : shardOf(shard));
  const summary = await checkOutputs(records, { outputs, ...defined({ format }) });
  const problems = summary.outputs.flatMap((info) => problemsOf(info, truth));
  if (summary.total.expected === 0)
    problems.push(`${truth}: it has no record: was it cut off, or does nothing happen?`);
  const { lostByReceiver, changed } = summary.total;
  const ok = lostByReceiver === 0 && changed === 0 && problems.length === 0;
  const json = (hosts: number) => ({ ok, ...summary, hosts: summary.hosts.slice(0, hosts) });
  if (options.json) out.write(`${JSON.stringify(json(worst))}\n`);
  else out.write(report(summary, worst));
  page?.write('check', json(REPORTED_HOSTS));
  for (const problem of problems) err.write(`netconsole-emulator: ${problem}\n`);
  if (problems.length > 0) return 2;
  return ok ? 0 : 1;
}

/** Throws UsageError if a file is given twice, by whatever paths. */
function refuseTwice(truth: string, outputs: readonly string[]): void {
  const fileOf = (path: string) => (existsSync(path) ? realpathSync(path) : path);
  const seen = new Set([fileOf(truth)]);
  for (const path of outputs) {
    const file = fileOf(path);
    if (file === fileOf(truth))
      throw new UsageError(`${path}: it is given as the truth and as an output of a receiver`);
    if (seen.has(file)) throw new UsageError(`${path} is given twice, so all of it would count as printed twice`);
    seen.add(file);
  }
}

function problemsOf(info: OutputInfo, truth: string): string[] {
  const { path, format, lines, records, strange, examples, amiss, firstAmiss, cutAt } = info;
  const problems: string[] = [];
  if (cutAt !== undefined) problems.push(`${path}:${cutAt}: the file ends in the middle of a line: was it cut off?`);
  if (format === 'pattern' && lines > 0 && records + strange === 0) {
    problems.push(`${path}: the pattern matches none of its ${plural(lines, 'line')}: correct the pattern`);
  }
  if (strange > AMISS_SHARE * (records + strange) && (strange >= AMISS_MIN || records === 0)) {
    const what = `${strange} of ${plural(lines, 'line')} are not of the form ${format}`;
    const remedy = 'give the output as it was written, or its form with --format';
    problems.push(`${path}:${examples[0]!.line}: ${what}: ${remedy}`);
  }
  const from = firstAmiss === undefined ? '' : `:${firstAmiss}`;
  if (amiss < AMISS_MIN) return problems;
  if (info.amissAtEnd >= AMISS_MIN && amiss < records) {
    problems.push(
      `${path}${from}: the last ${info.amissAtEnd} records were never sent: was ${truth} cut off, or the run longer?`,
    );
  } else if (amiss > AMISS_SHARE * records) {
    const what = `${amiss} of ${plural(records, 'record')} were never sent, or not with that text`;
    problems.push(`${path}${from}: ${what}: is it of another run, with another seed or plan?`);
  }
  return problems;
}

const WORDS: readonly (readonly [keyof Tally, string])[] = [
  ['lostByReceiver', 'lost by the receiver'],
  ['lostByNetwork', 'lost by the network'],
  ['late', 'late'],
  ['duplicated', 'printed twice'],
  ['reordered', 'out of order'],
  ['changed', 'changed'],
  ['foreign', 'never sent'],
];

function report(summary: CheckSummary, worst: number): string {
  const { total, hostCount, unknownHosts, unknownExamples, outputs } = summary;
  const hosts = summary.hosts.filter((host) => trouble(host) > 0);
  const lines = outputs.map(
    ({ path, format, records }) => `${path} (${format || 'empty'}): ${plural(records, 'record')}`,
  );
  lines.push(`${total.delivered} of ${plural(total.expected, 'record')} of ${plural(hostCount, 'host')} delivered`);
  const words = tallyWords(total);
  if (words !== '') lines.push(words);
  for (const host of hosts.slice(0, worst)) lines.push(`  ${named(host)}: ${tallyWords(host)}`);
  if (hosts.length > worst) lines.push(`  and ${plural(hosts.length - worst, 'host')} more`);
  if (unknownHosts > 0) {
    const some = unknownExamples.join(', ');
    lines.push(`${plural(unknownHosts, 'record')} of hosts that the run does not have, such as ${some}`);
  }
  for (const { path, strange, examples } of outputs) {
    if (strange === 0) continue;
    const them = strange === 1 ? 'it' : 'them';
    lines.push(`${path}: ${plural(strange, 'line')} of another form, left out (correct or delete ${them}):`);
    for (const { line, text, fault } of examples) lines.push(`  ${path}:${line}: ${fault ? `${fault}: ` : ''}${text}`);
    if (strange > examples.length) lines.push(`  and ${plural(strange - examples.length, 'line')} more`);
  }
  return `${lines.join('\n')}\n`;
}

function named({ host, name }: HostReport): string {
  return `${host} (${name})`;
}

function tallyWords(tally: Tally): string {
  return WORDS.flatMap(([key, word]) => (tally[key] > 0 ? [`${tally[key]} ${word}`] : [])).join(', ');
}
