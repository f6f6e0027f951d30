/**
 * Finds out which format a log is in.
 *
 * A log may begin in the middle of a line or with lines of something else; these lines are reported
 * as giving no record. not-logs.ts recognises files that are not logs at all.
 */
import { KernelError } from '../../errno.js';
import type { LogFormat, LogHead } from './format.js';
import { LOG_FORMATS } from './index.js';
import { NotALogError, notALogOf, notText } from './not-logs.js';

/** What `recognise` has to go by. */
export interface Recognition {
  readonly head: LogHead;
  /** Formats to try beside `LOG_FORMATS`; if equally sure, these win. */
  readonly formats: readonly LogFormat[];
  /** The name of the only format to try; `undefined`: all are tried. */
  readonly format: string | undefined;
  /** The name that errors give the log. */
  readonly name: string;
}

/**
 * Returns the format of the log that begins with `head`, or `undefined` if nothing in it looks like
 * a log. Throws `NotALogError` if it is known to be something else.
 */
export function recognise({ head, formats, format, name }: Recognition): LogFormat | undefined {
  const bytes = notText(head.bytes);
  if (bytes !== undefined) throw new NotALogError(name, bytes);
  const all = [...formats, ...LOG_FORMATS];
  if (format !== undefined) return formatByName(format, all);
  let best: LogFormat | undefined;
  let surest = 0;
  for (const candidate of all) {
    const sure = candidate.recognise(head);
    if (sure > surest) {
      surest = sure;
      best = candidate;
    }
    if (surest === 1) break;
  }
  const what = formats.includes(best!) ? undefined : notALogOf(head, surest);
  if (what !== undefined) throw new NotALogError(name, what);
  return best;
}

/** Returns the format of this name; throws EINVAL if none has it. */
export function formatByName(name: string, formats: readonly LogFormat[] = LOG_FORMATS): LogFormat {
  const found = formats.find((format) => format.name === name);
  if (found !== undefined) return found;
  const names = formats.map((format) => format.name).join(', ');
  throw new KernelError('EINVAL', 'readLog', `there is no log format "${name}"; the formats are ${names}`);
}
