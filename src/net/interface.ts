/**
 * One interface: a device as its kernel knows it, which is what `ip link` and `ip addr` show.
 *
 * States: registered and down; up, with or without carrier; enslaved; unregistered for good. The
 * rules that change them are those of all interfaces of a kernel: `netdevs.ts`.
 *
 * Linux: struct net_device, net/ipv4/devinet.c, net/ipv6/addrconf.c. Differs: no routes, no
 * neighbours; an address is usable at once (no duplicate detection).
 */
import { KernelError } from '../errno.js';
import { showAs } from '../show.js';
import { formatIpv4, formatIpv6, formatMac } from '../wire/address.js';
import { AddressList, parseAddress, RT_SCOPES } from './addresses.js';
import type { NetDevice } from './device.js';
import type { InterfaceOptions } from './interface-options.js';

export type { InterfaceOptions } from './interface-options.js';

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
