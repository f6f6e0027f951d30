/** The options of a replay, its progress and its summary. */
import type { SystemName } from '../modules/index.js';
import type { Impairments, LinkDirection, LinkStats } from '../net/impair.js';
import type { Lateness } from '../net/meter.js';
import type { ShaperOptions } from '../net/shaper.js';
import type { Profile } from '../profile/index.js';
import type { Clock } from '../run/clock.js';
import type { RunInterval } from '../run/observer.js';
import type { RunProgress } from '../run/progress.js';
import type { AckCounts } from './acks.js';
import type { HostCounts } from './host-counts.js';
import type { ReplayHostReport } from './host-report.js';
import type { Speed } from './pace.js';
import type { LogProblem, LogReader, StampOrigin } from './reader.js';
import type { ReliableName } from './target.js';
import type { LoopAs } from './timeline.js';

/** A log, or how to read it: a function is called for each time that the log is sent. */
export type ReplayedLog = LogReader | (() => LogReader);

/** How a log is sent: as which kernel, to whom, how fast, by how many hosts. */
export interface ReplayOptions {
  /**
   * Each in the syntax of the module parameter `netconsole=`. Default: an extended one with
   * documentation addresses.
   */
  readonly targets?: readonly string[];
  /** Default: the newest. */
  readonly profile?: string | Profile;
  /**
   * What `uname -r` prints. Default: what the log's own "Linux version" line says, else the
   * profile's.
   */
  readonly release?: string;
  /**
   * Records with this level or a higher number are not sent. 1 to 8. Default 7, as Linux has it.
   */
  readonly loglevel?: number;
  /** How fast the log is sent, compared with its stamps. Default `max`. */
  readonly speed?: Speed;
  /**
   * Gaps between records are no longer than this on the clock. The stamps stay. Default: as long as
   * recorded.
   */
  readonly maxGapSeconds?: number;
  /** How often the log is sent; it is then given as a function that reads it anew. Default 1. */
  readonly loop?: number;
  /**
   * Each time but the first goes on with the seqs and stamps that follow, or is another boot.
   * Default `renumbered`.
   */
  readonly loopAs?: LoopAs;
  /** A rate or a ramp over the frames of all hosts. Default: as fast as they come. */
  readonly pacing?: ShaperOptions;
  /**
   * The network between each host and the receiver; its times count from the start, in a capture
   * file by the frames' stamps. Default: a perfect one.
   */
  readonly impair?: Impairments;
  /** How many hosts send the log, each from its own addresses. Default 1. */
  readonly hosts?: number;
  /** The number of the first of them, from 0. */
  readonly firstHost?: number;
  /** The size of each host's log, as a power of 2. Default 17; 12 for more than 64 hosts. */
  readonly logBufShift?: number;
  /** The dialect of 2015's reliable netconsole that extended targets speak. Default: off. */
  readonly reliable?: ReliableName;
  /**
   * Sends not as netconsole, but as a system that it descends from, with the one target, which is
   * not extended.
   */
  readonly as?: SystemName;
  /**
   * How many seconds the hosts stay after the last record, to answer what the receiver asks for;
   * with `reliable` only until all is acked. An abort during this time does not count as an early
   * end. Default 0.
   */
  readonly lingerSeconds?: number;
  /**
   * Set to the stamp of each record in turn, which is then sent by itself: for a capture file's
   * clock.
   */
  readonly stamp?: { usec: number };
  readonly clock?: Clock;
  /** Stops the replay; what was sent is in the summary. */
  readonly signal?: AbortSignal;
  /**
   * Called once, when the first kernels are up and the device is open and attached: the time to
   * give privileges up.
   */
  readonly onReady?: () => Promise<void>;
  /** Called now and then. */
  readonly onProgress?: (progress: ReplayProgress) => void;
}

/**
 * How far a replay has come. `records` are those that every host has logged. While fewer hosts are
 * up than there are, they are being made, and nothing is sent.
 */
export interface ReplayProgress extends RunProgress {
  /** Bytes of the log taken in. */
  readonly bytesRead: number;
  readonly records: number;
  readonly hostsUp: number;
}

/** The summary of a replay. */
export interface ReplaySummary extends HostCounts {
  /** Absent when the log was not read far enough to know. */
  readonly format?: string;
  readonly profile: string;
  /** Why this profile, and how sure it is: `chooseProfile`. */
  readonly kernel: string;
  /** Set if the kernel that was asked for is newer than all that are known. */
  readonly warning?: string;
  readonly hosts: number;
  /**
   * Records of the log that every host has logged, and how many of those the loglevel kept back.
   */
  readonly records: number;
  readonly filtered: number;
  /** What the log's stamps count from: `LogReader.origin`. Absent as `format` is. */
  readonly stamps?: StampOrigin;
  /**
   * Boots in the log, each sent by a kernel of its own; and those that only a step back of the
   * stamps tells.
   */
  readonly boots: number;
  readonly bootsByStamp: number;
  /** Hosts whose records are mixed in the log. */
  readonly logHosts: number;
  /**
   * Records that the log says were lost; copies left out; records put in order; joined out of
   * fragments; incomplete.
   */
  readonly dropped: number;
  readonly duplicates: number;
  readonly overtaken: number;
  readonly joined: number;
  readonly incomplete: number;
  /** Gaps that `maxGapSeconds` has made shorter. */
  readonly shortenedGaps: number;
  /** What a reader has to know about the log, in sentences. */
  readonly notes: readonly string[];
  /** What the device sent, and its bytes. */
  readonly frames: number;
  readonly bytes: number;
  /** Frames that are lost here, all in all, and of those the ones that the device took and lost. */
  readonly droppedFrames: number;
  readonly deviceLost: number;
  /** Frames that were not sent since the end came first: a cap, or an abort. */
  readonly unsentFrames: number;
  /** With `reliable` only. */
  readonly acks?: AckCounts;
  /** With `impair` only: what the network did, and frames that it still had at the end. */
  readonly network?: Readonly<Record<LinkDirection, LinkStats>> & { readonly onTheWay: number };
  /** Hosts that logged something, those that lost most first: 10,000 at most. */
  readonly worst: readonly ReplayHostReport[];
  /** What the replay came to, by interval of the clock. */
  readonly intervals: readonly RunInterval[];
  /** How late frames were against the stamps, at a speed, or the rate. */
  readonly lateness: Lateness;
  /** How long the schedule stood still because the sender did. */
  readonly stalledSeconds: number;
  readonly seconds: number;
  readonly framesPerSecond: number;
  /** Lines of the log that gave no record; the first 20 of them. */
  readonly brokenLines: number;
  readonly problems: readonly LogProblem[];
  /** Why the replay ended before the log did; `cap` is set if a cap was reached. */
  readonly stopped?: { readonly code: string; readonly message: string; readonly cap?: true };
}
