/**
 * Oops and panic: which messages a dying kernel still sends, and when.
 *
 *   panic.oops(() => kernel.printk(...));     // the trace is logged inside
 *   panic.panic('Fatal exception');           // the last words
 *
 * Until 6.19 consoles print at once, so the network gets the text as it is logged. From 7.0 on
 * netconsole prints from threads, which stand still in an emergency: an oops goes out when it is
 * over, and a panic only at its very end, after the decision to reboot: with panic_timeout other
 * than 0 nothing leaves.
 *
 * Linux: kernel/panic.c panic(), oops_enter(), oops_exit(), bust_spinlocks().
 */
import { CONSOLE_LOGLEVEL_MOTORMOUTH } from '../printk/record.js';
import type { KernelContext } from './context.js';

/** What belongs to a panic besides its message. */
export interface PanicOptions {
  /** Logs what belongs to the panic: the stack, the modules. */
  readonly trace?: () => void;
  /** The processor's registers, the bytes of `struct pt_regs`, for dumpers such as netoops. */
  readonly regs?: Uint8Array;
}

/** What a SysRq key logs besides its own line. */
export interface SysrqOptions {
  /** Logs the first line of a key that this kernel does not know. */
  readonly header?: () => void;
  /**
   * Logs what belongs to the crash of `c`: to its panic, or, up to 4.19, to the oops before that.
   */
  readonly trace?: () => void;
  /** Up to 4.19, logs what belongs to the panic of `c`. */
  readonly after?: () => void;
}

/** Oopses and panics of one kernel. */
export class Panic {
  /** Seconds from panic to reboot; 0: never, negative: at once. Linux: panic_timeout. */
  timeout = 0;
  /** printk.console_no_auto_verbose. */
  noAutoVerbose = false;
  /** The machine restarts, and nothing more happens. */
  dead = false;
  /** Linux: oops_in_progress. */
  inProgress = 0;
  readonly #context: KernelContext;

  constructor(context: KernelContext) {
    this.#context = context;
  }

  /** Linux: console_verbose(). */
  #verbose(): void {
    const { consoles } = this.#context;
    if (consoles.consoleLoglevel > 0 && !this.noAutoVerbose) consoles.consoleLoglevel = CONSOLE_LOGLEVEL_MOTORMOUTH;
  }

  /** Oopses: `trace` logs the messages, and then the dumpers are called. */
  oops(trace: () => void, regs?: Uint8Array): void {
    const { consoles, dumpers } = this.#context;
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
   * Presses a SysRq key: its header reaches every console, and then the key acts: `0` to `9` set
   * the console level for good, `c` crashes. For other keys, `header` logs the header. Linux:
   * drivers/tty/sysrq.c __handle_sysrq().
   */
  sysrq(key: string, { header, trace, after }: SysrqOptions): void {
    const { consoles, sysrqKeys } = this.#context;
    const brought = sysrqKeys.find((brought) => brought.key === key);
    const level = consoles.consoleLoglevel;
    consoles.consoleLoglevel = consoles.defaultConsoleLoglevel;
    try {
      if (/^\d$/.test(key)) this.header('Changing Loglevel');
      else if (key === 'c') this.header('Trigger a crash');
      else if (brought !== undefined) this.header(brought.action);
      else header?.();
    } finally {
      consoles.consoleLoglevel = level;
    }
    if (/^\d$/.test(key)) {
      consoles.consoleLoglevel = consoles.defaultConsoleLoglevel;
      this.#context.log(6, `sysrq: Loglevel set to ${key}`);
      consoles.consoleLoglevel = Number(key);
    }
    brought?.handler();
    if (key !== 'c') return;
    if (this.#context.profile.sysrqCrash === 'panic') {
      this.panic('sysrq triggered crash', trace ? { trace } : {});
      return;
    }
    // The key dereferences NULL, and a kernel of this version panics then.
    this.oops(() => trace?.());
    this.panic('Fatal exception', after ? { trace: after } : {});
  }

  /** Logs the line of a SysRq, which every console prints: the usual beginning, then `action`. */
  header(action: string): void {
    const context = this.#context;
    if (!context.profile.sysrqInFragments) {
      context.logPiece(6, `sysrq: ${action}\n`);
      return;
    }
    context.logPiece(6, 'sysrq: SysRq : ');
    context.logPiece(undefined, `${action}\n`);
  }

  /**
   * Panics: this is the last call that the kernel answers. An error that `trace` throws is thrown
   * on when the kernel is dead.
   */
  panic(message: string, { trace, regs }: PanicOptions = {}): void {
    const context = this.#context;
    const { consoles } = context;
    this.#verbose();
    this.inProgress++;
    consoles.emergency++;
    context.log(0, `Kernel panic - not syncing: ${message}`);
    try {
      trace?.();
    } finally {
      context.dumpers.dump({ reason: 'panic', ...(regs ? { regs } : {}) });
      if (this.timeout > 0) {
        context.log(0, `Rebooting in ${this.timeout} seconds..`);
        context.spinUntil(context.now() + this.timeout * 1e6);
      }
      this.dead = this.timeout !== 0;
      if (this.timeout === 0) {
        const { panicEndCloses, panicEndInside } = context.profile;
        if (!panicEndInside) this.inProgress--;
        context.log(0, `---[ end Kernel panic - not syncing: ${message}${panicEndCloses ? ' ]---' : ''}`);
        consoles.flushUnsafe();
      }
      context.suppress();
    }
  }
}
