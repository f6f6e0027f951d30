/**
 * netconsole: the log's way out, as a module that is loaded with a parameter and steered through
 * configfs.
 *
 *   kernel.insmod('netconsole', '+6665@10.0.2.15/eth0,6666@10.0.2.2/');
 *   kernel.rmmod('netconsole');
 *
 * Targets form a list; new ones go to its head, and sending walks from the head, so the newest
 * target is served first. Each is plain or extended, and is fed by the console of its kind:
 * `netcon` or `netcon_ext`. A record that meets no enabled target, or whose target's device is
 * down, is not sent and not kept for it.
 *
 *   index.ts       loading and unloading, targets of the parameter, directories in configfs
 *   targets.ts     the list, and what changes the state of a target: configfs, events of devices
 *   consoles.ts    the two consoles: from the log to the targets of a kind
 *   send.ts        from a message to the datagrams of one target, in the pieces that `plan.ts` says
 *   param.ts       the syntax of the parameter; `attributes.ts` that of configfs; `parse.ts` of both
 *   reliable.ts    acks, retransmission and emergency transmission, in the dialects of 2015
 *
 * Linux: drivers/net/netconsole.c.
 */

import { type ConfigGroup, configGroup } from '../../configfs/index.js';
import { KernelError } from '../../errno.js';
import type { KernelContext, KernelModule, LoadedModule } from '../../kernel/context.js';
import { text } from '../../options.js';
import { targetGroup } from './attributes.js';
import { parseModuleArgs, parseTarget } from './param.js';
import { utf8 } from './parse.js';
import type { NetconsoleTarget, Target } from './target.js';
import { Targets } from './targets.js';

export type { ReliableStats } from './reliable.js';
export type { NetconsoleTarget, TargetAcks, TargetState, TargetStats } from './target.js';

/** The arguments of netconsole. */
export interface NetconsoleArgs {
  /**
   * Targets, `[+][r][port]@[ip]/[dev],[port]@ip/[mac]`, with `;` between, as on a command line.
   * Default: none.
   */
  readonly params?: string;
}

/**
 * The module. Loading it throws ENOSPC for a parameter over 255 bytes, EINVAL for a bad oops_only,
 * and, in versions that abort at a bad target, the error of that target.
 */
export const netconsole: KernelModule<string | NetconsoleArgs, Netconsole> = {
  name: 'netconsole',
  rules: { params: text },
  load: (context, args) => Netconsole.load(context, typeof args === 'string' ? args : (args.params ?? '')),
};

/** Returns the targets as they are inside, for the kernel. No entry point exports this. */
export let targetsOf: (netconsole: Netconsole) => readonly Target[];

/** The loaded netconsole. */
export class Netconsole {
  readonly #context: KernelContext;
  readonly #targets: Targets;
  /** The directory in configfs; undefined in a kernel without CONFIG_NETCONSOLE_DYNAMIC. */
  readonly #subsystem: ConfigGroup | undefined;
  /** Functions that undo what loading did. */
  readonly #stops: readonly (() => void)[];

  /**
   * Loads the module, as `insmod netconsole.ko netconsole=PARAMS` does. As on a command line, a
   * blank outside of quotes ends the parameter.
   */
  static load(context: KernelContext, params: string): LoadedModule<Netconsole> {
    const shown = new Netconsole(context, params);
    return {
      shown,
      group: shown.#subsystem,
      unload: () => shown.#unload(),
      release: () => shown.#targets.release(),
    };
  }

  static {
    targetsOf = (netconsole) => netconsole.#targets.list;
  }

