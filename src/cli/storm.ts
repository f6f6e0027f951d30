/** `storm [PLAN]`: runs a fleet of hosts, as a plan or a few options describe it. */

import { existsSync, statSync } from 'node:fs';
import type { NetDevice } from '../net/device.js';
import type { Impairments } from '../net/impair.js';
import { defined } from '../options.js';
import { isSameFile, openReport, REPORTED_HOSTS, WORST_HOSTS } from '../report/index.js';
import {
  checkPlan,
  compilePlan,
  type Group,
  ManifestWriter,
  manifestHead,
  PLAN_SCHEMA,
  type Plan,
  readPlan,
  runStorm,
  type Shard,
  type StormSummary,
} from '../storm/index.js';
import { compilePlanFile } from '../storm/plan-file.js';
import { openDevice, parseSpec } from '../transport/open.js';
import { plural } from '../wire/text.js';
import { UsageError } from './errors.js';
import { type ImpairCliOptions, impairmentsOf, networkReport } from './impairments.js';
import type { Stream } from './live.js';
import { type PacingCliOptions, pacingOf, pacingReport } from './pacing.js';
import { openWatch, type WatchOptions } from './watch.js';

/** Options of `storm`. An option replaces what the plan says of the same thing. */
export interface StormCliOptions extends ImpairCliOptions, PacingCliOptions, WatchOptions {
  /** How many hosts there are, also in place of what a plan with one group says. Default 10. */
  readonly hosts?: number;
  /** How many seconds the plan lasts. */
  readonly duration?: number;
  /** The seed of all that is drawn. Default 1. */
  readonly seed?: number;
  /** The kernel of all hosts; `profiles` lists them. Default: the newest. */
  readonly kernel?: string;
  /** Use plain targets, not extended ones. */
  readonly plain?: boolean;
  /** What happens on each host. Default: boot and chatter. */
  readonly workload?: readonly string[];
  /** Put a mark at the end of each message, by which it verifies itself. */
  readonly mark?: boolean;
  /** Where to send, as `IP:PORT/MAC`. */
  readonly collector?: string;
  /** How the frames leave. Default: `pcap:storm.pcap`. */
  readonly via?: string;
  /** How many times as fast as planned, or `max`. Default: 1 on a network, else `max`. */
  readonly speed?: string;
  /** The part of the hosts that is run, as `I/N`. Default: all. */
  readonly shard?: string;
  /** How many threads make frames. */
  readonly workers?: number;
  /** The file that is written with what a perfect receiver must print. */
  readonly manifest?: string;
  /** How many seconds to stay after the end, to answer the collector. */
  readonly linger?: number;
  /** Send on an interface that has a default route, too. */
  readonly yes?: boolean;
  /** Print the summary as one JSON object. */
  readonly json?: boolean;
  /** Write the summary as a page, too. */
  readonly report?: string;
  /** How many hosts the JSON names, the worst first. Default 10. */
  readonly worst?: number;
  /** Print the schema of plans, and do nothing else. */
  readonly schema?: boolean;
}

/**
 * Runs the plan and prints the summary to `out`. Returns the exit code: 0, or 1 if the run ended
 * early. Throws for a wrong plan or option and for what cannot be opened.
 */
