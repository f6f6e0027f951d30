/** The options of an interface, each checked by its name before the interface is made. */
import {
  bytes,
  callback,
  checkArgument,
  checkOptions,
  either,
  flag,
  listOf,
  number,
  type OptionRules,
  oneOf,
  text,
} from '../options.js';
import { aDevice, type NetDevice } from './device.js';

/**
 * How the kernel sees a device that it is given: all that `ip link` and `ip addr` would have set
 * up.
 */
export interface InterfaceOptions {
  /** At most 15 bytes, without blank, colon or slash. Default: the device's own. */
  readonly name?: string;
  /** The hardware address, 6 bytes. Default: the device's own. */
  readonly mac?: Uint8Array;
  /** "10.0.2.15/24", "fd00::15/64"; without a prefix length it is a host's alone. */
  readonly addresses?: readonly string[];
  /** Default true. */
  readonly up?: boolean;
  /**
   * Microseconds from opening the device until it has carrier; Infinity: there is no cable. Default
   * 0.
   */
  readonly carrierDelayUsec?: number | (() => number);
  /**
   * The kind of driver. A `veth` refuses netpoll in the newest kernels, and a `bond` sends through
   * its slaves. Default: an ordinary NIC.
   */
  readonly kind?: 'veth' | 'bond';
  /**
   * The interface whose VLAN this is, by name. The VLAN goes down, comes up and goes away with it.
   */
  readonly real?: string;
  /**
   * IFF_DISABLE_NETPOLL: the interface refuses netpoll. Default: as its kind does in this kernel.
   */
  readonly disableNetpoll?: boolean;
  /** Whether the interface gets an fe80:: address when it comes up. Default false. */
  readonly ipv6?: boolean;
  /** Whether it is `lo`, which has 127.0.0.1 without being given it. Default false. */
  readonly loopback?: boolean;
  /**
   * Whether the driver has a poll function for netpoll, which kernels before 4.19 want. Default:
   * true, but for loopback.
   */
  readonly pollController?: boolean;
}

const RULES: OptionRules<InterfaceOptions> = {
  name: text,
  mac: bytes(6),
  addresses: listOf(text),
  up: flag,
  carrierDelayUsec: either(number(0, Number.POSITIVE_INFINITY), callback),
  kind: oneOf('veth', 'bond'),
  real: text,
  disableNetpoll: flag,
  pollController: flag,
  ipv6: flag,
  loopback: flag,
};

/** Throws EINVAL if `device` is not a device, and for a wrong option, by its name. */
export function checkInterface(device: NetDevice, options: InterfaceOptions): void {
  checkArgument('addDevice', 'device', device, aDevice);
  checkOptions('addDevice', options, RULES);
}
