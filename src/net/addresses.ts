/**
 * The addresses of an interface, in the order that the kernel keeps them: netpoll sends from the
 * first that suits the target.
 *
 *   IPv4   A further address of a subnet is secondary: it stands at the end, and goes when the primary goes. Of primary addresses
 *          those of a narrower scope stand before those of a wider one, and within a scope the older before the newer.
 *   IPv6   Addresses of a wider scope stand before those of a narrower one, and within a scope the newer before the older.
 *
 * Linux: net/ipv4/devinet.c __inet_insert_ifa(), __inet_del_ifa(); net/ipv6/addrconf.c
 * ipv6_link_dev_addr(). Differs: no secondary address becomes primary; that is right while
 * net.ipv4.conf.*.promote_secondaries is 0, as it is unless a distribution sets it.
 */
import { KernelError } from '../errno.js';
import { parseIp } from '../wire/address.js';
import { sameBytes } from '../wire/text.js';

/** Linux: rt_scope_t. A larger number is a narrower scope. */
export const RT_SCOPES: Readonly<Record<string, number>> = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 };

/** An address as `ip addr` names it. */
export interface InterfaceAddress {
  /** Which version of IP the address belongs to. */
  readonly family: 4 | 6;
  /** 4 or 16 bytes. */
  readonly bytes: Uint8Array;
  /** Bits of the subnet; undefined if the text does not say. */
  readonly prefix: number | undefined;
}

/** An address that an interface has. Linux: struct in_ifaddr. */
interface Ifaddr {
  readonly bytes: Uint8Array;
  readonly prefix: number;
  /** A number of `RT_SCOPES` for IPv4, and of `ipv6Scope` for IPv6. */
  readonly scope: number;
  readonly secondary: boolean;
}

/** Reads an address. Throws EINVAL for a text that is not one. */
export function parseAddress(text: string): InterfaceAddress {
  const m = /^(.*?)(?:\/(\d+))?$/s.exec(text)!;
  const bytes = parseIp(m[1]!);
  const prefix = m[2] === undefined ? undefined : Number(m[2]);
  if (bytes === undefined || (prefix ?? 0) > bytes.length * 8) {
    throw new KernelError('EINVAL', 'ip', `"${text}" is not an IP address such as 10.0.2.15/24`);
  }
  return { family: bytes.length === 4 ? 4 : 6, bytes, prefix };
}

/**
 * Says whether an address is in fe80::/10, or multicast of link scope. Linux: IPV6_ADDR_LINKLOCAL
 * of ipv6_addr_type().
 */
export function isLinkLocal(address: Uint8Array): boolean {
  if (address[0] === 0xff) return (address[1]! & 0x0f) === 2;
  return address[0] === 0xfe && (address[1]! & 0xc0) === 0x80;
}

/** Linux: ipv6_addr_src_scope(): global 14, site 5, link and loopback 2. */
function ipv6Scope(address: Uint8Array): number {
  if (isLinkLocal(address)) return 2;
  if (address[0] === 0xfe && (address[1]! & 0xc0) === 0xc0) return 5;
  return address[15] === 1 && address.every((b, i) => b === 0 || i === 15) ? 2 : 14;
}

function sameSubnet(a: Ifaddr, b: Ifaddr): boolean {
  if (a.prefix !== b.prefix) return false;
  for (let i = 0; i < a.prefix; i += 8) {
    const mask = (0xff << Math.max(0, 8 - (a.prefix - i))) & 0xff;
    if (((a.bytes[i >> 3]! ^ b.bytes[i >> 3]!) & mask) !== 0) return false;
  }
  return true;
}

/** The IPv4 or the IPv6 addresses of one interface. */
export class AddressList {
  #list: Ifaddr[] = [];

  /** The addresses, in the kernel's order. */
  get bytes(): readonly Uint8Array[] {
    return this.#list.map(({ bytes }) => bytes);
  }

  /** Says whether the list has an address, whatever its prefix length. */
  has(bytes: Uint8Array): boolean {
    return this.#list.some((a) => sameBytes(a.bytes, bytes));
  }

  /** Removes all addresses. */
  clear(): void {
    this.#list = [];
  }

  /**
   * Adds an address. `scope` is a number of `RT_SCOPES`, for IPv4 only. Throws EEXIST, and EINVAL
   * for a second scope in one subnet.
   */
  add({ family, bytes, prefix = bytes.length * 8 }: InterfaceAddress, scope: number): void {
    if (family === 6) {
      if (this.has(bytes)) throw exists();
      const added: Ifaddr = { bytes, prefix, scope: ipv6Scope(bytes), secondary: false };
      const at = this.#list.findIndex((a) => added.scope >= a.scope);
      this.#list = this.#list.toSpliced(at < 0 ? this.#list.length : at, 0, added);
      return;
    }
    const added: Ifaddr = { bytes, prefix, scope, secondary: false };
    let place = 0;
    let secondary = false;
    for (const [i, a] of this.#list.entries()) {
      if (!a.secondary && scope <= a.scope) place = i + 1;
      if (!sameSubnet(a, added)) continue;
      if (sameBytes(a.bytes, bytes)) throw exists();
      if (a.scope !== scope) throw new KernelError('EINVAL', 'ip', 'addresses of one subnet have one scope');
      secondary = true;
    }
    this.#list = this.#list.toSpliced(secondary ? this.#list.length : place, 0, { ...added, secondary });
  }

  /**
   * Removes the address with that prefix length, or with any if `prefix` is undefined. Throws
   * EADDRNOTAVAIL if there is none.
   */
  remove({ family, bytes, prefix }: InterfaceAddress): void {
    const found = this.#list.find((a) => sameBytes(a.bytes, bytes) && (prefix === undefined || a.prefix === prefix));
    if (found === undefined) throw new KernelError('EADDRNOTAVAIL', 'ip', 'the interface has no such address');
    const goes = (a: Ifaddr) =>
      a === found || (family === 4 && !found.secondary && a.secondary && sameSubnet(a, found));
    this.#list = this.#list.filter((a) => !goes(a));
  }
}

function exists(): KernelError {
  return new KernelError('EEXIST', 'ip', 'the interface has that address already');
}
