/** `replay FILE`: a kernel log, sent as the kernel would have sent it. */
import { realpathSync, statSync } from 'node:fs';
import { KernelError } from '../errno.js';
import type { SystemName } from '../modules/index.js';
import type { NetDevice } from '../net/device.js';
import {
  LOG_FORMATS,
  NotALogError,
  parseSpeed,
  type ReplayOptions,
  type ReplayProgress,
  type ReplaySummary,
  readLog,
  replayFleet,
  replay as replayLog,
} from '../replay/index.js';
import { formatProblem } from '../replay/reader.js';
import { dropCapabilities } from '../transport/capabilities.js';
import { type OpenOptions, openDevice, parseSpec } from '../transport/open.js';
import { plural } from '../wire/text.js';
import { UsageError } from './errors.js';
import type { Stream } from './live.js';
import { LastFrames } from './show.js';
import { openWatch, type WatchOptions } from './watch.js';

export interface ReplayCliOptions extends WatchOptions {
  /** Repeatable. Default: `DEFAULT_TARGET`. */
  readonly target?: readonly string[];
  readonly kernel?: string;
  readonly release?: string;
  /** Default: `pcap:` and the log's name with `.pcap`. */
  readonly via?: string;
  /** Default `max`. */
  readonly speed?: string;
  /** Seconds. */
  readonly maxGap?: number;
  readonly format?: string;
  readonly loglevel?: number;
  readonly json?: boolean;
  readonly hosts?: number;
  readonly workers?: number;
  readonly yes?: boolean;
  readonly rate?: number;
  readonly maxFrames?: number;
  readonly maxSeconds?: number;
  /** Print the last so many frames. */
  readonly show?: number;
  readonly reliable?: NonNullable<ReplayOptions['reliable']>;
  readonly linger?: number;
  readonly as?: SystemName;
  /** Give up every capability once the device is open. */
  readonly dropPrivileges?: boolean;
}

/**
 * Prints the last frames and the summary to `out`, the rest to `err`. Returns the exit code: 0; 1
 * when it ended before the log did (device gone, interrupted). Throws for wrong options and what
 * cannot be opened.
 */
