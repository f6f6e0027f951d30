/**
 * Runs at full speed for a long time: `npx tsx bench/soak.ts [--minutes 10] [--frames 100000000]
 * [--via SPEC]`, after `npm run build`.
 *
 * It ends when both the time and the frames are reached. Every ten seconds, and at the end, it
 * checks that every record became a frame and none is missing in any count, and that the heap does
 * not grow (its size after a collection, against that after the first minute or tenth). Without
 * `--via` the frames go to a device that forgets them. With it (`af-packet:tx0` and the like), what
 * arrives is for the other end to count. The exit code is 1 if a count is off or the heap has
 * grown.
 */

import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createKernel, createMemoryDevice } from 'netconsole-emulator';
import { openDevice } from 'netconsole-emulator/transport';

const BATCH = 64;
const REPORT_MS = 10_000;
/** By how many bytes a heap that does not grow may differ. */
const SLACK_BYTES = 1_000_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    frames: { type: 'string', default: '100000000' },
    via: { type: 'string' },
  },
});
const device =
  values.via === undefined
    ? createMemoryDevice('tx0', { keep: false })
    : await openDevice(values.via, { receive: false });
const kernel = createKernel({ profile: '6.12' });
kernel.addDevice(device, { name: 'tx0', addresses: ['10.77.0.99/24'] });
const netconsole = kernel.insmod('netconsole', '+@/tx0,@10.77.0.200/02:00:00:00:be:ef');
const [target] = netconsole.targets;
const own = target!.stats.frames;
const line = new TextEncoder().encode(`\x016${'x'.repeat(130)}\n`);

const minutes = Number(values.minutes);
const wanted = Number(values.frames);
const begin = performance.now();
let logged = 0;
let settled = 0;
let reports = 0;
let failed = false;

/** Prints the counts, and the heap after a collection. */
function report(): void {
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  const { frames, xmitDropCount, enomemCount } = target!.stats;
  const { txPackets, txErrors, txDropped } = device.stats;
  const inFlight = device.slab.inUse;
  const missing = logged + own - (frames + xmitDropCount + enomemCount);
  const lost = frames - (txPackets + txErrors + txDropped + inFlight);
  const seconds = (performance.now() - begin) / 1000;
  if (reports++ < Math.max(1, minutes / 2)) settled = Math.max(settled, heapUsed);
  const grown = heapUsed - settled;
  if (missing !== 0 || lost !== 0 || grown > SLACK_BYTES) failed = true;
  process.stdout.write(
    `${seconds.toFixed(0)} s: ${logged} records, ${txPackets} frames sent, ${txErrors + txDropped + xmitDropCount + enomemCount} given up, ` +
      `${missing + lost} without a count; heap ${(heapUsed / 1e6).toFixed(2)} MB (${grown > 0 ? '+' : ''}${grown}), RSS ${(rss / 1e6).toFixed(0)} MB\n`,
  );
}

let next = begin + REPORT_MS;
for (let now = begin; (now - begin) / 60_000 < minutes || logged < wanted; now = performance.now()) {
  for (let i = 0; i < 64; i++) {
    kernel.advanceTo(kernel.now() + BATCH);
    kernel.batch(() => {
      for (let k = 0; k < BATCH; k++) kernel.printk(line);
    });
    logged += BATCH;
  }
  if (now >= next) {
    report();
    next += REPORT_MS;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
report();
await device.close();
process.exitCode = failed ? 1 : 0;
