/**
 * The kernel's side of a device: what `ip link` and `ip addr` show, and who is told when it
 * changes.
 *
 *   const eth0 = netdevs.register(createMemoryDevice('eth0'), { addresses: ['10.0.2.15/24'] });
 *   eth0.setUp(false);                 // packets for it are not sent
 *   netdevs.rename(eth0, 'wan0');      // NETDEV_CHANGENAME
 *   netdevs.unregister(eth0);          // NETDEV_UNREGISTER: hot-unplug
 *
 * States: registered and down; up, with or without carrier; enslaved; unregistered for good.
 * Notifiers run in registration order, inside the call that caused the event.
 *
 * Linux: struct net_device, net/core/dev.c, net/ipv4/devinet.c, net/ipv6/addrconf.c. Differs: no
 * routes, no neighbours; an address is usable at once (no duplicate detection).
 *
 * Over 300 lines: what comes up, goes down and goes away with another interface is one set of
 * rules.
 */
import { KernelError } from '../errno.js';
import { showAs } from '../show.js';
import { formatIpv4, formatIpv6, formatMac } from '../wire/address.js';
import { sameBytes } from '../wire/text.js';
import { AddressList, isLinkLocal, parseAddress, RT_SCOPES } from './addresses.js';
import type { NetDevice } from './device.js';
import { checkInterface, type InterfaceOptions } from './interface-options.js';

export type { InterfaceOptions } from './interface-options.js';

/**
 * What happens to an interface, as those who listen are told. Linux: enum netdev_cmd
 * (include/linux/netdevice.h).
 */
export type NetdevEvent = 'REGISTER' | 'UNREGISTER' | 'CHANGENAME' | 'CHANGEADDR' | 'UP' | 'DOWN' | 'JOIN' | 'RELEASE';

/** Linux: IFNAMSIZ, with the terminator. */
export const IFNAMSIZ = 16;

/**
 * A device as this kernel knows it: name, addresses, up, carrier. Linux: struct net_device; what
 * `ip link` and `ip addr` show.
 */
export class Interface {
  readonly device: NetDevice;
  readonly ifindex: number;
  name: string;
  mac: Uint8Array;
  /** Administratively up. Linux: netif_running(). */
  running = false;
  registered = true;
  /** Asked anew at every opening. */
  readonly #carrierDelay: () => number;
  /** When it has carrier, in microseconds since boot; Infinity: never. */
  carrierAtUsec = 0;
  disableNetpoll: boolean;
  ipv6: boolean;
  readonly loopback: boolean;
  master: Interface | undefined;
  /** What has it as master, in the order that they joined. */
  readonly slaves: Interface[] = [];
  /**
   * What netpoll keeps of it, by how many share it; 0: nothing, and then nothing is sent. Linux:
   * npinfo, its refcnt.
   */
  npinfo = 0;
  /** Its driver has a poll function of its own. Linux: ndo_poll_controller. */
  readonly pollController: boolean;
  readonly kind: 'veth' | 'bond' | undefined;
  /** A bond whose address was given keeps it. Linux: addr_assign_type NET_ADDR_SET. */
  macGiven = false;
  /** Of a bond's slave: its address before it had that of its bond. Linux: perm_hwaddr. */
  ownMac: Uint8Array | undefined;
  /** The interface whose VLAN it is. */
  real: Interface | undefined;
  /** The other end, of a veth. */
  peer: Interface | undefined;
  readonly #ipv4 = new AddressList();
  readonly #ipv6 = new AddressList();

  constructor(device: NetDevice, ifindex: number, options: InterfaceOptions) {
    this.device = device;
    this.ifindex = ifindex;
    this.name = options.name ?? device.name;
    this.mac = options.mac ?? device.mac;
    const delay = options.carrierDelayUsec ?? 0;
    this.#carrierDelay = typeof delay === 'number' ? () => delay : delay;
    this.disableNetpoll = options.disableNetpoll ?? false;
    this.ipv6 = options.ipv6 ?? false;
    this.loopback = options.loopback ?? false;
    this.kind = options.kind;
    this.pollController = options.pollController ?? !this.loopback;
  }

  /** Linux: dev_open() and what the driver makes of it. */
  opened(nowUsec: number): void {
    this.carrierAtUsec = nowUsec + this.#carrierDelay();
  }

