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
 * It is what `replay --as` calls. Each system's own way in, with its own parameters, is `../netoops/`, `../netconsole2001/`,
 * `../netconsole2003/`.
 */
import { KernelError } from '../errno.js';
import type { Kernel } from '../kernel.js';

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
  unload(): void;
}

/** EINVAL for an unknown name or address, and what the system's own loading throws. */
export function loadAncestor(_kernel: Kernel, as: AncestorName, _options: AncestorOptions): Ancestor {
  throw new KernelError('ENOSYS', 'ancestors', `${as} is not there yet`);
}
