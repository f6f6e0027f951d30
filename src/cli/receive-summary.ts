/** The summary of a `receive`, and how it is printed. */
import { WORST_HOSTS } from '../report/index.js';
import type { RunInterval } from '../run/observer.js';
import { itemName } from './protocol.js';
import type { ReceiveOptions } from './receive-options.js';
import type { SourceCounts } from './sources.js';

/** What a `receive` came to: counts by name, of which `refused` has counts by reason. */
export interface ReceiveSummary {
  /** How many items were printed: records, lines, dumps or datagrams, by the protocol. */
  readonly printed: number;
  /** How long the loop ran, in seconds of the clock. */
  readonly seconds: number;
  /** What happened in each interval of the clock. */
  readonly intervals: readonly RunInterval[];
  /** All hosts that are known, those with most amiss first. */
  readonly worst: readonly SourceCounts[];
  /** Counts of the sources and of the socket, by name. */
  readonly [count: string]: unknown;
}

/** Returns a summary as it is printed, and whether it goes to the output, as the lines do. */
export function summaryText(
  summary: ReceiveSummary,
  options: ReceiveOptions,
): { readonly text: string; readonly toOut: boolean } {
  const { printed, seconds: _, intervals: __, worst, ...counts } = summary;
  const { json, worst: named = WORST_HOSTS } = options;
  if (json !== true) return { text: `${summaryLine(printed, itemName(options), counts)}\n`, toOut: false };
  return { text: `${JSON.stringify({ summary: { ...summary, worst: worst.slice(0, named) } })}\n`, toOut: true };
}

/** Returns a line with the number of items and the counts that are not 0, by name. */
function summaryLine(printed: number, what: string, { refused, ...counts }: Record<string, unknown>): string {
  const named = (of: object): string =>
    Object.entries(of)
      .filter(([, count]) => typeof count === 'number' && count > 0)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const why = named(refused ?? {});
  return [`${printed} ${what}${printed === 1 ? '' : 's'} printed`, named(counts), why && `refused: ${why}`]
    .filter((p) => p !== '')
    .join('; ');
}
