/** What became of a host's frames and records: the counts of all its kernels. */
import { type Kernel, tallyOf } from '../kernel/index.js';

/** Summed over the targets, and the kernels there have been. */
export interface HostCounts {
  fragments: number;
  /** Frames for which there was no slot: those of the device were all in use. */
  noSlot: number;
  /** Frames that the kernel gave up, as the interface was down or gone. */
  interfaceDown: number;
  /** Frames that waited for the device when the interface went. */
  leftInQueue: number;
  /** Records that found no room in the ring, and those that lost their end. */
  droppedRecords: number;
  cutRecords: number;
}

/** Counts that are all 0. */
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

/** Adds what the targets of a kernel count. */
export function addTargets(counts: HostCounts, kernel: Kernel): void {
  const { fragments, interfaceDown, noSlot, queueDropped } = tallyOf(kernel);
  counts.fragments += fragments;
  counts.interfaceDown += interfaceDown;
  counts.noSlot += noSlot;
  counts.leftInQueue += queueDropped + kernel.queued;
}
