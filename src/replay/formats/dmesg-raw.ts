/**
 * Reads what `dmesg -r`, `/proc/kmsg` and a console with console_msg_format=syslog print.
 *
 *   <6>[    1.234567] text
 *
 * If dmesg has no name for a facility, it prints `<-1>`, and the level is unknown. util-linux
 * before 2.39 prints a wrong priority (facility | level) for what user space logged; that cannot be
 * undone here.
 */
import type { LogFormat, LogHead } from './format.js';
import { type KernelLineRules, KernelLines } from './kernel-lines.js';
import { takePriority } from './stamp.js';

const LINE = /^[ \t]*<-?\d{1,4}>(?!\d+ \d{4}-\d\d-|[A-Z][a-z]{2} [ \d]\d \d\d:)/;
/** The rules for lines that a `<priority>` begins. */
export const RAW_RULES: KernelLineRules = { mark: takePriority, wraps: true, reason: 'no "<priority>" in front' };

/** `dmesg -r`: every line begins with a `<priority>`. */
export const dmesgRaw: LogFormat = {
  name: 'dmesg -r',
  description: 'dmesg -r, /proc/kmsg, consoles with console_msg_format=syslog',
  recognise: (head: LogHead) => head.share((line) => LINE.test(line)),
  open: (head: LogHead) => new KernelLines(head, RAW_RULES),
};
