/**
 * Reads what syslog daemons write into files, and the journal's short forms.
 *
 *   Jan 18 08:30:20 host1 kernel: [  997.390602] text           kern.log, messages, journalctl -k
 *   Jan  1 00:00:05 host1 kern.info kernel: [    5.123456] text  busybox
 *   2013-06-14T16:31:40.514513-07:00 host kernel: text          rsyslog with dates of RFC 3339
 *   2024-01-01T00:00:00.000100+00:00 192.0.2.5 [ 1234.567890] text      a relay of plain netconsole
 *
 * The date says when the daemon got the line. So it is kept beside the kernel's stamp (as
 * `timeUsec`) and never in its place. Lines of other programs are reported.
 */
import { BSD_DATE, bsdUsec, DATE_WORD, ISO_DATE, isoUsec } from './dates.js';
import type { LogFormat } from './format.js';
import { HIDDEN, isHidden } from './journal-entry.js';
import { type LineMatch, lineFormat } from './line-format.js';
import { FACILITY_NUMBERS, LEVEL_NUMBERS } from './names.js';
import { STAMP_TEXT } from './stamp.js';

/**
 * What follows the date: a host, perhaps a facility and a level, and the program's name. The groups
 * are host, facility and level.
 */
const KERNEL_TAG: string = String.raw`(?: +([^\s\[]\S*))?? +(?:<?([a-z]+\d?)\.([a-z]+)>? +)?(?:kernel(?:\[\d+\])?: ?|: ?(?=${STAMP_TEXT})|(?=${STAMP_TEXT}))`;
const OTHER_PROGRAM = "another program's line";
/** What daemons log about themselves under the kernel's name. */
const DAEMON =
  /^(?:imklog \d|klogd \d|Kernel logging \(proc\) stopped|Kernel log daemon terminating|message repeated \d+ times: \[)/;
const OF_DAEMON = "the syslog daemon's own line";

const BSD = new RegExp(String.raw`^(?:<(\d{1,4})>)?(?:${DATE_WORD} )?${BSD_DATE}(?: (\d{4}))?${KERNEL_TAG}`);
const BSD_LINE = new RegExp(String.raw`^(?:<\d{1,4}>)?(?:${DATE_WORD} )?${BSD_DATE} \S+ `);
const ISO = new RegExp(String.raw`^(?:<(\d{1,4})>)?(?:${DATE_WORD} )?${ISO_DATE}${KERNEL_TAG}`);
const ISO_LINE = new RegExp(String.raw`^(?:<\d{1,4}>)?(?:${DATE_WORD} )?${ISO_DATE} \S+ `);
/** ChromeOS writes a level where others write the host. */
const LEVEL_WORD = /^(?:EMERG|ALERT|CRIT|ERR|WARNING|NOTICE|INFO|DEBUG)$/;
const JOURNAL = /^-- (?:Logs begin|Journal begins|Boot [0-9a-f]|Reboot --)/;
const REBOOT = /^-- (?:Reboot|Boot [0-9a-f]{32}) --$/;

/** Returns level and facility from a `<priority>` in front, or else from their names. */
export function levelOf(priority?: string, facility?: string, level?: string): Pick<LineMatch, 'level' | 'facility'> {
  if (priority !== undefined) return { level: Number(priority) & 7, facility: Number(priority) >> 3 };
  return { level: LEVEL_NUMBERS.get(level ?? ''), facility: FACILITY_NUMBERS.get(facility ?? '') };
}

function matchBsd(line: string): LineMatch | string | undefined {
  const m = BSD.exec(line);
  if (m === null) return BSD_LINE.test(line) ? OTHER_PROGRAM : undefined;
  if (DAEMON.test(line.slice(m[0].length))) return OF_DAEMON;
  if (isHidden(line.slice(m[0].length))) return HIDDEN;
  const timeUsec = bsdUsec(m[2]!, m[3]!, m[4]!, m[5], m[6]);
  if (timeUsec === undefined) return undefined;
  return { at: m[0].length, host: m[7], timeUsec, ...levelOf(m[1], m[8], m[9]) };
}

function matchIso(line: string): LineMatch | string | undefined {
  const m = ISO.exec(line);
  if (m === null) return ISO_LINE.test(line) ? OTHER_PROGRAM : undefined;
  if (DAEMON.test(line.slice(m[0].length))) return OF_DAEMON;
  if (isHidden(line.slice(m[0].length))) return HIDDEN;
  const timeUsec = isoUsec(m[2]!, m[3]!, m[4], m[5]);
  if (LEVEL_WORD.test(m[6] ?? ''))
    return { at: m[0].length, timeUsec, ...levelOf(m[1], undefined, m[6]!.toLowerCase()) };
  return { at: m[0].length, host: m[6], timeUsec, ...levelOf(m[1], m[7], m[8]) };
}

/** Daemons' files with dates such as `Jan 18 08:30:20`, kept as `timeUsec`. */
export const syslog: LogFormat = lineFormat({
  name: 'syslog',
  description: 'kern.log and messages of syslog daemons: "Jan 18 08:30:20 host kernel: text"',
  wraps: true,
  match: matchBsd,
  reboot: REBOOT,
});

/** Daemons' files with dates of RFC 3339, kept as `timeUsec`. */
export const syslogIso: LogFormat = lineFormat({
  name: 'syslog-iso',
  description: 'the same with dates of RFC 3339, as rsyslog and journalctl -o short-iso write them',
  wraps: true,
  match: matchIso,
  reboot: REBOOT,
});

/** `journalctl -k` in its short forms, known by the journal's own lines between records. */
export const journalShort: LogFormat = lineFormat({
  name: 'journalctl -k',
  wraps: true,
  description: 'journalctl -k in its short forms, with the lines that say where a boot begins',
  match(line) {
    const bsd = matchBsd(line);
    return typeof bsd === 'object' ? bsd : (matchIso(line) ?? bsd);
  },
  reboot: REBOOT,
  recognise(head) {
    if (!head.lines.some((line) => JOURNAL.test(line))) return 0;
    return head.share((line) => JOURNAL.test(line) || BSD.test(line) || ISO.test(line));
  },
});
