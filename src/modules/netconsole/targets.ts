/**
 * The targets of a netconsole that is loaded, and what changes their state.
 *
 *   disabled --enable()--> enabled --disable(), or its device is enslaved or frees its slaves--> disabled
 *   enabled --its device goes--> deactivated --it comes back--> enabled          7.0 and later; disabled before
 *
 * Linux: drivers/net/netconsole.c enabled_store(), netconsole_netdev_event(),
 * process_resume_target().
 */
import { KernelError } from '../../errno.js';
import type { KernelContext } from '../../kernel/context.js';
import type { Interface } from '../../net/interface.js';
import type { NetdevEvent } from '../../net/netdevs.js';
import { isUnicastMac } from '../../netpoll/index.js';
import type { RxListener } from '../../netpoll/rx.js';
import { sameBytes } from '../../wire/text.js';
import { TargetConsoles } from './consoles.js';
import { reliableDialect } from './dialect.js';
import { printBanner } from './param.js';
import { ReliableState } from './reliable.js';
import { isUp, sendExtended } from './send.js';
import { Target } from './target.js';

/** What the messages of netconsole begin with. Linux: pr_fmt. */
const PREFIX = 'netconsole: ';

/** What the log says about an event that stops targets. */
const STOPPED: Partial<Record<NetdevEvent, string>> = {
  UNREGISTER: 'unregistered',
  RELEASE: 'released slaves',
  JOIN: 'is joining a master device',
};

/** The targets of one netconsole. */
export class Targets {
  /** The kernel that netconsole is loaded in. */
  readonly context: KernelContext;
  /** The list. New targets go to its head, and sending begins there. */
  readonly list: Target[] = [];
  /** The consoles that feed the targets. */
  readonly consoles: TargetConsoles;

  constructor(context: KernelContext) {
    this.context = context;
    this.consoles = new TargetConsoles(context, this.list);
  }

  /** Logs one of netconsole's own messages, without a newline. */
  say(level: number, text: string): void {
    this.context.log(level, `${PREFIX}${text}`);
  }

  /** Makes a target, which is not in the list yet. Linux: alloc_and_init(). */
  create(): Target {
    const { netpoll, kconfig, profile, reliable } = this.context;
    const nt = new Target(netpoll);
    if (profile.releaseFeature) {
      nt.extended = kconfig.extendedLog;
      nt.release = kconfig.prependRelease;
    }
    if (reliable !== undefined) this.setReliable(nt, reliable);
    return nt;
  }

  /**
   * Turns acks and emergency transmission on for one target, in the dialect of that name, or with
   * `off` both off. Throws EINVAL for another name.
   */
  setReliable(nt: Target, name: string): void {
    const dialect = name === 'off' ? undefined : reliableDialect(name);
    const { np, stats } = nt;
    nt.reliable?.stop();
    nt.reliable =
      dialect &&
      new ReliableState(
        this.context,
        {
          np,
          stats,
          say: (text) => this.say(6, text),
          resend: (message, transmission) => {
            if (nt.extended && isUp(nt)) sendExtended(nt, this.context, message, transmission);
          },
        },
        dialect,
      );
  }

