/**
 * Reads what OpenWrt's logread prints: a date with the year, then facility and level, but no host.
 *
 *   Thu Jan  1 00:00:05 1970 kern.info kernel: [    5.123456] text
 */
import { BSD_DATE, bsdUsec, DATE_WORD } from './dates.js';
import type { LogFormat } from './format.js';
import { lineFormat } from './line-format.js';
import { levelOf } from './syslog.js';

const LINE = new RegExp(
  String.raw`^${DATE_WORD} ${BSD_DATE} (\d{4}) (?:\[\d+\.\d+\] )?([a-z]+\d?)\.([a-z]+) (\S+?)(?:\[\d+\])?: ?`,
);

/** `logread` of OpenWrt: dates, kept as `timeUsec`, and facility and level in words. */
export const logread: LogFormat = lineFormat({
  name: 'logread',
  description: "OpenWrt's logread",
  match(line) {
    const m = LINE.exec(line);
    if (m === null) return undefined;
    if (m[8] !== 'kernel') return "another program's line";
    return { at: m[0].length, timeUsec: bsdUsec(m[1]!, m[2]!, m[3]!, m[4], m[5]), ...levelOf(undefined, m[6], m[7]) };
  },
});
