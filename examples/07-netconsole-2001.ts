/**
 * Runs the first netconsole, and shows what its receiver says of a wire that loses frames.
 * Run: npx tsx examples/07-netconsole-2001.ts
 */
import { createKernel, createMemoryDevice } from 'netconsole-emulator';
import { Netconsole2001Receiver, netconsole2001Lines } from 'netconsole-emulator/receiver';
import { decodeFrame } from 'netconsole-emulator/wire';

const kernel = createKernel({ profile: '2.4.10' });
const eth0 = createMemoryDevice('eth0');
kernel.addDevice(eth0, { addresses: ['192.0.2.1/24'] });

const params = 'dev=eth0 target_ip=0xc0000202 source_port=6666 target_port=6666';
const netconsole = kernel.insmod('netconsole-2001', params);
for (const word of ['alpha', 'beta', 'gamma', 'delta']) kernel.printk(`${word}\n`);

// When memory runs out, 32 buffers are kept for that. What comes after them is dropped, and the
// offset does not show it.
netconsole.memoryShort = true;
for (let i = 1; i <= 40; i++) kernel.printk(`out of memory, ${i}\n`);
netconsole.memoryShort = false;
kernel.rmmod('netconsole-2001');
console.log(netconsole.stats);

const receiver = new Netconsole2001Receiver();
const lost = ['beta', 'gamma'];
for (const frame of eth0.frames) {
  const payload = decodeFrame(frame).payload!;
  if (!lost.some((word) => new TextDecoder().decode(payload).includes(word))) receiver.process(payload, 0);
}
for (let item = receiver.next(); item !== undefined; item = receiver.next()) {
  for (const line of netconsole2001Lines(item)) console.log(line);
}
console.log(receiver.stats);
