/**
 * Operations of scenarios on modules:
 *
 *   {"op": "insmod", "module": "netoops", "params": "@/eth0,@10.0.2.2/"}
 *   {"op": "rmmod", "module": "netoops"}
 *   {"op": "insmod", "module": "netconsole-2001", "withDefects": true,
 *    "params": "dev=eth0 target_ip=0x0a000202 ..."}
 *   {"op": "memory", "module": "netconsole-2001", "data": "short"}
 *   {"op": "write", "module": "netoops", "path": "t1/enabled", "data": "1\n"}
 *   {"op": "write", "module": "netoops", "path": "netoops_boot_id", "data": "42\n"}
 *
 * An operation without `module` is on netconsole. The paths of `mkdir`, `rmdir`, `read` and
 * `write` are in configfs, below the module's directory. For netoops, `read` and `write` take a
 * path without a slash as a setting in sysfs. `memory` makes allocations fail if `data` is `short`,
 * and otherwise succeed again. `withDefects` says whether the system has its known defects. Netoops
 * dumps at `{"op": "sysrq", "key": "y"}` and `"c"`.
 *
 * Older scenarios spell the module in the operation, such as `insmod2001` or `write2010`;
 * `spelledOut` translates that.
 */
import { KernelError } from '../errno.js';
import type { Kernel } from '../kernel/index.js';
import type { LoadedModules, ModuleName } from '../modules/index.js';
import { latin1 } from './bytes.js';
import { type Outcome, opBytes, type ScenarioOp } from './scenario.js';

/** The modules by the year that older scenarios put behind the operation's name. */
const YEARS: Readonly<Record<string, ModuleName>> = {
  '2001': 'netconsole-2001',
  '2003': 'netconsole-2003',
  '2010': 'netoops',
};

/** Returns an operation with its module in `module`, as today's scenarios have it. */
export function spelledOut(op: ScenarioOp): ScenarioOp {
  const [, verb, year] = /^(insmod|rmmod|memory|mkdir|rmdir|read|write)(2001|2003|2010)$/.exec(op.op) ?? [];
  return verb === undefined ? op : { ...op, op: verb, module: YEARS[year!]! };
}

/** Holds the loaded modules, and does the operations on modules. */
export class ScenarioModules {
  readonly #kernel: Kernel;
  readonly #loaded = new Map<ModuleName, LoadedModules[ModuleName]>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Returns a module, or undefined if it is not loaded. */
  get<N extends ModuleName>(name: N): LoadedModules[N] | undefined {
    return this.#loaded.get(name) as LoadedModules[N] | undefined;
  }

  /** Loads a module. Throws the KernelError of a kernel that refuses it. */
  insmod({ module = 'netconsole', params = '', withDefects }: ScenarioOp): void {
    const args = withDefects === undefined ? params : { params, withDefects };
    this.#loaded.set(module, this.#kernel.insmod(module, args));
  }

  /** Unloads a module. Throws ENOENT if it is not loaded. */
  rmmod({ module = 'netconsole' }: ScenarioOp): void {
    this.#kernel.rmmod(module);
    this.#loaded.delete(module);
  }

  /** Makes allocations of netconsole-2001 fail from now on, or lets them succeed again. */
  memory(op: ScenarioOp): void {
    this.#need('netconsole-2001').memoryShort = op.data === 'short';
  }

  /** Reads a setting of netoops in sysfs. */
  readSetting(op: ScenarioOp): Outcome {
    return { data: latin1(this.#need('netoops').sysfs.read(op.path ?? '')) };
  }

  /** Writes a setting of netoops in sysfs. */
  writeSetting(op: ScenarioOp): void {
    this.#need('netoops').sysfs.write(op.path ?? '', opBytes(op));
  }

  /** Returns a module. Throws ENOENT if it is not loaded. */
  #need<N extends ModuleName>(name: N): LoadedModules[N] {
    const loaded = this.get(name);
    if (loaded === undefined) throw new KernelError('ENOENT', 'rmmod', `${name} is not loaded`);
    return loaded;
  }
}
