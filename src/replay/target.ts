/**
 * Handles the targets of a replay, given in the syntax of the module parameter: finds the
 * interfaces that they name, and has a kernel check them.
 */

import { KernelError } from '../errno.js';
import { complaintOf } from '../kernel/complaint.js';
import { createKernel, type Kernel, type KernelOptions } from '../kernel/index.js';
import { Heap } from '../memory/heap.js';
import { SYSTEMS, type SystemName } from '../modules/index.js';
import { IFNAMSIZ } from '../net/interface.js';
import { createMemoryDevice } from '../net/memory.js';
import { createSlab } from '../net/slab.js';
import { defined } from '../options.js';
import type { Profile } from '../profile/index.js';
import { formatIp, parseIp, parseMac } from '../wire/address.js';
import { encodeText } from '../wire/text.js';
import { addressAfter } from './addresses.js';

/** The name of a dialect that has acks. */
export type ReliableName = NonNullable<KernelOptions['reliable']>;

/** Documentation addresses (RFC 5737) and a MAC that is nobody's. */
export const DEFAULT_TARGET = '+6665@192.0.2.1/eth0,6666@192.0.2.2/02:00:00:00:00:02';
/** The addresses of a replayed host's interfaces, for targets that name no source. */
export const HOST_ADDRESSES: readonly string[] = ['192.0.2.1/24', '2001:db8::1/64'];
const SYNTAX = '[+][r][port]@[source address]/[device],[port]@target address/[target MAC]';

/**
 * Loads netconsole with `targets`, or the system `as` with the only target. `localIp`, if given,
 * replaces that target's source address.
 */
export function load(kernel: Kernel, targets: readonly string[], as: SystemName | undefined, localIp?: string): void {
  if (as === undefined) {
    kernel.insmod('netconsole', targets.join(';'));
    return;
  }
  const target = onlyTarget(targets, localIp);
  if (as === '2001') kernel.insmod('netconsole-2001', { target });
  else kernel.insmod(SYSTEMS[as], target);
}

/** Returns the only target, checked with more care than these systems take. Throws EINVAL. */
function onlyTarget(targets: readonly string[], localIp?: string): string {
  const [target = ''] = targets;
  const m = /^(\d*)@([^/]*)\/([^,]*),(\d*)@([^/]+)\/(.*)$/.exec(target);
  if (m === null || targets.length > 1) {
    throw wrong(
      targets.join(';'),
      'these systems have one target, [port]@[source address]/[device],[port]@target address/[target MAC]',
    );
  }
  const [, localPort, source, dev, remotePort, remoteIp, remoteMac] = m as unknown as string[];
  for (const ip of [source!, remoteIp!]) {
    if (ip !== '' && parseIp(ip)?.length !== 4)
      throw wrong(target, `"${ip}" is not an IPv4 address: these systems know no other`);
  }
  for (const port of [localPort!, remotePort!]) {
    if (port !== '' && !(Number(port) > 0 && Number(port) < 65536))
      throw wrong(target, `${port} is not a port: a number from 1 to 65535`);
  }
  if (remoteMac !== '' && parseMac(remoteMac!) === undefined)
    throw wrong(target, `"${remoteMac}" is not a hardware address such as 52:54:00:12:34:56`);
  return `${localPort}@${localIp ?? source}/${dev},${remotePort}@${remoteIp}/${remoteMac}`;
}

/** Returns the source address that the first target names, if it does. */
function sourceOf(targets: readonly string[]): string | undefined {
  return /^[^@]*@([^/]+)\//.exec(targets[0] ?? '')?.[1];
}

