/** Reads `--loss` and `--impair`, which describe a bad network for `storm` and for `replay`. */
import { existsSync, readFileSync } from 'node:fs';
import { checkImpairments, type Impairments, type LinkDirection, type LinkStats } from '../net/impair.js';
import { plural } from '../wire/text.js';
import { UsageError } from './errors.js';

/** Options that describe a bad network. */
export interface ImpairCliOptions {
  /** The chance that a frame that was sent is lost, 0 to 1. */
  readonly loss?: number;
  /** Impairments as JSON, or the name of a file with such JSON. */
  readonly impair?: string;
}

/**
 * Joins both options into impairments; returns undefined if neither is given. Throws UsageError,
 * with the option's name, for text that is not JSON, and EINVAL for values that make no sense.
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

/** Says what the network did: returns a line for each direction in which it did something. */
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
