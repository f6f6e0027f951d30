/**
 * Reads what dmesg prints without options, and a console's output with nothing else in it.
 *
 *   [    1.234567] text
 *   [    1.234567] [    T1] text                 with PRINTK_CALLER; the kernel itself writes `][`
 *
 * These lines do not tell the level, so all records have level -1.
 */
import type { LogFormat, LogHead } from './format.js';
import { type KernelLineRules, KernelLines } from './kernel-lines.js';
import { STAMP_TEXT } from './stamp.js';

const LINE = new RegExp(`^[ \\t]*${STAMP_TEXT}`);
const RULES: KernelLineRules = { wraps: true, reason: 'no "[seconds.microseconds] " in front' };

/** dmesg without options: every line begins with a stamp, and none tells the level. */
export const dmesg: LogFormat = {
  name: 'dmesg',
  description: 'dmesg, and consoles and files that have its lines',
  recognise: (head: LogHead) => head.share((line) => LINE.test(line)),
  open: (head: LogHead) => new KernelLines(head, RULES),
};
