/**
 * What the kernel appends to extended messages by itself: processor, task, release, a counter.
 * Linux: enum sysdata_feature.
 */
import type { Heap } from '../../memory/heap.js';
import type { PrintkRecord } from '../../printk/record.js';
import type { Profile } from '../../profile/index.js';
import type { NetconsoleTarget } from './target.js';

const encoder = new TextEncoder();

/** What sysdata asks of the kernel. */
export interface SysdataHost {
  readonly heap: Heap;
  readonly profile: Profile;
  /** utsname's release. */
  readonly release: string;
  /** Who is printing now. */
  readonly current: { readonly cpu: number; readonly comm: string };
}

/** Writes the sysdata lines at `dst`; returns their length. Linux: prepare_sysdata(). */
export function putSysdata(nt: NetconsoleTarget, host: SysdataHost, dst: number, record: PrintkRecord): number {
  const { heap, profile } = host;
  const fields = nt.sysdataFields;
  const who = profile.executionContext ? record : host.current;
  let text = '';
  if (fields.cpuNr) text += ` cpu=${who.cpu}\n`;
  if (fields.taskname) text += ` taskname=${who.comm}\n`;
  if (fields.release) text += ` release=${host.release}\n`;
  if (fields.msgid) {
    nt.msgcounter = (nt.msgcounter + 1) >>> 0;
    text += ` msgid=${nt.msgcounter}\n`;
  }
  const bytes = encoder.encode(text);
  heap.bytes.set(bytes, dst);
  return bytes.length;
}
