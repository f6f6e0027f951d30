/**
 * Operations of scenarios on modules, whichever:
 *
 *   {"op": "insmod", "module": "netoops", "params": "@/eth0,@10.0.2.2/"}      without `module`: netconsole
 *   {"op": "rmmod", "module": "netoops"}
 *   {"op": "insmod", "module": "netconsole-2001", "params": "dev=eth0 target_ip=0x0a000202 ...", "withDefects": true}
 *   {"op": "memory", "module": "netconsole-2001", "data": "short"}            allocations fail; anything else: no more
 *   {"op": "write", "module": "netoops", "path": "t1/enabled", "data": "1\n"} configfs, below `netoops/`; so are mkdir, rmdir, read
 *   {"op": "write", "module": "netoops", "path": "netoops_boot_id", "data": "42\n"}    a knob of sysfs: a path without a slash
 *
 * `withDefects` says whether the system has its known defects. Netoops dumps at `{"op": "sysrq",
 * "key": "y"}` and `"c"`.
 *
 * Older scenarios spell the module in the operation: `insmod2001`, `write2010`. `spelledOut` reads
 * those.
 */
import { KernelError } from '../errno.js';
import type { Kernel } from '../kernel/index.js';
import type { LoadedModules, ModuleName } from '../modules/index.js';
import { latin1 } from './bytes.js';
import { type Outcome, opBytes, type ScenarioOp } from './scenario.js';

/** What older scenarios put behind the operation's name. */
const YEARS: Readonly<Record<string, ModuleName>> = {
  '2001': 'netconsole-2001',
  '2003': 'netconsole-2003',
  '2010': 'netoops',
};

/** The operation with its module named, as today's scenarios have it. */
export function spelledOut(op: ScenarioOp): ScenarioOp {
  const [, verb, year] = /^(insmod|rmmod|memory|mkdir|rmdir|read|write)(2001|2003|2010)$/.exec(op.op) ?? [];
  return verb === undefined ? op : { ...op, op: verb, module: YEARS[year!]! };
}

/** What is loaded, and the operations on modules other than netconsole. */
export class ScenarioModules {
  readonly #kernel: Kernel;
  readonly #loaded = new Map<ModuleName, LoadedModules[ModuleName]>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Undefined if it is not loaded. */
  get<N extends ModuleName>(name: N): LoadedModules[N] | undefined {
    return this.#loaded.get(name) as LoadedModules[N] | undefined;
  }

  insmod({ module = 'netconsole', params = '', withDefects }: ScenarioOp): void {
    const args = withDefects === undefined ? params : { params, withDefects };
    this.#loaded.set(module, this.#kernel.insmod(module, args));
  }

  rmmod({ module = 'netconsole' }: ScenarioOp): void {
    this.#kernel.rmmod(module);
    this.#loaded.delete(module);
  }

  /** Allocations fail from now on, or do not any more. */
  memory(op: ScenarioOp): void {
    this.#need('netconsole-2001').memoryShort = op.data === 'short';
  }

  /** A knob of netoops. */
  readKnob(op: ScenarioOp): Outcome {
    return { data: latin1(this.#need('netoops').sysfs.read(op.path ?? '')) };
  }

  writeKnob(op: ScenarioOp): void {
    this.#need('netoops').sysfs.write(op.path ?? '', opBytes(op));
  }

  #need<N extends ModuleName>(name: N): LoadedModules[N] {
    const loaded = this.get(name);
    if (loaded === undefined) throw new KernelError('ENOENT', 'rmmod', `${name} is not loaded`);
    return loaded;
  }
}
