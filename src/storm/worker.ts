/** A worker thread that `source.ts` starts: runs an engine for its share of the hosts. */
import { parentPort, workerData } from 'node:worker_threads';
import { KernelError } from '../errno.js';
import { compilePlan } from './compile.js';
import { StormEngine } from './engine.js';
import { type FromWorker, hostsOfShard, type ToWorker, type WorkerJob } from './source.js';

const { plan, shard, truth } = workerData as WorkerJob;
const port = parentPort!;
const answer = (message: FromWorker) => port.postMessage(message);

try {
  const compiled = compilePlan(plan);
  const engine = new StormEngine(compiled, { hosts: hostsOfShard(compiled, shard), truth });
  port.on('message', (message: ToWorker) => {
    if (message === 'close') engine.close();
    else if (message === 'counts') answer({ counts: engine.counts });
    else if (message === 'hosts') answer({ hosts: engine.hostReports });
    else if ('run' in message) answer({ stretch: engine.runUntil(message.run) });
    else engine.receive(message.receive, message.at);
  });
} catch (error) {
  const { code, op } = error instanceof KernelError ? error : { code: 'EIO' as const, op: 'storm' };
  answer({ error: { code, op, message: (error as Error).message } });
}