  /** Returns the targets that listen to their receiver. */
  listeners(): RxListener[] {
    const out: RxListener[] = [];
    for (const nt of this.list) {
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

  /**
   * Enables a target. Throws EINVAL for a release without the extended header, and whatever the
   * setup of netpoll throws.
   */
  enable(nt: Target): void {
    const { context } = this;
    const { profile } = context;
    if (nt.release && !nt.extended) {
      this.say(3, 'Not enabling netconsole. Release feature requires extended log message');
      throw new KernelError('EINVAL', 'enabled', 'release needs extended: write 1 to "extended", or 0 to "release"');
    }
    this.consoles.registerFor(nt);
    printBanner(context, nt.np.options);
    nt.np.setup();
    const started = `${profile.startedPrefixTwice ? PREFIX : ''}network logging started`;
    if (profile.startedBeforeEnabled) this.say(6, started);
    nt.state = 'enabled';
    nt.reliable?.start();
    if (!profile.startedBeforeEnabled) this.say(6, started);
  }

  /**
   * Disables a target: it lets go of its device, and a console that feeds no target any more is
   * taken off in the versions that do so. Linux: enabled_store().
   */
  disable(nt: Target): void {
    const { profile } = this.context;
    nt.state = 'disabled';
    if (profile.cleanupList) this.#unlink(nt);
    if (profile.consolesUnregistered) this.consoles.unregisterUnused();
    this.#letGo(nt);
    if (profile.cleanupList) this.list.unshift(nt);
  }

  /** Removes a target for good. */
  remove(nt: Target): void {
    this.#unlink(nt);
    nt.state = 'disabled';
    nt.np.cleanup();
    nt.reliable?.stop();
    this.#freeUserdata(nt);
  }

  /** Removes all targets, when a load has failed or the module is unloaded. */
  clear(): void {
    for (const nt of this.list) {
      nt.np.cleanup();
      nt.reliable?.stop();
    }
    this.list.length = 0;
    this.consoles.reset();
  }

  /** Gives back the memory that the targets hold, as their kernel is closed. */
  release(): void {
    for (const nt of this.list) {
      nt.np.cleanup();
      this.#freeUserdata(nt);
    }
    this.list.length = 0;
  }

  #freeUserdata(nt: Target): void {
    if (nt.userdataAt !== 0) this.context.heap.free(nt.userdataAt);
  }

  #unlink(nt: Target): void {
    const at = this.list.indexOf(nt);
    if (at >= 0) this.list.splice(at, 1);
  }

  /** Releases the target's device. Linux: netcons_release_dev(). */
  #letGo(nt: Target): void {
    nt.np.cleanup();
    nt.reliable?.stop();
    if (this.context.profile.resume && isUnicastMac(nt.np.options.devMac)) nt.np.options.devName = '';
  }

  /**
   * Follows what happens to a device: its targets are stopped, renamed, or resumed. Linux:
   * netconsole_netdev_event().
   */
  netdevEvent(event: NetdevEvent, dev: Interface): void {
    const { profile } = this.context;
    const reason = STOPPED[event];
    const stopped: Target[] = [];
    for (const nt of [...this.list]) {
      if (nt.np.dev === dev) {
        if (event === 'CHANGEADDR') nt.np.readdress();
        if (event === 'CHANGENAME') nt.np.options.devName = dev.name;
        if (reason !== undefined) {
          nt.state = event === 'UNREGISTER' && profile.resume ? 'deactivated' : 'disabled';
          stopped.push(nt);
          if (profile.cleanupList) this.#unlink(nt);
          else this.#letGo(nt);
        }
      }
      if (profile.resume && (event === 'REGISTER' || event === 'CHANGENAME') && waitsFor(nt, dev)) {
        this.context.queueWork(() => this.#resume(nt));
      }
    }
    if (stopped.length === 0) return;
    this.say(6, `network logging stopped on interface ${dev.name} as it ${reason}`);
    if (!profile.cleanupList) return;
    for (const nt of stopped.reverse()) {
      this.#letGo(nt);
      this.list.unshift(nt);
    }
  }

  /** Enables a target again whose device has come back. Linux: process_resume_target(). */
  #resume(nt: Target): void {
    if (nt.state !== 'deactivated' || !this.list.includes(nt)) return;
    this.#unlink(nt);
    try {
      nt.np.setup();
      nt.state = 'enabled';
      nt.reliable?.start();
      this.say(6, `network logging resumed on interface ${nt.np.options.devName}`);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      nt.state = 'disabled';
    }
    this.list.unshift(nt);
  }
}

/**
 * Says whether `dev` is the device whose loss deactivated the target. Linux:
 * deactivated_target_match().
 */
function waitsFor(nt: Target, dev: Interface): boolean {
  if (nt.state !== 'deactivated') return false;
  const { devMac, devName } = nt.np.options;
  return isUnicastMac(devMac) ? sameBytes(devMac, dev.mac) : devName === dev.name;
}
