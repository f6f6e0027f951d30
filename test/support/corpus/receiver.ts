/**
 * Reads the corpus: datagrams that have broken receivers, or could, and what this one says of each,
 * in order. Tests use them as they are, and as seeds for others.
 */
import { readFileSync } from 'node:fs';
import type { DialectName } from '../../../src/receiver/index.js';

/** Datagrams for one receiver, and what it says of them. */
export interface CorpusCase {
  readonly name: string;
  readonly dialect: DialectName;
  readonly datagrams: readonly Uint8Array[];
  readonly outcomes: readonly string[];
}

/**
 * A datagram, each character a byte (Latin-1). The long form is `start`, then `fill` as often as
 * `times` says, then `end`.
 */
type Written = string | { readonly start: string; readonly fill: string; readonly times: number; readonly end: string };

function bytes(written: Written): Uint8Array {
  const text =
    typeof written === 'string' ? written : `${written.start}${written.fill.repeat(written.times)}${written.end}`;
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

/** Returns all cases of the corpus. */
export function receiverCorpus(): CorpusCase[] {
  const cases = JSON.parse(readFileSync(new URL('receiver.json', import.meta.url), 'utf8')) as (Omit<
    CorpusCase,
    'datagrams'
  > & { datagrams: Written[] })[];
  return cases.map((entry) => ({ ...entry, datagrams: entry.datagrams.map(bytes) }));
}
