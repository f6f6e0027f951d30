/**
 * Reads the syslog protocol of RFC 5424 as relays write it into files.
 *
 *   <6>1 2025-03-20T13:48:00.172709+01:00 host1 kernel - - - [   12.345678] text
 */
import { ISO_DATE, isoUsec } from './dates.js';
import type { LogFormat } from './format.js';
import { lineFormat } from './line-format.js';
import { levelOf } from './syslog.js';

const LINE = new RegExp(
  String.raw`^(?:\d+ )?<(\d{1,3})>1 (?:${ISO_DATE}|-) (\S+) (\S+) \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+) ?(?:\xef\xbb\xbf)?`,
);

/** RFC 5424: a priority, a date kept as `timeUsec`, the host and the program. */
export const syslog5424: LogFormat = lineFormat({
  name: 'syslog-5424',
  description: 'the syslog protocol of RFC 5424: "<6>1 2025-03-20T13:48:00Z host kernel - - - text"',
  match(line) {
    const m = LINE.exec(line);
    if (m === null) return undefined;
    if (m[7] !== 'kernel' && m[7] !== '-') return "another program's line";
    return {
      at: m[0].length,
      host: m[6] === '-' ? undefined : m[6],
      timeUsec: m[2] === undefined ? undefined : isoUsec(m[2], m[3]!, m[4], m[5]),
      ...levelOf(m[1]),
    };
  },
});
