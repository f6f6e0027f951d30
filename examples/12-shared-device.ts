/**
 * Runs a fleet on one device: three kernels, each with its own log, clock and address, on one wire.
 * Run: npx tsx examples/12-shared-device.ts
 */
import { createKernel, createMemoryDevice, shareDevice } from 'netconsole-emulator';
import { decodeFrame, formatDecoded } from 'netconsole-emulator/wire';

const wire = createMemoryDevice('wire', { slots: 256 });
const shared = shareDevice(wire);

const fleet = Array.from({ length: 3 }, (_, i) => {
  // Each kernel booted at another time, and knows nothing of the others.
  const kernel = createKernel({ profile: ['6.12', '6.1', '7.3'][i]!, startUsec: 1_000_000 * (i + 1), logBufShift: 14 });
  const port = shared.port({ name: 'eth0', mac: Uint8Array.of(2, 0, 0, 0, 0, i + 1) });
  const dev = kernel.addDevice(port, { addresses: [`192.0.2.${i + 1}/24`] });
  const lift = kernel.mute();
  kernel.insmod('netconsole', '+@/eth0,@192.0.2.200/02:00:00:00:00:c8');
  lift();
  return { kernel, dev };
});

for (const [i, { kernel }] of fleet.entries()) kernel.printk(`host ${i} is up\n`, { level: 6 });

// The second host loses its network card; the others go on.
const second = fleet[1]!;
second.kernel.removeDevice(second.dev);
for (const [i, { kernel }] of fleet.entries()) kernel.printk(`host ${i} still logs\n`, { level: 4 });

for (const frame of wire.frames) console.log(formatDecoded(decodeFrame(frame)));
for (const { kernel } of fleet) kernel.close();
await shared.close();
