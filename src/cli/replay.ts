/** `replay FILE`: a kernel log, sent as the kernel would have sent it. */

import { realpathSync, statSync } from 'node:fs';
import type { SystemName } from '../modules/index.js';
import type { NetDevice } from '../net/device.js';
import { defined } from '../options.js';
import {
  LOG_FORMATS,
  parseSpeed,
  type ReplayOptions,
  type ReplayProgress,
  type ReplaySummary,
  readLog,
  replayFleet,
  replay as replayLog,
} from '../replay/index.js';
import { openReport, REPORTED_HOSTS, WORST_HOSTS } from '../report/index.js';
import { dropCapabilities } from '../transport/capabilities.js';
import { type OpenOptions, openDevice, parseSpec } from '../transport/open.js';
import { plural } from '../wire/text.js';
import { UsageError } from './errors.js';
import { type ImpairCliOptions, impairmentsOf } from './impairments.js';
import type { Stream } from './live.js';
import { type PacingCliOptions, pacingOf } from './pacing.js';
import { ackProblems, replayReport } from './replay-report.js';
import { LastFrames } from './show.js';
import { openWatch, type WatchOptions } from './watch.js';

/** Options of `replay`. */
export interface ReplayCliOptions extends ImpairCliOptions, PacingCliOptions, WatchOptions {
  /** The targets, each as in `netconsole=`. Default: `DEFAULT_TARGET`. */
  readonly target?: readonly string[];
  /** The kernel to be, by name; `profiles` lists them. Default: the newest. */
  readonly kernel?: string;
  /** What `uname -r` prints. Default: what the log's banner says. */
  readonly release?: string;
  /** How the frames leave. Default: `pcap:` and the log's name with `.pcap`. */
  readonly via?: string;
  /** How many times as fast as recorded, or `max`, which is the default. */
  readonly speed?: string;
  /** The longest wait between two records, in seconds. */
  readonly maxGap?: number;
  /** The format of the log. Default: it is recognised. */
  readonly format?: string;
  /** Records of this level or a higher number are not sent. Default 7. */
  readonly loglevel?: number;
  /** Print the summary as one JSON object. */
  readonly json?: boolean;
  /** How many hosts send the log, each from its own addresses. Default 1. */
  readonly hosts?: number;
  /** How many threads the hosts are spread over. */
  readonly workers?: number;
  /** Send on an interface that has a default route, too. */
  readonly yes?: boolean;
  /** How many times the log is sent. Default 1. */
  readonly loop?: number;
  /** How each time after the first goes on. Default `renumbered`. */
  readonly loopAs?: 'renumbered' | 'reboots';
  /** The size of each host's ring: bytes, or a number with K, M or G behind it. */
  readonly logBufLen?: string;
  /** Stop after this many frames. */
  readonly maxFrames?: number;
  /** Stop after this many seconds. */
  readonly maxSeconds?: number;
  /** How many of the last frames are printed, decoded. */
  readonly show?: number;
  /** The dialect in which records are sent again that the receiver misses. Default: off. */
  readonly reliable?: NonNullable<ReplayOptions['reliable']>;
  /** How many seconds to stay after the last record, to answer the receiver. */
  readonly linger?: number;
  /** Send as another system that netconsole descends from. */
  readonly as?: SystemName;
  /** Give up every capability once the device is open. */
  readonly dropPrivileges?: boolean;
  /** How many hosts the JSON names, the worst first. Default 10. */
  readonly worst?: number;
  /** Write the summary as a page, too. */
  readonly report?: string;
}

/** The smallest and the largest ring, as powers of 2: 4 KiB and 32 MiB. */
const LOG_BUF_SHIFTS = [12, 25] as const;

/**
 * Prints the last frames and the summary to `out`, the rest to `err`. Returns the exit code: 0, or
 * 1 if the run ended before the log did (the device went, it was interrupted) or left records
 * unacked. Throws for wrong options and for what cannot be opened.
 */