export async function storm(
  file: string | undefined,
  options: StormCliOptions,
  out: Stream,
  err: Stream,
): Promise<number> {
  if (options.schema) {
    out.write(`${JSON.stringify(PLAN_SCHEMA, null, 2)}\n`);
    return 0;
  }
  const wanted = planOf(file, options);
  const plan = file === undefined ? compilePlan(wanted) : compilePlanFile(file, wanted);
  const via = options.via ?? 'pcap:storm.pcap';
  const { transport, target } = parseSpec(via);
  const shard = options.shard === undefined ? undefined : shardOf(options.shard);
  const virtual = transport === 'pcap' || transport === 'memory';
  const speed = speedOf(options.speed, virtual ? 'max' : 1);
  if (virtual && options.linger !== undefined) {
    throw new UsageError(`--linger ${options.linger}: nothing comes back through ${via}: leave it out`);
  }
  const files = filesOf({
    plan: file,
    '--manifest': options.manifest,
    '--via': transport === 'pcap' ? target : undefined,
  });
  using page = options.report === undefined ? undefined : openReport(options.report, { files });
  const watch = await openWatch('storm', options, { out, err });
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  const stamp = { usec: 0 };
  const manifest =
    options.manifest === undefined ? undefined : new ManifestWriter(options.manifest, manifestHead(plan, shard));
  let summary: StormSummary;
  try {
    const open = (): Promise<NetDevice> =>
      openDevice(via, {
        yes: options.yes ?? false,
        promiscuous: true,
        ...(transport === 'pcap' && { now: () => stamp.usec }),
      });
    summary = await runStorm(plan, open, {
      speed,
      signal: stop.signal,
      onProgress: (progress) => watch.update(progress),
      pacing: pacingOf(options),
      ...(transport === 'pcap' && { stamp }),
      ...defined({ shard, workers: options.workers, lingerSeconds: options.linger }),
      ...(manifest !== undefined && { onRecords: (records) => manifest.write(records) }),
    });
  } finally {
    await watch.close();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
    await manifest?.close();
  }
  const json = (hosts: number) => ({ via, ...summary, worst: summary.worst.slice(0, hosts) });
  if (options.json) out.write(`${JSON.stringify(json(options.worst ?? WORST_HOSTS))}\n`);
  else out.write(stormReport(via, summary, options.manifest));
  page?.write('storm', json(REPORTED_HOSTS));
  if (summary.stopped === undefined) return 0;
  err.write(`netconsole-emulator: ${summary.stopped.message}\n`);
  return 1;
}

/**
 * Returns the paths of the files that a run reads and writes, by what names them. Throws UsageError
 * if two of them are one file, which the run would overwrite.
 */
function filesOf(named: Readonly<Record<string, string | undefined>>): string[] {
  if (named['--manifest'] === '-') throw new UsageError('--manifest -: name a file: standard output has the summary');
  const files = Object.entries(named).flatMap(([what, path]) => (path === undefined ? [] : [{ what, path }]));
  for (const [i, { what, path }] of files.entries()) {
    const other = files.slice(0, i).find((one) => one.path !== '-' && isSameFile(one.path, path));
    // A device such as /dev/null is not overwritten.
    if (other === undefined || (existsSync(path) && !statSync(path).isFile())) continue;
    throw new UsageError(`${what} ${path}: would overwrite that of ${other.what}: name another file`);
  }
  return files.map(({ path }) => path);
}

/**
 * Returns the plan of a file, in which options replace what the file says. Without a file, the
 * options make a simple fleet.
 */
export function planOf(file: string | undefined, options: StormCliOptions): Plan {
  const plan = file === undefined ? simplePlan(options) : readPlan(file);
  const impair = impairmentsOf(options);
  return checkPlan({
    ...plan,
    ...defined({ seed: options.seed, duration: options.duration }),
    ...(options.mark && { mark: true }),
    ...(options.collector !== undefined && { collector: { ...plan.collector, ...collectorOf(options.collector) } }),
    ...(impair !== undefined && { impair: together(plan.impair, impair) }),
    groups: (file === undefined ? plan.groups : withOverrides(plan.groups, file, options)).map((group) =>
      impair === undefined || group.impair === undefined ? group : { ...group, impair: together(group.impair, impair) },
    ),
  });
}

/** Joins what the plan and the options say of the network; where both speak, the options hold. */
function together(plan: Impairments = {}, options: Impairments): Impairments {
  return {
    ...plan,
    ...options,
    ...(options.out !== undefined && { out: { ...plan.out, ...options.out } }),
    ...(options.in !== undefined && { in: { ...plan.in, ...options.in } }),
  };
}

/** What the hosts of a simple fleet do if no workload is named. */
const WORKLOADS_OF_A_SIMPLE_RUN = ['boot', 'chatter'];

function simplePlan({ hosts = 10, duration = 10, kernel, plain, workload }: StormCliOptions): Plan {
  const workloads = (workload ?? WORKLOADS_OF_A_SIMPLE_RUN).map((name) =>
    name === 'boot' ? { workload: name } : { workload: name, poisson: Math.max(duration / 4, 0.001) },
  );
  const group: Group = {
    name: 'host',
    hosts,
    boot: { within: Math.min(1, duration / 10) },
    ...(kernel !== undefined && { kernels: { [kernel]: 1 } }),
    ...(plain && { formats: { plain: 1 } }),
    workloads,
  };
  return { duration, groups: [group] };
}

