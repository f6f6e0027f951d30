/**
 * The modules that a kernel can load, as data: one list, which the kernel, the command line, replay
 * and scenarios read.
 *
 *   kernel.insmod('netconsole', '+6665@10.0.2.15/eth0,6666@10.0.2.2/');
 *   kernel.insmod('netoops', { params: '@/eth0,@10.0.2.2/', arch: 'i386' });
 *   kernel.rmmod('netoops');
 *
 *   netconsole        since 2.6.5, with targets in configfs         `netconsole/`
 *   netoops           2010: the whole log, once the kernel dies     `netoops/`
 *   netconsole-2001   2.4.10: every line, behind a running offset   `netconsole-2001/`
 *   netconsole-2003   2.6.0: every line, as it is                   `netconsole-2003/`
 *
 * `insmod` returns what a loaded module shows: its targets, its counters, its settings. How it is
 * unloaded, the table keeps to itself.
 */

import { type Errno, KernelError } from '../errno.js';
import type { KernelContext, KernelModule, LoadedModule } from '../kernel/context.js';
import { checkOptions } from '../options.js';
import { netconsole, targetsOf } from './netconsole/index.js';
import type { Target } from './netconsole/target.js';
import { netconsole2001 } from './netconsole-2001/index.js';
import { netconsole2003 } from './netconsole-2003/index.js';
import { netoops } from './netoops/index.js';

/** All modules, by name. */
const MODULES: {
  readonly netconsole: typeof netconsole;
  readonly netoops: typeof netoops;
  readonly 'netconsole-2001': typeof netconsole2001;
  readonly 'netconsole-2003': typeof netconsole2003;
} = { netconsole, netoops, 'netconsole-2001': netconsole2001, 'netconsole-2003': netconsole2003 };

/** The name of a module that `insmod` knows. */
export type ModuleName = keyof typeof MODULES;
/**
 * What `insmod` takes after each module's name: its parameter alone, or an object of all that it
 * takes.
 */
export type ModuleArgs = { readonly [N in ModuleName]: Parameters<(typeof MODULES)[N]['load']>[1] };
/** What `insmod` returns for each module's name. */
export type LoadedModules = { readonly [N in ModuleName]: ReturnType<(typeof MODULES)[N]['load']>['shown'] };

/** The modules that `insmod` knows. */
export const MODULE_NAMES = Object.keys(MODULES) as readonly ModuleName[];

/**
 * The modules of the systems besides netconsole, by the name that receivers, command lines and
 * scenarios have for their protocol.
 */
export const SYSTEMS: {
  readonly netoops: 'netoops';
  readonly '2001': 'netconsole-2001';
  readonly '2003': 'netconsole-2003';
} = {
  netoops: 'netoops',
  '2001': 'netconsole-2001',
  '2003': 'netconsole-2003',
};
/** The name of a system besides netconsole, as command lines and scenarios have it. */
export type SystemName = keyof typeof SYSTEMS;

/**
 * Returns the kernel that a module belongs to, as a profile's name; undefined if the newest kernel
 * has it.
 */
export function kernelOfModule(name: ModuleName): string | undefined {
  const module: { readonly kernel?: string } = MODULES[name];
  return module.kernel;
}

const NO_TARGETS: readonly Target[] = [];

/** The modules that a kernel has loaded. */
export class ModuleTable {
  readonly #loaded = new Map<ModuleName, LoadedModule<LoadedModules[ModuleName]>>();

  /** Returns what a loaded module shows, or undefined if it is not loaded. */
  get<N extends ModuleName>(name: N): LoadedModules[N] | undefined {
    return this.#loaded.get(name)?.shown as LoadedModules[N] | undefined;
  }

  /** Netconsole's targets, in the order of sending; none if it is not loaded. */
  get targets(): readonly Target[] {
    const loaded = this.get('netconsole');
    return loaded === undefined ? NO_TARGETS : targetsOf(loaded);
  }

  /** The names of the modules, in the order in which they were loaded. */
  get names(): ModuleName[] {
    return [...this.#loaded.keys()];
  }

  /**
   * Loads a module. Throws ENOENT if there is no such module, EEXIST if it is loaded already, and
   * whatever the module itself throws.
   */
  load<N extends ModuleName>(context: KernelContext, name: N, args: ModuleArgs[N] = ''): LoadedModules[N] {
    if (!Object.hasOwn(MODULES, name)) {
      throw refusal('ENOENT', 'insmod', `there is no module "${String(name)}": choose ${MODULE_NAMES.join(', ')}`);
    }
    if (this.#loaded.has(name)) throw refusal('EEXIST', 'insmod', `${name} is loaded already: unload it first`);
    const module = MODULES[name] as unknown as KernelModule<ModuleArgs[N], LoadedModules[N]>;
    if (typeof args !== 'string') checkOptions(`insmod ${name}`, args, module.rules);
    const loaded = module.load(context, args);
    this.#loaded.set(name, loaded);
    return loaded.shown;
  }

  /**
   * Unloads a module. Throws ENOENT if it is not loaded, and EAGAIN while there are directories
   * that users made in it.
   */
  unload(name: ModuleName): void {
    const loaded = this.#loaded.get(name);
    if (loaded === undefined) throw refusal('ENOENT', 'rmmod', `${name} is not loaded`);
    if (loaded.group !== undefined && loaded.group.children.size > 0) {
      throw refusal('EAGAIN', 'rmmod', `${name} is in use: remove the directories of its targets in configfs first`);
    }
    loaded.unload();
    this.#loaded.delete(name);
  }

  /** Gives back the memory of all loaded modules, as the kernel is not used any more. */
  release(): void {
    for (const loaded of this.#loaded.values()) loaded.release();
    this.#loaded.clear();
  }
}

function refusal(code: Errno, op: string, why: string): KernelError {
  return new KernelError(code, op, why);
}
