/**
 * A kernel of 2010 panics, and netoops sends its log three times over; two thirds of the frames are
 * lost on the way, and the receiver still has all of it.
 * Run: npx tsx examples/06-netoops.ts
 */
import { createKernel, createMemoryDevice } from 'netconsole-emulator';
import { NetoopsReceiver, netoopsLines } from 'netconsole-emulator/receiver';
import { decodeFrame } from 'netconsole-emulator/wire';

const kernel = createKernel({ profile: '2.6.37', startUsec: 12_345_678 });
const eth0 = createMemoryDevice('eth0');
kernel.addDevice(eth0, { addresses: ['192.0.2.1/24'] });

// In a shell: insmod netoops netoops=@/eth0,@192.0.2.2/; echo 3 >
// /sys/kernel/netoops/netoops_boot_id
const netoops = kernel.insmod('netoops', { params: '@/eth0,@192.0.2.2/' });
netoops.sysfs.write('netoops_boot_id', '3\n');

for (let i = 0; i < 60; i++) kernel.printk(`eth0: transmit queue 0 timed out, ${i} ms\n`, { level: 4 });
console.log(`${eth0.frames.length} frames while all is well`);

kernel.panic('Attempted to kill init!');
console.log(`${eth0.frames.length} frames after the panic`);

// Of each packet's three copies, one arrives.
const packets = eth0.frames.length / 3;
const receiver = new NetoopsReceiver();
const arrived = eth0.frames.filter((_, i) => (i % packets) % 3 === Math.floor(i / packets));
for (const frame of arrived) receiver.process(decodeFrame(frame).payload!, 0);
receiver.flush();
for (const line of netoopsLines(receiver.next()!).slice(-4)) console.log(line);
console.log(receiver.stats);
