/**
 * Loses, doubles, reorders and damages frames on a bad wire, in the same way at every run, and
 * shows what a receiver makes of it.
 * Run: npx tsx examples/13-faults.ts
 */
import { createKernel, createMemoryDevice, faultDevice } from 'netconsole-emulator';
import { createReceiver } from 'netconsole-emulator/receiver';
import { decodeFrame } from 'netconsole-emulator/wire';

const receiver = createReceiver();
const memory = createMemoryDevice('eth0', {
  onFrame: (frame) => {
    const { udp, payload } = decodeFrame(frame);
    // A damaged frame has a wrong checksum; a host's network stack would have dropped it.
    if (payload !== undefined && udp?.checksum !== 'bad') receiver.process(payload, kernel.now() / 1000);
  },
});
const eth0 = faultDevice(memory, { seed: 7, drop: 0.05, duplicate: 0.05, reorder: 0.1, corrupt: 0.02 });

const kernel = createKernel({ profile: '6.12' });
kernel.addDevice(eth0, { addresses: ['192.0.2.1/24'] });
kernel.mute();
kernel.insmod('netconsole', '+@/eth0,@192.0.2.2/02:00:00:00:00:02');

for (let i = 0; i < 1000; i++) {
  kernel.advanceTo(kernel.now() + 10_000);
  kernel.printk(`record ${i}\n`);
}
// A minute later, the receiver has given up what is missing.
receiver.process(undefined, kernel.now() / 1000 + 60_000);

let records = 0;
for (let record = receiver.next(); record !== undefined; record = receiver.next()) records++;
console.log(eth0.faults.tx);
console.log(`${records} of 1000 records delivered`);
