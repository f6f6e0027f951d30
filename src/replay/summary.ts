/** What a replay comes to. */
import type { KernelError } from '../errno.js';
import type { DeviceStats } from '../net/device.js';
import type { ProfileChoice } from '../profile/index.js';
import type { RunInterval } from '../run/observer.js';
import type { HostCounts } from './host.js';
import { notesOf } from './notes.js';
import type { ReplaySummary } from './options.js';
import type { Pace } from './pace.js';
import type { LogReader } from './reader.js';
import type { Timeline } from './timeline.js';

export interface Outcome {
  readonly log: LogReader;
  readonly kernel: Pick<ProfileChoice, 'profile' | 'said' | 'warning'>;
  readonly hosts: readonly HostCounts[];
  /** Absent: none was opened. */
  readonly device: Readonly<DeviceStats> | undefined;
  readonly timeline: Timeline;
  readonly pace: Pace;
  readonly records: number;
  readonly filtered: number;
  readonly intervals: readonly RunInterval[];
  readonly seconds: number;
  /** Why the device is gone. */
  readonly gone: KernelError | undefined;
  readonly aborted: boolean;
}

export function summarize(outcome: Outcome): ReplaySummary {
  const { log, device, kernel, hosts, timeline, pace, records, filtered, intervals, seconds, gone, aborted } = outcome;
  const { problems, format, origin, removed } = log;
  const { boots, bootsByStamp, hosts: logHosts, dropped, duplicates, overtaken, joined, incomplete } = log.counts;
  const counts: HostCounts = { fragments: 0, droppedFrames: 0, droppedRecords: 0, cutRecords: 0 };
  for (const host of hosts) for (const key of Object.keys(counts) as (keyof HostCounts)[]) counts[key] += host[key];
  // What netpoll gave up, and what the device lost of what it took.
  counts.droppedFrames += (device?.txDropped ?? 0) + (device?.txErrors ?? 0);
  const frames = device?.txPackets ?? 0;
  return {
    ...(format !== undefined && { format }),
    profile: kernel.profile.name,
    kernel: kernel.said,
    ...(kernel.warning !== undefined && { warning: kernel.warning }),
    hosts: hosts.length,
    records,
    filtered,
    ...(origin !== undefined && { stamps: origin }),
    boots,
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
    ...counts,
    seconds,
    framesPerSecond: seconds > 0 ? Math.round(frames / seconds) : 0,
    intervals,
    brokenLines: problems.total,
    problems: problems.named,
    ...(gone !== undefined
      ? { stopped: { code: gone.code, message: gone.message } }
      : aborted && { stopped: { code: 'EINTR', message: 'stopped before the end of the log' } }),
  };
}