  /** In the order that the kernel keeps them: `addresses.ts`. */
  get ipv4(): readonly Uint8Array[] {
    return this.#ipv4.bytes;
  }

  get ipv6Addresses(): readonly Uint8Array[] {
    return this.#ipv6.bytes;
  }

  /**
   * `ip addr add TEXT scope SCOPE`. The scope, of IPv4 only, is host for 127.0.0.0/8, else global.
   * EEXIST, EINVAL.
   */
  addAddress(text: string, scope?: keyof typeof RT_SCOPES): void {
    const address = parseAddress(text);
    const own = RT_SCOPES[scope ?? (address.bytes[0] === 127 ? 'host' : 'global')];
    if (own === undefined)
      throw new KernelError('EINVAL', 'ip', `"${scope}" is not a scope: ${Object.keys(RT_SCOPES).join(', ')}`);
    this.#addresses(address.family).add(address, own);
  }

  /** As `addAddress`, but an address that the interface has already is no error. */
  addUnlessThere(text: string): void {
    const { family, bytes } = parseAddress(text);
    if (!this.#addresses(family).has(bytes)) this.addAddress(text);
  }

  /**
   * Of those with the same address, the one with the prefix length that is said. EADDRNOTAVAIL if
   * it has none.
   */
  removeAddress(text: string): void {
    const address = parseAddress(text);
    this.#addresses(address.family).remove(address);
  }

  /** `ip addr flush`: all of them, or those of one family. */
  flushAddresses(family?: 4 | 6): void {
    if (family !== 6) this.#ipv4.clear();
    if (family !== 4) this.#ipv6.clear();
  }

  #addresses(family: 4 | 6): AddressList {
    return family === 4 ? this.#ipv4 : this.#ipv6;
  }

  /** fe80:: with the hardware address as EUI-64. Linux: addrconf_ifid_eui48(). */
  get linkLocal(): Uint8Array {
    const m = this.mac;
    return Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, m[0]! ^ 2, m[1]!, m[2]!, 0xff, 0xfe, m[3]!, m[4]!, m[5]!);
  }
}

showAs(Interface, ({ name, mac, running, registered, ipv4, ipv6Addresses }) => ({
  name,
  mac: formatMac(mac),
  up: running,
  registered,
  addresses: [...ipv4.map(formatIpv4), ...ipv6Addresses.map(formatIpv6)],
}));

/** What differs by kernel version. */
export interface NetdevRules {
  /** An interface that is up can be renamed. */
  readonly liveRename: boolean;
  /** veth refuses netpoll. */
  readonly vethRefuses: boolean;
  /** The end of one netpoll silences the others of its interface. */
  readonly npinfoLost: boolean;
}

/** All interfaces of one kernel. */
export class Netdevs {
  readonly list: Interface[] = [];
  readonly #notifiers: ((event: NetdevEvent, dev: Interface) => void)[] = [];
  readonly #now: () => number;
  readonly #rules: NetdevRules;
  #ifindex = 0;

  constructor(now: () => number, rules: NetdevRules) {
    this.#now = now;
    this.#rules = rules;
  }

  onEvent(fn: (event: NetdevEvent, dev: Interface) => void): () => void {
    this.#notifiers.push(fn);
    return () => {
      const at = this.#notifiers.indexOf(fn);
      if (at >= 0) this.#notifiers.splice(at, 1);
    };
  }

