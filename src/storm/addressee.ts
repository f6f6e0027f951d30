/**
 * Which host a frame from the network is for: the one that has its hardware address. A frame that
 * is sent to all (broadcast, multicast) is for the one host that can act on it: an ARP request for
 * the host whose address it asks for, a datagram for the host that it is addressed to. So a fleet
 * of thousands need not look at each broadcast.
 */
import { parseIp, parseMac } from '../wire/address.js';
import { parseArp } from '../wire/arp.js';
import { ETHERTYPE, ethernetLength, parseEthernet } from '../wire/ethernet.js';
import { parseIpv4 } from '../wire/ipv4.js';
import { addressNumber } from './addresses.js';
import type { HostSpec } from './compile.js';

/** Finds hosts by their addresses. */
export class Addressees {
  readonly #byMac = new Map<number, HostSpec>();
  readonly #byIp = new Map<number, HostSpec>();

  constructor(hosts: readonly HostSpec[]) {
    for (const host of hosts) {
      this.#byMac.set(addressNumber(parseMac(host.mac)!), host);
      this.#byIp.set(addressNumber(parseIp(host.ip)!), host);
    }
  }

  /** Returns the host that a frame, of any bytes, is for; undefined if it is for none of them. */
  of(frame: Uint8Array): HostSpec | undefined {
    const ethernet = parseEthernet(frame);
    if (ethernet === undefined) return undefined;
    const { dst, etherType } = ethernet;
    if ((dst[0]! & 1) === 0) return this.#byMac.get(addressNumber(dst));
    const at = ethernetLength(ethernet);
    const ip =
      etherType === ETHERTYPE.arp
        ? parseArp(frame, at)?.targetIp
        : etherType === ETHERTYPE.ipv4
          ? parseIpv4(frame, at)?.dst
          : undefined;
    return ip === undefined ? undefined : this.#byIp.get(addressNumber(ip));
  }
}
