/**
 * Many emulated hosts on one device, in a process without a TypeScript loader in its memory: `hosts.mjs HOSTS [SPEC]`. One line of JSON:
 * peak resident memory, and the processor time of a frame when each host logs `BATCH` records in its turn. SPEC is a device as the command
 * line names it; without one the device frees the slot and does nothing else.
 */
import { createKernel, createMemoryDevice, shareDevice } from 'netconsole-emulator';
import { openDevice } from 'netconsole-emulator/transport';

/** 4 KiB. */
const RING_SHIFT = 12;
/** Records of 138 bytes that a host logs before the next has its turn; they fit its ring. */
const BATCH = 16;

const hosts = Number(process.argv[2]);
const spec = process.argv[3];
const device =
  spec === undefined ? createMemoryDevice('eth0', { keep: false }) : await openDevice(spec, { receive: false });
const shared = shareDevice(device);
const kernels = [];
for (let i = 0; i < hosts; i++) {
  const kernel = createKernel({ profile: '6.12', logBufShift: RING_SHIFT });
  const port = shared.port({ name: 'eth0', mac: Uint8Array.of(2, 0, 0, i >> 16, (i >> 8) & 255, i & 255) });
  kernel.addDevice(port, { addresses: [`10.1.${i >> 8}.${i & 255}/8`] });
  kernel.insmod('netconsole', '+@/eth0,@10.255.255.254/02:00:00:00:be:ef');
  kernels.push(kernel);
}
const line = new TextEncoder().encode(`\x016${'x'.repeat(130)}\n`);
const rounds = Math.ceil((spec === undefined ? 800_000 : 320_000) / BATCH / hosts);

function round() {
  for (let r = 0; r < rounds; r++) {
    for (const kernel of kernels) {
      kernel.batch(() => {
        for (let i = 0; i < BATCH; i++) kernel.printk(line);
      });
    }
  }
}

round();
const costs = Array.from({ length: 5 }, () => {
  const before = device.stats.txPackets;
  const cpu = process.cpuUsage();
  round();
  const { user, system } = process.cpuUsage(cpu);
  const frames = device.stats.txPackets - before;
  if (frames !== rounds * hosts * BATCH) throw new Error(`${rounds * hosts * BATCH} records made ${frames} frames`);
  return ((user + system) * 1000) / frames;
});
await device.close();
const rss = process.resourceUsage().maxRSS * 1024;
process.stdout.write(`${JSON.stringify({ hosts, rss, nsPerFrame: Math.min(...costs) })}\n`);
