/**
 * Replays with several worker threads. Each has a device of its own and its share of the hosts, and
 * reads the log itself.
 *
 *   main                              worker
 *   workerData           ->           opens the log and the device, replays
 *                        <-           progress, progress, ...
 *   'stop'               ->           ends early
 *                        <-           summary, or error
 *
 * Caps on the rate and the number of frames hold for all together, so each worker gets its share of
 * them. If one worker fails, the others are stopped.
 */

import { Worker } from 'node:worker_threads';
import { type Errno, invalid, KernelError } from '../errno.js';
import { mergeLateness } from '../net/meter.js';
import { shareOfPacing } from '../net/shaper.js';
import { added } from '../net/sums.js';
import { callback, checkOptions, defined, having, type OptionRules, text, wholeNumber } from '../options.js';
import { joinIntervals } from '../run/observer.js';
import { joinProgress } from '../run/progress.js';
import type { OpenOptions } from '../transport/open.js';
import type { HostCounts } from './host-counts.js';
import { worstFirst } from './host-report.js';
import type { ReplayOptions, ReplayProgress, ReplaySummary } from './options.js';

/** The options of a replay in several threads. */
export interface FleetOptions {
  /** The path of the log, which every worker reads. */
  readonly file: string;
  /** The name of its format. Default: the one that is recognised. */
  readonly format?: string | undefined;
  /** The device, as `openDevice` takes it; every worker opens it. */
  readonly via: string;
  /** The options with which every worker opens it. Caps hold for all workers together. */
  readonly open: Omit<OpenOptions, 'now'>;
  /** The options of the replay. Its hosts are shared out among the workers. */
  readonly replay: Omit<ReplayOptions, 'clock' | 'signal' | 'onProgress' | 'onReady' | 'stamp' | 'firstHost'>;
  /** The number of workers, at most the number of hosts. */
  readonly workers: number;
  /** Ends the replay early when it aborts; the summary says what was sent until then. */
  readonly signal?: AbortSignal;
  /** Called with the progress of the slowest worker, but with the frames of all workers. */
  readonly onProgress?: (progress: ReplayProgress) => void;
}

const RULES: OptionRules<FleetOptions> = {
  file: text,
  format: text,
  via: text,
  open: having('an object'),
  replay: having('an object'),
  workers: wholeNumber(1),
  signal: having('an AbortSignal', 'aborted', 'addEventListener'),
  onProgress: callback,
};

/** What a worker tells the main thread. */
export type FromWorker =
  | { readonly progress: ReplayProgress }
  | { readonly summary: ReplaySummary }
  | { readonly error: { readonly code: Errno; readonly op: string; readonly message: string } };

/** The data that a worker is started with. */
export type WorkerJob = Pick<FleetOptions, 'file' | 'format' | 'via' | 'open'> & { readonly replay: ReplayOptions };

/**
 * Replays and returns the merged summary of all workers. Throws what `replay` and `openDevice`
 * throw, and EINVAL for a wrong number of workers.
 */
export async function replayFleet(options: FleetOptions): Promise<ReplaySummary> {
  checkOptions('replayFleet', options, RULES, ['file', 'via', 'open', 'replay', 'workers']);
  const { workers, via } = options;
  const hosts = options.replay.hosts ?? 1;
  if (workers > hosts)
    throw invalid(
      'replay',
      `${workers} workers for ${hosts === 1 ? 'one host' : `${hosts} hosts`}: a worker has at least one host; raise --hosts`,
    );
  if (workers > 1 && /^pcap:/.test(via))
    throw invalid('replay', `${via}: several workers cannot write one file; use one worker`);
  const progress: ReplayProgress[] = [];
  const stops: (() => void)[] = [];
  const stopAll = () => {
    for (const stop of stops) stop();
  };
  options.signal?.addEventListener('abort', stopAll);
  const runs = Array.from({ length: workers }, (_, i) =>
    runWorker(
      jobOf(options, i, hosts),
      (stop) => stops.push(stop),
      (now) => {
        progress[i] = now;
        options.onProgress?.(together(progress));
      },
    ),
  );
  try {
    return merge(
      await Promise.all(
        runs.map((run) =>
          run.catch((error) => {
            stopAll();
            throw error;
          }),
        ),
      ),
    );
  } finally {
    await Promise.allSettled(runs);
    options.signal?.removeEventListener('abort', stopAll);
  }
}

