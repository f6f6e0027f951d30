/**
 * `receive --workers N`: several sockets on one port, each read by a thread of its own. The system
 * gives all datagrams of a source to the same socket, so a host's records stay in order.
 *
 *   main                              worker
 *   workerData           ->           listens on the port, which the others share
 *                        <-           says that it listens
 *                        <-           sends lines (the next ones when these are written),
 *                                     notices and its progress
 *   'stop'               ->           ends
 *                        <-           sends its summary, or an error
 *
 * Linux: SO_REUSEPORT, net/core/sock_reuseport.c.
 */
import { Worker } from 'node:worker_threads';
import { added } from '../net/sums.js';
import { REPORTED_HOSTS } from '../report/index.js';
import { joinIntervals, type RunInterval } from '../run/observer.js';
import { joinProgress, type RunProgress } from '../run/progress.js';
import type { LoopStreams } from './receive-loop.js';
import type { ReceiveOptions } from './receive-options.js';
import { type ReceiveSummary, summaryText } from './receive-summary.js';
import { worstOf } from './sources.js';

/** The data that a worker is started with. */
export interface ReceiveJob {
  /** The options of the command; the port is the one that was found free. */
  readonly options: ReceiveOptions & { readonly port: number };
  /** How many workers there are. */
  readonly workers: number;
}

/** The messages of a worker. */
export type FromReceiver =
  | { readonly listening: true }
  | { readonly lines: Uint8Array }
  | { readonly told: string }
  | { readonly progress: RunProgress }
  | { readonly summary: ReceiveSummary }
  | { readonly error: string };

/**
 * Runs until all workers are done: on SIGINT and SIGTERM, after `maxSeconds`, or when nobody reads
 * `out` any more. Calls `ready` when all of them listen. Resolves to the exit code: 0, or 1 if
 * `out` could not be written or a worker failed.
 */
export function receiveShared(job: ReceiveJob, streams: LoopStreams, ready: () => void): Promise<number> {
  return new SharedReceive(job, streams, ready).run();
}

class SharedReceive {
  readonly #job: ReceiveJob;
  readonly #streams: LoopStreams;
  readonly #ready: () => void;
  readonly #workers: Worker[];
  #listening = 0;
  readonly #progress: RunProgress[] = [];
  readonly #summaries: ReceiveSummary[] = [];
  #code = 0;

  constructor(job: ReceiveJob, streams: LoopStreams, ready: () => void) {
    this.#job = job;
    this.#streams = streams;
    this.#ready = ready;
    const file = new URL('../cli/receive-worker.js', import.meta.url);
    this.#workers = Array.from({ length: job.workers }, () => new Worker(file, { workerData: job }));
  }

  async run(): Promise<number> {
    const { out, watch } = this.#streams;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, this.#stop);
    out.on('error', this.#broken);
    await Promise.all(this.#workers.map((worker, i) => this.#ended(worker, i)));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#stop);
    await watch.close();
    if (this.#summaries.length > 0) await this.#print(this.#together());
    out.off('error', this.#broken);
    return this.#code;
  }

  /** Resolves when the worker has sent its last message. */
  #ended(worker: Worker, index: number): Promise<void> {
    const { err, watch } = this.#streams;
    return new Promise((resolve) => {
      const end = (problem?: string) => {
        if (problem !== undefined) this.#fail(problem);
        void worker.terminate();
        resolve();
      };
      worker.on('message', (message: FromReceiver) => {
        if ('listening' in message) {
          if (++this.#listening === this.#workers.length) this.#ready();
        } else if ('lines' in message) this.#write(message.lines, () => worker.postMessage('written'));
        else if ('told' in message) watch.above(() => err.write(message.told));
        else if ('progress' in message) {
          this.#progress[index] = message.progress;
          watch.update(together(this.#progress.filter((one) => one !== undefined)));
        } else if ('summary' in message) {
          this.#summaries.push(message.summary);
          end();
        } else end(message.error);
      });
      worker.on('error', (error) => end(error.message));
      worker.on('exit', () => resolve());
    });
  }

  #write(lines: Uint8Array, written: () => void): void {
    const { out, watch } = this.#streams;
    const print = () => void out.write(Buffer.from(lines.buffer, lines.byteOffset, lines.length), written);
    if (out.isTTY === true) watch.above(print);
    else print();
  }

  #together(): ReceiveSummary {
    const all = this.#summaries;
    return {
      ...all.reduce((sum, one) => added(sum, one)),
      seconds: Math.max(...all.map(({ seconds }) => seconds)),
      intervals: joinIntervals(all.map(({ intervals }) => intervals as RunInterval[])),
      worst: worstOf(all.flatMap(({ worst }) => worst)).slice(0, REPORTED_HOSTS),
    };
  }

  async #print(summary: ReceiveSummary): Promise<void> {
    const { out, err, onSummary } = this.#streams;
    onSummary?.(summary);
    const { text, toOut } = summaryText(summary, this.#job.options);
    if (!toOut) err.write(text);
    else if (this.#code === 0) await new Promise<void>((resolve) => void out.write(text, () => resolve()));
  }

  readonly #stop = (): void => {
    for (const worker of this.#workers) worker.postMessage('stop');
  };

  #fail(problem: string): void {
    this.#code = 1;
    this.#streams.watch.above(() => this.#streams.err.write(`receive: ${problem}\n`));
    this.#stop();
  }

  readonly #broken = (error: NodeJS.ErrnoException): void => {
    // Nobody reads any more, as with `| head`.
    if (error.code === 'EPIPE') this.#stop();
    else this.#fail(`the output cannot be written: ${error.message}`);
  };
}

/** Joins the progress of threads, each of which prints records of its own. */
function together(all: readonly RunProgress[]): RunProgress {
  const sum = (key: 'records' | 'skipped') => all.reduce((total, one) => total + (one[key] ?? 0), 0);
  return { ...joinProgress(all), records: sum('records'), skipped: sum('skipped') };
}
