/** Reads a manifest in a thread of its own, a little ahead of the check. */
import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Errno, KernelError } from '../errno.js';
import { FactsReader, type Packed, type TruthPart } from './packed.js';

/** How many records one message holds at most. */
export const MESSAGE_RECORDS = 8192;
/** How many messages may be under way. */
export const AHEAD = 4;

/** What the worker is started with. */
export interface TruthJob {
  /** The path of the manifest. */
  readonly path: string;
}

/** What the worker sends. */
export type FromTruth =
  | { readonly packed: Packed }
  | { readonly error: { readonly code: Errno; readonly op: string; readonly message: string } }
  | 'end';

/** Yields the records of a manifest, `size` at a time. Throws what reading it throws. */
export async function* truthAside(path: string, size: number): AsyncGenerator<TruthPart, void, void> {
  const job: TruthJob = { path };
  const worker = new Worker(new URL('../check/truth-worker.js', import.meta.url), { workerData: job });
  const reader = new FactsReader(size);
  try {
    for await (const [message] of on(worker, 'message', { close: ['exit'] }) as AsyncIterable<[FromTruth]>) {
      if (message === 'end') return;
      if ('error' in message) throw new KernelError(message.error.code, message.error.op, message.error.message);
      worker.postMessage('more');
      reader.take(message.packed);
      while (reader.some) yield reader;
    }
    throw new KernelError('EIO', 'check', `${path}: the thread that read it ended early`);
  } finally {
    await worker.terminate();
  }
}
