/**
 * All interfaces of one kernel: they come and go. What happens to one is told to whoever listens,
 * and also happens to the interfaces that depend on it: VLANs, bonds and their slaves.
 *
 *   const eth0 = netdevs.register(createMemoryDevice('eth0'), { addresses: ['10.0.2.15/24'] });
 *   netdevs.setUp(eth0, false);        // NETDEV_DOWN: packets for it are not sent
 *   netdevs.rename(eth0, 'wan0');      // NETDEV_CHANGENAME
 *   netdevs.unregister(eth0);          // NETDEV_UNREGISTER: hot-unplug
 *
 * Notifiers run in registration order, inside the call that caused the event.
 *
 * Linux: net/core/dev.c, net/8021q/vlan.c, drivers/net/bonding.
 */
import { KernelError } from '../errno.js';
import { bytes, checkArgument, flag, type OptionRule, text } from '../options.js';
import { formatIpv6 } from '../wire/address.js';
import { sameBytes } from '../wire/text.js';
import { isLinkLocal } from './addresses.js';
import type { NetDevice } from './device.js';
import { IFNAMSIZ, Interface } from './interface.js';
import { checkInterface, type InterfaceOptions } from './interface-options.js';

/**
 * What happens to an interface, as listeners are told. Linux: enum netdev_cmd
 * (include/linux/netdevice.h).
 */
export type NetdevEvent = 'REGISTER' | 'UNREGISTER' | 'CHANGENAME' | 'CHANGEADDR' | 'UP' | 'DOWN' | 'JOIN' | 'RELEASE';

/** What differs by kernel version. */
export interface NetdevRules {
  /** Whether an interface that is up can be renamed. */
  readonly liveRename: boolean;
  /** Whether veth refuses netpoll. */
  readonly vethRefuses: boolean;
  /** Whether the end of one netpoll silences the others of its interface. */
  readonly npinfoLost: boolean;
}

/** What `kernel.ip` lends: interfaces, and what an administrator may do to them. */
export type IpCalls = Pick<
  Netdevs,
  'list' | 'byName' | 'byMac' | 'rename' | 'setIpv6' | 'setMac' | 'setUp' | 'enslave' | 'free'
>;

/** What `addDevice` gave: the verbs of administrators take nothing else. */
const INTERFACE: OptionRule = { expected: 'an interface', holds: (value) => value instanceof Interface };

/** All interfaces of one kernel. */
export class Netdevs {
  // Both are replaced when they change: they take no more room than they need, and whoever walks
  // through one is not disturbed.
  /** The interfaces, in the order in which they were made. */
  list: readonly Interface[] = [];
  #notifiers: readonly ((event: NetdevEvent, dev: Interface) => void)[] = [];
  readonly #now: () => number;
  readonly #rules: NetdevRules;
  #ifindex = 0;

  constructor(now: () => number, rules: NetdevRules) {
    this.#now = now;
    this.#rules = rules;
  }

  /** Calls `fn` at every event from now on; the function returned ends that. */
  onEvent(fn: (event: NetdevEvent, dev: Interface) => void): () => void {
    this.#notifiers = this.#notifiers.concat(fn);
    return () => {
      const at = this.#notifiers.indexOf(fn);
      if (at >= 0) this.#notifiers = this.#notifiers.toSpliced(at, 1);
    };
  }

