/**
 * Reads what `dmesg -x` prints: lines with the facility and the level in words.
 *
 *   kern  :info  : [    1.234567] text
 *
 * If dmesg has no name for the facility, it prints neither, and the level is unknown.
 */
import { DATE_WORD } from './dates.js';
import type { LogFormat, LogHead } from './format.js';
import { type KernelLineRules, KernelLines } from './kernel-lines.js';
import { takeNames } from './names.js';
import { STAMP_TEXT } from './stamp.js';

const NAMES = String.raw`[a-z]+\d? *:(?:emerg|alert|crit|err|warn|notice|info|debug) *: `;
const NAMED = new RegExp(`^${NAMES}(?!\\[(?:${DATE_WORD}| *\\+|<)|\\d{4}-\\d\\d-)`);
const STAMPED = new RegExp(`^${STAMP_TEXT}`);
const RULES: KernelLineRules = {
  mark: takeNames,
  wraps: true,
  reason: 'no "facility:level: [seconds.microseconds] " in front',
};

/** `dmesg -x`: facility and level in words. It needs a line that has them. */
export const dmesgDecode: LogFormat = {
  name: 'dmesg -x',
  description: 'dmesg -x: facility and level in words',
  recognise(head: LogHead) {
    if (!head.lines.some((line) => NAMED.test(line))) return 0;
    return head.share((line) => NAMED.test(line) || STAMPED.test(line));
  },
  open: (head: LogHead) => new KernelLines(head, RULES),
};
