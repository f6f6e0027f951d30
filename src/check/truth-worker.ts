/** A worker thread of `truth-thread.ts`: reads a manifest, and sends its records as numbers. */
import { parentPort, workerData } from 'node:worker_threads';
import { KernelError } from '../errno.js';
import { FactsPacker } from './packed.js';
import { manifestParts, RECORDS_AT_ONCE } from './truth-source.js';
import { AHEAD, type FromTruth, MESSAGE_RECORDS, type TruthJob } from './truth-thread.js';

const port = parentPort!;
const { path } = workerData as TruthJob;
/** How many messages may be sent now. Each message from the check adds one. */
let credit = AHEAD;
let wake = () => {};
port.on('message', () => {
  credit++;
  wake();
});

const packer = new FactsPacker(MESSAGE_RECORDS);
async function send(): Promise<void> {
  while (credit === 0) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  credit--;
  const packed = packer.take();
  port.postMessage({ packed } satisfies FromTruth, [packed.doubles.buffer, packed.words.buffer]);
}

try {
  for await (const part of manifestParts(path)) {
    part.tell(packer);
    if (packer.left < RECORDS_AT_ONCE) await send();
  }
  if (packer.count > 0) await send();
  port.postMessage('end' satisfies FromTruth);
} catch (error) {
  const { code, op } = error instanceof KernelError ? error : { code: 'EIO' as const, op: 'check' };
  port.postMessage({ error: { code, op, message: (error as Error).message } } satisfies FromTruth);
}
port.close();
