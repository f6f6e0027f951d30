/**
 * Reads dmesg's output with dates, which dmesg computes from the stamps. The stamps of each boot
 * are counted from its first record.
 *
 *   [Mon Dec 17 07:46:44 2012] text                      dmesg -T, in any language
 *   [Mon Dec 17 07:46:44 2012 <    0.250000>] text       dmesg -T -d
 *   [Mon Dec 17 07:46:44 UTC 2012] text                  crash's log -T
 *   2012-12-17T07:46:44,123456+01:00 text                dmesg --time-format iso
 *   kern  :info  : [Mon Dec 17 07:46:44 2012] text       any of them with -x
 */
import { BSD_DATE, bsdUsec, DATE_WORD, ISO_DATE, isoUsec } from './dates.js';
import type { LogFormat } from './format.js';
import { lineFormat } from './line-format.js';
import { levelOf } from './syslog.js';

const NAMES = String.raw`(?:([a-z]+\d?) *:([a-z]+) *: )?`;
const CTIME = new RegExp(String.raw`^${NAMES}\[${DATE_WORD} ${BSD_DATE}(?: [A-Z]{2,5})? (\d{4})(?: <[ \d.+-]*>)?\] ?`);
const ISO = new RegExp(String.raw`^${NAMES}(?=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d,\d{6}[+-])${ISO_DATE} ?`);

/** `dmesg -T`: dates of whole seconds, from which the stamps are made. */
export const dmesgCtime: LogFormat = lineFormat({
  name: 'dmesg -T',
  description: 'dmesg -T (--ctime): dates of whole seconds',
  dates: 'first record',
  escaped: true,
  wraps: true,
  match(line) {
    const m = CTIME.exec(line);
    if (m === null) return undefined;
    return { at: m[0].length, timeUsec: bsdUsec(m[3]!, m[4]!, m[5]!, m[6], m[7]), ...levelOf(undefined, m[1], m[2]) };
  },
});

/** `dmesg --time-format iso`: dates of microseconds, from which the stamps are made. */
export const dmesgIso: LogFormat = lineFormat({
  name: 'dmesg --time-format iso',
  description: 'dmesg --time-format iso: dates with microseconds',
  dates: 'first record',
  escaped: true,
  wraps: true,
  match(line) {
    const m = ISO.exec(line);
    if (m === null) return undefined;
    return { at: m[0].length, timeUsec: isoUsec(m[3]!, m[4]!, m[5], m[6]), ...levelOf(undefined, m[1], m[2]) };
  },
});
