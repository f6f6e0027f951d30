/** /dev/kmsg as user space uses it: each call opens the kernel's door by itself. */
import type { DevkmsgMode, KmsgFile } from '../printk/kmsg.js';
import { textOrBytes } from './arguments.js';
import type { KernelCore } from './core.js';

/**
 * /dev/kmsg as user space has it, and the console level. Linux: kernel/printk/printk.c devkmsg_*().
 */
export interface KmsgCalls {
  /** printk.devkmsg. */
  mode: DevkmsgMode;
  /**
   * Records of this level and above in number stay in the log. Linux: console_loglevel, `dmesg -n`.
   */
  loglevel: number;
  /** Opens it. EPERM while `mode` is 'off'. */
  open(): KmsgFile;
  /** Opens it, writes once and closes. Returns the bytes written; EINVAL over the limit. */
  write(data: string | Uint8Array): number;
  /** All records still in the ring, as reading from the start prints them. */
  records(): Uint8Array[];
}

export function kmsgCalls(core: KernelCore): KmsgCalls {
  const { kmsg, consoles } = core;
  return {
    get mode() {
      return kmsg.mode;
    },
    set mode(mode) {
      kmsg.mode = mode;
    },
    get loglevel() {
      return consoles.consoleLoglevel;
    },
    set loglevel(level) {
      consoles.consoleLoglevel = Math.max(level, consoles.minimumConsoleLoglevel);
    },
    open: () => core.call(() => kmsg.open()),
    write: (data) =>
      core.call(() => {
        const file = kmsg.open();
        try {
          return file.write(textOrBytes('write', 'data', data));
        } finally {
          file.close();
        }
      }),
    records: () => core.call(() => [...kmsg.records()]),
  };
}
