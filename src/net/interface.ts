/**
 * One interface: a device as its kernel knows it, which is what `ip link` and `ip addr` show.
 *
 * States: registered and down; up, with or without carrier; enslaved; unregistered for good. The
 * rules that change them are those of all interfaces of a kernel: `netdevs.ts`.
 *
 * Linux: struct net_device, net/ipv4/devinet.c, net/ipv6/addrconf.c. Differs: there are no routes
 * and no neighbours, and an address is usable at once (no duplicate detection).
 */
import { KernelError } from '../errno.js';
import { showAs } from '../show.js';
import { formatIpv4, formatIpv6, formatMac } from '../wire/address.js';
import { AddressList, parseAddress, RT_SCOPES } from './addresses.js';
import type { NetDevice } from './device.js';
import type { InterfaceOptions } from './interface-options.js';

export type { InterfaceOptions } from './interface-options.js';

/** The longest name, its terminator included. Linux: IFNAMSIZ. */
export const IFNAMSIZ = 16;

/**
 * A device as this kernel knows it: name, addresses, up, carrier. Linux: struct net_device; what
 * `ip link` and `ip addr` show.
 */
export class Interface {
  /** What carries the interface's frames away. */
  readonly device: NetDevice;
  /** The interface's number in its kernel, from 1 on; no other one ever gets it. */
  readonly ifindex: number;
  /** The name; `Netdevs.rename` changes it. */
  name: string;
  /** The hardware address, 6 bytes; `Netdevs.setMac` changes it. */
  mac: Uint8Array;
  /** Administratively up. Linux: netif_running(). */
  running = false;
  /** False once the interface was removed for good. */
  registered = true;
  /** How long carrier takes; asked anew at every opening. */
  readonly #carrierDelay: () => number;
  /** When the interface has carrier, in microseconds since boot; Infinity if never. */
  carrierAtUsec = 0;
  /** Whether the interface refuses netpoll. Linux: IFF_DISABLE_NETPOLL. */
  disableNetpoll: boolean;
  /** Whether the interface gets a link-local address when it comes up. */
  ipv6: boolean;
  /** Whether the interface is `lo`. */
  readonly loopback: boolean;
  /** The bond or bridge that the interface is a slave of; undefined if it has none. */
  master: Interface | undefined;
  /** The interfaces that have this one as master, in the order in which they joined. */
  readonly slaves: Interface[] = [];
  /**
   * How many netpolls share the state that netpoll keeps for this interface. At 0 there is no such
   * state, and nothing is sent. Linux: npinfo, its refcnt.
   */
  npinfo = 0;
  /** Whether the driver has a poll function of its own. Linux: ndo_poll_controller. */
  readonly pollController: boolean;
  /** The kind of driver; undefined for an ordinary NIC. */
  readonly kind: 'veth' | 'bond' | undefined;
  /**
   * Whether a bond's address was given, so that the bond keeps it. Linux: addr_assign_type
   * NET_ADDR_SET.
   */
  macGiven = false;
  /** The address that a bond's slave had before it took its bond's. Linux: perm_hwaddr. */
  ownMac: Uint8Array | undefined;
  /** The interface whose VLAN this is. */
  real: Interface | undefined;
  /** The other end of a veth. */
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

  /** Opens the device. Linux: dev_open() and what the driver does then. */
  opened(nowUsec: number): void {
    this.carrierAtUsec = nowUsec + this.#carrierDelay();
  }

  /** The IPv4 addresses, in the kernel's order: see `addresses.ts`. */
  get ipv4(): readonly Uint8Array[] {
    return this.#ipv4.bytes;
  }

  /** The IPv6 addresses, in the kernel's order: see `addresses.ts`. */
  get ipv6Addresses(): readonly Uint8Array[] {
    return this.#ipv6.bytes;
  }

  /**
   * Adds an address, as `ip addr add TEXT scope SCOPE`. The scope, of IPv4 only, is host for
   * 127.0.0.0/8, else global. Throws EEXIST if the interface has the address, and EINVAL if it is
   * not an address or a scope.
   */
  addAddress(text: string, scope?: keyof typeof RT_SCOPES): void {
    const address = parseAddress(text);
    const own = RT_SCOPES[scope ?? (address.bytes[0] === 127 ? 'host' : 'global')];
    if (own === undefined)
      throw new KernelError('EINVAL', 'ip', `"${scope}" is not a scope: ${Object.keys(RT_SCOPES).join(', ')}`);
    this.#addresses(address.family).add(address, own);
  }

  /** As `addAddress`, but does nothing if the interface has the address already. */
  addUnlessThere(text: string): void {
    const { family, bytes } = parseAddress(text);
    if (!this.#addresses(family).has(bytes)) this.addAddress(text);
  }

  /**
   * Removes an address, as `ip addr del TEXT`. If it is there several times, the prefix length
   * decides which goes. Throws EADDRNOTAVAIL if the interface does not have it.
   */
  removeAddress(text: string): void {
    const address = parseAddress(text);
    this.#addresses(address.family).remove(address);
  }

  /** Removes all addresses, or those of one family, as `ip addr flush`. */
  flushAddresses(family?: 4 | 6): void {
    if (family !== 6) this.#ipv4.clear();
    if (family !== 4) this.#ipv6.clear();
  }

  #addresses(family: 4 | 6): AddressList {
    return family === 4 ? this.#ipv4 : this.#ipv6;
  }

  /**
   * The link-local address: fe80:: with the hardware address as EUI-64. Linux:
   * addrconf_ifid_eui48().
   */
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
