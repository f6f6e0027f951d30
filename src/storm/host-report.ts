/** What became of each host of a storm, so that the worst can be named. */
import type { LinkStats } from '../net/impair.js';
import type { StormHost } from './host.js';

/** Counts of one host: of the host, of its kernels, and of what the network did to its frames. */
export interface StormHostReport {
  /** Its IPv4 address. */
  readonly host: string;
  /** Its name in the plan. */
  readonly name: string;
  /** The name of its group. */
  readonly group: string;
  /** How many times it has booted. */
  readonly boots: number;
  /** Messages that its kernels were given. */
  readonly messages: number;
  /** Frames that its kernels sent while the cable was in. */
  readonly frames: number;
  /** Those of them that the network lost. */
  readonly lost: number;
  /** Frames that a missing cable or a partition kept from the collector. */
  readonly partitioned: number;
  /** Messages that found no room in the ring. */
  readonly noRoom: number;
  /** Frames that the kernel gave up. */
  readonly notSent: number;
  /** Frames that carried a part of a record. */
  readonly fragments: number;
  /** Responses of the reliable extension that its kernels read. */
  readonly acks: number;
  /** Records that were sent again because a response asked for them. */
  readonly retransmits: number;
  /** Records that were sent again unasked, while no response came. */
  readonly emergencies: number;
}

/** Makes the report of a host; `out` is what the network did to the frames that it sent. */
export function hostReport({ spec, counts, tally }: StormHost, out: Readonly<LinkStats>): StormHostReport {
  const { noRoom, notSent, fragments, acks, retransmits, emergencies } = tally;
  return {
    host: spec.ip,
    name: spec.name,
    group: spec.group.name,
    boots: counts.boots,
    messages: counts.messages,
    frames: out.carried,
    lost: out.lost,
    partitioned: out.partitioned,
    ...{ noRoom, notSent, fragments, acks, retransmits, emergencies },
  };
}

/** Returns the hosts that lost most first; those that lost the same are in order of their names. */
export function worstFirst(hosts: readonly StormHostReport[]): StormHostReport[] {
  const trouble = ({ lost, partitioned, noRoom, notSent }: StormHostReport) => lost + partitioned + noRoom + notSent;
  return hosts.toSorted((a, b) => trouble(b) - trouble(a) || (a.name < b.name ? -1 : 1));
}
