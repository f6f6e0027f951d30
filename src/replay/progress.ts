/** Where a replay is, as whoever watches it is told. */
import { addTally, type KernelTally, kernelTally } from '../kernel/index.js';
import type { DeviceStats } from '../net/device.js';
import type { Clock } from '../run/clock.js';
import { type RunInterval, RunObserver } from '../run/observer.js';
import type { ReplayOptions, ReplayProgress } from './options.js';

/** What a replay knows of itself. */
export interface ReplayFacts {
  /** Of the clock, since the start. */
  readonly usec: number;
  readonly stats: Readonly<DeviceStats>;
  readonly hosts: readonly { readonly tally: KernelTally }[];
  readonly hostsUp: number;
  readonly bytesRead: number;
  readonly records: number;
}

/** Watches a replay: `look` as often as you like. */
export class ReplayWatch {
  readonly #observer: RunObserver<ReplayProgress>;

  constructor(clock: Clock, { onProgress }: Pick<ReplayOptions, 'onProgress'>) {
    this.#observer = new RunObserver({ clock, onProgress });
  }

  look(facts: ReplayFacts): void {
    if (this.#observer.isDue(facts.usec)) this.end(facts);
  }

  /** The last look. */
  end(facts: ReplayFacts): void {
    const progress = progressOf(facts);
    this.#observer.take(facts.usec, progress, { achieved: progress.frames });
  }

  get intervals(): RunInterval[] {
    return this.#observer.intervals;
  }
}

function progressOf({ usec, stats, hosts, hostsUp, bytesRead, records }: ReplayFacts): ReplayProgress {
  const tally = kernelTally();
  for (const host of hosts) addTally(tally, host.tally);
  const { fragments, noRoom, notSent, acks, retransmits, emergencies, emergencyUsec } = tally;
  return {
    seconds: usec / 1e6,
    bytesRead,
    records,
    frames: stats.txPackets,
    bytes: stats.txBytes,
    hosts: hosts.length,
    hostsUp,
    lost: { ring: noRoom, netpoll: notSent, device: stats.txDropped + stats.txErrors },
    ...{ fragments, acks, retransmits, emergencies, emergencyMs: emergencyUsec / 1000 },
  };
}
