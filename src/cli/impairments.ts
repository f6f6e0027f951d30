/** The bad network that `--loss` and `--impair` describe: the same for `storm` and `replay`. */
import { existsSync, readFileSync } from 'node:fs';
import { checkImpairments, type Impairments, type LinkDirection, type LinkStats } from '../net/impair.js';
import { plural } from '../wire/text.js';
import { UsageError } from './errors.js';

export interface ImpairCliOptions {
  /** A chance. */
  readonly loss?: number;
  /** JSON, or the name of a file with JSON. */
  readonly impair?: string;
}

/**
 * Joins both options; returns undefined if neither is given. Throws UsageError, with the option's
 * name, for text that is not JSON, and EINVAL for values that make no sense.
 */
export function impairmentsOf({ loss, impair }: ImpairCliOptions): Impairments | undefined {
  if (loss === undefined && impair === undefined) return undefined;
  const given = impair === undefined ? {} : parsed(impair);
  const all = loss === undefined ? given : { ...given, out: { ...given.out, loss } };
  checkImpairments('impair', all);
  return all;
}

function parsed(text: string): Impairments {
  const json = /^\s*\{/.test(text);
  if (!json && !existsSync(text)) {
    throw new UsageError(
      `--impair ${text}: there is no such file; name one, or write JSON such as {"out":{"loss":0.01,"delayUsec":300}}`,
    );
  }
  try {
    return JSON.parse(json ? text : readFileSync(text, 'utf8')) as Impairments;
  } catch (error) {
    throw new UsageError(`--impair ${json ? '' : `${text}: `}${(error as Error).message}`);
  }
}

type Network = Readonly<Record<LinkDirection, LinkStats>> & { readonly onTheWay?: number };

const WORDS: readonly (readonly [keyof LinkStats, string])[] = [
  ['lost', 'lost'],
  ['partitioned', 'lost in partitions or without a cable'],
  ['duplicated', 'duplicated'],
  ['reordered', 'reordered'],
  ['truncated', 'truncated'],
  ['corrupted', 'corrupted'],
];

/** What the network did, for people: a line for each direction in which it did something. */
export function networkReport(network: Network | undefined): string[] {
  if (network === undefined) return [];
  const lines = (['out', 'in'] as const).flatMap((direction) => {
    const told = WORDS.filter(([key]) => network[direction][key] > 0).map(
      ([key, word]) => `${plural(network[direction][key], 'frame')} ${word}`,
    );
    return told.length > 0 ? [`the network${direction === 'in' ? ', coming back' : ''}: ${told.join(', ')}`] : [];
  });
  const { onTheWay = 0 } = network;
  return onTheWay > 0 ? [...lines, `${plural(onTheWay, 'frame')} on the way when the run ended`] : lines;
}
