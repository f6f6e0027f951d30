/** What one host of a storm came to, so that the worst can be named. */
import type { LinkStats } from '../net/impair.js';
import type { StormHost } from './host.js';

/** Counts of one host: its own, those of its kernels, and what the network did to its frames. */
export interface StormHostReport {
  /** Its address. */
  readonly host: string;
  readonly name: string;
  readonly group: string;
  readonly boots: number;
  readonly messages: number;
  /** Frames that left its kernels, and those that the network lost. */
  readonly frames: number;
  readonly lost: number;
  readonly partitioned: number;
  /** Messages that found no room in the ring, and frames that the kernel gave up. */
  readonly noRoom: number;
  readonly notSent: number;
  readonly fragments: number;
  readonly acks: number;
  readonly retransmits: number;
  readonly emergencies: number;
}

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

/** Those that lost most first; then by name. */
export function worstFirst(hosts: readonly StormHostReport[]): StormHostReport[] {
  const trouble = ({ lost, partitioned, noRoom, notSent }: StormHostReport) => lost + partitioned + noRoom + notSent;
  return hosts.toSorted((a, b) => trouble(b) - trouble(a) || (a.name < b.name ? -1 : 1));
}
