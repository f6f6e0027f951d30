/**
 * Operations of scenarios for the systems of `../ancestors/`:
 *
 *   {"op": "insmod2001", "params": "dev=eth0 target_ip=0x0a000202 source_port=6666 target_port=6666"}
 *   {"op": "insmod2003", "params": "@/eth0,@10.0.2.2/"}
 *   {"op": "insmod2010", "params": "@/eth0,@10.0.2.2/;@/eth0,@10.0.2.3/"}     netoops; params may be left out
 *   {"op": "rmmod2001"}, {"op": "rmmod2003"}, {"op": "rmmod2010"}
 *   {"op": "mkdir2010", "path": "t1"}, {"op": "rmdir2010", "path": "t1"}      configfs, below netoops/
 *   {"op": "write2010", "path": "t1/enabled", "data": "1\n"}, {"op": "read2010", "path": "t1/enabled"}
 *   {"op": "write2010", "path": "netoops_boot_id", "data": "42\n"}            a knob of sysfs: a path without a slash
 *   {"op": "memory2001", "data": "short"}                                     allocations fail; anything else: no more
 *
 * With `"faithful": true` or `false` a load chooses the system's known defects. Netoops dumps at `{"op": "sysrq", "key": "y"}` and `"c"`.
 */
import { KernelError } from '../errno.js';
import type { Kernel } from '../kernel/index.js';
import { loadNetconsole2001, type Netconsole2001 } from '../modules/netconsole-2001/index.js';
import { loadNetconsole2003, type Netconsole2003 } from '../modules/netconsole-2003/index.js';
import { loadNetoops, type Netoops } from '../modules/netoops/index.js';
import { latin1 } from './bytes.js';
import { type Outcome, opBytes, type ScenarioOp } from './scenario.js';

type Operation = (op: ScenarioOp) => Outcome;

/** The operations on `kernel`, by name. */
export function ancestorOps(kernel: Kernel): Record<string, Operation> {
  let first: Netconsole2001 | undefined;
  let second: Netconsole2003 | undefined;
  let netoops: Netoops | undefined;

  const faithful = (op: ScenarioOp) => (op.faithful === undefined ? {} : { faithful: op.faithful });
  const once = (loaded: object | undefined) => {
    if (loaded !== undefined) throw new KernelError('EEXIST', 'insmod', 'it is loaded already: unload it first');
  };
  const need = <T>(loaded: T | undefined): T => {
    if (loaded === undefined) throw new KernelError('ENOENT', 'rmmod', 'it is not loaded');
    return loaded;
  };
  const done =
    (fn: (op: ScenarioOp) => void): Operation =>
    (op) => {
      fn(op);
      return 'ok';
    };
  const path = (op: ScenarioOp) => op.path ?? '';

  return {
    insmod2001: done((op) => {
      once(first);
      first = loadNetconsole2001(kernel, op.params ?? '', faithful(op));
    }),
    rmmod2001: done(() => {
      need(first).unload();
      first = undefined;
    }),
    memory2001: done((op) => {
      need(first).memoryShort = op.data === 'short';
    }),
    insmod2003: done((op) => {
      once(second);
      second = loadNetconsole2003(kernel, op.params ?? '', faithful(op));
    }),
    rmmod2003: done(() => {
      need(second).unload();
      second = undefined;
    }),
    insmod2010: done((op) => {
      once(netoops);
      netoops = loadNetoops(kernel, { params: op.params ?? '', ...faithful(op) });
    }),
    rmmod2010: done(() => {
      need(netoops).unload();
      netoops = undefined;
    }),
    mkdir2010: done((op) => kernel.fs.mkdir(`netoops/${path(op)}`)),
    rmdir2010: done((op) => kernel.fs.rmdir(`netoops/${path(op)}`)),
    write2010: done((op) => {
      if (path(op).includes('/')) kernel.fs.write(`netoops/${path(op)}`, opBytes(op));
      else need(netoops).sysfs.write(path(op), opBytes(op));
    }),
    read2010: (op) => {
      if (path(op).includes('/')) return { data: kernel.fs.read(`netoops/${path(op)}`) };
      return { data: latin1(need(netoops).sysfs.read(path(op))) };
    },
  };
}
