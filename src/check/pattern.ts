/**
 * A form of output that a user describes with a regular expression, whose groups are `host`, `text`
 * or `payload`, `seq`, `tsUsec` and `level`. Lines that it does not match are passed over.
 */
import { basename } from 'node:path';
import { invalid } from '../errno.js';
import { defined } from '../options.js';
import { firstFault } from '../schema.js';
import type { OutputFormat } from './format.js';
import { RECEIVED } from './json-record.js';
import { fromPayload, type Printed, plainAddress, printedRecord } from './payload.js';

/** Makes the form. Throws EINVAL for what is no regular expression, or has no group for a text. */
export function patternFormat(source: string): OutputFormat {
  let pattern: RegExp;
  try {
    pattern = new RegExp(source, 'su');
  } catch (error) {
    const why = (error as Error).message.replace(/^.*: /s, '');
    throw invalid('check', `the pattern ${source} is no regular expression: ${why}`);
  }
  if (!/\(\?<(text|payload)>/.test(source)) {
    throw invalid('check', `the pattern ${source} has no group (?<text>...), nor (?<payload>...): name the message so`);
  }
  // Returns the record of a line, or why it is none; undefined where the pattern does not match.
  const read = (line: string, file: string): Printed | string | undefined => {
    const groups = pattern.exec(line)?.groups;
    if (groups === undefined) return undefined;
    const { host = basename(file), text, payload, seq, tsUsec, level } = groups;
    if (text === undefined) return fromPayload(plainAddress(host), payload ?? '');
    const numbers = { seq: numberIn(seq), tsUsec: numberIn(tsUsec), level: numberIn(level) };
    const record = { host: plainAddress(host), text, ...defined(numbers) };
    return firstFault(record, RECEIVED, '') ?? printedRecord(record as Printed);
  };
  return {
    name: 'pattern',
    about: source,
    parse(line, file) {
      const one = read(line, file);
      if (one === undefined) return 'skip';
      return typeof one === 'string' ? undefined : one;
    },
    fault(line) {
      const one = read(line, '');
      return typeof one === 'string' ? `its group ${one}` : undefined;
    },
  };
}

/** Returns the number that a group has matched; what is no number stays as it is. */
function numberIn(group: string | undefined): number | string | undefined {
  const bare = group?.trim();
  if (bare === undefined || bare === '') return undefined;
  return /^\d+$/.test(bare) ? Number(bare) : group;
}
