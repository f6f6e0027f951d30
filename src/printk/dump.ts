/**
 * kmsg dumpers: functions that are called when the kernel oopses, panics or is told to dump its
 * log.
 *
 *   const stop = dumpers.register(({ reason, regs }) => sendLog(reason, regs));
 *
 * A dumper reads the ring as it is; its newest record says why the dump is made.
 *
 * Linux: kernel/printk/printk.c kmsg_dump(), include/linux/kmsg_dump.h.
 */

/** `soft`: SysRq `y` of the netoops series. */
export type KmsgDumpReason = 'oops' | 'panic' | 'kexec' | 'soft';

/** One dump: why it is made, and the registers. */
export interface KmsgDump {
  /** Why the dump is made. */
  readonly reason: KmsgDumpReason;
  /** The registers at the trap, as raw bytes; absent if none were passed. */
  readonly regs?: Uint8Array;
}

/** Called with a dump. */
export type KmsgDumper = (dump: KmsgDump) => void;

/** The dumpers of one kernel. */
export class KmsgDumpers {
  readonly #list: KmsgDumper[] = [];

  /** Adds a dumper. Returns the function that takes it off again. */
  register(dumper: KmsgDumper): () => void {
    this.#list.push(dumper);
    return () => {
      const at = this.#list.indexOf(dumper);
      if (at >= 0) this.#list.splice(at, 1);
    };
  }

  /** Calls all dumpers, in the order in which they were added. Linux: kmsg_dump(). */
  dump(dump: KmsgDump): void {
    for (const dumper of [...this.#list]) dumper(dump);
  }
}
