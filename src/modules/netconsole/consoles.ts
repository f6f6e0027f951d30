/**
 * netconsole's two consoles, and what they hand to the targets of their kind.
 *
 *   netcon_ext   to every extended target: straight from the ring as long as one has the log to itself
 *   netcon       to every plain target
 *
 * Linux: drivers/net/netconsole.c write_ext_msg(), write_msg().
 */
import {
  CON_ENABLED,
  CON_EXTENDED,
  CON_NBCON,
  CON_NBCON_ATOMIC_UNSAFE,
  CON_PRINTBUFFER,
  type Console,
  type ConsoleRun,
} from '../../console/index.js';
import type { KernelContext } from '../../kernel/context.js';
import { isUp, planOf, sendExtended, sendPlain, sendStraight } from './send.js';
import type { Target } from './target.js';

/** The consoles of one netconsole. */
export class TargetConsoles {
  /** Send only while the kernel oopses. Linux: module parameter oops_only. */
  oopsOnly = false;
  readonly #context: KernelContext;
  /** In list order. The list belongs to `Targets`, which changes it. */
  readonly #targets: readonly Target[];
  readonly #extended: Console;
  readonly #plain: Console;

  constructor(context: KernelContext, targets: readonly Target[]) {
    this.#context = context;
    this.#targets = targets;
    const { profile, netpoll } = context;
    const flags = CON_ENABLED | (profile.nbcon ? CON_NBCON | CON_NBCON_ATOMIC_UNSAFE : 0);
    const flushed = () => netpoll.flush();
    this.#extended = {
      name: 'netcon_ext',
      flags: flags | CON_EXTENDED,
      emit: (run) => this.#emitExtended(run),
      flushed,
      wants: () => this.#haveExtended(),
    };
    this.#plain = {
      name: 'netcon',
      flags,
      emit: (run) => this.#emitPlain(run),
      flushed,
      wants: () => this.#havePlain(),
    };
  }

  /** Registers the console that feeds a target, unless it is registered. */
  registerFor(nt: Target): void {
    const { consoles } = this.#context;
    const con = nt.extended ? this.#extended : this.#plain;
    if (!consoles.isRegistered(con)) consoles.register(con);
  }

  /**
   * Registers the consoles that targets of the parameter need; they begin with the oldest record
   * that nobody has read. Kernels that do not register consoles on demand always have the plain
   * one.
   */
  registerAtLoad(): void {
    const { consoles, profile } = this.#context;
    const extended = this.#haveExtended();
    const plain = this.#havePlain();
    if (extended) this.#extended.flags |= CON_PRINTBUFFER;
    if (plain) this.#plain.flags |= CON_PRINTBUFFER;
    if (extended) consoles.register(this.#extended);
    if (plain || !profile.consolesOnDemand) consoles.register(this.#plain);
  }

  /** Unregisters the consoles that feed no target. */
  unregisterUnused(): void {
    const { consoles } = this.#context;
    if (!this.#haveExtended()) consoles.unregister(this.#extended);
    if (!this.#havePlain()) consoles.unregister(this.#plain);
  }

  /** Unregisters both. */
  unregister(): void {
    const { consoles } = this.#context;
    consoles.unregister(this.#extended);
    consoles.unregister(this.#plain);
  }

  /** Sets everything back: the module's data begins anew with every load. */
  reset(): void {
    this.oopsOnly = false;
    this.#extended.flags &= ~CON_PRINTBUFFER;
    this.#plain.flags &= ~CON_PRINTBUFFER;
  }

  // These are two functions rather than one with a parameter, as both are called at every flush,
  // and V8 is faster so.

  #haveExtended(): boolean {
    const targets = this.#targets;
    for (let i = 0; i < targets.length; i++) if (targets[i]!.extended) return true;
    return false;
  }

  #havePlain(): boolean {
    const targets = this.#targets;
    for (let i = 0; i < targets.length; i++) if (!targets[i]!.extended) return true;
    return false;
  }

  /** Says whether no target takes anything now. */
  #silent(): boolean {
    return this.oopsOnly && !this.#context.oopsInProgress();
  }

  /** Sends to every plain target. Linux: write_msg(). */
  #emitPlain(run: ConsoleRun): void {
    const targets = this.#targets;
    while (run.next()) {
      if (this.#silent()) continue;
      for (let i = 0; i < targets.length; i++) {
        const nt = targets[i]!;
        if (nt.extended || !isUp(nt)) continue;
        nt.stats.records++;
        sendPlain(nt, run);
      }
    }
  }

  /** Sends to every extended target. Linux: write_ext_msg(). */
  #emitExtended(run: ConsoleRun): void {
    const targets = this.#targets;
    const context = this.#context;
    const { ring } = context;
    for (;;) {
      const only = targets.length === 1 && !this.#silent() ? targets[0]! : undefined;
      if (only !== undefined && planOf(only, ring) === 'straight') sendStraight(only, context, run);
      if (!run.next()) return;
      if (this.#silent()) continue;
      for (let i = 0; i < targets.length; i++) {
        const nt = targets[i]!;
        if (!nt.extended) continue;
        if (isUp(nt)) {
          nt.stats.records++;
          sendExtended(nt, context, run);
        }
        nt.reliable?.written();
      }
    }
  }
}
