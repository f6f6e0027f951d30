/** Defines the options of a replay, its progress and its summary. */
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

/** A log, or a function that opens it and is called each time that the log is sent. */
export type ReplayedLog = LogReader | (() => LogReader);

/** How a log is sent: as which kernel, to whom, how fast, by how many hosts. */
export interface ReplayOptions {
  /**
   * The targets, each in the syntax of the module parameter `netconsole=`. Default: an extended one
   * with documentation addresses.
   */
  readonly targets?: readonly string[];
  /** The kernel to emulate. Default: the newest. */
  readonly profile?: string | Profile;
  /**
   * What `uname -r` prints. Default: what the log's "Linux version" line says, or else the
   * profile's release.
   */
  readonly release?: string;
  /**
   * Records of this level or a higher number are not sent. 1 to 8; default 7, as in Linux.
   */
  readonly loglevel?: number;
  /** How many times as fast as recorded the log is sent. Default `max`. */
  readonly speed?: Speed;
  /**
   * Longer gaps between records are shortened to this on the clock; the stamps do not change.
   * Default: gaps last as long as recorded.
   */
  readonly maxGapSeconds?: number;
  /** How many times the log is sent. If several, it must be given as a function. Default 1. */
  readonly loop?: number;
  /**
   * How each time after the first goes on: with the seqs and stamps that follow, or as another
   * boot. Default `renumbered`.
   */
  readonly loopAs?: LoopAs;
  /** A rate or a ramp for the frames of all hosts together. Default: none. */
  readonly pacing?: ShaperOptions;
  /**
   * The network between each host and the receiver. Its times count from the start of the replay;
   * in a capture file, they go by the frames' stamps. Default: a perfect network.
   */
  readonly impair?: Impairments;
  /** How many hosts send the log, each from its own addresses. Default 1. */
  readonly hosts?: number;
  /** The number of the first of those hosts, from 0. */
  readonly firstHost?: number;
  /** The size of each host's log buffer, as a power of 2. Default 17; 12 for more than 64 hosts. */
  readonly logBufShift?: number;
  /** The dialect of 2015's reliable netconsole that extended targets speak. Default: off. */
  readonly reliable?: ReliableName;
  /**
   * Sends as another system that netconsole descends from, not as netconsole. There must be one
   * target, and it must not be extended.
   */
  readonly as?: SystemName;
  /**
   * How many seconds the hosts stay up after the last record to answer what the receiver asks for;
   * with `reliable`, only until all is acked. An abort during this time is not an early end.
   * Default 0.
   */
  readonly lingerSeconds?: number;
  /**
   * An object whose `usec` is set to the stamp of each record in turn, for the clock of a capture
   * file. Each record is then sent by itself.
   */
  readonly stamp?: { usec: number };
  /** The clock that paces the replay. Default: the machine's. */
  readonly clock?: Clock;
  /** Stops the replay when it aborts; the summary says what was sent until then. */
  readonly signal?: AbortSignal;
  /**
   * Called once, when the first kernels are up and the device is open and attached. That is the
   * time to give up privileges.
   */
  readonly onReady?: () => Promise<void>;
  /** Called at intervals while the replay runs. */
  readonly onProgress?: (progress: ReplayProgress) => void;
}

/** How far a replay has come. */
export interface ReplayProgress extends RunProgress {
  /** How many bytes of the log have been read, before unpacking. */
  readonly bytesRead: number;
  /** How many records of the log every host has logged. */
  readonly records: number;
  /** How many hosts are up. While they are fewer than were asked for, nothing is sent. */
  readonly hostsUp: number;
}

/** The summary of a replay. */
export interface ReplaySummary extends HostCounts {
  /** The format of the log; absent if the log was not read far enough to know. */
  readonly format?: string;
  /** The name of the profile of the emulated kernel. */
  readonly profile: string;
  /** Why this profile was chosen, and how sure that is: see `chooseProfile`. */
  readonly kernel: string;
  /** Set if the kernel that was asked for is newer than all known ones. */
  readonly warning?: string;
  /** How many hosts sent the log. */
  readonly hosts: number;
  /** How many records of the log every host has logged. */
  readonly records: number;
  /** How many of those records the loglevel kept from being sent. */
  readonly filtered: number;
  /** What the log's stamps count from: `LogReader.origin`. Absent when `format` is. */
  readonly stamps?: StampOrigin;
  /** How many boots the log has, each of which a kernel of its own sends. */
  readonly boots: number;
  /** How many of those boots show only by stamps going back. */
  readonly bootsByStamp: number;
  /** How many hosts' records are mixed in the log. */
  readonly logHosts: number;
  /** How many records were lost before they came into the log, as it says itself. */
  readonly dropped: number;
  /** How many records were left out as copies of earlier ones. */
  readonly duplicates: number;
  /** How many records came behind later ones and were put back in order. */
  readonly overtaken: number;
  /** How many records were joined from fragments. */
  readonly joined: number;
  /** How many records lack fragments, and so were not sent. */
  readonly incomplete: number;
  /** How many gaps `maxGapSeconds` has shortened. */
  readonly shortenedGaps: number;
  /** What one has to know about the log, in sentences. */
  readonly notes: readonly string[];
  /** How many frames the device sent. */
  readonly frames: number;
  /** How many bytes these frames had, from where the medium begins. */
  readonly bytes: number;
  /** How many frames were lost on this side, before or after the device took them. */
  readonly droppedFrames: number;
  /** How many of the lost frames the device had taken. */
  readonly deviceLost: number;
  /** How many frames were not sent because a cap or an abort ended the replay first. */
  readonly unsentFrames: number;
  /** What receivers acked. Only with `reliable`. */
  readonly acks?: AckCounts;
  /** What the network did, and the frames that it still held at the end. Only with `impair`. */
  readonly network?: Readonly<Record<LinkDirection, LinkStats>> & { readonly onTheWay: number };
  /** The hosts that logged something, at most 10,000, those that lost most first. */
  readonly worst: readonly ReplayHostReport[];
  /** What happened in each interval of the clock. */
  readonly intervals: readonly RunInterval[];
  /** How late frames were, measured against the stamps (with a speed) or the rate. */
  readonly lateness: Lateness;
  /** For how long the schedule stood still because the sender did. */
  readonly stalledSeconds: number;
  /** How long the replay took, in seconds of the clock, from when the first record was due. */
  readonly seconds: number;
  /** The frames that the device sent, divided by `seconds` and rounded. */
  readonly framesPerSecond: number;
  /** How many lines of the log gave no record. */
  readonly brokenLines: number;
  /** The first 20 of those lines, and why each gave none. */
  readonly problems: readonly LogProblem[];
  /** Why the replay ended before the log did. `cap` is set if a cap was reached. */
  readonly stopped?: { readonly code: string; readonly message: string; readonly cap?: true };
}