export async function replay(file: string, options: ReplayCliOptions, out: Stream, err: Stream): Promise<number> {
  const via = viaOf(file, options);
  const { transport, target: viaTarget } = parseSpec(via);
  const workers = options.workers ?? 1;
  const show = options.show ?? 0;
  if (workers > 1 && (show > 0 || file === '-' || options.dropPrivileges)) {
    throw new UsageError(
      'several workers open the log and their devices themselves: leave out --show and --drop-privileges and name a file, or use one worker',
    );
  }
  warnOfBroadcast(options.target, transport ?? 'interface', err);
  const open = openOptions(options);
  const settings = replayOptions(options);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  const totalBytes = sizeOf(file);
  const watch = await openWatch('replay', options, { out, err });
  const onProgress = (progress: ReplayProgress) =>
    watch.update({ ...progress, ...(totalBytes > 0 && { done: progress.bytesRead / totalBytes }) });
  let shown: LastFrames | undefined;
  let summary: ReplaySummary;
  try {
    if (workers > 1) {
      summary = await replayFleet({
        file,
        format: options.format,
        via,
        open,
        replay: settings,
        workers,
        signal: stop.signal,
        onProgress,
      });
    } else {
      const stamp = { usec: 0 };
      const capture = transport === 'pcap';
      const openIt = async (): Promise<NetDevice> => {
        const device = await openDevice(via, { ...open, ...(capture && { now: () => stamp.usec }) });
        if (show === 0) return device;
        shown = new LastFrames(device, show);
        return shown.device;
      };
      const named = file === '-' ? { name: 'the log on standard input' } : {};
      const log = readLog(file === '-' ? process.stdin : file, { ...named, format: options.format });
      summary = await replayLog(log, openIt, {
        ...settings,
        signal: stop.signal,
        onProgress,
        ...(capture && { stamp }),
        ...(options.dropPrivileges && { onReady: dropCapabilities }),
      });
    }
  } catch (error) {
    // A log that is none, or cannot be read, is what was asked for wrongly, whatever the system
    // calls it.
    if (error instanceof KernelError && error.op === 'open' && !(error instanceof NotALogError))
      throw new UsageError(error.message);
    throw error;
  } finally {
    await watch.close();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
  const capped = isCap(summary, options);
  if (options.json) out.write(`${JSON.stringify({ via, ...summary, ...(shown && { frameLines: shown.lines() }) })}\n`);
  else out.write(report(file, via, summary, shown?.lines() ?? []));
  if (summary.stopped === undefined || capped) return 0;
  const rest = transport === 'pcap' ? `; ${viaTarget} has the first ${plural(summary.frames, 'frame')}` : '';
  err.write(`netconsole-emulator: ${summary.stopped.message}${rest}\n`);
  return 1;
}

/** What `--list-formats` prints. */
export function listFormats(): string {
  const width = Math.max(...LOG_FORMATS.map(({ name }) => name.length));
  return LOG_FORMATS.map(({ name, description }) => `${name.padEnd(width)}  ${description}\n`).join('');
}

function viaOf(file: string, options: ReplayCliOptions): string {
  if (options.via === undefined) {
    if (file === '-') throw new UsageError('a log on standard input has no file to write beside: say --via');
    return `pcap:${file}.pcap`;
  }
  const { transport, target } = parseSpec(options.via);
  if (transport === 'pcap' && file !== '-' && sameFile(file, target)) {
    throw new UsageError(`--via ${options.via} would overwrite the log itself: name another file`);
  }
  return options.via;
}

function sameFile(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}

function sizeOf(file: string): number {
  try {
    return file === '-' ? 0 : statSync(file).size;
  } catch {
    return 0;
  }
}

function openOptions(options: ReplayCliOptions): Omit<OpenOptions, 'now'> {
  const { yes, rate, maxFrames, maxSeconds, hosts = 1, as } = options;
  return {
    yes: yes ?? false,
    promiscuous: hosts > 1,
    // Each host of 2001 keeps a reserve of frames.
    ...(as === '2001' && hosts > 1 && { slots: Math.min(4096, 2 ** Math.ceil(Math.log2(64 * hosts))) }),
    ...(rate !== undefined && { rate }),
    ...(maxFrames !== undefined && { maxFrames }),
    ...(maxSeconds !== undefined && { maxSeconds }),
  };
}

function replayOptions(options: ReplayCliOptions): ReplayOptions {
  const { target, kernel, release, speed, maxGap, loglevel, hosts, reliable, linger, as } = options;
  return {
    speed: parseSpeed(speed ?? 'max'),
    ...(maxGap !== undefined && { maxGapSeconds: maxGap }),
    ...(target !== undefined && { targets: target }),
    ...(as !== undefined && { as }),
    ...(kernel !== undefined && { profile: kernel }),
    ...(release !== undefined && { release }),
    ...(loglevel !== undefined && { loglevel }),
    ...(hosts !== undefined && { hosts }),
    ...(reliable !== undefined && { reliable }),
    ...(linger !== undefined && { lingerSeconds: linger }),
  };
}

/** Without a target MAC the frames go to everybody on the wire. */
function warnOfBroadcast(targets: readonly string[] | undefined, transport: string, err: Stream): void {
  if (['pcap', 'memory', 'udp', 'raw-socket'].includes(transport)) return;
  for (const target of targets ?? []) {
    if (!/\/$|\/ff(:ff){5}$/i.test(target)) continue;
    err.write(
      `netconsole-emulator: target "${target}" has no MAC or the broadcast one: every machine on that network gets its frames\n`,
    );
  }
}

/** Whether it ended because a cap was reached, which is what the user wanted. */
function isCap(summary: ReplaySummary, options: ReplayCliOptions): boolean {
  const { stopped } = summary;
  if (options.maxFrames === undefined && options.maxSeconds === undefined) return false;
  return stopped?.code === 'ENETDOWN' && /\(max(Frames|Seconds)\)/.test(stopped.message);
}

function report(file: string, via: string, summary: ReplaySummary, frames: readonly string[]): string {
  const s = summary;
  const lines = frames.map((frame) => frame);
  if (frames.length > 0) lines.push('');
  const from = file === '-' ? 'standard input' : file;
  const many = s.hosts > 1 ? ` from each of ${s.hosts} hosts` : '';
  lines.push(`${from} (${s.format ?? 'no log'}) as Linux ${s.profile} through ${via}${many}`);
  if (!s.kernel.startsWith(`Linux ${s.profile}, re`)) lines.push(s.kernel);
  if (s.warning !== undefined) lines.push(`warning: ${s.warning}`);
  const kept = s.filtered > 0 ? ` (${s.filtered} of them kept back by the loglevel)` : '';
  const boots = s.boots > 1 ? ` of ${s.boots} boots` : '';
  lines.push(
    `${plural(s.records, 'record')}${boots}${kept}, ${plural(s.frames, 'frame')} (${plural(s.fragments, 'fragment')}), ${plural(s.bytes, 'byte')}`,
  );
  lines.push(...s.notes);
  lines.push(`${s.seconds.toFixed(3)} seconds, ${s.framesPerSecond} frames/s`);
  if (s.cutRecords > 0) lines.push(`${plural(s.cutRecords, 'record')} cut to what a record may have`);
  if (s.droppedRecords > 0) lines.push(`${plural(s.droppedRecords, 'record')} dropped: no room in the ring`);
  if (s.droppedFrames > 0) lines.push(`${plural(s.droppedFrames, 'frame')} dropped`);
  if (s.brokenLines > 0) {
    lines.push(`${plural(s.brokenLines, 'broken line')}:`);
    for (const problem of s.problems) lines.push(`  ${formatProblem(problem)}`);
    const more = s.brokenLines - s.problems.length;
    if (more > 0) lines.push(`  and ${more} more`);
  }
  if (s.stopped !== undefined) lines.push(`stopped: ${s.stopped.message}`);
  return `${lines.join('\n')}\n`;
}
