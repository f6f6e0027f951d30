/** Finds out why a kernel did not take something, for those who must say it in a sentence. */
import { decodeText } from '../wire/text.js';
import type { Kernel } from './index.js';

const LOGLEVEL_WARNING = 4;

/**
 * Returns what the kernel's log says of a failure: the first text that is a warning or worse, or
 * that something could not be parsed. Returns undefined if there is none.
 */
export function complaintOf(kernel: Kernel): string | undefined {
  for (const record of kernel.kmsg.records()) {
    const [, prio, text = ''] = /^(\d+),[^;]*;(.*)/.exec(decodeText(record)) ?? [];
    if ((Number(prio) & 7) <= LOGLEVEL_WARNING || text.includes("couldn't parse")) return text;
  }
  return undefined;
}