/** Returns the addresses that `targets` send to. */
export function remotesOf(targets: readonly string[]): Uint8Array[] {
  return targets.flatMap((target) => parseIp(/,[^@]*@([^/]+)\//.exec(target)?.[1] ?? '') ?? []);
}

/**
 * Returns the address that the first target of host number `index` sends from, counting up from the
 * first host's. Throws EINVAL if no address is left.
 */
export function addressOf(targets: readonly string[], index: number): string {
  const remotes = remotesOf(targets);
  const family = remotes[0]?.length === 16 ? 1 : 0;
  const first = sourceOf(targets) ?? HOST_ADDRESSES[family]!.replace(/\/.*/, '');
  const ip = parseIp(first);
  return ip === undefined ? first : formatIp(addressAfter(ip, index, remotes));
}

/** An interface that targets refer to, by its name or by its hardware address. */
export interface TargetInterface {
  /** The interface's name; made up if a target refers to it only by its hardware address. */
  readonly name: string;
  readonly mac?: Uint8Array;
}

/** Takes off a leading `netconsole=` and splits lists at `;`. */
export function splitTargets(targets: readonly string[]): string[] {
  return targets
    .flatMap((t) => t.replace(/^netconsole=/, '').split(';'))
    .map((t) => t.trim())
    .filter((t) => t !== '');
}

/** Returns the interfaces that `targets` need, each once. */
export function interfacesOf(targets: readonly string[], profile: Profile): TargetInterface[] {
  const found = new Map<string, TargetInterface>();
  for (const target of targets) {
    const field = /^[^@]*@[^/]*\/([^,]*),/.exec(target)?.[1] ?? '';
    const mac = profile.macBinding ? parseMac(field) : undefined;
    const name = field === '' ? 'eth0' : field;
    if (mac === undefined && encodeText(name).length >= IFNAMSIZ) {
      throw wrong(
        target,
        `the device name "${name}" is over ${IFNAMSIZ - 1} bytes, the most that Linux has; shorten it`,
      );
    }
    if (mac !== undefined) found.set(field, { name: `eth${found.size}`, mac });
    else found.set(name, { name });
  }
  return [...found.values()];
}

/**
 * Throws EINVAL, with the kernel's own words, for a target that `profile` does not take, and for an
 * unknown dialect.
 */
export function checkTargets(
  targets: readonly string[],
  profile: Profile,
  options: { readonly reliable?: ReliableName; readonly as?: SystemName } = {},
): void {
  if (options.as !== undefined) {
    const kernel = tryTarget(profile, targets, options);
    kernel.close();
    return;
  }
  if (targets.length === 0) throw new KernelError('EINVAL', 'replay', `no target: write one as ${SYNTAX}`);
  for (const target of targets) {
    const kernel = tryTarget(profile, [target], options);
    const { targets: made } = kernel.inspect();
    const enabled = made.length === 1 && made[0]!.state === 'enabled';
    const said = enabled ? undefined : complaintOf(kernel);
    kernel.close();
    if (!enabled)
      throw wrong(
        target,
        said === undefined ? `write it as ${SYNTAX}` : `the kernel says "${said}"; write it as ${SYNTAX}`,
      );
  }
}

function wrong(target: string, why: string): KernelError {
  return new KernelError('EINVAL', 'replay', `target "${target}": ${why}`);
}

/** Returns a kernel that has tried to load with `targets`. Throws what a system of `as` refuses. */
function tryTarget(
  profile: Profile,
  targets: readonly string[],
  { reliable, as }: { readonly reliable?: ReliableName; readonly as?: SystemName },
): Kernel {
  const heap = new Heap({ size: 4 * 1024 * 1024, lane: 'plain' });
  const kernel = createKernel({ profile, heap, ...defined({ reliable }) });
  for (const { name, mac } of interfacesOf(targets, profile)) {
    const device = createMemoryDevice('eth0', { slab: createSlab(16, heap), keep: false, ...(mac && { mac }) });
    const source = as === undefined ? undefined : sourceOf(targets);
    try {
      kernel.addDevice(device, { name, addresses: source === undefined ? HOST_ADDRESSES : [source] });
    } catch {
      // The target's name for the interface is no valid one; the kernel will say so.
    }
  }
  if (as !== undefined) {
    load(kernel, targets, as);
    return kernel;
  }
  try {
    load(kernel, targets, as);
  } catch {
    // The kernel's log says why.
  }
  return kernel;
}
