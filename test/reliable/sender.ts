/**
 * A kernel in real time with a reliable target, on a device that loses frames both ways; what came of it in one line of JSON. Started by the
 * tests with an `Order` as its argument, in whatever namespace they like.
 */
import { createKernel, insideOf } from '../../src/kernel/index.js';
import { faultDevice } from '../../src/net/fault.js';
import { createRandom } from '../../src/net/random.js';
import type { RxStats } from '../../src/netpoll/rx.js';
import { createDriver } from '../../src/run/index.js';
import { openDevice } from '../../src/transport/open.js';
import { recordText } from '../support/loop.js';

export interface Order {
  readonly spec: string;
  readonly address: string;
  readonly param: string;
  readonly records: number;
  readonly perSecond: number;
  readonly loss: number;
  /** `all`: until everything is acked. `some`: until anything is. */
  readonly until: 'all' | 'some';
  readonly seconds: number;
}

export interface Outcome {
  readonly ackSeq: number;
  readonly lastSeq: number;
  readonly rx: RxStats;
  readonly dropped: { readonly tx: number; readonly rx: number };
  readonly stats: { readonly frames: number; readonly retransmits: number; readonly emergencies: number };
  readonly responses: { readonly responses: number; readonly malformed: number };
}

const order = JSON.parse(process.argv[2]!) as Order;
const kernel = createKernel({ profile: '6.12', reliable: 'netconsd', logBufShift: 22 });
const driver = createDriver(kernel);
const random = { tx: createRandom(1), rx: createRandom(2) };
let left = 0;
const device = faultDevice(await openDevice(order.spec, { receive: true }), {
  // A stream begins with what is heard first: the kernel's own messages at the start arrive.
  rules: [
    (_frame, direction) => ((direction === 'rx' || ++left > 12) && random[direction]() < order.loss ? 'drop' : 'pass'),
  ],
});
driver.addDevice(device, { addresses: [order.address] });
driver.start();
driver.call(() => kernel.insmod('netconsole', order.param));
const target = insideOf(kernel).modules.targets[0]!;
const reliable = target.reliable!;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const done = () =>
  order.until === 'some' ? reliable.ackSeq > 0 : reliable.ackSeq === insideOf(kernel).ring.nextSeq - 1;
await sleep(300);
for (let i = 0; i < order.records; ) {
  const end = Math.min(order.records, i + Math.ceil(order.perSecond / 20));
  while (i < end) driver.printk(`${recordText(i++)}\n`);
  await sleep(50);
}
for (let ms = 0; ms < order.seconds * 1000 && !done(); ms += 20) await sleep(20);
driver.stop();
const outcome: Outcome = {
  ackSeq: reliable.ackSeq,
  lastSeq: insideOf(kernel).ring.nextSeq - 1,
  rx: insideOf(kernel).rx.stats,
  dropped: { tx: device.faults.tx.dropped, rx: device.faults.rx.dropped },
  stats: target.stats,
  responses: reliable.stats,
};
await device.close();
process.stdout.write(`${JSON.stringify(outcome)}\n`);