  /** Tells all listeners of an event, in the order in which they began to listen. */
  notify(event: NetdevEvent, dev: Interface): void {
    for (const fn of this.#notifiers) fn(event, dev);
  }

  /** Returns the interface of that name; undefined if there is none. */
  byName(name: string): Interface | undefined {
    return this.list.find((i) => i.name === name);
  }

  /**
   * Returns the oldest interface with that hardware address, loopback apart; undefined if none has
   * it.
   */
  byMac(mac: Uint8Array): Interface | undefined {
    return this.list.find((i) => !i.loopback && sameBytes(i.mac, mac));
  }

  /**
   * Makes an interface for a device. Throws EEXIST if the name is taken, and EINVAL for an
   * impossible name or a wrong option.
   */
  register(device: NetDevice, options: InterfaceOptions = {}): Interface {
    checkInterface(device, options);
    const disableNetpoll = options.kind === 'veth' && this.#rules.vethRefuses;
    const dev = new Interface(device, ++this.#ifindex, { disableNetpoll, ...options });
    this.#checkName(dev.name);
    for (const a of options.addresses ?? []) dev.addAddress(a);
    if (options.real !== undefined) {
      dev.real = this.byName(options.real);
      if (dev.real === undefined)
        throw new KernelError('ENODEV', 'register_netdevice', `there is no interface ${options.real}`);
    }
    this.list = this.list.concat(dev);
    this.notify('REGISTER', dev);
    if (options.up !== false) this.setUp(dev, true);
    return dev;
  }

  #checkName(name: string): void {
    if (name === '' || name === '.' || name === '..' || name.length >= IFNAMSIZ || /[/:\s]/.test(name)) {
      throw new KernelError(
        'EINVAL',
        'register_netdevice',
        `"${name}" is not an interface name: 1 to 15 bytes without blank, colon or slash`,
      );
    }
    if (this.byName(name))
      throw new KernelError('EEXIST', 'register_netdevice', `there is an interface ${name} already`);
  }

  /**
   * Renames an interface. Throws EEXIST if the name is taken, EINVAL if it is impossible, and EBUSY
   * if `dev` is up and this kernel does not rename interfaces that are up.
   */
  rename(dev: Interface, name: string): void {
    checkArgument('rename', 'dev', dev, INTERFACE);
    checkArgument('rename', 'name', name, text);
    if (dev.running && !this.#rules.liveRename) {
      throw new KernelError('EBUSY', 'ip', `${dev.name} is up: this kernel renames only interfaces that are down`);
    }
    if (dev.name === name) return;
    this.#checkName(name);
    dev.name = name;
    this.notify('CHANGENAME', dev);
  }

  /**
   * Turns IPv6 on: an interface that is up has its link-local address, loopback ::1. Linux:
   * addrconf_init_auto_addrs().
   */
  setIpv6(dev: Interface): void {
    checkArgument('setIpv6', 'dev', dev, INTERFACE);
    dev.ipv6 = true;
    if (!dev.running) return;
    if (dev.loopback) dev.addUnlessThere('::1/128');
    else if (!dev.ipv6Addresses.some(isLinkLocal)) dev.addAddress(`${formatIpv6(dev.linkLocal)}/64`);
  }

  /**
   * Gives an interface a hardware address, as an administrator does: a bond keeps one that it was
   * given. Linux: `ip link set DEV address MAC`, NET_ADDR_SET.
   */
  setMac(dev: Interface, mac: Uint8Array): void {
    checkArgument('setMac', 'dev', dev, INTERFACE);
    checkArgument('setMac', 'mac', mac, bytes(6));
    dev.macGiven = true;
    this.#changeMac(dev, mac);
  }

  /** Changes the hardware address, and tells listeners. Linux: NETDEV_CHANGEADDR. */
  #changeMac(dev: Interface, mac: Uint8Array): void {
    dev.mac = mac;
    this.notify('CHANGEADDR', dev);
  }

