/** What one host of a replay came to, so that the worst can be named. */
import type { LinkStats } from '../net/impair.js';
import type { AckCounts } from './acks.js';
import type { HostCounts } from './host-counts.js';

/**
 * Counts of one host. Frames that the device took and lost are counted for no host, since the hosts
 * share it and it does not say whose they were.
 */
export interface ReplayHostReport extends HostCounts {
  /** The address that its first target sends from. */
  readonly host: string;
  /** Records of the log that it logged. */
  readonly records: number;
  /** Frames that the device took, including those that it lost and those that a cap left unsent. */
  readonly frames: number;
  /** With `impair` only: frames that the network lost. */
  readonly lost?: number;
  readonly partitioned?: number;
  /** With `reliable` only: answers heard, and what `AckCounts` has. */
  readonly acks?: number;
  readonly resent?: number;
  readonly emergencies?: number;
  readonly gone?: number;
  readonly unacked?: number;
}

/** Hosts that a summary names at most. */
const NAMED_MAX = 10_000;

/** The counts of a report, without the host's name, which only those that are named need. */
export type HostOutcome = Omit<ReplayHostReport, 'host'>;

/** What a host's report is made from. */
export interface HostFacts {
  readonly records: number;
  readonly frames: number;
  readonly counts: HostCounts;
  /** What the network did to the host's frames; absent if the network is perfect. */
  readonly out: Readonly<LinkStats> | undefined;
  /** Absent if nobody acks. */
  readonly acks: Readonly<AckCounts> | undefined;
}

export function hostOutcome({ records, frames, counts, out, acks }: HostFacts): HostOutcome {
  return {
    records,
    frames,
    ...(out !== undefined && { lost: out.lost, partitioned: out.partitioned }),
    ...counts,
    ...(acks !== undefined && {
      acks: acks.heard,
      resent: acks.resent,
      emergencies: acks.emergencies,
      gone: acks.gone,
      unacked: acks.unacked,
    }),
  };
}

/**
 * Sorts reports: those that lost most first, the others as they stood; returns no more than a
 * summary names.
 */
export function worstFirst<T extends HostOutcome>(hosts: readonly T[]): T[] {
  return hosts.toSorted((a, b) => trouble(b) - trouble(a)).slice(0, NAMED_MAX);
}

function trouble(host: HostOutcome): number {
  const { noSlot, interfaceDown, leftInQueue, droppedRecords, cutRecords } = host;
  const { lost = 0, partitioned = 0, gone = 0, unacked = 0 } = host;
  const here = noSlot + interfaceDown + leftInQueue + droppedRecords + cutRecords;
  return here + lost + partitioned + gone + unacked;
}
