/**
 * Runs at full speed: logs records in batches, and prints the counters that say what became of
 * each.
 * Run: npx tsx examples/10-full-speed.ts
 */
import { createKernel, createMemoryDevice } from 'netconsole-emulator';

const BATCH = 64;
const BATCHES = 4000;

const kernel = createKernel({ profile: '6.12' });
const eth0 = createMemoryDevice('eth0', { slots: 256, keep: false });
kernel.addDevice(eth0, { addresses: ['192.0.2.1/24'] });
const { targets } = kernel.insmod('netconsole', '+@/eth0,@192.0.2.2/02:00:00:00:00:02');
const said = eth0.stats.txPackets;

// The line is bytes, so that nothing has to be encoded, and ends in a newline, so that nothing
// waits for its rest.
const line = new TextEncoder().encode('\x016nginx: 192.0.2.77 - GET /index.html 200 5120\n');

function run(batches: number): number {
  const begin = performance.now();
  for (let i = 0; i < batches; i++) {
    kernel.advanceTo(kernel.now() + 1000);
    kernel.batch(() => {
      for (let k = 0; k < BATCH; k++) kernel.printk(line);
    });
  }
  return (performance.now() - begin) / 1000;
}

run(500);
const seconds = run(BATCHES);
console.log(`${((BATCH * BATCHES) / seconds / 1e6).toFixed(1)} million records a second`);

const { log, queued } = kernel.inspect();
const { frames, xmitDropCount, enomemCount } = targets[0]!.stats;
console.log(`${log.nextSeq} records logged, ${log.failed} without room`);
console.log(`${frames} frames, ${xmitDropCount} dropped, ${enomemCount} without a slot, ${queued} waiting`);
console.log(`on the wire: ${eth0.stats.txPackets - said} of ${BATCH * (BATCHES + 500)}`);
kernel.close();