  notify(event: NetdevEvent, dev: Interface): void {
    for (const fn of [...this.#notifiers]) fn(event, dev);
  }

  byName(name: string): Interface | undefined {
    return this.list.find((i) => i.name === name);
  }

  byMac(mac: Uint8Array): Interface | undefined {
    return this.list.find((i) => !i.loopback && sameBytes(i.mac, mac));
  }

  /** EEXIST if the name is taken, EINVAL for a name that is none or a wrong option. */
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
    this.list.push(dev);
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
   * EEXIST if the name is taken, EINVAL if it is none, EBUSY if `dev` is up and this kernel renames
   * none that is.
   */
  rename(dev: Interface, name: string): void {
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
    dev.ipv6 = true;
    if (!dev.running) return;
    if (dev.loopback) dev.addUnlessThere('::1/128');
    else if (!dev.ipv6Addresses.some(isLinkLocal)) dev.addAddress(`${formatIpv6(dev.linkLocal)}/64`);
  }

  /** Linux: NETDEV_CHANGEADDR. `given`: by the administrator, not by another interface. */
  setMac(dev: Interface, mac: Uint8Array, from?: 'given'): void {
    if (from === 'given') dev.macGiven = true;
    dev.mac = mac;
    this.notify('CHANGEADDR', dev);
  }

  /** Opens or closes it. Going down, it loses its IPv6 addresses, as Linux has it. */
  setUp(dev: Interface, up: boolean): void {
    if (dev.running === up || !dev.registered) return;
    if (up && dev.real?.running === false) {
      throw new KernelError('ENETDOWN', 'ip', `${dev.name} comes up only while ${dev.real.name} is up`);
    }
    // Asks the owner's function, which may throw: nothing has changed then.
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
   * What an interface sends through: a VLAN's real one, a bond's slaves; nothing, of all others.
   */
  lowers(dev: Interface): Interface[] {
    if (dev.real !== undefined) return [dev.real];
    return dev.kind === 'bond' ? dev.slaves : [];
  }

  /**
   * One more netpoll shares what netpoll keeps of an interface; the first also takes that of its
   * lower ones.
   */
  takeNpinfo(dev: Interface): void {
    if (dev.npinfo++ === 0) for (const lower of this.lowers(dev)) this.takeNpinfo(lower);
  }

  /**
   * One netpoll less. Linux: __netpoll_cleanup(), which before its mending in 2025 dropped what
   * others still shared.
   */
  releaseNpinfo(dev: Interface): void {
    if (dev.npinfo === 0) return;
    dev.npinfo--;
    if (dev.npinfo === 0) for (const lower of this.lowers(dev)) this.releaseNpinfo(lower);
    else if (this.#rules.npinfoLost) dev.npinfo = 0;
  }

  /**
   * EBUSY if `dev` has a master already, or its master netpolls that it does not support. Linux:
   * NETDEV_JOIN comes before the link is made.
   */
  enslave(dev: Interface, master: Interface): void {
    if (dev.master !== undefined)
      throw new KernelError('EBUSY', 'ip', `${dev.name} has a master already: ${dev.master.name}`);
    this.notify('JOIN', dev);
    if (master.npinfo > 0 && dev.disableNetpoll)
      throw new KernelError('EBUSY', 'ip', `${master.name} is used by netpoll, which ${dev.name} does not support`);
    dev.master = master;
    master.slaves.push(dev);
    if (master.kind !== 'bond') return;
    // Linux: bond_enslave(): it opens its slave, and all have one address: the bond's own, or that of its first slave.
    if (this.lowers(master).length === 1 && !master.macGiven) this.setMac(master, dev.mac);
    dev.ownMac = dev.mac;
    if (!sameBytes(dev.mac, master.mac)) this.setMac(dev, master.mac);
    this.setUp(dev, true);
    if (master.npinfo > 0) this.takeNpinfo(dev);
  }

  /** Lets a slave go: its master is told that it released slaves. */
  free(dev: Interface): void {
    const { master } = dev;
    if (master === undefined) return;
    if (master.npinfo > 0 && master.kind === 'bond') this.releaseNpinfo(dev);
    dev.master = undefined;
    master.slaves.splice(master.slaves.indexOf(dev), 1);
    if (master.kind === 'bond') {
      this.setUp(dev, false);
      if (dev.ownMac !== undefined && !sameBytes(dev.mac, dev.ownMac)) this.setMac(dev, dev.ownMac);
    }
    if (master.slaves.length > 0) return;
    // Differs: the kernel gives a bond without slaves a random address.
    master.macGiven = false;
    this.notify('RELEASE', master);
  }

  /** Gone for good: hot-unplug. */
  unregister(dev: Interface): void {
    if (!dev.registered) return;
    for (const vlan of this.list.filter((other) => other.real === dev)) this.unregister(vlan);
    for (const slave of dev.slaves.splice(0)) slave.master = undefined;
    dev.master?.slaves.splice(dev.master.slaves.indexOf(dev), 1);
    this.setUp(dev, false);
    dev.registered = false;
    this.list.splice(this.list.indexOf(dev), 1);
    this.notify('UNREGISTER', dev);
  }
}
