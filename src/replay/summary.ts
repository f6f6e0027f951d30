/** Makes the summary of a replay. */

import type { DeviceStats } from '../net/device.js';
import { defined } from '../options.js';
import type { ProfileChoice } from '../profile/index.js';
import { CapReached } from '../transport/limit.js';
import { notesOf } from './notes.js';
import type { ReplayOptions, ReplaySummary } from './options.js';
import type { Pace } from './pace.js';
import type { ReplayWatch } from './progress.js';
import type { LogReader } from './reader.js';
import type { Timeline } from './timeline.js';
import type { Wiring } from './wiring.js';

/** What a summary is made from. */
export interface Outcome {
  readonly log: LogReader;
  readonly kernel: Pick<ProfileChoice, 'profile' | 'said' | 'warning'>;
  readonly options: ReplayOptions;
  /** Absent if no device was opened. */
  readonly wiring: Wiring | undefined;
  /** The device's counts; absent if no device was opened. */
  readonly device: Readonly<DeviceStats> | undefined;
  readonly timeline: Timeline;
  readonly pace: Pace;
  readonly watch: ReplayWatch;
  /** How many records every host has logged. */
  readonly records: number;
  /** How many of those the loglevel kept from being sent. */
  readonly filtered: number;
  /** When the replay ended, in microseconds of the clock. */
  readonly ended: number;
  /** True if someone ended the replay before the last record was sent. */
  readonly aborted: boolean;
}

/** Makes the summary. */
export function summarize(outcome: Outcome): ReplaySummary {
  const { log, device, kernel, wiring, timeline, pace, watch, records, filtered, aborted } = outcome;
  const gone = wiring?.shared.gone;
  const hosts = wiring?.hosts;
  const seconds = wiring === undefined ? 0 : (outcome.ended - wiring.startedUsec) / 1e6;
  const { problems, format, origin, removed } = log;
  const { bootsByStamp, hosts: logHosts, dropped, duplicates, overtaken, joined, incomplete } = log.counts;
  const frames = device?.txPackets ?? 0;
  return {
    ...defined({ format }),
    profile: kernel.profile.name,
    kernel: kernel.said,
    ...defined({ warning: kernel.warning }),
    hosts: hosts?.count ?? 0,
    records,
    filtered,
    ...defined({ stamps: origin }),
    boots: timeline.boots,
    bootsByStamp,
    logHosts,
    dropped,
    duplicates,
    overtaken,
    joined,
    incomplete,
    shortenedGaps: pace.shortened,
    notes: notesOf({
      origin,
      removed,
      counts: log.counts,
      dated: timeline.dated,
      userdata: timeline.userdata,
      shortenedGaps: pace.shortened,
      savedSeconds: pace.savedUsec / 1e6,
    }),
    frames,
    bytes: device?.txBytes ?? 0,
    ...losses(outcome),
    ...(outcome.options.reliable !== undefined && hosts !== undefined && { acks: hosts.acks }),
    ...(outcome.options.impair !== undefined &&
      hosts !== undefined && { network: { ...hosts.network, onTheWay: hosts.onTheWay } }),
    worst: hosts?.worst(endedOnPurpose(outcome) ? { interfaceDown: 0, leftInQueue: 0 } : {}) ?? [],
    intervals: watch.intervals,
    lateness: watch.meter.lateness,
    stalledSeconds: (wiring?.paced?.stalledUsec ?? 0) / 1e6,
    seconds,
    framesPerSecond: seconds > 0 ? Math.round(frames / seconds) : 0,
    brokenLines: problems.total,
    problems: problems.named,
    ...(gone !== undefined
      ? { stopped: { code: gone.code, message: gone.message, ...(gone instanceof CapReached && { cap: true }) } }
      : aborted && { stopped: { code: 'EINTR', message: 'stopped before the end of the log' } }),
  };
}

type Losses = Pick<
  ReplaySummary,
  | 'fragments'
  | 'noSlot'
  | 'interfaceDown'
  | 'leftInQueue'
  | 'droppedRecords'
  | 'cutRecords'
  | 'droppedFrames'
  | 'deviceLost'
  | 'unsentFrames'
>;

/**
 * Returns where frames were lost. What a cap or an abort left unsent is not lost: the frames after
 * the last allowed one, those that then waited for the device, and those that came after it was
 * gone.
 */
function losses(outcome: Outcome): Losses {
  const { wiring, device } = outcome;
  const none = { fragments: 0, noSlot: 0, interfaceDown: 0, leftInQueue: 0, droppedRecords: 0, cutRecords: 0 };
  const counts = { ...none, ...wiring?.hosts.counts };
  const { txDropped = 0, txErrors = 0, txCapped = 0 } = device ?? {};
  const deviceLost = txDropped - txCapped + txErrors;
  const meant = endedOnPurpose(outcome);
  const { noSlot, interfaceDown, leftInQueue } = counts;
  const unsent = meant ? interfaceDown + leftInQueue : 0;
  return {
    ...counts,
    ...(meant && { interfaceDown: 0, leftInQueue: 0 }),
    deviceLost,
    droppedFrames: noSlot + interfaceDown + leftInQueue - unsent + deviceLost,
    unsentFrames: unsent + txCapped,
  };
}

/** Says whether a cap or an abort ended the replay, so that what it left unsent is no loss. */
function endedOnPurpose({ wiring, aborted }: Outcome): boolean {
  const gone = wiring?.shared.gone;
  return gone instanceof CapReached || (gone === undefined && aborted);
}
