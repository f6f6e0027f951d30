/**
 * Reads what Android's `logcat -b kernel` prints, in its forms threadtime, time and brief. The
 * kernel's records are those without a tag.
 *
 *   09-06 10:36:55.187     0     0 I         : [    0.000000,0] text
 *   1567766215.187     0     0 I         : text      -v epoch; -v monotonic counts from the boot
 *   09-06 10:36:55.187 I/        (    0): text
 *   I/        (    0): text
 */
import { isoUsec } from './dates.js';
import type { LogFormat } from './format.js';
import { lineFormat } from './line-format.js';

const DATE = String.raw`(?:(\d{4})-)?(\d\d-\d\d) (\d\d:\d\d:\d\d)\.(\d{3,9})(?: [+-]\d{4})?`;
const LINE = new RegExp(
  String.raw`^(?:(?:${DATE}| *(?:\d{9,10}|\d{1,8})\.\d{3,9}) +(?:\S+ +)?\d+ +\d+ ([VDIWEFS]) (.*?) *: ?|(?:${DATE} +)?([VDIWEFS])\/(.*?) *\( *\d+\): ?)`,
);
const NO_YEAR = '2000';
/**
 * Android: system/logging/logd/LogKlog.cpp. `F` (fatal) stands for critical, alert and emergency.
 */
const LEVELS: Readonly<Record<string, number>> = { V: 7, D: 7, I: 6, W: 4, E: 3, F: 2, S: 2 };

/** `logcat -b kernel`: level and date of logd, and the kernel's own stamp if it is there. */
export const logcat: LogFormat = lineFormat({
  name: 'logcat -b kernel',
  description: "Android's logcat -b kernel",
  match(line) {
    const m = LINE.exec(line);
    if (m === null) return undefined;
    const [year, day, time, fraction] = m[2] === undefined ? m.slice(7, 11) : m.slice(1, 5);
    const tag = m[6] ?? m[12] ?? '';
    if (tag !== '' && tag !== 'kernel') return "another program's line";
    const timeUsec = day === undefined ? undefined : isoUsec(`${year ?? NO_YEAR}-${day}`, time!, fraction);
    return { at: m[0].length, level: LEVELS[m[5] ?? m[11]!], timeUsec };
  },
});
