/**
 * Which format a log is in.
 *
 * A log may begin in the middle of a line, or with lines of something else: these are named as
 * lines that gave no record. What a file is that is no log stands in not-logs.ts.
 */
import { KernelError } from '../../errno.js';
import type { LogFormat, LogHead } from './format.js';
import { LOG_FORMATS } from './index.js';
import { NotALogError, notALogOf, notText } from './not-logs.js';

export interface Recognition {
  readonly head: LogHead;
  /** Tried beside those of `LOG_FORMATS`; of equally sure ones, these win. */
  readonly formats: readonly LogFormat[];
  /** The only one to be tried. */
  readonly format: string | undefined;
  /** What errors call the log. */
  readonly name: string;
}

/**
 * The format of the log that begins with `head`; `undefined` if nothing in it looks like a log.
 * `NotALogError` if it is known to be something else.
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

/** EINVAL for a name that no format has. */
export function formatByName(name: string, formats: readonly LogFormat[] = LOG_FORMATS): LogFormat {
  const found = formats.find((format) => format.name === name);
  if (found !== undefined) return found;
  const names = formats.map((format) => format.name).join(', ');
  throw new KernelError('EINVAL', 'readLog', `there is no log format "${name}"; the formats are ${names}`);
}
