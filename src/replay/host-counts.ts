/** Counts what became of a host's frames and records, over all its kernels. */
import { type Kernel, tallyOf } from '../kernel/index.js';

/** Counts that are summed over all targets and over all kernels that the host has had. */
export interface HostCounts {
  /** Frames that carried a part of a record. */
  fragments: number;
  /** Frames that got no slot, because all slots of the device were in use. */
  noSlot: number;
  /** Frames that the kernel gave up because the interface was down or gone. */
  interfaceDown: number;
  /** Frames that were waiting for the device when the interface went away. */
  leftInQueue: number;
  /** Records for which the ring had no room. */
  droppedRecords: number;
  /** Records of which the ring stored only the beginning. */
  cutRecords: number;
}

/** Makes counts that are all 0. */
export function hostCounts(): HostCounts {
  return { fragments: 0, noSlot: 0, interfaceDown: 0, leftInQueue: 0, droppedRecords: 0, cutRecords: 0 };
}

/** Adds `more` to `to`. */
export function addHostCounts(to: HostCounts, more: Readonly<HostCounts>): void {
  to.fragments += more.fragments;
  to.noSlot += more.noSlot;
  to.interfaceDown += more.interfaceDown;
  to.leftInQueue += more.leftInQueue;
  to.droppedRecords += more.droppedRecords;
  to.cutRecords += more.cutRecords;
}

/** Adds the counts of a kernel's targets. */
export function addTargets(counts: HostCounts, kernel: Kernel): void {
  const { fragments, interfaceDown, noSlot, queueDropped } = tallyOf(kernel);
  counts.fragments += fragments;
  counts.interfaceDown += interfaceDown;
  counts.noSlot += noSlot;
  counts.leftInQueue += queueDropped + kernel.queued;
}
