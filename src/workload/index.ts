/**
 * Workloads: what machines log on a bad day, from seeds, in the form of the kernel's own messages.
 *
 *   oomKill(kernel, { seed: 7, victim: 'postgres' });      plays it, returns how many messages
 *   for (const step of oomKill.steps({ seed: 7 })) ...     gives the same as data
 *
 * The same seed, machine and parameters give the same steps. The numbers in the texts (addresses,
 * pids, sizes) are drawn. The form of each message is the kernel's; where it changed with a
 * version, `machine.release` decides.
 *
 * Files: `step` says what a workload is made of, `workload` how one is defined and played, `draw`
 * where its numbers come from, `arrivals` when events happen, `mark` how a record verifies itself;
 * the others hold the workloads by their kind.
 *
 * @module
 */
import { oops, panic, reboot } from './crash.js';
import { auditFlood, boot, chatter, flood } from './everyday.js';
import { diskError, filesystemError, linkFlap, machineCheck, usbReset } from './hardware.js';
import { oomKill } from './memory.js';
import { hungTask, rcuStall, softLockup } from './stalled.js';
import type { Workload } from './workload.js';

export { type BurstOptions, bursts, type PeriodicOptions, type PoissonOptions, periodic, poisson } from './arrivals.js';
export { Draw, mixSeed } from './draw.js';
export { type Mark, readMark, withMark } from './mark.js';
export { DEFAULT_MACHINE, type MachineFacts, type Message, type Step, type Timed } from './step.js';
export {
  type Count,
  type Definition,
  type OptionsOf,
  type Parameter,
  type Parameters,
  type Player,
  playSteps,
  printMessage,
  type Scene,
  type ValuesOf,
  type Workload,
  type WorkloadOptions,
  workload,
} from './workload.js';
export {
  auditFlood,
  boot,
  chatter,
  diskError,
  filesystemError,
  flood,
  hungTask,
  linkFlap,
  machineCheck,
  oomKill,
  oops,
  panic,
  rcuStall,
  reboot,
  softLockup,
  usbReset,
};

/** All workloads, by the name that plans use. */
export const WORKLOADS: ReadonlyMap<string, Workload> = new Map(
  [
    boot,
    chatter,
    oomKill,
    oops,
    panic,
    softLockup,
    hungTask,
    rcuStall,
    machineCheck,
    filesystemError,
    diskError,
    linkFlap,
    usbReset,
    auditFlood,
    flood,
    reboot,
  ].map((one) => [one.id, one as unknown as Workload]),
);
