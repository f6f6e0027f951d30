/**
 * Runs in the sender's namespace: opens a device, sends frames through it the way netpoll does, and tells what came of it in
 * one line of JSON. Started by the tests with an `Order` as its argument.
 */
import type { KernelError } from '../../../src/errno.js';
import type { NetDevice } from '../../../src/net/device.js';
import { openDevice } from '../../../src/transport/open.js';
import { headerBytes, payloadFrame, type TestFrame, testFrames } from './frames.js';

export interface Order {
  readonly spec: string;
  readonly ipv6: boolean;
  /** Test frames to send. */
  readonly count?: number;
  /** Push them out only when all are offered, as a long flush does. */
  readonly burst?: boolean;
  /** Lines to send as payloads. */
  readonly lines?: readonly string[];
  /** Packets to wait for after sending, for at most five seconds. */
  readonly receive?: number;
  /** Go on sending until the device is down, for at most ten seconds. */
  readonly untilDown?: boolean;
}

export interface Outcome {
  readonly stats: NetDevice['stats'];
  /** Frames that were given to the device and accepted. */
  readonly accepted: number;
  /** Times it was BUSY. */
  readonly busy: number;
  readonly received: { readonly hex: string; readonly from?: { ip: string; port: number } }[];
  readonly down?: { readonly code: string; readonly message: string };
}

const order = JSON.parse(process.argv[2]!) as Order;
const device = await openDevice(order.spec, { receive: (order.receive ?? 0) > 0 });
const received: Outcome['received'] = [];
let down: KernelError | undefined;
let wake: () => void = () => undefined;
let accepted = 0;
let busy = 0;

device.attach({
  txWake: () => wake(),
  receive: (packet, from) => received.push({ hex: Buffer.from(packet).toString('hex'), ...(from && { from }) }),
  down: (reason) => {
    down = reason;
  },
});

const { slab } = device;
const skipped = { ethernet: () => 0, ip: () => 14, udp: (frame: TestFrame) => headerBytes(frame) - 8 }[
  device.caps.medium
];

async function send(frame: TestFrame): Promise<void> {
  let slot = slab.alloc();
  while (slot < 0) {
    device.poll();
    await new Promise((resolve) => setTimeout(resolve, 1));
    slot = slab.alloc();
  }
  const at = slab.payloadAt(slot) - headerBytes(frame);
  slab.bytes.set(frame.bytes, at);
  slab.start[slot] = at + skipped(frame);
  slab.end[slot] = at + frame.bytes.length;
  for (;;) {
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    if (device.startXmit(slot) === 0) break;
    busy++;
    await woken;
  }
  accepted++;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const frames = [
  ...testFrames(order.count ?? 0, order.ipv6),
  ...(order.lines ?? []).map((line) => ({ bytes: payloadFrame(Buffer.from(line)), ipv6: false })),
];
// Runs of frames, pushed out at their end, as a flush makes them.
for (const [i, frame] of frames.entries()) {
  await send(frame);
  if (!order.burst && i % 70 === 69) device.poll();
}
device.poll();
process.stdout.write('sent\n');
for (let ms = 0; ms < 5000 && received.length < (order.receive ?? 0); ms += 10) await sleep(10);
for (let ms = 0; order.untilDown && ms < 10000 && down === undefined; ms += 5) {
  await send(testFrames(1, false)[0]!);
  device.poll();
  await sleep(5);
}
if (order.untilDown) {
  await send(testFrames(1, false)[0]!);
  device.poll();
}
// Asynchronous transports are done when they are closed; only then the counters are final.
await device.close();
const outcome: Outcome = {
  stats: { ...device.stats },
  accepted,
  busy,
  received,
  ...(down && { down: { code: down.code, message: down.message } }),
};
process.stdout.write(`${JSON.stringify(outcome)}\n`);
