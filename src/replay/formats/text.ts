/**
 * Reads a kernel's texts with nothing else: `dmesg -t`, or dmesg of a kernel without printk.time.
 * Any file could be such a log, so this format is used only when it is asked for (`--format text`).
 */
import type { LogFormat } from './format.js';
import { lineFormat } from './line-format.js';

/** Any lines, each a record without a stamp. It is never sure of a head. */
export const text: LogFormat = lineFormat({
  name: 'text',
  description: 'lines without stamps (printk.time=0, dmesg -t); only when asked for',
  escaped: true,
  match: () => ({ at: 0 }),
  recognise: () => 0,
});
