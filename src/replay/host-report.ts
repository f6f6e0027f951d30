/** Reports how each host of a replay fared, so that the worst can be named. */
import type { LinkStats } from '../net/impair.js';
import type { AckCounts } from './acks.js';
import type { HostCounts } from './host-counts.js';

/**
 * The counts of one host. Frames that the device took and then lost are not counted for any host,
 * because the hosts share the device and it does not say whose they were.
 */
export interface ReplayHostReport extends HostCounts {
  /** The address that its first target sends from. */
  readonly host: string;
  /** How many records of the log the host logged. */
  readonly records: number;
  /** How many frames the device took, even if it lost them or a cap left them unsent. */
  readonly frames: number;
  /** How many frames the network lost. Only with `impair`. */
  readonly lost?: number;
  /** How many frames fell into a partition of the network. Only with `impair`. */
  readonly partitioned?: number;
  /**
   * How many answers came from receivers. This and the other counts of acks: only with `reliable`.
   */
  readonly acks?: number;
  /** As `AckCounts.resent`. */
  readonly resent?: number;
  /** As `AckCounts.emergencies`. */
  readonly emergencies?: number;
  /** As `AckCounts.gone`. */
  readonly gone?: number;
  /** As `AckCounts.unacked`. */
  readonly unacked?: number;
}

/** How many hosts a summary names at most. */
const NAMED_MAX = 10_000;

/** A report without the host's name, which is made only for those that are named. */
export type HostOutcome = Omit<ReplayHostReport, 'host'>;

/** The facts from which a host's report is made. */
export interface HostFacts {
  readonly records: number;
  readonly frames: number;
  readonly counts: HostCounts;
  /** What the network did to the host's frames; absent if it is perfect. */
  readonly out: Readonly<LinkStats> | undefined;
  /** The acks of the host's receivers; absent if they do not ack. */
  readonly acks: Readonly<AckCounts> | undefined;
}

/** Makes a report of the facts. */
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
 * Sorts reports by loss, the highest first and equal ones in their old order. Returns at most as
 * many as a summary names.
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
