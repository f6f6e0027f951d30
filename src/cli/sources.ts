/** Counts what each source of a `receive` has come to, so that the worst can be named. */
import type { Source } from '../receiver/index.js';
import { address } from './protocol.js';

/** Counts of one source, as its receiver has them; `refused` is the sum of its reasons. */
export interface SourceCounts {
  /** The address that the source sends from. */
  readonly host: string;
  /** The port that the source sends from. */
  readonly port: number;
  /** The receiver's counts, by name. */
  readonly [count: string]: number | string;
}

/** How many sources are counted by themselves; what others have come to is in the sums only. */
const SOURCES_MAX = 16_384;
/** The counts of what is amiss. */
const TROUBLE = ['skipped', 'incomplete', 'refused', 'overrun', 'dropped', 'late'];

/** Adds up the counts of sources. */
export class SourceTally {
  readonly #bySource = new Map<string, Record<string, number | string>>();

  /** Adds the counts of a source to those it had before, if it was forgotten and came back. */
  add(source: Source, stats: object): void {
    const host = address(source);
    const key = `${host} ${source.port}`;
    let counts = this.#bySource.get(key);
    if (counts === undefined) {
      if (this.#bySource.size >= SOURCES_MAX) return;
      counts = { host, port: source.port };
      this.#bySource.set(key, counts);
    }
    for (const [name, value] of Object.entries(stats)) {
      const count = typeof value === 'number' ? value : sumOf(value);
      counts[name] = Number(counts[name] ?? 0) + count;
    }
  }

  /** Returns at most `count` sources, those with most amiss first, then by address. */
  worst(count: number): SourceCounts[] {
    return worstOf([...this.#bySource.values()] as unknown as SourceCounts[]).slice(0, count);
  }
}

/** Returns all sources, those with most amiss first, then by address. */
export function worstOf(all: readonly SourceCounts[]): SourceCounts[] {
  return [...all].sort((a, b) => trouble(b) - trouble(a) || (a.host < b.host ? -1 : 1));
}

function trouble(counts: SourceCounts): number {
  return TROUBLE.reduce((sum, name) => sum + Number(counts[name] ?? 0), 0);
}

function sumOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, n) => sum + (typeof n === 'number' ? n : 0), 0);
}
