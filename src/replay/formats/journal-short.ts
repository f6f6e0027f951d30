/**
 * Reads the short forms of journalctl that put a clock of their own in front of the host.
 *
 *   [    5.123456] host1 kernel: text            -o short-monotonic; -o short-delta adds a difference
 *   1474387370.123456 host1 kernel: text         -o short-unix
 */
import type { LogFormat, LogHead } from './format.js';
import { HIDDEN, isHidden } from './journal-entry.js';
import { lineFormat } from './line-format.js';

const MONOTONIC = /^\[ *(\d+)\.(\d{6}) *(?:<[ \d.+-]*>)?\] (\S+) (\S+?)(?:\[\d+\])?: ?/;
const UNIX = /^(\d{9,11})\.(\d{6}) (\S+) (\S+?)(?:\[\d+\])?: ?/;
const STAMPED = /^\[ *\d+\.\d{6}/;
const OTHER_PROGRAM = "another program's line";

/** `journalctl -o short-monotonic`: the journal's stamp is taken as the kernel's. */
export const journalMonotonic: LogFormat = lineFormat({
  wraps: true,
  name: 'journalctl -o short-monotonic',
  description: 'journalctl -o short-monotonic and short-delta',
  match(line) {
    const m = MONOTONIC.exec(line);
    if (m === null) return undefined;
    if (m[4] !== 'kernel') return OTHER_PROGRAM;
    if (isHidden(line.slice(m[0].length))) return HIDDEN;
    return { at: m[0].length, tsUsec: Number(m[1]) * 1e6 + Number(m[2]), host: m[3] };
  },
  reboot: /^-- (?:Reboot|Boot [0-9a-f]{32}) --$/,
  recognise(head: LogHead) {
    // A line of dmesg may look the same if its text does. In a journal all lines name one host.
    const hosts = new Map<string, number>();
    let first: string | undefined;
    let stamped = 0;
    for (const line of head.lines) {
      if (STAMPED.test(line)) stamped++;
      const m = MONOTONIC.exec(line);
      if (m === null) continue;
      if (m[4] === 'kernel') first ??= m[3]!;
      hosts.set(m[3]!, (hosts.get(m[3]!) ?? 0) + 1);
    }
    return first !== undefined && hosts.get(first)! >= stamped / 2 ? stamped / head.lines.length : 0;
  },
});

/** `journalctl -o short-unix`: dates, kept as `timeUsec`. */
export const journalUnix: LogFormat = lineFormat({
  name: 'journalctl -o short-unix',
  description: 'journalctl -o short-unix',
  wraps: true,
  match(line) {
    const m = UNIX.exec(line);
    if (m === null) return undefined;
    if (m[4] !== 'kernel') return OTHER_PROGRAM;
    if (isHidden(line.slice(m[0].length))) return HIDDEN;
    return { at: m[0].length, timeUsec: Number(m[1]) * 1e6 + Number(m[2]), host: m[3] };
  },
  reboot: /^-- (?:Reboot|Boot [0-9a-f]{32}) --$/,
});
