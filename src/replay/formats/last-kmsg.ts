/**
 * Reads logs of vendors' kernels whose stamps hold more than Linux's: Android's `last_kmsg`,
 * consoles of set-top boxes. stamp.ts lists the forms.
 *
 *   <6>[    1.250000,2] text
 *   [    1.250000@2] text
 */

import { RAW_RULES } from './dmesg-raw.js';
import type { LogFormat, LogHead } from './format.js';
import { KernelLines } from './kernel-lines.js';

const LINE = /^(?:<\d{1,4}>)?\[ *\d+\.\d{6}(?:\d{3}|s|[@,]\d{1,4}| *\/ *[-\d: .]+)\]/;

/** Vendors' kernels. It is sure only of stamps that hold more than Linux's. */
export const lastKmsg: LogFormat = {
  name: 'last_kmsg',
  description: "vendors' kernels, with the CPU in the stamp: Android's last_kmsg and dmesg",
  recognise: (head: LogHead) => head.share((line) => LINE.test(line)),
  open: (head: LogHead) => new KernelLines(head, RAW_RULES),
};