  /** Opens or closes an interface. When it goes down it loses its IPv6 addresses, as in Linux. */
  setUp(dev: Interface, up: boolean): void {
    checkArgument('setUp', 'dev', dev, INTERFACE);
    checkArgument('setUp', 'up', up, flag);
    if (dev.running === up || !dev.registered) return;
    if (up && dev.real?.running === false) {
      throw new KernelError('ENETDOWN', 'ip', `${dev.name} comes up only while ${dev.real.name} is up`);
    }
    // This asks a function of the caller's, which may throw: nothing has changed yet.
    if (up) dev.opened(this.#now());
    dev.running = up;
    if (up) {
      if (dev.loopback && dev.ipv4.length === 0) dev.addAddress('127.0.0.1/8');
      if (dev.ipv6) this.setIpv6(dev);
    } else {
      dev.flushAddresses(6);
    }
    this.notify(up ? 'UP' : 'DOWN', dev);
    // Linux: vlan_device_event().
    for (const vlan of this.list) if (vlan.real === dev) this.setUp(vlan, up);
  }

  /**
   * Returns the interfaces that `dev` sends through: a VLAN's real one, a bond's slaves, and none
   * for all others.
   */
  lowers(dev: Interface): Interface[] {
    if (dev.real !== undefined) return [dev.real];
    return dev.kind === 'bond' ? dev.slaves : [];
  }

  /**
   * Counts one more netpoll that shares the state of an interface; the first also takes the state
   * of the lower interfaces.
   */
  takeNpinfo(dev: Interface): void {
    if (dev.npinfo++ === 0) for (const lower of this.lowers(dev)) this.takeNpinfo(lower);
  }

  /**
   * Counts one netpoll less that shares the state of an interface. Linux: __netpoll_cleanup(),
   * which until 2025 dropped the state although others still shared it.
   */
  releaseNpinfo(dev: Interface): void {
    if (dev.npinfo === 0) return;
    dev.npinfo--;
    if (dev.npinfo === 0) for (const lower of this.lowers(dev)) this.releaseNpinfo(lower);
    else if (this.#rules.npinfoLost) dev.npinfo = 0;
  }

  /**
   * Gives `dev` a master. Throws EBUSY if `dev` has one already, or if the master is used by
   * netpoll and `dev` does not support that. Linux: NETDEV_JOIN comes before the link is made.
   */
  enslave(dev: Interface, master: Interface): void {
    checkArgument('enslave', 'dev', dev, INTERFACE);
    checkArgument('enslave', 'master', master, INTERFACE);
    if (dev.master !== undefined)
      throw new KernelError('EBUSY', 'ip', `${dev.name} has a master already: ${dev.master.name}`);
    this.notify('JOIN', dev);
    if (master.npinfo > 0 && dev.disableNetpoll)
      throw new KernelError('EBUSY', 'ip', `${master.name} is used by netpoll, which ${dev.name} does not support`);
    dev.master = master;
    master.slaves.push(dev);
    if (master.kind !== 'bond') return;
    // Linux: bond_enslave() opens the slave. All slaves have one address, the bond's own or that of
    // its first slave.
    if (this.lowers(master).length === 1 && !master.macGiven) this.#changeMac(master, dev.mac);
    dev.ownMac = dev.mac;
    if (!sameBytes(dev.mac, master.mac)) this.#changeMac(dev, master.mac);
    this.setUp(dev, true);
    if (master.npinfo > 0) this.takeNpinfo(dev);
  }

  /** Frees a slave from its master, whose listeners are told that it released slaves. */
  free(dev: Interface): void {
    checkArgument('free', 'dev', dev, INTERFACE);
    const { master } = dev;
    if (master === undefined) return;
    if (master.npinfo > 0 && master.kind === 'bond') this.releaseNpinfo(dev);
    dev.master = undefined;
    master.slaves.splice(master.slaves.indexOf(dev), 1);
    if (master.kind === 'bond') {
      this.setUp(dev, false);
      if (dev.ownMac !== undefined && !sameBytes(dev.mac, dev.ownMac)) this.#changeMac(dev, dev.ownMac);
    }
    if (master.slaves.length > 0) return;
    // Differs: the kernel gives a bond without slaves a random address.
    master.macGiven = false;
    this.notify('RELEASE', master);
  }

  /** Removes an interface for good, as when it is unplugged. */
  unregister(dev: Interface): void {
    checkArgument('unregister', 'dev', dev, INTERFACE);
    if (!dev.registered) return;
    for (const vlan of this.list.filter((other) => other.real === dev)) this.unregister(vlan);
    for (const slave of dev.slaves.splice(0)) slave.master = undefined;
    dev.master?.slaves.splice(dev.master.slaves.indexOf(dev), 1);
    this.setUp(dev, false);
    dev.registered = false;
    this.list = this.list.filter((other) => other !== dev);
    this.notify('UNREGISTER', dev);
  }
}
