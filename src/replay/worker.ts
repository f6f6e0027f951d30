/**
 * Runs a worker thread of `fleet.ts` with its share of a replay. The main thread ends it after its
 * last message.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type Errno, KernelError } from '../errno.js';
import { openDevice } from '../transport/open.js';
import type { FromWorker, WorkerJob } from './fleet.js';
import { readLog } from './reader.js';
import { replay } from './replay.js';

/** How many milliseconds lie between two reports of progress. */
const REPORT_MS = 100;

const port = parentPort!;
const job = workerData as WorkerJob;
const stop = new AbortController();
port.on('message', () => stop.abort());
let reported = 0;
const say = (message: FromWorker): void => port.postMessage(message);

try {
  const log = () => readLog(job.file, { format: job.format });
  const summary = await replay(log, () => openDevice(job.via, job.open), {
    ...job.replay,
    signal: stop.signal,
    onProgress: (progress) => {
      if (performance.now() < reported + REPORT_MS) return;
      reported = performance.now();
      say({ progress });
    },
  });
  say({ summary });
} catch (error) {
  const known = error instanceof KernelError ? error : undefined;
  const code: Errno = known?.code ?? 'EIO';
  say({ error: { code, op: known?.op ?? 'replay', message: (error as Error).message } });
}
