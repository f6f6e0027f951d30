/**
 * A kernel's texts and nothing else: dmesg of a kernel without printk.time, `dmesg -t`. Anything
 * could be such a log, so it is read only when it is asked for (`--format text`).
 */
import type { LogFormat } from './format.js';
import { lineFormat } from './line-format.js';

export const text: LogFormat = lineFormat({
  name: 'text',
  description: 'lines without stamps (printk.time=0, dmesg -t); only when asked for',
  escaped: true,
  match: () => ({ at: 0 }),
  recognise: () => 0,
});
