/**
 * Replays kernel logs: records go in, frames come out.
 *
 *   reader.ts     a log's records, whatever wrote it           formats/ has one file a format
 *   source.ts     where a log's bytes come from                unpack.ts    compressed ones
 *   sequence.ts   whose records they are: boots, copies, order
 *   pace.ts       when each record is due
 *   target.ts     the targets, checked by a kernel
 *   settings.ts   the options, checked                       summary.ts   what it came to
 *   chunk.ts      records that are logged as one
 *   host.ts       one emulated host: a kernel on the shared device
 *   replay.ts     records into hosts, hosts onto the device
 *   fleet.ts      the hosts spread over worker threads          worker.ts is such a thread
 *
 * @example
 * const targets = ['+@127.0.0.1/,9@127.0.0.1/'];
 * const summary = await replay(readLog('boot.kmsg'), await openDevice('udp'), { targets });
 * console.log(summary.frames, summary.brokenLines);
 *
 * @module
 */
export type { RunInterval } from '../run/observer.js';
export type { Losses, LossPlace, RunProgress } from '../run/progress.js';
export type { AckCounts } from './acks.js';
export { type FleetOptions, replayFleet } from './fleet.js';
export type { ReplayHostReport } from './host-report.js';
export type { ReplayedLog, ReplayOptions, ReplayProgress, ReplaySummary } from './options.js';
export { Pace, parseSpeed, type Speed } from './pace.js';
export {
  type Batch,
  type Follows,
  formatProblem,
  keepRecord,
  type LineFormatOptions,
  type LineMatch,
  LOG_FORMATS,
  type LogCounts,
  type LogFormat,
  type LogHead,
  type LogParser,
  type LogProblem,
  type LogProblems,
  type LogReader,
  type LogRecord,
  type LogSource,
  lineFormat,
  NotALogError,
  type PooledRecord,
  type ReadLogOptions,
  readLog,
  type StampOrigin,
} from './reader.js';
export { replay } from './replay.js';
export { DEFAULT_TARGET, type ReliableName } from './target.js';
export type { LoopAs } from './timeline.js';
