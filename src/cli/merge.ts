/** `merge SUMMARY...`: adds up the summaries of a storm's parts. */
import { readFileSync } from 'node:fs';
import { codeOf, invalid, KernelError } from '../errno.js';
import { openReport } from '../report/index.js';
import { firstFault, type Schema } from '../schema.js';
import { mergeSummaries, type PrintedSummary } from '../storm/merge.js';
import { stormReport } from './storm.js';

/** Options of `merge`. */
export interface MergeCliOptions {
  /** Print the sum as one JSON object. */
  readonly json?: boolean;
  /** Write the sum as a page, too. */
  readonly report?: string;
}

/**
 * Prints the sum to `out`. Returns the exit code: 0, or 1 if a part is missing or ended early.
 * Throws for files that are not summaries.
 */
export function merge(files: readonly string[], options: MergeCliOptions, out: NodeJS.WritableStream): number {
  using page = options.report === undefined ? undefined : openReport(options.report, { files });
  const merged = mergeSummaries(files.map(readSummary));
  if (options.json) out.write(`${JSON.stringify(merged)}\n`);
  else {
    out.write(stormReport(merged.via, merged));
    if (merged.missingShards.length > 0) out.write(`missing: part ${merged.missingShards.join(', ')}\n`);
  }
  page?.write('storm', { ...merged });
  return merged.missingShards.length > 0 || merged.stopped !== undefined ? 1 : 0;
}

function readSummary(path: string): PrintedSummary {
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new KernelError(codeOf(error), 'open', `${path}: ${(error as Error).message}`);
  }
  const give = 'give what `storm --json` printed, one summary a file';
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    throw invalid('merge', `${path}: not JSON; ${give}`);
  }
  const fault = firstFault(value, SUMMARY, '') ?? shardFault(value as PrintedSummary);
  if (fault !== undefined) throw invalid('merge', `${path}: not a summary; ${give} (${fault})`);
  return value as PrintedSummary;
}

function shardFault({ shard: { index, count } }: PrintedSummary): string | undefined {
  return index < count ? undefined : `shard.index is ${index}, but there are ${count}, from 0`;
}

const NUMBER: Schema = { type: 'number', minimum: 0 };
const NUMBERS: Schema = { type: 'object', additionalProperties: NUMBER };
/** What another version may not have counted yet. */
const COUNTS = [
  ...['up', 'boots', 'messages', 'begun', 'skipped', 'noRoom', 'notSent', 'fragments', 'acks', 'retransmits'],
  ...[
    'emergencies',
    'emergencyMs',
    'delivered',
    'foreign',
    'records',
    'lostRecords',
    'missing',
    'deviceLost',
    'unsent',
  ],
];
/** A summary, as far as it is added up. */
const SUMMARY: Schema = {
  type: 'object',
  required: [
    'seed',
    'shard',
    'hosts',
    'frames',
    'bytes',
    'planSeconds',
    'seconds',
    'out',
    'in',
    'intervals',
    'lateness',
  ],
  properties: {
    ...Object.fromEntries(
      ['seed', 'hosts', 'frames', 'bytes', 'planSeconds', 'seconds', ...COUNTS].map((n) => [n, NUMBER]),
    ),
    via: { type: 'string' },
    shard: {
      type: 'object',
      required: ['index', 'count'],
      properties: { index: { type: 'integer', minimum: 0 }, count: { type: 'integer', minimum: 1 } },
    },
    out: NUMBERS,
    in: NUMBERS,
    intervals: { type: 'array', items: NUMBERS },
    lateness: {
      type: 'object',
      required: ['buckets'],
      properties: {
        max: NUMBER,
        buckets: { type: 'array', items: { type: 'object', properties: { frames: NUMBER } } },
      },
    },
    worst: { type: 'array', items: { type: 'object', required: ['name'] } },
    stopped: { type: 'object', required: ['message'], properties: { message: { type: 'string' } } },
  },
};
