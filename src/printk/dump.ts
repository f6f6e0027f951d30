/**
 * kmsg dumpers: functions that are called when the kernel oopses, panics or is told to dump its
 * log.
 *
 *   const stop = dumpers.register((dump) => send(dump.records()));
 *
 * A dumper reads the ring as it is; its newest record says why the dump is made.
 *
 * Linux: kernel/printk/printk.c kmsg_dump(), include/linux/kmsg_dump.h.
 */

/** `soft`: SysRq `y` of the netoops series. */
export type KmsgDumpReason = 'oops' | 'panic' | 'kexec' | 'soft';

/** One dump: why it is made, and the records. */
export interface KmsgDump {
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

  /** Linux: kmsg_dump(). */
  dump(dump: KmsgDump): void {
    for (const dumper of [...this.#list]) dumper(dump);
  }
}
