/** Run from a project that has the package installed, by any runtime: prints what must be the same everywhere. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { PROFILES } from 'netconsole-emulator';
import { createReceiver } from 'netconsole-emulator/receiver';
import { readLog, replay } from 'netconsole-emulator/replay';
import { createDriver, createManualClock } from 'netconsole-emulator/run';
import { runScenario } from 'netconsole-emulator/scenario';
import { checkFrame, createHarness, ext } from 'netconsole-emulator/testing';
import { openDevice } from 'netconsole-emulator/transport';
import { decodeFrame } from 'netconsole-emulator/wire';

const hash = createHash('sha1');
let frames = 0;
for (const { name } of PROFILES) {
  const harness = createHarness({ profile: name, target: '@/eth0,@192.0.2.2/' });
  for (let i = 0; i < 40; i++) harness.kernel.printk(`line ${i} ${'x'.repeat(i * 20)}\n`, { level: i % 7 });
  harness.advance(1000);
  for (const frame of harness.frames) hash.update(frame);
  frames += harness.frames.length;
  harness.close();
}

const { kernel, frames: sent, texts } = createHarness({ profile: '6.12', reliable: 'netconsd' });
kernel.printk('hello\n', { level: 6 });
checkFrame(sent[0], ext({ level: 6, text: 'hello' }));

const receiver = createReceiver();
receiver.process(decodeFrame(sent[0]).payload, 0);

const clock = createManualClock();
const driver = createDriver(kernel, clock);
driver.start();
clock.advanceTo(5e6);
driver.stop();

const scenario = runScenario({ kernel: '6.12', ops: [{ op: 'insmod', params: '@/eth0,@10.0.2.2/' }] });

// Datagrams through the runtime's own sockets, to itself.
const { createSocket } = await import('node:dgram');
const socket = createSocket('udp4').bind(0, '127.0.0.1');
await once(socket, 'listening');
const arrived = once(socket, 'message');
const device = await openDevice('udp:127.0.0.1');
const log = new URL('./node_modules/netconsole-emulator/examples/boot.kmsg', import.meta.url).pathname;
const summary = await replay(readLog(log), device, { targets: [`+@127.0.0.1/,${socket.address().port}@127.0.0.1/`] });
const [first] = await arrived;
socket.close();

console.log(
  JSON.stringify({
    frames,
    sha1: hash.digest('hex'),
    texts: texts(),
    received: receiver.next()?.seq,
    now: kernel.now(),
    outcomes: scenario.outcomes,
    records: summary.records,
    sent: summary.frames,
    first: String(first).slice(0, 20),
  }),
);
