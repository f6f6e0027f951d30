/**
 * The modules that a kernel can load, as data: one list, which the kernel, the command line, replay and scenarios read.
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
 * What `insmod` returns is the loaded module itself: its targets, its counters, its knobs.
 */
import { type Errno, KernelError } from '../errno.js';
import type { Netconsole, NetconsoleHost } from './netconsole/index.js';
import {
  loadNetconsole2001,
  type Netconsole2001,
  type Netconsole2001Host,
  type Netconsole2001Options,
} from './netconsole-2001/index.js';
import {
  loadNetconsole2003,
  type Netconsole2003,
  type Netconsole2003Host,
  type Netconsole2003Options,
} from './netconsole-2003/index.js';
import { loadNetoops, type Netoops, type NetoopsHost, type NetoopsOptions } from './netoops/index.js';

/** What a loaded module lets its kernel do with it. */
export interface LoadedModule {
  /** All has been logged: sends what it kept until now. */
  finish?(): void;
  /** Takes the module out. Throws EAGAIN while directories that users made hold it. */
  unload(): void;
}

/** What every module needs. */
type ModuleHost = NetconsoleHost &
  NetoopsHost &
  Netconsole2001Host &
  Netconsole2003Host & { readonly netconsole: Netconsole };

/** The module parameter alone, or with what else the module is told. */
type Args<Options> = string | (Options & { readonly params?: string });

/** What `insmod` takes after each module's name. */
export interface ModuleArgs {
  readonly netconsole: string | { readonly params?: string };
  readonly netoops: string | NetoopsOptions;
  readonly 'netconsole-2001': Args<Netconsole2001Options>;
  readonly 'netconsole-2003': Args<Netconsole2003Options>;
}

/** What `insmod` returns for each module's name. */
export interface LoadedModules {
  readonly netconsole: Netconsole;
  readonly netoops: Netoops;
  readonly 'netconsole-2001': Netconsole2001;
  readonly 'netconsole-2003': Netconsole2003;
}

export type ModuleName = keyof LoadedModules;

type Loaders = { readonly [N in ModuleName]: (host: ModuleHost, args: ModuleArgs[N]) => LoadedModules[N] };

const params = (args: string | { readonly params?: string }): string =>
  typeof args === 'string' ? args : (args.params ?? '');
const options = <O extends object>(args: string | O): O => (typeof args === 'string' ? ({} as O) : args);

const MODULES: Loaders = {
  netconsole: ({ netconsole }, args) => {
    netconsole.load(params(args));
    return netconsole;
  },
  netoops: (host, args) => loadNetoops(host, { ...options(args), params: params(args) }),
  'netconsole-2001': (host, args) => loadNetconsole2001(host, params(args), options(args)),
  'netconsole-2003': (host, args) => loadNetconsole2003(host, params(args), options(args)),
};

export const MODULE_NAMES = Object.keys(MODULES) as readonly ModuleName[];

/** Whether there is a module of that name. */
export function isModule(name: string): name is ModuleName {
  return Object.hasOwn(MODULES, name);
}

/** What a kernel has loaded. */
export class ModuleTable {
  readonly #loaded = new Map<ModuleName, LoadedModule>();

  /** ENOENT if there is no such module, EEXIST if it is loaded, and what the module's own loading throws. */
  load<N extends ModuleName>(host: ModuleHost, name: N, args: ModuleArgs[N]): LoadedModules[N] {
    if (!isModule(name))
      throw refusal('ENOENT', 'insmod', `there is no module "${String(name)}": choose ${MODULE_NAMES.join(', ')}`);
    if (this.#loaded.has(name)) throw refusal('EEXIST', 'insmod', `${name} is loaded already: unload it first`);
    const loaded = MODULES[name](host, args);
    this.#loaded.set(name, loaded);
    return loaded;
  }

  /** ENOENT if it is not loaded, and what the module's own unloading throws. */
  unload(name: ModuleName): void {
    const loaded = this.#loaded.get(name);
    if (loaded === undefined) throw refusal('ENOENT', 'rmmod', `${name} is not loaded`);
    loaded.unload();
    this.#loaded.delete(name);
  }
}

function refusal(code: Errno, op: string, why: string): KernelError {
  return new KernelError(code, op, why);
}
