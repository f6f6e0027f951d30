/** Makes the progress reports of a replay. */
import type { KernelTally } from '../kernel/index.js';
import type { DeviceStats } from '../net/device.js';
import type { LinkStats } from '../net/impair.js';
import { Meter } from '../net/meter.js';
import type { Clock } from '../run/clock.js';
import { type RunInterval, RunObserver } from '../run/observer.js';
import type { ReplayOptions, ReplayProgress } from './options.js';

/** The facts that a progress report is made from. */
export interface ReplayFacts {
  /** Microseconds on the clock since the start. */
  readonly usec: number;
  /** The counts of the device that all hosts share. */
  readonly stats: Readonly<DeviceStats>;
  /** The hosts of the replay: what their kernels have sent, and what the network did. */
  readonly hosts: {
    readonly tally: KernelTally;
    readonly count: number;
    readonly up: number;
    readonly network: { readonly out: LinkStats };
  };
  /** How many bytes of the log have been read, before unpacking. */
  readonly bytesRead: number;
  /** How many records of the log every host has logged. */
  readonly records: number;
}

/** Watches a replay. `look` may be called at any time, and as often as wanted. */
export class ReplayWatch {
  /**
   * Takes when each frame was due. At speed `max` without a rate that is unknown, and it stays
   * empty.
   */
  readonly meter: Meter;
  readonly #observer: RunObserver<ReplayProgress>;

  constructor(clock: Clock, { onProgress }: Pick<ReplayOptions, 'onProgress'>) {
    this.#observer = new RunObserver({ clock, onProgress });
    this.meter = new Meter(this.#observer.series);
  }

  /** Reports the facts and keeps them for the intervals, if that is due by now. */
  look(facts: ReplayFacts): void {
    if (this.#observer.isDue(facts.usec)) this.end(facts);
  }

  /** Takes the last look, when the replay has ended. */
  end(facts: ReplayFacts): void {
    const progress = progressOf(facts);
    const metered = this.meter.frames > 0;
    this.#observer.take(
      facts.usec,
      metered ? { ...progress, asked: this.meter.frames, late: this.meter.lateness } : progress,
      metered ? {} : { achieved: progress.frames },
    );
  }

  /** What happened in each interval of the clock so far. */
  get intervals(): RunInterval[] {
    return this.#observer.intervals;
  }
}

function progressOf({ usec, stats, hosts, bytesRead, records }: ReplayFacts): ReplayProgress {
  const { fragments, noRoom, notSent, acks, retransmits, emergencies, emergencyUsec } = hosts.tally;
  const { lost, partitioned } = hosts.network.out;
  const device = stats.txDropped - (stats.txCapped ?? 0) + stats.txErrors;
  return {
    seconds: usec / 1e6,
    bytesRead,
    records,
    frames: stats.txPackets,
    bytes: stats.txBytes,
    hosts: hosts.count,
    hostsUp: hosts.up,
    lost: { ring: noRoom, netpoll: notSent, device, wire: lost + partitioned },
    ...{ fragments, acks, retransmits, emergencies, emergencyMs: emergencyUsec / 1000 },
  };
}
