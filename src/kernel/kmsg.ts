/** /dev/kmsg as user space uses it: each call opens the kernel's door by itself. */
import type { DevkmsgMode, KmsgFile } from '../printk/kmsg.js';
import { textOrBytes } from './arguments.js';
import type { KernelCore } from './core.js';

/**
 * /dev/kmsg as user space has it, and the console level. Linux: kernel/printk/printk.c devkmsg_*().
 */
export interface KmsgCalls {
  /** Whether writes are taken, refused or limited in rate. Linux: printk.devkmsg. */
  mode: DevkmsgMode;
  /**
   * Consoles print only records whose level is a lower number. A value below the least that the
   * kernel allows is raised to that. Linux: console_loglevel, `dmesg -n`.
   */
  loglevel: number;
  /** Opens /dev/kmsg. Throws EPERM while `mode` is 'off'. */
  open(): KmsgFile;
  /**
   * Opens /dev/kmsg, writes once and closes it. Returns the bytes written; throws EINVAL over the
   * limit.
   */
  write(data: string | Uint8Array): number;
  /** Returns all records that are still in the ring, as reading from the start prints them. */
  records(): Uint8Array[];
}

/** Makes the functions of `Kernel.kmsg`, each of which runs as one call of `core`. */
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
