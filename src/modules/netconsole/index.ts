/**
 * netconsole: the log's way out, as a module that is loaded with a parameter and steered through configfs.
 *
 *   kernel.insmod('netconsole', '+6665@10.0.2.15/eth0,6666@10.0.2.2/');
 *   kernel.rmmod('netconsole');
 *
 * Targets form a list; new ones go to its head, and sending walks from the head, so the newest target is served first. Each is
 * plain or extended, and is fed by the console of its kind: `netcon` or `netcon_ext`.
 *
 * States of a target: disabled -> enabled by configfs or the parameter; enabled -> disabled by configfs, or when its
 * device is enslaved or lets slaves go; enabled -> deactivated when its device goes (7.0 and later; disabled before), and
 * back when it returns. A record that meets no enabled target, or whose target's device is down, is not sent and
 * not kept for it.
 *
 * Linux: drivers/net/netconsole.c.
 *
 * Over 300 lines: the life of a target, from parameter and configfs to device events, is one state machine.
 */

import { type ConfigGroup, configGroup } from '../../configfs/index.js';
import {
  CON_ENABLED,
  CON_EXTENDED,
  CON_NBCON,
  CON_NBCON_ATOMIC_UNSAFE,
  CON_PRINTBUFFER,
  type Console,
  type ConsoleRun,
} from '../../console/index.js';
import { KernelError } from '../../errno.js';
import type { KernelContext, KernelModule, LoadedModule } from '../../kernel/context.js';
import type { Interface, NetdevEvent } from '../../net/interface.js';
import { isUnicastMac } from '../../netpoll/index.js';
import type { RxListener } from '../../netpoll/rx.js';
import type { ReliableDialect } from '../../wire/dialects.js';
import { type AttributeHost, targetGroup } from './attributes.js';
import { reliableDialect } from './dialect.js';
import { parseModuleArgs, parseTarget, printBanner } from './param.js';
import { utf8 } from './parse.js';
import { type ReliableHost, ReliableState } from './reliable.js';
import { isUp, planOf, sendExtended, sendPlain, sendStraight } from './send.js';
import { NetconsoleTarget } from './target.js';

export { RELIABLE_DIALECTS, type ReliableDialect } from '../../wire/dialects.js';
export { reliableDialect } from './dialect.js';
export { ACK_TIMEOUT, EMG_TX_MAX_INTV, EMG_TX_MIN_INTV, type ReliableState, type ReliableStats } from './reliable.js';
export type { SysdataFields, TargetState, TargetStats } from './target.js';
export { NetconsoleTarget } from './target.js';

/** What netconsole is loaded with. */
export interface NetconsoleArgs {
  /** Targets, `[+][r][port]@[ip]/[dev],[port]@ip/[mac]`, with `;` between, as on a command line. Default: none. */
  readonly params?: string;
}

/** ENOSPC over 255 bytes, EINVAL for a bad oops_only, and what the version's bad targets abort with. */
export const netconsole: KernelModule<string | NetconsoleArgs, Netconsole> = {
  name: 'netconsole',
  load(context, args) {
    const loaded = new Netconsole(context);
    loaded.load(typeof args === 'string' ? args : (args.params ?? ''));
    return loaded;
  },
};

/** The netconsole module, loaded: its targets and its console. Linux: drivers/net/netconsole.c. */
export class Netconsole implements LoadedModule {
  /** From the head. */
  readonly targets: NetconsoleTarget[] = [];
  /** Send only while the kernel oopses. Linux: module parameter oops_only. */
  oopsOnly = false;
  /** The dialect that new targets begin with. */
  readonly #reliable: ReliableDialect | undefined;
  readonly #listen = (): readonly RxListener[] => this.listeners;
  readonly #host: KernelContext;
  readonly #ext: Console;
  readonly #basic: Console;
  #subsystem: ConfigGroup | undefined;
  #stopListening: (() => void) | undefined;

  constructor(host: KernelContext) {
    this.#host = host;
    this.#reliable = host.reliable === undefined ? undefined : reliableDialect(host.reliable);
    this.#ext = this.#console('netcon_ext', true);
    this.#basic = this.#console('netcon', false);
  }