export async function replay(file: string, options: ReplayCliOptions, out: Stream, err: Stream): Promise<number> {
  const via = viaOf(file, options);
  const { transport, target: viaTarget } = parseSpec(via);
  const workers = options.workers ?? 1;
  if (workers < 1) throw new UsageError(`--workers ${workers}: at least one thread makes the frames`);
  const show = options.show ?? 0;
  if (workers > 1 && (show > 0 || file === '-' || options.dropPrivileges)) {
    throw new UsageError(
      'several workers open the log and their devices themselves: leave out --show and --drop-privileges and name a file, or use one worker',
    );
  }
  if (file === '-' && (options.loop ?? 1) > 1) {
    throw new UsageError('a log on standard input can be read once only: name a file to send it several times');
  }
  warnOfBroadcast(options.target, transport ?? 'interface', err);
  const open = openOptions(options);
  const settings = replayOptions(options);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  const files = [file, ...(transport === 'pcap' ? [viaTarget] : [])];
  using page = options.report === undefined ? undefined : openReport(options.report, { files });
  const totalBytes = sizeOf(file) * (options.loop ?? 1);
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
      const source = file === '-' ? process.stdin : file;
      const log = () => readLog(source, { ...named, format: options.format });
      summary = await replayLog(log, openIt, {
        ...settings,
        signal: stop.signal,
        onProgress,
        ...(capture && { stamp }),
        ...(options.dropPrivileges && { onReady: dropCapabilities }),
      });
    }
  } finally {
    await watch.close();
    // A standard input that is still open would keep the process alive.
    if (file === '-') process.stdin.destroy();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
  const json = (hosts: number) => ({
    via,
    ...summary,
    worst: summary.worst.slice(0, hosts),
    ...(shown && { frameLines: shown.lines() }),
  });
  if (options.json) out.write(`${JSON.stringify(json(options.worst ?? WORST_HOSTS))}\n`);
  else out.write(replayReport(file, via, summary, shown?.lines() ?? []));
  page?.write('replay', json(REPORTED_HOSTS));
  const unacked = transport === 'pcap' || transport === 'memory' ? [] : ackProblems(summary);
  for (const problem of unacked) err.write(`netconsole-emulator: ${problem}\n`);
  const code = unacked.length > 0 ? 1 : 0;
  if (summary.stopped === undefined || summary.stopped.cap) return code;
  const rest = transport === 'pcap' ? `; ${viaTarget} has the first ${plural(summary.frames, 'frame')}` : '';
  err.write(`netconsole-emulator: ${summary.stopped.message}${rest}\n`);
  return 1;
}

/** Returns what `--list-formats` prints. */
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
  const { yes, maxFrames, maxSeconds, hosts = 1, as } = options;
  return {
    yes: yes ?? false,
    promiscuous: hosts > 1,
    // Each host of 2001 keeps a reserve of frames, so that many hosts need many slots.
    ...(as === '2001' && hosts > 1 && { slots: Math.min(4096, 2 ** Math.ceil(Math.log2(64 * hosts))) }),
    ...defined({ maxFrames, maxSeconds }),
  };
}

function replayOptions(options: ReplayCliOptions): ReplayOptions {
  const { target, kernel, release, speed, maxGap, loglevel, hosts, reliable, linger, as } = options;
  const { loop, loopAs, logBufLen } = options;
  const impair = impairmentsOf(options);
  return {
    pacing: pacingOf(options),
    speed: parseSpeed(speed ?? 'max'),
    ...defined({ loop, loopAs }),
    ...(logBufLen !== undefined && { logBufShift: logBufShiftOf(logBufLen) }),
    ...defined({
      impair,
      maxGapSeconds: maxGap,
      targets: target,
      as,
      profile: kernel,
      release,
      loglevel,
      hosts,
      reliable,
      lingerSeconds: linger,
    }),
  };
}

/** Returns the shift of `--log-buf-len`, rounded up to a power of 2 as the kernel rounds it. */
function logBufShiftOf(text: string): number {
  const m = /^(\d+)([kmg]?)$/i.exec(text);
  const bytes = m === null ? Number.NaN : Number(m[1]) * 1024 ** ' kmg'.indexOf(m[2]!.toLowerCase() || ' ');
  const shift = Math.ceil(Math.log2(bytes));
  if (shift >= LOG_BUF_SHIFTS[0] && shift <= LOG_BUF_SHIFTS[1]) return shift;
  throw new UsageError(`--log-buf-len ${text}: a size from 4K to 32M, such as 128K or 1M`);
}

/** Warns of targets without a MAC: their frames go to everybody on the wire. */
function warnOfBroadcast(targets: readonly string[] | undefined, transport: string, err: Stream): void {
  if (['pcap', 'memory', 'udp', 'raw-socket'].includes(transport)) return;
  for (const target of targets ?? []) {
    if (!/\/$|\/ff(:ff){5}$/i.test(target)) continue;
    err.write(
      `netconsole-emulator: target "${target}" has no MAC or the broadcast one: every machine on that network gets its frames\n`,
    );
  }
}
