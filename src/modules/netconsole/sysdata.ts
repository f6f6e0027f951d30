/**
 * What the kernel appends to extended messages by itself: processor, task, release, a counter.
 * Linux: enum sysdata_feature.
 */
import type { KernelContext } from '../../kernel/context.js';
import type { PrintkRecord } from '../../printk/record.js';
import { encodeText } from '../../wire/text.js';
import type { Target } from './target.js';

/** Writes the sysdata lines at `dst`; returns their length. Linux: prepare_sysdata(). */
export function putSysdata(nt: Target, context: KernelContext, dst: number, record: PrintkRecord): number {
  const { heap, profile, release, current } = context;
  const fields = nt.sysdataFields;
  const who = profile.executionContext ? record : current;
  let text = '';
  if (fields.cpuNr) text += ` cpu=${who.cpu}\n`;
  if (fields.taskname) text += ` taskname=${who.comm}\n`;
  if (fields.release) text += ` release=${release}\n`;
  if (fields.msgid) {
    nt.msgcounter = (nt.msgcounter + 1) >>> 0;
    text += ` msgid=${nt.msgcounter}\n`;
  }
  const bytes = encodeText(text);
  heap.bytes.set(bytes, dst);
  return bytes.length;
}
