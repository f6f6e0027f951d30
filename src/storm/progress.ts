/** Where a storm is, as whoever watches it is told. */

import type { DeviceStats } from '../net/device.js';
import { defined } from '../options.js';
import type { RunProgress } from '../run/progress.js';
import type { EngineCounts } from './engine.js';

/** How far a storm has come. */
export interface StormProgress extends RunProgress {
  /** Of the plan's time: how much has passed, and how much there is. */
  readonly planSeconds: number;
  readonly ofSeconds: number;
}

/** What a run knows of itself. */
export interface StormFacts {
  readonly counts: EngineCounts;
  readonly stats: Readonly<DeviceStats>;
  /** Of the plan's time, and of the clock since the start. */
  readonly planUsec: number;
  readonly durationUsec: number;
  readonly usec: number;
  /** In real time only: frames that were to leave by now, and how late they were. */
  readonly asked?: number;
  readonly late?: NonNullable<RunProgress['late']>;
}

export function stormProgress({ counts, stats, planUsec, durationUsec, usec, asked, late }: StormFacts): StormProgress {
  const { up, hosts, noRoom, notSent, out, fragments, acks, retransmits, emergencies, emergencyMs } = counts;
  return {
    seconds: usec / 1e6,
    done: planUsec / durationUsec,
    planSeconds: planUsec / 1e6,
    ofSeconds: durationUsec / 1e6,
    frames: stats.txPackets,
    bytes: stats.txBytes,
    ...defined({ asked }),
    ...(late !== undefined && { late: { p50: late.p50, p99: late.p99, max: late.max } }),
    hosts,
    hostsUp: up,
    lost: {
      ring: noRoom,
      netpoll: notSent,
      device: stats.txDropped + stats.txErrors,
      wire: out.lost + out.partitioned,
    },
    ...{ fragments, acks, retransmits, emergencies, emergencyMs },
  };
}
