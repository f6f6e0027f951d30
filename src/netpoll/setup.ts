/**
 * How a netpoll gets its device: it is found by name or hardware address, opened, waited for, and
 * asked for the address to send from.
 *
 * Linux: net/core/netpoll.c netpoll_setup().
 */
import { KernelError } from '../errno.js';
import { isLinkLocal } from '../net/addresses.js';
import { IFNAMSIZ, type Interface } from '../net/interface.js';
import { formatIpv4, formatIpv6, formatMac } from '../wire/address.js';
import type { NetpollCore, NetpollEra, NetpollHost } from './queue.js';

/** The options of a netpoll. Linux: struct netpoll. */
export interface NetpollOptions {
  /** What messages call the netpoll, where the version puts a name in front: 'netconsole'. */
  readonly name: string;
  /** The interface's name, at most 15 bytes; setup fills it in if `devMac` chose the device. */
  devName: string;
  /**
   * The device's hardware address, which chooses it if `devName` is empty; all zero if it was never
   * given.
   */
  devMac: Uint8Array;
  /** The UDP port that datagrams leave from. */
  localPort: number;
  /** The UDP port that datagrams go to. */
  remotePort: number;
  /**
   * The source address, 16 bytes, of which IPv4 uses the first 4. If it is all 0, setup fills in an
   * address of the device.
   */
  localIp: Uint8Array;
  /** The destination address, 16 bytes, of which IPv4 uses the first 4. */
  remoteIp: Uint8Array;
  /** Whether both addresses are of IPv6. */
  ipv6: boolean;
  /** The Ethernet destination of all frames, 6 bytes. */
  remoteMac: Uint8Array;
  /** The era whose netpoll it is; absent: today's. */
  readonly era?: NetpollEra;
}

/** Says whether a hardware address is one host's, and not all zero. */
export function isUnicastMac(mac: Uint8Array): boolean {
  return (mac[0]! & 1) === 0 && mac.some((b) => b !== 0);
}

/** Cuts a name to the bytes that Linux keeps of it: strscpy() into dev_name. */
export function cutName(name: string): string {
  return name.slice(0, IFNAMSIZ - 1);
}

/** Returns what messages call the device: its name, or else its address. Linux: egress_dev(). */
function egressDev(core: NetpollCore, { devName, devMac }: NetpollOptions): string {
  const { profile } = core.host;
  if (devName !== '' || !profile.macBinding) return devName;
  const mac = formatMac(devMac);
  return profile.macCut ? mac.slice(0, -1) : mac;
}

function failed(core: NetpollCore, code: KernelError['code'], text: string): KernelError {
  const { host } = core;
  host.log(3, `${host.profile.setupPrefix}${text}`);
  return new KernelError(code, 'netpoll_setup', text);
}

/**
 * Finds the device, opens it, and fills in what the options lack. Throws ENODEV, EBUSY,
 * EDESTADDRREQ, ENOTSUPP.
 */
export function findDevice(core: NetpollCore, options: NetpollOptions): Interface {
  const { host } = core;
  const { profile, netdevs } = host;
  let dev: Interface | undefined;
  if (options.devName !== '') dev = netdevs.byName(options.devName);
  else if (profile.macBinding && isUnicastMac(options.devMac)) dev = netdevs.byMac(options.devMac);
  const egress = egressDev(core, options);
  if (dev === undefined) throw failed(core, 'ENODEV', `${egress} doesn't exist, aborting`);
  if (dev.master !== undefined) throw failed(core, 'EBUSY', `${egress} is a slave device, aborting`);
  if (!dev.running) {
    host.log(6, `${profile.setupPrefix}device ${egress} not up yet, forcing it`);
    netdevs.setUp(dev, true);
    const { setupPrefix: prefix, untrustworthyCarrier: doubts } = profile;
    waitForCarrier(host, dev, { prefix, seconds: core.carrierTimeout, doubts });
  }
  let taken = false;
  if (sourceUnset(core, options)) {
    takeSource(core, options, dev);
    taken = true;
  }
  if (dev.disableNetpoll || (profile.needsPollController && !dev.pollController)) {
    if (taken && profile.restoreSource) options.localIp.fill(0);
    host.log(3, `netpoll: netconsole: ${dev.name} doesn't support polling, aborting`);
    throw new KernelError('ENOTSUPP', 'netpoll_setup', `${dev.name} doesn't support polling`);
  }
  options.devName = dev.name;
  return dev;
}

/** How long the carrier of a device is waited for, and what is said of it. */
interface CarrierWait {
  /** What its messages begin with. */
  readonly prefix: string;
  /** The timeout, in seconds. */
  readonly seconds: number;
  /** Whether a carrier that comes at once is not believed. */
  readonly doubts: boolean;
}

/** Waits until a device that was just opened has carrier, or the timeout is over. */
export function waitForCarrier(host: NetpollHost, dev: Interface, { prefix, seconds, doubts }: CarrierWait): void {
  const opened = host.now();
  const ready = dev.carrierAtUsec;
  const limit = opened + seconds * 1e6;
  host.sleepUntil(Math.min(ready, limit));
  if (ready > limit) host.log(5, `${prefix}timeout waiting for carrier`);
  if (doubts && host.now() < opened + 1e5) {
    host.log(5, `${prefix}carrier detect appears untrustworthy, waiting 4 seconds`);
    host.sleepUntil(host.now() + 4e6);
  }
}

function sourceUnset(core: NetpollCore, { localIp, ipv6 }: NetpollOptions): boolean {
  const length = ipv6 && core.host.profile.unsetSource === 'family' ? 16 : 4;
  for (let i = 0; i < length; i++) if (localIp[i] !== 0) return false;
  return true;
}

function takeSource(core: NetpollCore, options: NetpollOptions, dev: Interface): void {
  const { host } = core;
  if (!options.ipv6) {
    const own = dev.ipv4[0];
    if (own === undefined)
      throw failed(core, 'EDESTADDRREQ', `no IP address for ${egressDev(core, options)}, aborting`);
    options.localIp.set(own);
    host.log(6, `${host.profile.setupPrefix}local IP ${formatIpv4(own)}`);
    return;
  }
  const wanted = host.profile.ipv6Source === 'scope' && isLinkLocal(options.remoteIp);
  const own = dev.ipv6Addresses.find((a) => isLinkLocal(a) === wanted);
  if (own === undefined)
    throw failed(core, 'EDESTADDRREQ', `no IPv6 address for ${egressDev(core, options)}, aborting`);
  options.localIp.set(own);
  host.log(6, `${host.profile.setupPrefix}local IPv6 ${formatIpv6(own)}`);
}
