/** How far a storm has come, as `onProgress` is told it. */

import type { DeviceStats } from '../net/device.js';
import { defined } from '../options.js';
import type { RunProgress } from '../run/progress.js';
import type { EngineCounts } from './engine.js';

/** How far a storm has come. */
export interface StormProgress extends RunProgress {
  /** Seconds of the plan that have passed. */
  readonly planSeconds: number;
  /** Seconds that the plan lasts. */
  readonly ofSeconds: number;
}

/** What a run knows of itself, from which its progress is made. */
export interface StormFacts {
  /** The sums over the hosts. */
  readonly counts: EngineCounts;
  /** The device's counts. */
  readonly stats: Readonly<DeviceStats>;
  /** How much of the plan's time has passed. */
  readonly planUsec: number;
  /** How much time the plan has in all. */
  readonly durationUsec: number;
  /** How much time has passed by the clock since the start. */
  readonly usec: number;
  /** Frames that should have left by now; in real time only. */
  readonly asked?: number;
  /** How late the frames left; in real time only. */
  readonly late?: NonNullable<RunProgress['late']>;
}

/** Makes the progress that `onProgress` is given. */
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
