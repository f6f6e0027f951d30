/**
 * A worker thread of `receive-workers.ts`: it reads one socket of the port, and so has hosts of its
 * own. The main thread terminates it after its last message.
 */
import { Writable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { listen } from './listen.js';
import type { Stream } from './live.js';
import { protocolFor } from './protocol.js';
import { saysKind } from './receive.js';
import { run } from './receive-loop.js';
import type { ReceiveSummary } from './receive-summary.js';
import type { FromReceiver, ReceiveJob } from './receive-workers.js';
import type { Watch } from './watch.js';

/** Bytes of lines that may wait for the main thread; beyond them records wait in the set. */
const PENDING_BYTES = 4 * 1024 * 1024;

const port = parentPort!;
const { options } = workerData as ReceiveJob;
const say = (message: FromReceiver): void => port.postMessage(message);
const stop = new AbortController();
let written: (() => void) | undefined;
port.on('message', (message: 'stop' | 'written') => {
  if (message === 'stop') stop.abort();
  else written?.();
});

/** Sends all lines that wait to the main thread, and calls `done` when they are written. */
function hand(chunks: readonly Uint8Array[], done: () => void): void {
  written = done;
  // The lines are copied into an ArrayBuffer of their own, as a message transfers whole ones.
  const lines = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    lines.set(chunk, at);
    at += chunk.length;
  }
  port.postMessage({ lines } satisfies FromReceiver, [lines.buffer]);
}

const out = new Writable({
  highWaterMark: PENDING_BYTES,
  write: (chunk: Uint8Array, _encoding, done) => hand([chunk], done),
  writev: (chunks: { chunk: Uint8Array }[], done) =>
    hand(
      chunks.map(({ chunk }) => chunk),
      done,
    ),
}) as unknown as Stream;
const tell = (told: string): boolean => {
  say({ told });
  return true;
};
const err = { write: tell } as unknown as Stream;
const watch: Watch = {
  update: (progress) => say({ progress }),
  above: (write) => write(),
  close: async () => undefined,
};

try {
  const listener = await listen({ host: options.host, port: options.port, shared: true });
  say({ listening: true });
  const protocol = protocolFor(options, options.port, saysKind(tell));
  const { signal } = stop;
  const onSummary = (summary: ReceiveSummary) => say({ summary });
  await run(protocol, listener, options, { out, err, watch, signal, onSummary, summaries: 'handed on' });
} catch (error) {
  say({ error: (error as Error).message });
}
