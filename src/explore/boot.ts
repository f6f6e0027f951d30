/**
 * Boots a machine from a state: a kernel, its device eth0, and its targets, which are made in
 * configfs as an administrator would make them. What this kernel lacks becomes a note, no error.
 */

import { KernelError } from '../errno.js';
import { createKernel, insideOf, type Kernel, type KernelOptions } from '../kernel/index.js';
import type { Target } from '../modules/netconsole/target.js';
import type { MemoryDevice } from '../net/memory.js';
import { defined } from '../options.js';
import { HISTORICAL } from '../profile/historical.js';
import { chooseProfile, type ProfileChoice } from '../profile/index.js';
import { DEFAULTS, type ExplorerState, type ExplorerTarget, recordTimes } from './state.js';

/** A running machine. The caller must close `kernel`. */
export interface Machine {
  readonly kernel: Kernel;
  /** In the order of the state's targets; a target that could not be set up is left disabled. */
  readonly targets: readonly Target[];
  /** One sentence for each thing that this kernel lacks or refuses. */
  readonly notes: readonly string[];
}

/** The addresses of eth0. */
const ADDRESSES = ['192.0.2.1/24', '2001:db8::1/64'];

/**
 * Returns the profile for a kernel's name, and how sure that choice is. Throws EINVAL if there is
 * none, or if it is older than netconsole.
 */
export function choose(name: string): ProfileChoice {
  const choice = chooseProfile(name);
  if (!HISTORICAL.some((old) => old.name === choice.profile.name)) return choice;
  const why = `Linux ${choice.profile.name} has a system of before netconsole, which the explorer does not show`;
  throw new KernelError('EINVAL', 'explore', `${why}: "replay --as" does`);
}

/** Returns the time at which the kernel boots, in microseconds: that of the earliest record. */
export function startUsec(state: ExplorerState): number {
  return state.records.length === 0 ? DEFAULTS.startUsec : Math.min(...recordTimes(state));
}

/** Returns what a kernel is booted with. */
export function kernelOptions(state: ExplorerState, { profile }: ProfileChoice): KernelOptions {
  const { release, ring, caller, loglevel, reliable, emergencyCap, records } = state;
  const seq = records[0]?.seq;
  return {
    profile,
    startUsec: startUsec(state),
    logBufShift: ring ?? DEFAULTS.ring,
    loglevel: loglevel ?? DEFAULTS.loglevel,
    kconfig: { caller: caller === true && profile.callerField },
    ...defined({ firstSeq: seq }),
    ...(release !== undefined && release !== '' && { release }),
    ...defined({ reliable, emergencyCap }),
  };
}

/**
 * Boots a kernel for the explorer. What the kernel logs while it is set up is muted, so that the
 * first record of the state takes the first seq.
 */
export function boot(state: ExplorerState, choice: ProfileChoice, eth0: MemoryDevice): Machine {
  const kernel = createKernel(kernelOptions(state, choice));
  const unmute = kernel.mute();
  kernel.addDevice(eth0, { addresses: ADDRESSES });
  kernel.insmod('netconsole');
  const { targets } = insideOf(kernel).modules;
  const notes = new Set<string>();
  if (state.caller === true && !choice.profile.callerField)
    notes.add('no CONFIG_PRINTK_CALLER: this kernel does not say who logged');
  const made = state.targets.map((target, i) => {
    makeTarget({ kernel, state, notes }, `t${i}`, target);
    return targets.find(({ name }) => name === `t${i}`)!;
  });
  unmute();
  return { kernel, targets: made, notes: [...notes] };
}

interface Making {
  readonly kernel: Kernel;
  readonly state: ExplorerState;
  readonly notes: Set<string>;
}

/** The note for an attribute that this kernel lacks, by the attribute's name. */
const LACKS: Readonly<Record<string, string>> = {
  release: 'no attribute "release": the release is not prepended',
  userdata: 'no userdata: the keys are not appended',
};

/** Makes a target. Whatever is lacking or refused is noted, and the other settings still apply. */
function makeTarget({ kernel, state, notes }: Making, name: string, target: ExplorerTarget): void {
  const { fs } = kernel;
  const at = `netconsole/${name}`;
  const attempt = (what: string, act: () => void) => {
    try {
      act();
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      notes.add(`${name}: ${what} is refused (${error.code}): ${error.message}`);
    }
  };
  const set = (attribute: string, value: string) => {
    if (fs.kind(`${at}/${attribute}`) === undefined) {
      const sysdata = /^userdata\/(.*)_enabled$/.exec(attribute)?.[1];
      notes.add(LACKS[attribute] ?? (sysdata ? `no sysdata "${sysdata}"` : `no attribute "${attribute}"`));
    } else attempt(`${attribute} "${value}"`, () => fs.write(`${at}/${attribute}`, `${value}\n`));
  };
  const extended = target.extended ?? true;
  fs.mkdir(at);
  set('dev_name', 'eth0');
  set('local_ip', target.localIp ?? DEFAULTS.localIp);
  set('local_port', String(target.localPort ?? DEFAULTS.localPort));
  set('remote_ip', target.remoteIp ?? DEFAULTS.remoteIp);
  set('remote_port', String(target.remotePort ?? DEFAULTS.remotePort));
  set('remote_mac', target.remoteMac ?? DEFAULTS.remoteMac);
  set('extended', extended ? '1' : '0');
  if (target.release === true) set('release', '1');
  for (const [key, value] of extended ? (state.userdata ?? []) : []) {
    if (fs.kind(`${at}/userdata`) === undefined) notes.add(LACKS['userdata']!);
    else
      attempt(`userdata "${key}"`, () => {
        if (fs.kind(`${at}/userdata/${key}`) === undefined) fs.mkdir(`${at}/userdata/${key}`);
        fs.write(`${at}/userdata/${key}/value`, `${value}\n`);
      });
  }
  for (const field of extended ? (state.sysdata ?? []) : []) set(`userdata/${field}_enabled`, '1');
  set('enabled', '1');
}
