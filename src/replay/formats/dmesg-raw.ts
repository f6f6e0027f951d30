/**
 * What `dmesg -r` prints, a console with console_msg_format=syslog, `/proc/kmsg`.
 *
 *   <6>[    1.234567] text
 *
 * Where dmesg has no name for a facility it prints `<-1>`, and the level is not known. util-linux
 * before 2.39 prints the priority of what user space logged wrongly (facility | level); nothing
 * here can mend that.
 */
import type { LogFormat, LogHead } from './format.js';
import { type KernelLineRules, KernelLines } from './kernel-lines.js';
import { takePriority } from './stamp.js';

const LINE = /^[ \t]*<-?\d{1,4}>(?!\d+ \d{4}-\d\d-|[A-Z][a-z]{2} [ \d]\d \d\d:)/;
export const RAW_RULES: KernelLineRules = { mark: takePriority, wraps: true, reason: 'no "<priority>" in front' };

export const dmesgRaw: LogFormat = {
  name: 'dmesg -r',
  description: 'dmesg -r, /proc/kmsg, consoles with console_msg_format=syslog',
  recognise: (head: LogHead) => head.share((line) => LINE.test(line)),
  open: (head: LogHead) => new KernelLines(head, RAW_RULES),
};
