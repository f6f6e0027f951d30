/** Datagrams that have broken receivers, or could; what this one says of each, in order. Used as they are and as seeds. */
import { readFileSync } from 'node:fs';
import type { DialectName } from '../../../src/receiver/index.js';

export interface CorpusCase {
  readonly name: string;
  readonly dialect: DialectName;
  readonly datagrams: readonly Uint8Array[];
  readonly outcomes: readonly string[];
}

/** Characters are bytes (Latin-1); the long form is `start`, then `fill` so many `times`, then `end`. */
type Written = string | { readonly start: string; readonly fill: string; readonly times: number; readonly end: string };

function bytes(written: Written): Uint8Array {
  const text =
    typeof written === 'string' ? written : `${written.start}${written.fill.repeat(written.times)}${written.end}`;
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

export function receiverCorpus(): CorpusCase[] {
  const cases = JSON.parse(readFileSync(new URL('receiver.json', import.meta.url), 'utf8')) as (Omit<
    CorpusCase,
    'datagrams'
  > & { datagrams: Written[] })[];
  return cases.map((entry) => ({ ...entry, datagrams: entry.datagrams.map(bytes) }));
}
