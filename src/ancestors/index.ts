/**
 * The systems netconsole descends from, and netoops beside it, by name: one call sets a target up on a device, so that what
 * is logged from then on leaves in that system's form.
 *
 *   netoops   2010: nothing until `finish()`, then the whole log as a dump, newest part first, three times
 *   2001      2.4.10: every line at once, behind a version byte and a running offset
 *   2003      2.6.0: every line at once, as it is
 *
 *   const target = loadAncestor(kernel, '2001', { remoteIp: '10.0.2.2' });
 *   kernel.printk('hello\n');
 *   target.finish();       // netoops: the dump. The others have nothing left to say.
 *   target.unload();       // 2001 says goodbye
 *
 * It is what `replay --as` calls. Each system's own way in, with its own parameters, is `../modules/netoops/`, `../modules/netconsole-2001/`,
 * `../modules/netconsole-2003/`.
 */
import { KernelError } from '../errno.js';
import type { Kernel } from '../kernel/index.js';
import { loadNetconsole2001, type Netconsole2001 } from '../modules/netconsole-2001/index.js';
import { loadNetconsole2003, type Netconsole2003 } from '../modules/netconsole-2003/index.js';
import { loadNetoops } from '../modules/netoops/index.js';
import { formatIpv4, parseIp, parseMac } from '../wire/address.js';

export const ANCESTORS = ['netoops', '2001', '2003'] as const;
export type AncestorName = (typeof ANCESTORS)[number];

export interface AncestorOptions {
  /** Interface of the kernel. Default eth0. */
  readonly dev?: string;
  /** IPv4 only. */
  readonly remoteIp: string;
  /** Default: the interface's first address. 2001 knows no other. */
  readonly localIp?: string;
  /** Defaults: the system's own; 2001 had none, 6666 here. */
  readonly localPort?: number;
  readonly remotePort?: number;
  /** `52:54:00:12:34:56`. Default: broadcast. */
  readonly remoteMac?: string;
  /** The system's known defects. Default: the system's own default: netoops has them, the others do not. */
  readonly faithful?: boolean;
}

export interface Ancestor {
  /** All has been logged: netoops dumps it, as SysRq y would. */
  finish(): void;
  /** Datagrams given up so far: no buffer, or the device gone. */
  readonly dropped: number;
  unload(): void;
}

/** EINVAL for an unknown name or address, and what the system's own loading throws. */
export function loadAncestor(kernel: Kernel, as: AncestorName, options: AncestorOptions): Ancestor {
  check(options);
  const faithful = options.faithful === undefined ? {} : { faithful: options.faithful };
  switch (as) {
    case 'netoops': {
      const netoops = loadNetoops(kernel, { params: targetText(options), ...faithful });
      return {
        finish: () => kernel.call(() => kernel.dumpers.dump({ reason: 'soft' })),
        get dropped() {
          return netoops.stats.dropped;
        },
        unload: () => netoops.unload(),
      };
    }
    case '2001': {
      const netconsole = loadNetconsole2001(kernel, params2001(kernel, options), faithful);
      return immediate(netconsole);
    }
    case '2003': {
      const netconsole = loadNetconsole2003(kernel, targetText(options), faithful);
      return immediate(netconsole);
    }
    default:
      throw new KernelError(
        'EINVAL',
        'ancestors',
        `there is no system "${String(as)}": choose ${ANCESTORS.join(', ')}`,
      );
  }
}

/** What sends every line at once. */
function immediate(netconsole: Netconsole2001 | Netconsole2003): Ancestor {
  return {
    finish: () => {},
    get dropped() {
      return netconsole.stats.dropped;
    },
    unload: () => netconsole.unload(),
  };
}

function check({ remoteIp, localIp, remoteMac, localPort, remotePort }: AncestorOptions): void {
  for (const ip of [remoteIp, localIp]) {
    if (ip !== undefined && parseIp(ip)?.length !== 4) {
      throw new KernelError('EINVAL', 'ancestors', `"${ip}" is not an IPv4 address: these systems know no other`);
    }
  }
  if (remoteMac !== undefined && parseMac(remoteMac) === undefined) {
    throw new KernelError('EINVAL', 'ancestors', `"${remoteMac}" is not a hardware address such as 52:54:00:12:34:56`);
  }
  for (const port of [localPort, remotePort]) {
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
      throw new KernelError('EINVAL', 'ancestors', `${port} is not a port: a number from 1 to 65535`);
    }
  }
}

/** `[port]@[ip]/[dev],[port]@ip/[mac]`. */
function targetText({ dev, remoteIp, localIp, localPort, remotePort, remoteMac }: AncestorOptions): string {
  return `${localPort ?? ''}@${localIp ?? ''}/${dev ?? ''},${remotePort ?? ''}@${remoteIp}/${remoteMac ?? ''}`;
}

function params2001(kernel: Kernel, options: AncestorOptions): string {
  const { dev = 'eth0', remoteIp, localIp, localPort = 6666, remotePort = 6666, remoteMac } = options;
  const own = kernel.netdevs.byName(dev)?.ipv4[0];
  if (localIp !== undefined && own !== undefined && localIp !== formatIpv4(own)) {
    const why = `netconsole of 2001 sends from the first address of ${dev}, which is ${formatIpv4(own)}, not ${localIp}`;
    throw new KernelError('EINVAL', 'ancestors', why);
  }
  const hex = (bytes: Uint8Array) => `0x${Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')}`;
  const mac = remoteMac === undefined ? [] : Array.from(parseMac(remoteMac)!, (b, i) => `target_eth_byte${i}=${b}`);
  const ports = `source_port=${localPort} target_port=${remotePort}`;
  return [`dev=${dev}`, `target_ip=${hex(parseIp(remoteIp)!)}`, ports, ...mac].join(' ');
}
