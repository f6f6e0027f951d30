/**
 * Oops and panic: what a dying kernel still says, and when.
 *
 *   panic.oops(() => kernel.printk(...));     // the trace is logged inside
 *   panic.panic('Fatal exception');           // the last words
 *
 * Until 6.19 consoles print at once, so the network gets the text as it is logged. From 7.0 on netconsole prints from
 * threads, which stand still in an emergency: an oops goes out when it is over, and a panic only at its very end, after
 * the decision to reboot: with panic_timeout other than 0 nothing leaves.
 *
 * Linux: kernel/panic.c panic(), oops_enter(), oops_exit(), bust_spinlocks().
 */
import type { ConsoleRegistry } from '../console/index.js';
import type { KmsgDumpers } from '../printk/dump.js';
import { CONSOLE_LOGLEVEL_MOTORMOUTH } from '../printk/record.js';

export interface PanicHost {
  readonly consoles: ConsoleRegistry;
  readonly dumpers: KmsgDumpers;
  /** `force`: every console prints it. */
  log(level: number, text: string, force?: boolean): void;
  /** Ends all logging. Linux: suppress_printk. */
  suppress(): void;
  /** Lets time pass while nothing else runs. */
  spinUntil(usec: number): void;
  now(): number;
}

export interface PanicOptions {
  /** Logs what belongs to the panic: the stack, the modules. */
  readonly trace?: () => void;
  readonly regs?: Uint8Array;
}

/** What SysRq keys log beside their own line. */
export interface SysrqOptions {
  /** Logs the first line of a key that this kernel does not know. */
  readonly header?: () => void;
  /** Logs what belongs to the panic of `c`. */
  readonly trace?: () => void;
}

export class Panic {
  /** Seconds from panic to reboot; 0: never, negative: at once. Linux: panic_timeout. */
  timeout = 0;
  /** printk.console_no_auto_verbose. */
  noAutoVerbose = false;
  /** The machine restarts: nothing more happens. */
  dead = false;
  /** Linux: oops_in_progress. */
  inProgress = 0;
  /** SysRq keys that modules brought: what is printed, and what they do. Linux: register_sysrq_key(). */
  readonly keys: Map<string, { readonly action: string; readonly handler: () => void }> = new Map();
  readonly #host: PanicHost;

  constructor(host: PanicHost) {
    this.#host = host;
  }

  /** Linux: console_verbose(). */
  #verbose(): void {
    const { consoles } = this.#host;
    if (consoles.consoleLoglevel > 0 && !this.noAutoVerbose) consoles.consoleLoglevel = CONSOLE_LOGLEVEL_MOTORMOUTH;
  }

  /** An oops: `trace` logs it. The dumpers are called after it. */
  oops(trace: () => void, regs?: Uint8Array): void {
    const { consoles, dumpers } = this.#host;
    this.#verbose();
    this.inProgress++;
    consoles.emergency++;
    try {
      trace();
    } finally {
      dumpers.dump({ reason: 'oops', ...(regs ? { regs } : {}) });
      consoles.emergency--;
      this.inProgress--;
    }
  }

  /**
   * A SysRq key: its header reaches every console, and then it does what it does: `0` to `9` set the console level for
   * good, `c` panics; `header` logs the header of the others. Linux: drivers/tty/sysrq.c __handle_sysrq().
   */
  sysrq(key: string, header: () => void, trace?: () => void): void {
    const { consoles } = this.#host;
    const level = consoles.consoleLoglevel;
    consoles.consoleLoglevel = consoles.defaultConsoleLoglevel;
    if (/^\d$/.test(key)) this.#host.log(6, 'sysrq: Changing Loglevel', true);
    else if (key === 'c') this.#host.log(6, 'sysrq: Trigger a crash', true);
    else if (this.keys.has(key)) this.#host.log(6, `sysrq: ${this.keys.get(key)!.action}`, true);
    else header();
    consoles.consoleLoglevel = level;
    if (/^\d$/.test(key)) {
      consoles.consoleLoglevel = consoles.defaultConsoleLoglevel;
      this.#host.log(6, `sysrq: Loglevel set to ${key}`);
      consoles.consoleLoglevel = Number(key);
    }
    this.keys.get(key)?.handler();
    if (key === 'c') this.panic('sysrq triggered crash', trace ? { trace } : {});
  }

  /** A panic: the last call that this kernel answers. */
  panic(message: string, options: PanicOptions = {}): void {
    const { consoles, dumpers } = this.#host;
    this.#verbose();
    this.inProgress++;
    consoles.emergency++;
    this.#host.log(0, `Kernel panic - not syncing: ${message}`);
    options.trace?.();
    dumpers.dump({ reason: 'panic', ...(options.regs ? { regs: options.regs } : {}) });
    if (this.timeout > 0) {
      this.#host.log(0, `Rebooting in ${this.timeout} seconds..`);
      this.#host.spinUntil(this.#host.now() + this.timeout * 1e6);
    }
    this.dead = this.timeout !== 0;
    if (this.timeout === 0) {
      this.#host.log(0, `---[ end Kernel panic - not syncing: ${message} ]---`);
      consoles.flushUnsafe();
    }
    this.#host.suppress();
  }
}