  private constructor(context: KernelContext, params: string) {
    const targets = new Targets(context);
    this.#context = context;
    this.#targets = targets;
    const { profile, kconfig, configfs, netdevs, netpoll, rx } = context;
    const { param, oopsOnly } = parseModuleArgs(context, params === '' ? '' : `netconsole=${utf8(params)} `);
    this.oopsOnly = oopsOnly;
    if (profile.idPerModule) netpoll.ipIdent = 0;
    for (const config of param === '' ? [] : param.split(';')) {
      try {
        targets.list.unshift(this.#paramTarget(config, targets.list.length));
      } catch (error) {
        if (error instanceof KernelError && !profile.cmdlineFatal && kconfig.dynamic) continue;
        targets.say(3, 'cleaning up');
        targets.clear();
        throw error;
      }
    }
    this.#stops = [
      rx.listen(() => targets.listeners()),
      netdevs.onEvent((event, dev) => targets.netdevEvent(event, dev)),
    ];
    if (kconfig.dynamic) {
      this.#subsystem = configGroup('netconsole', {
        makeItem: (name) => this.#makeTarget(name),
        missing: (name) => this.#missing(name),
        dropItem: (child) => this.#dropTarget(child),
      });
      configfs.register(this.#subsystem);
    }
    targets.consoles.registerAtLoad();
    targets.say(6, 'network logging started');
  }

  /** In list order, which is the order of sending. */
  get targets(): readonly NetconsoleTarget[] {
    return this.#targets.list;
  }

  /** Send only while the kernel oopses. Linux: module parameter oops_only. */
  get oopsOnly(): boolean {
    return this.#targets.consoles.oopsOnly;
  }

  set oopsOnly(only: boolean) {
    this.#targets.consoles.oopsOnly = only;
  }

  #unload(): void {
    this.#targets.consoles.unregister();
    if (this.#subsystem !== undefined) this.#context.configfs.unregister(this.#subsystem);
    for (const stop of this.#stops) stop();
    this.#targets.clear();
  }

  /**
   * Makes target number `count` of the parameter. If the target is bad, it throws where the version
   * aborts; elsewhere the target is skipped. Linux: alloc_param_target().
   */
  #paramTarget(config: string, count: number): Target {
    const context = this.#context;
    const { profile, kconfig, reliable } = context;
    const targets = this.#targets;
    const nt = targets.create();
    let rest = config;
    if (rest.startsWith('+')) {
      nt.extended = true;
      rest = rest.slice(1);
      // Differs: a target of the reliable extension may name its dialect, `+{netconsd}6665@...`;
      // the series has one.
      const named = reliable === undefined ? null : /^\{([^}]*)\}/.exec(rest);
      if (named !== null) {
        targets.setReliable(nt, named[1]!);
        rest = rest.slice(named[0].length);
      }
    }
    if (profile.releaseFeature && rest.startsWith('r')) {
      if (!nt.extended) {
        targets.say(3, 'Netconsole configuration error. Release feature requires extended log message');
        throw new KernelError('EINVAL', 'netconsole', `"${config}": the flag r needs the flag + before it`);
      }
      nt.release = true;
      rest = rest.slice(1);
    }
    if (!parseTarget(context, nt.np.options, rest)) {
      throw new KernelError('EPERM', 'netconsole', `"${config}" is not [+][r][port]@[ip]/[dev],[port]@ip/[mac]`);
    }
    try {
      nt.np.setup();
      nt.state = 'enabled';
    } catch (error) {
      if (!(error instanceof KernelError) || profile.cmdlineFatal) throw error;
      targets.say(3, `Not enabling netconsole for cmdline${count}. Netpoll setup failed`);
      if (!kconfig.dynamic) throw error;
    }
    if (profile.cmdlineTargets) nt.name = `cmdline${count}`;
    return nt;
  }

  /**
   * Handles `mkdir netconsole/NAME`: makes a new target, or shows the target of the parameter that
   * has that name. Linux: make_netconsole_target(), find_cmdline_target().
   */
  #makeTarget(name: string): ConfigGroup {
    const targets = this.#targets;
    let nt = name.startsWith('cmdline')
      ? targets.list.find((t) => t.name === name && t.group === undefined)
      : undefined;
    if (nt === undefined) {
      nt = targets.create();
      nt.name = name;
      targets.list.unshift(nt);
    }
    nt.group = targetGroup(targets, nt, name);
    return nt.group;
  }

  /**
   * Explains a directory that is not there: a target of the parameter has its name from the start,
   * but a directory only from `mkdir` on.
   */
  #missing(name: string): string | undefined {
    const known = this.#targets.list.some((target) => target.name === name && target.group === undefined);
    return known ? `mkdir netconsole/${name} makes the directory of the target that the parameter has` : undefined;
  }

  #dropTarget(child: ConfigGroup): void {
    const nt = this.#targets.list.find((t) => t.group === child);
    if (nt !== undefined) this.#targets.remove(nt);
  }
}
