/**
 * Runs a kernel on the real clock, over a real socket, to a receiver on loopback.
 * Run: npx tsx examples/05-real-time.ts
 */
import dgram from 'node:dgram';
import { once } from 'node:events';
import { createKernel } from 'netconsole-emulator';
import { createReceiver, recordLines } from 'netconsole-emulator/receiver';
import { createDriver } from 'netconsole-emulator/run';
import { openDevice } from 'netconsole-emulator/transport';

// The receiving end listens on any free port.
const socket = dgram.createSocket('udp4');
socket.bind(0, '127.0.0.1');
await once(socket, 'listening');
const receiver = createReceiver();
const done = new AbortController();
socket.on('message', (payload) => {
  receiver.process(payload, performance.now());
  for (let record = receiver.next(); record !== undefined; record = receiver.next()) {
    for (const line of recordLines(record)) console.log(line);
    if (new TextDecoder().decode(record.text) === 'three') done.abort();
  }
});

// At the sending end, the driver gives the kernel its time and fires its timers.
const kernel = createKernel({ profile: '7.2' });
const driver = createDriver(kernel);
const device = await openDevice('udp');
driver.addDevice(device, { addresses: ['192.0.2.1/24'] });
driver.call(() => kernel.insmod('netconsole', `+@/eth0,${socket.address().port}@127.0.0.1/`));

const running = driver.run(AbortSignal.any([done.signal, AbortSignal.timeout(5000)]));
for (const word of ['one', 'two', 'three']) {
  driver.printk(`${word}\n`, { level: 6 });
  await new Promise((resolve) => setTimeout(resolve, 20));
}
await running;
await device.close();
socket.close();