function withOverrides(
  groups: readonly Group[],
  file: string,
  { hosts, kernel, plain, workload }: StormCliOptions,
): Group[] {
  if (hosts !== undefined && groups.length > 1) {
    throw new UsageError(
      `--hosts ${hosts}: ${file} has ${groups.length} groups, so it is not clear whose hosts are meant: change them there`,
    );
  }
  return groups.map(({ release, userdata, reliable, ...group }) => ({
    ...group,
    // Only extended targets have these.
    ...(!plain && defined({ release, userdata, reliable })),
    ...defined({ hosts }),
    ...(kernel !== undefined && { kernels: { [kernel]: 1 } }),
    ...(plain && { formats: { plain: 1 } }),
    ...(workload !== undefined && { workloads: workload.map((name) => ({ workload: name })) }),
  }));
}

function collectorOf(text: string): object {
  const m = /^([^:/]+)(?::(\d+))?(?:\/([0-9a-fA-F:]+))?$/.exec(text);
  if (m === null)
    throw new UsageError(`--collector "${text}": write IP[:PORT][/MAC], such as 192.0.2.2:6666/02:00:00:00:00:02`);
  const [, ip, port, mac] = m;
  return { ip, ...(port !== undefined && { port: Number(port) }), ...defined({ mac }) };
}

/** Reads `I/N`, as `--shard` has it. Throws UsageError for a text of another form. */
export function shardOf(text: string): Shard {
  const m = /^(\d+)\/(\d+)$/.exec(text);
  if (m === null) throw new UsageError(`--shard "${text}": write I/N, I from 1 to N, such as 1/4`);
  return { index: Number(m[1]) - 1, count: Number(m[2]) };
}

/** Reads `--speed`; returns `standard` if it is not given. */
function speedOf(text: string | undefined, standard: number | 'max'): number | 'max' {
  if (text === undefined) return standard;
  if (text === 'max') return 'max';
  const speed = Number(text);
  if (!(speed > 0) || !Number.isFinite(speed)) throw new UsageError(`--speed ${text}: say "max", or a number above 0`);
  return speed;
}

/** Reports what a run came to, for people. `manifest` is the file that the truth was written to. */
export function stormReport(via: string, s: StormSummary, manifest?: string): string {
  const part = s.shard.count > 1 ? ` (part ${s.shard.index + 1} of ${s.shard.count})` : '';
  const lines = [
    `${plural(s.hosts, 'host')}${part} for ${s.planSeconds.toFixed(1)} s of the plan, seed ${s.seed}, through ${via}`,
    `${plural(s.messages, 'message')}, ${plural(s.boots, 'boot')}, ${plural(s.frames, 'frame')}, ${plural(s.bytes, 'byte')} in ${s.seconds.toFixed(3)} seconds`,
  ];
  lines.push(...networkReport({ out: s.out, in: s.in }));
  if (s.skipped > 0) lines.push(`${plural(s.skipped, 'event')} passed over: the host was off or dead`);
  if (s.noRoom > 0) lines.push(`${plural(s.noRoom, 'message')} dropped: no room in the ring`);
  if (s.notSent > 0)
    lines.push(`${plural(s.notSent, 'frame')} not sent: the kernel had no buffer, or its interface was down`);
  if (s.deviceLost > 0) lines.push(`${plural(s.deviceLost, 'frame')} lost by the device`);
  if (s.unsent > 0) lines.push(`${plural(s.unsent, 'frame')} not offered: the run ended before their time`);
  if (s.acks + s.retransmits + s.emergencies > 0) {
    lines.push(
      `${plural(s.acks, 'ack')} heard: ${plural(s.retransmits, 'record')} sent again as asked, ${s.emergencies} unasked`,
    );
  }
  if (s.foreign > 0) lines.push(`${plural(s.foreign, 'frame')} came in for no host of the plan`);
  lines.push(...pacingReport(s));
  if (manifest !== undefined) {
    const missing =
      s.missing > 0 ? `; ${plural(s.missing, 'record')} never left: below the loglevel, or pushed out of a ring` : '';
    lines.push(`${manifest}: ${plural(s.records, 'record')}, ${s.lostRecords} of them lost by the network${missing}`);
  }
  if (s.stopped !== undefined) lines.push(`stopped: ${s.stopped.message}`);
  return `${lines.join('\n')}\n`;
}