  #console(name: string, extended: boolean): Console {
    const { profile, netpoll } = this.#host;
    return {
      name,
      flags: CON_ENABLED | (extended ? CON_EXTENDED : 0) | (profile.nbcon ? CON_NBCON | CON_NBCON_ATOMIC_UNSAFE : 0),
      emit: extended ? (run) => this.#emitExtended(run) : (run) => this.#emitPlain(run),
      flushed: () => netpoll.flush(),
      wants: () => this.#wants(extended),
    };
  }

  #say(level: number, text: string): void {
    this.#host.log(level, `${this.#host.profile.modulePrefix}${text}`);
  }

  /** Whether there is a target of a kind. Asked at every flush, and V8 compares no booleans in place. */
  #wants(extended: boolean): boolean {
    const { targets } = this;
    for (let i = 0; i < targets.length; i++) if (targets[i]!.extended ? extended : !extended) return true;
    return false;
  }

  /** Targets take nothing now. */
  #silent(): boolean {
    return this.oopsOnly && !this.#host.oopsInProgress();
  }

  /** To every plain target. Linux: write_msg(). */
  #emitPlain(run: ConsoleRun): void {
    const { targets } = this;
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

  /** To every extended target: straight as long as one has the log to itself. Linux: write_ext_msg(). */
  #emitExtended(run: ConsoleRun): void {
    const { targets } = this;
    const { ring } = this.#host;
    for (;;) {
      const only = targets.length === 1 && !this.#silent() ? targets[0]! : undefined;
      if (only !== undefined && planOf(only, ring) === 'straight') sendStraight(only, this.#host, run);
      if (!run.next()) return;
      if (this.#silent()) continue;
      for (let i = 0; i < targets.length; i++) {
        const nt = targets[i]!;
        if (!nt.extended) continue;
        if (isUp(nt)) {
          nt.stats.records++;
          sendExtended(nt, this.#host, run);
        }
        nt.reliable?.written();
      }
    }
  }

  #alloc(): NetconsoleTarget {
    const nt = new NetconsoleTarget(this.#host.netpoll);
    const { kconfig, profile } = this.#host;
    if (profile.releaseFeature) {
      nt.extended = kconfig.extendedLog;
      nt.release = kconfig.prependRelease;
    }
    if (this.#reliable !== undefined) this.setReliable(nt, this.#reliable);
    return nt;
  }

  /** Acks and emergency transmission for one target, in a dialect; undefined: off. */
  setReliable(nt: NetconsoleTarget, dialect: ReliableDialect | undefined): void {
    nt.reliable?.stop();
    nt.reliable = dialect && new ReliableState(this.#reliableHost(nt), nt, dialect);
  }

  #reliableHost(nt: NetconsoleTarget): ReliableHost {
    const host = this.#host;
    return {
      heap: host.heap,
      ring: host.ring,
      profile: host.profile,
      format: host.format,
      consoles: host.consoles,
      timers: host.timers,
      HZ: host.HZ,
      emergencyCap: host.emergencyCap,
      get jiffies() {
        return host.jiffies;
      },
      log: (level, text) => host.log(level, text),
      resend: (message, transmission) => {
        if (nt.extended && isUp(nt)) sendExtended(nt, host, message, transmission);
      },
    };
  }

  /** Targets that listen to their receiver. */
  get listeners(): RxListener[] {
    const out: RxListener[] = [];
    for (const nt of this.targets) {
      const { np, reliable } = nt;
      if (reliable === undefined || !nt.extended || !nt.enabled || np.dev === undefined) continue;
      const length = np.options.ipv6 ? 16 : 4;
      out.push({
        dev: np.dev,
        localIp: np.options.localIp.subarray(0, length),
        remoteIp: np.options.remoteIp.subarray(0, length),
        localPort: np.options.localPort,
        remotePort: np.options.remotePort,
        receive: (payload) => reliable.receive(payload),
      });
    }
    return out;
  }

  /** A target of the parameter. Throws what aborts or, where one bad target is not fatal, skips it. */
  #paramTarget(config: string, count: number): NetconsoleTarget {
    const { profile, kconfig } = this.#host;
    const nt = this.#alloc();
    let rest = config;
    if (rest.startsWith('+')) {
      nt.extended = true;
      rest = rest.slice(1);
      // Differs: a target of the reliable extension may name its dialect, `+{netconsd}6665@...`; the series has one.
      const named = this.#reliable && /^\{([^}]*)\}/.exec(rest);
      if (named) {
        this.setReliable(nt, named[1] === 'off' ? undefined : reliableDialect(named[1]!));
        rest = rest.slice(named[0].length);
      }
    }
    if (profile.releaseFeature && rest.startsWith('r')) {
      if (!nt.extended) {
        this.#say(3, 'Netconsole configuration error. Release feature requires extended log message');
        throw new KernelError('EINVAL', 'netconsole', `"${config}": the flag r needs the flag + before it`);
      }
      nt.release = true;
      rest = rest.slice(1);
    }
    if (!parseTarget(this.#host, nt.np.options, rest)) {
      throw new KernelError('EPERM', 'netconsole', `"${config}" is not [+][r][port]@[ip]/[dev],[port]@ip/[mac]`);
    }
    try {
      nt.np.setup();
      nt.state = 'enabled';
    } catch (error) {
      if (!(error instanceof KernelError) || profile.cmdlineFatal) throw error;
      this.#say(3, `Not enabling netconsole for cmdline${count}. Netpoll setup failed`);
      if (!kconfig.dynamic) throw error;
    }
    if (profile.cmdlineTargets) nt.name = `cmdline${count}`;
    return nt;
  }

  /**
   * insmod netconsole.ko netconsole=PARAM. As on a command line, a blank outside of quotes ends the parameter.
   */
  load(args = ''): void {
    const { profile, kconfig, consoles, configfs, netdevs, netpoll } = this.#host;
    const { param, oopsOnly } = parseModuleArgs(this.#host, args === '' ? '' : `netconsole=${utf8(args)} `);
    this.oopsOnly = oopsOnly;
    if (profile.idPerModule) netpoll.ipIdent = 0;
    let extended = false;
    let basic = false;
    let count = 0;
    for (const config of param === '' ? [] : param.split(';')) {
      try {
        const nt = this.#paramTarget(config, count);
        if (nt.extended) {
          extended = true;
          this.#ext.flags |= CON_PRINTBUFFER;
        } else {
          basic = true;
          this.#basic.flags |= CON_PRINTBUFFER;
        }
        this.targets.unshift(nt);
        count++;
      } catch (error) {
        if (error instanceof KernelError && !profile.cmdlineFatal && kconfig.dynamic) continue;
        this.#say(3, 'cleaning up');
        this.#free();
        throw error;
      }
    }
    this.#host.listeners.add(this.#listen);
    this.#stopListening = netdevs.onEvent((event, dev) => this.#netdevEvent(event, dev));
    if (kconfig.dynamic) {
      this.#subsystem = configGroup('netconsole', {
        makeItem: (name) => this.#makeTarget(name),
        dropItem: (child) => this.#dropTarget(child),
      });
      configfs.register(this.#subsystem);
    }
    if (extended) consoles.register(this.#ext);
    if (basic || !profile.consolesOnDemand) consoles.register(this.#basic);
    this.#say(6, 'network logging started');
  }

  /** rmmod. EAGAIN while directories that users made hold it. */
  unload(): void {
    const { consoles, configfs } = this.#host;
    if (this.#subsystem !== undefined && this.#subsystem.children.size > 0) {
      throw new KernelError(
        'EAGAIN',
        'rmmod',
        'netconsole is in use: remove the directories of its targets in configfs first',
      );
    }
    consoles.unregister(this.#ext);
    consoles.unregister(this.#basic);
    if (this.#subsystem !== undefined) configfs.unregister(this.#subsystem);
    this.#subsystem = undefined;
    this.#stopListening?.();
    this.#host.listeners.delete(this.#listen);
    this.#free();
  }

  release(): void {
    for (const nt of this.targets) {
      nt.np.cleanup();
      if (nt.userdataAt !== 0) this.#host.heap.free(nt.userdataAt);
    }
    this.targets.length = 0;
  }

  #free(): void {
    for (const nt of this.targets) {
      nt.np.cleanup();
      nt.reliable?.stop();
    }
    this.targets.length = 0;
    // A module's data begins anew with every load.
    this.#ext.flags &= ~CON_PRINTBUFFER;
    this.#basic.flags &= ~CON_PRINTBUFFER;
    this.oopsOnly = false;
  }

  #makeTarget(name: string): ConfigGroup {
    let nt = name.startsWith('cmdline')
      ? this.targets.find((t) => t.name === name && t.group === undefined)
      : undefined;
    if (nt === undefined) {
      nt = this.#alloc();
      nt.name = name;
      this.targets.unshift(nt);
    }
    nt.group = targetGroup(this.#attributeHost, nt, name);
    return nt.group;
  }

  #dropTarget(child: ConfigGroup): void {
    const at = this.targets.findIndex((t) => t.group === child);
    const nt = this.targets[at];
    if (nt === undefined) return;
    this.targets.splice(at, 1);
    nt.state = 'disabled';
    nt.np.cleanup();
    nt.reliable?.stop();
    if (nt.userdataAt !== 0) this.#host.heap.free(nt.userdataAt);
  }

  get #attributeHost(): AttributeHost {
    const { heap, profile, log } = this.#host;
    return {
      heap,
      profile,
      log: (level, text) => log.call(this.#host, level, text),
      enable: (nt) => this.#enable(nt),
      disable: (nt) => this.#disable(nt),
      setReliable:
        this.#reliable && ((nt, name) => this.setReliable(nt, name === 'off' ? undefined : reliableDialect(name))),
    };
  }

  #enable(nt: NetconsoleTarget): void {
    const { profile, consoles } = this.#host;
    if (nt.release && !nt.extended) {
      this.#say(3, 'Not enabling netconsole. Release feature requires extended log message');
      throw new KernelError('EINVAL', 'enabled', 'release needs extended: write 1 to "extended", or 0 to "release"');
    }
    const con = nt.extended ? this.#ext : this.#basic;
    if (!consoles.isRegistered(con)) consoles.register(con);
    printBanner(this.#host, nt.np.options);
    nt.np.setup();
    const started = `${profile.startedPrefixTwice ? profile.modulePrefix : ''}network logging started`;
    if (profile.startedBeforeEnabled) this.#say(6, started);
    nt.state = 'enabled';
    nt.reliable?.start();
    if (!profile.startedBeforeEnabled) this.#say(6, started);
  }

  #disable(nt: NetconsoleTarget): void {
    const { profile, consoles } = this.#host;
    nt.state = 'disabled';
    if (profile.cleanupList) this.#unlink(nt);
    if (profile.consolesUnregistered) {
      if (!this.targets.some((t) => t.extended)) consoles.unregister(this.#ext);
      if (!this.targets.some((t) => !t.extended)) consoles.unregister(this.#basic);
    }
    this.#release(nt);
    if (profile.cleanupList) this.targets.unshift(nt);
  }

  #unlink(nt: NetconsoleTarget): void {
    const at = this.targets.indexOf(nt);
    if (at >= 0) this.targets.splice(at, 1);
  }

  /** Lets the device go. Linux: netcons_release_dev(). */
  #release(nt: NetconsoleTarget): void {
    const { profile } = this.#host;
    nt.np.cleanup();
    nt.reliable?.stop();
    if (profile.resume && isUnicastMac(nt.np.options.devMac)) nt.np.options.devName = '';
  }

  /** Linux: netconsole_netdev_event(). */
  #netdevEvent(event: NetdevEvent, dev: Interface): void {
    const { profile } = this.#host;
    const stopped: NetconsoleTarget[] = [];
    for (const nt of [...this.targets]) {
      if (nt.np.dev === dev) {
        if (event === 'CHANGEADDR') nt.np.readdress();
        if (event === 'CHANGENAME') nt.np.options.devName = dev.name;
        if (event === 'UNREGISTER' || event === 'RELEASE' || event === 'JOIN') {
          nt.state = event === 'UNREGISTER' && profile.resume ? 'deactivated' : 'disabled';
          stopped.push(nt);
          if (profile.cleanupList) this.#unlink(nt);
          else this.#release(nt);
        }
      }
      if (profile.resume && (event === 'REGISTER' || event === 'CHANGENAME') && this.#matches(nt, dev)) {
        this.#host.queueWork(() => this.#resume(nt));
      }
    }
    if (stopped.length === 0) return;
    const reason = { UNREGISTER: 'unregistered', RELEASE: 'released slaves', JOIN: 'is joining a master device' }[
      event as 'JOIN'
    ];
    this.#say(6, `network logging stopped on interface ${dev.name} as it ${reason}`);
    if (!profile.cleanupList) return;
    for (const nt of stopped.reverse()) {
      this.#release(nt);
      this.targets.unshift(nt);
    }
  }

  /** Linux: deactivated_target_match(). */
  #matches(nt: NetconsoleTarget, dev: Interface): boolean {
    if (nt.state !== 'deactivated') return false;
    const { devMac, devName } = nt.np.options;
    return isUnicastMac(devMac) ? devMac.every((b, i) => b === dev.mac[i]) : devName === dev.name;
  }

  /** Linux: process_resume_target(). */
  #resume(nt: NetconsoleTarget): void {
    if (nt.state !== 'deactivated' || !this.targets.includes(nt)) return;
    this.#unlink(nt);
    try {
      nt.np.setup();
      nt.state = 'enabled';
      nt.reliable?.start();
      this.#say(6, `network logging resumed on interface ${nt.np.options.devName}`);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      nt.state = 'disabled';
    }
    this.targets.unshift(nt);
  }
}