function jobOf(options: FleetOptions, index: number, hosts: number): WorkerJob {
  const { workers, open } = options;
  const first = Math.floor((hosts * index) / workers);
  const next = Math.floor((hosts * (index + 1)) / workers);
  const share = (total: number | undefined) =>
    total === undefined ? undefined : Math.floor((total * next) / hosts) - Math.floor((total * first) / hosts);
  const { maxFrames, ...rest } = open;
  const { pacing } = options.replay;
  const frames = share(maxFrames);
  return {
    file: options.file,
    format: options.format,
    via: options.via,
    open: {
      ...rest,
      ...defined({ maxFrames: frames }),
    },
    replay: {
      ...options.replay,
      hosts: next - first,
      firstHost: first,
      ...(pacing !== undefined && { pacing: shareOfPacing(pacing, (next - first) / hosts) }),
    },
  };
}

function runWorker(
  job: WorkerJob,
  onStart: (stop: () => void) => void,
  onProgress: (progress: ReplayProgress) => void,
): Promise<ReplaySummary> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('../replay/worker.js', import.meta.url), { workerData: job });
    onStart(() => worker.postMessage('stop'));
    worker.on('message', (message: FromWorker) => {
      if ('progress' in message) {
        onProgress(message.progress);
        return;
      }
      if ('summary' in message) resolve(message.summary);
      else reject(new KernelError(message.error.code, message.error.op, message.error.message));
      void worker.terminate();
    });
    worker.on('error', reject);
    worker.on('exit', (code) =>
      reject(new KernelError('EIO', 'replay', `a worker thread ended early, with code ${code}`)),
    );
  });
}

function together(progress: readonly ReplayProgress[]): ReplayProgress {
  const all = progress.filter((p) => p !== undefined);
  return {
    ...joinProgress(all),
    bytesRead: Math.min(...all.map((p) => p.bytesRead)),
    records: Math.min(...all.map((p) => p.records)),
    hostsUp: all.reduce((sum, p) => sum + p.hostsUp, 0),
  };
}

const SUMMED: readonly (
  | keyof HostCounts
  | 'frames'
  | 'bytes'
  | 'hosts'
  | 'droppedFrames'
  | 'deviceLost'
  | 'unsentFrames'
)[] = [
  'frames',
  'bytes',
  'hosts',
  'fragments',
  'noSlot',
  'interfaceDown',
  'leftInQueue',
  'droppedFrames',
  'deviceLost',
  'unsentFrames',
  'droppedRecords',
  'cutRecords',
];

/**
 * Merges summaries. All workers read the same log, so facts about it are taken from one of them:
 * the one with the fewest records, in case not all read the log to its end.
 */
function merge(summaries: readonly ReplaySummary[]): ReplaySummary {
  const merged = { ...summaries.reduce((least, s) => (s.records < least.records ? s : least)) };
  for (const key of SUMMED) Object.assign(merged, { [key]: summaries.reduce((sum, s) => sum + s[key], 0) });
  const seconds = Math.max(...summaries.map((s) => s.seconds));
  const stopped = summaries.find((s) => s.stopped !== undefined)?.stopped;
  return {
    ...merged,
    ...sumOf(summaries, 'acks'),
    ...sumOf(summaries, 'network'),
    worst: worstFirst(summaries.flatMap(({ worst }) => worst)),
    intervals: joinIntervals(summaries.map(({ intervals }) => intervals)),
    lateness: mergeLateness(summaries.map(({ lateness }) => lateness)),
    stalledSeconds: Math.max(...summaries.map(({ stalledSeconds }) => stalledSeconds)),
    seconds,
    framesPerSecond: seconds > 0 ? Math.round(merged.frames / seconds) : 0,
    ...defined({ stopped }),
  };
}

/** Returns the sum of the counts under `key`, or nothing if no summary has them. */
function sumOf<K extends 'acks' | 'network'>(summaries: readonly ReplaySummary[], key: K): Pick<ReplaySummary, K> {
  const all = summaries.flatMap((summary) => summary[key] ?? []);
  if (all.length === 0) return {} as Pick<ReplaySummary, K>;
  return { [key]: all.reduce((total, one) => added(total, one)) } as Pick<ReplaySummary, K>;
}
