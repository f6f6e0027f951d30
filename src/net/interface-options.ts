/** What an interface is made with, checked by name before there is one. */
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
 * How the kernel sees a device that it is given: what `ip link` and `ip addr` would have set up.
 */
export interface InterfaceOptions {
  /** Default: the device's own. */
  readonly name?: string;
  readonly mac?: Uint8Array;
  /** "10.0.2.15/24", "fd00::15/64"; without a prefix length it is a host's alone. */
  readonly addresses?: readonly string[];
  /** Default true. */
  readonly up?: boolean;
  /**
   * From opening the device until it has carrier, in microseconds; Infinity: no cable. Default 0.
   */
  readonly carrierDelayUsec?: number | (() => number);
  /**
   * What the driver is. A `veth` refuses netpoll in the newest kernels, a `bond` sends through its
   * slaves. Default: an ordinary NIC.
   */
  readonly kind?: 'veth' | 'bond';
  /**
   * The interface whose VLAN it is, by name: it goes down, comes up and goes away with that one.
   */
  readonly real?: string;
  /** IFF_DISABLE_NETPOLL: refuses netpoll. Default: as its kind does in this kernel. */
  readonly disableNetpoll?: boolean;
  /** Gets an fe80:: address when it comes up. Default false. */
  readonly ipv6?: boolean;
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

/** EINVAL for what is no device, and for a wrong option, by its name. */
export function checkInterface(device: NetDevice, options: InterfaceOptions): void {
  checkArgument('addDevice', 'device', device, aDevice);
  checkOptions('addDevice', options, RULES);
}
