/**
 * Acks and sends again, in virtual time, over a wire that loses every third frame.
 * Run: npx tsx examples/09-reliable.ts
 */
import { createKernel, createMemoryDevice } from 'netconsole-emulator';
import { createReceiver } from 'netconsole-emulator/receiver';
import { emitUdpReply } from 'netconsole-emulator/wire';

const kernel = createKernel({ profile: '6.12', reliable: 'heo-2015' });
const receiver = createReceiver({ dialect: 'heo-2015', ackIntvMs: 1000 });
const arrived: Uint8Array[] = [];
let lastFrame: Uint8Array | undefined;
let sent = 0;
const eth0 = createMemoryDevice('eth0', {
  onFrame: (frame) => {
    lastFrame = frame.slice();
    if (++sent % 3 !== 0) arrived.push(frame.slice(42));
  },
});
kernel.addDevice(eth0, { addresses: ['192.0.2.1/24'] });
const netconsole = kernel.insmod('netconsole', '+@192.0.2.1/eth0,@192.0.2.2/');
for (let i = 1; i <= 20; i++) kernel.printk(`message ${i}\n`);

function process(payload?: Uint8Array): void {
  receiver.process(payload, kernel.now() / 1000);
  for (let record = receiver.next(); record !== undefined; record = receiver.next()) {
    console.log(`${(kernel.now() / 1e6).toFixed(3)} s  ${record.seq}: ${new TextDecoder().decode(record.text)}`);
  }
  const response = receiver.response();
  if (response === undefined) return;
  console.log(`${(kernel.now() / 1e6).toFixed(3)} s  <- ${new TextDecoder().decode(response)}`);
  eth0.inject(emitUdpReply(lastFrame!, response)!);
}

// One event follows the other: first what has arrived, then whichever end is due first.
const { reliable } = netconsole.targets[0]!;
while (reliable!.ackSeq < kernel.inspect().log.nextSeq - 1) {
  const payload = arrived.shift();
  if (payload !== undefined) {
    process(payload);
    continue;
  }
  const due = (receiver.nextDeadline() ?? Number.POSITIVE_INFINITY) * 1000;
  kernel.advanceTo(Math.ceil(Math.min(due, kernel.nextDeadline() ?? Number.POSITIVE_INFINITY)));
  if (kernel.now() >= due) process();
}
console.log(`${sent} frames for ${kernel.inspect().log.nextSeq} records`);
