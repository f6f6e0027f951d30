/**
 * Where the frames of a run come from: an engine in this thread, or several in worker threads, each
 * with its share of the hosts. Both hand out the same stretches, so the frames do not depend on the
 * number of threads.
 */
import { Worker } from 'node:worker_threads';
import { type Errno, KernelError } from '../errno.js';
import { added } from '../net/sums.js';
import { plural } from '../wire/text.js';
import { Addressees } from './addressee.js';
import type { CompiledPlan, HostSpec } from './compile.js';
import { type EngineCounts, StormEngine } from './engine.js';
import type { StormHostReport } from './host-report.js';
import type { Plan } from './plan.js';
import { byArrival, byDeparture, type Stretch } from './stretch.js';

/** Runs the hosts of a run, in one thread or several. The caller closes it. */
export interface FrameSource {
  /** As `StormEngine.runUntil`. */
  runUntil(usec: number): Promise<Stretch> | Stretch;
  /** Takes a frame that comes back from the collector. */
  receive(frame: Uint8Array, nowUsec: number): void;
  /** The sums over all hosts so far. */
  counts(): Promise<EngineCounts> | EngineCounts;
  /** A report of each host. */
  hostReports(): Promise<StormHostReport[]> | StormHostReport[];
  /** Closes all hosts and ends the threads. */
  close(): Promise<void> | void;
}

/** A part of the hosts: those whose number, divided by `count`, leaves the remainder `index`. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  /** How many parts there are. */
  readonly count: number;
}

/** Returns the hosts of a shard. Throws EINVAL for a shard that is impossible or has no host. */
export function hostsOfShard(plan: CompiledPlan, { index, count }: Shard): readonly HostSpec[] {
  if (!(Number.isInteger(count) && count >= 1 && Number.isInteger(index) && index >= 0 && index < count)) {
    throw new KernelError('EINVAL', 'storm', `shard ${index + 1}/${count}: write I/N, I from 1 to N`);
  }
  const hosts = plan.hosts.filter((host) => host.index % count === index);
  if (hosts.length === 0) {
    throw new KernelError(
      'EINVAL',
      'storm',
      `shard ${index + 1}/${count} has none of the ${plural(plan.hosts.length, 'host')}: give fewer parts`,
    );
  }
  return hosts;
}

/** What a worker is started with. */
export interface WorkerJob {
  /** The plan, which the worker compiles itself. */
  readonly plan: Plan;
  /** The part of the plan's hosts that the worker runs. */
  readonly shard: Shard;
  /** Whether stretches have the records of the truth, too. */
  readonly truth: boolean;
}

/** What a worker is asked to do. */
export type ToWorker =
  | { readonly run: number }
  | { readonly receive: Uint8Array; readonly at: number }
  | 'counts'
  | 'hosts'
  | 'close';
/** What a worker answers. */
export type FromWorker =
  | { readonly stretch: Stretch }
  | { readonly counts: EngineCounts }
  | { readonly hosts: StormHostReport[] }
  | { readonly error: { readonly code: Errno; readonly op: string; readonly message: string } };

/** Which hosts a source runs, in how many threads, and whether it hands out the truth. */
export interface SourceOptions {
  /** The part of the plan's hosts that is run. Default: all. */
  readonly shard?: Shard;
  /** Whether stretches have the records of the truth, too. */
  readonly truth: boolean;
  /** The number of threads. Default 1: the caller's own. */
  readonly workers?: number;
}

/** Opens the source of a plan's frames. Throws EINVAL for numbers that make no sense. */
export function openSource(plan: CompiledPlan, options: SourceOptions): FrameSource {
  const { shard = { index: 0, count: 1 }, truth, workers = 1 } = options;
  const hosts = hostsOfShard(plan, shard);
  if (!Number.isInteger(workers) || workers < 1 || workers > hosts.length) {
    throw new KernelError(
      'EINVAL',
      'storm',
      `${workers} workers: give a whole number from 1 to ${hosts.length}, as each needs a host`,
    );
  }
  if (workers === 1) return new LocalSource(new StormEngine(plan, { hosts, truth }));
  return new ThreadedSource(plan, { truth, shard, workers });
}

