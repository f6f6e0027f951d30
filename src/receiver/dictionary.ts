/** Reading the dictionary that a record carries. */
import { dictionaryEntries } from '../wire/record.js';
import type { ReceivedRecord } from './record.js';

const CARRIAGE_RETURN = 0x0d;

/**
 * Returns the ` KEY=VALUE` lines behind a record's text, in their order: what a driver adds
 * (SUBSYSTEM, DEVICE), userdata and sysdata. Keys and values are views of `record.dict`. Userdata
 * is sent as it is, newlines included, so values are not unescaped, and a line of another form
 * belongs to the value before it. If all values end in a CR, it is a relay's, whose lines end in CR
 * LF, and is taken off.
 */
export function dictionary(record: Pick<ReceivedRecord, 'dict'>): [key: Uint8Array, value: Uint8Array][] {
  const entries: [Uint8Array, Uint8Array][] = [];
  const { dict } = record;
  if (dict === undefined) return entries;
  dictionaryEntries(dict, 0, dict.length, (keyAt, equals, valueEnd) => {
    entries.push([dict.subarray(keyAt, equals), dict.subarray(equals + 1, valueEnd)]);
  });
  if (entries.length > 0 && entries.every(([, value]) => value.at(-1) === CARRIAGE_RETURN))
    for (const entry of entries) entry[1] = entry[1].subarray(0, -1);
  return entries;
}
