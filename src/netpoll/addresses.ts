/**
 * Where a target sends from and to, as text. This can be changed while the target runs, and nothing
 * is logged then.
 */
import { KernelError } from '../errno.js';
import { shown } from '../options.js';
import { formatIpv4, formatIpv6, formatMac, parseIp, parseMac } from '../wire/address.js';
import type { Netpoll } from './netpoll.js';

/** The addresses of both ends of a target. */
export interface TargetAddresses {
  /**
   * Where frames come from: `192.0.2.1`, or `2001:db8::1`. Both addresses are of one family, which
   * cannot be changed.
   */
  readonly localIp: string;
  /** Where frames go to, in the same form. */
  readonly remoteIp: string;
  /** The UDP port that frames leave from, 0 to 65535. */
  readonly localPort: number;
  /** The UDP port that frames go to, 0 to 65535. */
  readonly remotePort: number;
  /** The Ethernet destination of all frames: `02:00:00:00:00:02`. */
  readonly remoteMac: string;
}

/**
 * Asks `change` what shall differ, and writes the headers anew. Throws EINVAL for a wrong value,
 * and has changed nothing then.
 */
export function changeAddresses(np: Netpoll, change: (target: TargetAddresses) => Partial<TargetAddresses>): void {
  const { options } = np;
  const format = options.ipv6 ? formatIpv6 : formatIpv4;
  const now: TargetAddresses = {
    localIp: format(options.localIp),
    remoteIp: format(options.remoteIp),
    localPort: options.localPort,
    remotePort: options.remotePort,
    remoteMac: formatMac(options.remoteMac),
  };
  const next = { ...now, ...change(now) };
  const length = options.ipv6 ? 16 : 4;
  const localIp = ip('localIp', next.localIp, length);
  const remoteIp = ip('remoteIp', next.remoteIp, length);
  const remoteMac = parseMac(next.remoteMac);
  if (remoteMac === undefined) throw invalid('remoteMac', next.remoteMac, 'a hardware address: 52:54:00:12:34:56');
  const localPort = port('localPort', next.localPort);
  const remotePort = port('remotePort', next.remotePort);
  options.localIp.set(localIp);
  options.remoteIp.set(remoteIp);
  Object.assign(options, { localPort, remotePort, remoteMac });
  np.readdress();
}

function ip(name: string, text: string, length: 4 | 16): Uint8Array {
  const bytes = typeof text === 'string' ? parseIp(text) : undefined;
  if (bytes?.length === length) return bytes;
  throw invalid(name, text, `an IPv${length === 16 ? 6 : 4} address, as the target has`);
}

function port(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff) return value;
  throw invalid(name, value, 'a port: a whole number from 0 to 65535');
}

function invalid(name: string, value: unknown, wanted: string): KernelError {
  return new KernelError(
    'EINVAL',
    'retarget',
    `${name} ${typeof value === 'string' ? value : shown(value)} is not ${wanted}`,
  );
}