class LocalSource implements FrameSource {
  readonly #engine: StormEngine;

  constructor(engine: StormEngine) {
    this.#engine = engine;
  }

  runUntil(usec: number): Stretch {
    return this.#engine.runUntil(usec);
  }

  receive(frame: Uint8Array, nowUsec: number): void {
    this.#engine.receive(frame, nowUsec);
  }

  counts(): EngineCounts {
    return this.#engine.counts;
  }

  hostReports(): StormHostReport[] {
    return this.#engine.hostReports;
  }

  close(): void {
    this.#engine.close();
  }
}

/** Each of n workers takes every n-th host of the shard: a shard of n times as many parts. */
class ThreadedSource implements FrameSource {
  readonly #threads: Thread[];
  readonly #plan: CompiledPlan;
  readonly #shard: Shard;
  /** Made when the first frame comes in. */
  #addressees: Addressees | undefined;
  #foreign = 0;

  constructor(plan: CompiledPlan, { shard, truth, workers }: Required<SourceOptions>) {
    const { index, count } = shard;
    this.#plan = plan;
    this.#shard = shard;
    this.#threads = Array.from(
      { length: workers },
      (_, i) => new Thread({ plan: plan.plan, truth, shard: { index: index + count * i, count: count * workers } }),
    );
  }

  async runUntil(usec: number): Promise<Stretch> {
    const stretches = await Promise.all(this.#threads.map((thread) => thread.ask({ run: usec }, 'stretch')));
    return {
      arrivals: stretches.flatMap(({ arrivals }) => arrivals).sort(byArrival),
      records: stretches.flatMap(({ records }) => records).sort(byDeparture),
    };
  }

  receive(frame: Uint8Array, nowUsec: number): void {
    this.#addressees ??= new Addressees(this.#plan.hosts);
    const host = this.#addressees.of(frame);
    if (host === undefined) {
      this.#foreign++;
      return;
    }
    const { index, count } = this.#shard;
    if (host.index % count !== index) return;
    const thread = this.#threads[Math.floor(host.index / count) % this.#threads.length]!;
    thread.tell({ receive: frame.slice(), at: nowUsec });
  }

  async counts(): Promise<EngineCounts> {
    const all = await Promise.all(this.#threads.map((thread) => thread.ask('counts', 'counts')));
    // No thread is told of a frame that is for no host, so each such frame counts once.
    return { ...all.reduce((total, counts) => added(total, counts)), foreign: this.#foreign };
  }

  async hostReports(): Promise<StormHostReport[]> {
    return (await Promise.all(this.#threads.map((thread) => thread.ask('hosts', 'hosts')))).flat();
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }
}

interface Answers {
  readonly stretch: Stretch;
  readonly counts: EngineCounts;
  readonly hosts: StormHostReport[];
}

class Thread {
  readonly #worker: Worker;
  #waiting: { readonly resolve: (message: FromWorker) => void; readonly reject: (error: unknown) => void } | undefined;
  #failed: unknown;

  constructor(job: WorkerJob) {
    this.#worker = new Worker(new URL('../storm/worker.js', import.meta.url), { workerData: job });
    this.#worker.on('message', (message: FromWorker) => {
      if ('error' in message) this.#fail(new KernelError(message.error.code, message.error.op, message.error.message));
      else this.#waiting?.resolve(message);
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', (code) => {
      this.#fail(
        new KernelError('EIO', 'storm', `a worker thread ended early, with code ${code}: was there too little memory?`),
      );
    });
  }

  tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  async ask<K extends keyof Answers>(message: ToWorker, key: K): Promise<Answers[K]> {
    if (this.#failed !== undefined) throw this.#failed;
    const answer = await new Promise<object>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.tell(message);
    });
    return (answer as Answers)[key];
  }

  async end(): Promise<void> {
    this.#failed ??= new KernelError('EBADF', 'storm', 'the run has ended: start another one');
    await this.#worker.terminate();
  }

  #fail(error: unknown): void {
    this.#failed ??= error;
    this.#waiting?.reject(error);
  }
}
