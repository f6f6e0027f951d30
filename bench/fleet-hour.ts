/**
 * Runs a fleet for an hour of its own time, in memory, with a collector that acks and asks for what
 * it misses, behind a network that loses frames both ways:
 *
 *   npx tsx bench/fleet-hour.ts [--hosts 10000] [--seconds 3600] [--loss 0.3]
 *
 * Two storms hit a third of the hosts each, within a second. At the end the collector must have
 * every record that a host's ring still has, from the first one on that it heard of. Hosts that
 * never heard an ack are left out: until the first ack a host sends nothing again, as the series
 * has it. It prints the time it took, the memory and the counts; the exit code is 1 if a record is
 * missing. No network is touched, and it ends by itself; with the defaults it takes two minutes of
 * processor time.
 */
import { parseArgs } from 'node:util';
import { tallyOf } from '../src/index.js';
import { createReceiver, type Receiver } from '../src/receiver/index.js';
import { checkPlan, compilePlan, StormEngine } from '../src/storm/index.js';
import { decodeFrame } from '../src/wire/decode.js';
import { emitUdpReply } from '../src/wire/udp-frame.js';

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '3600' },
    loss: { type: 'string', default: '0.3' },
  },
});
const hosts = Number(values.hosts);
const seconds = Number(values.seconds);
const loss = Number(values.loss);
const STEP_USEC = 1e6;
/** How long hosts go on answering after the end: an emergency session begins after ten seconds. */
const QUIET_SECONDS = 300;

const storm = { within: 1, share: 1 / 3 };
const plan = compilePlan(
  checkPlan({
    seed: 11,
    duration: seconds,
    groups: [
      {
        name: 'rack',
        hosts,
        addresses: '10.0.0.0/8',
        reliable: 'netconsd',
        boot: { within: seconds / 20 },
        workloads: [{ workload: 'chatter', parameters: { messages: 5 }, poisson: seconds / 4 }],
      },
    ],
    events: [
      { ...storm, at: seconds / 3, workload: 'oom-kill' },
      { ...storm, at: (2 * seconds) / 3, workload: 'soft-lockup' },
    ],
    impair: { seed: 3, out: { loss, delayUsec: 300, jitterUsec: 200 }, in: { loss, delayUsec: 300 } },
  }),
);

/** What the collector knows of one host. */
interface Flow {
  readonly receiver: Receiver;
  readonly seqs: Set<number>;
  /**
   * The seq that it heard first. A receiver knows nothing of those before it, and asks for none.
   */
  readonly first: number;
  last: Uint8Array;
}

const flows = new Map<number, Flow>();
const engine = new StormEngine(plan);
let rss = 0;
let responses = 0;

function hear(flow: Flow, payload: Uint8Array | undefined, usec: number): void {
  const { receiver, seqs } = flow;
  receiver.process(payload, usec / 1000);
  for (let record = receiver.next(); record !== undefined; record = receiver.next()) seqs.add(record.seq);
  const response = receiver.response();
  if (response === undefined) return;
  responses++;
  engine.receive(emitUdpReply(flow.last, response)!, usec);
}

const started = process.cpuUsage();
const startedMs = performance.now();
for (let at = STEP_USEC; at <= (seconds + QUIET_SECONDS) * 1e6; at += STEP_USEC) {
  for (const { frame, host, atUsec } of engine.runUntil(at).arrivals) {
    const { message, payload } = decodeFrame(frame);
    let flow = flows.get(host);
    if (flow === undefined && message?.kind === 'extended') {
      const receiver = createReceiver({ dialect: 'netconsd', nrSlots: 512, ackIntvMs: 5000, retxIntvMs: 2000 });
      flow = { receiver, seqs: new Set(), first: message.seq, last: frame };
      flows.set(host, flow);
    }
    if (flow === undefined) continue;
    flow.last = frame;
    hear(flow, payload, Math.max(atUsec, at - STEP_USEC));
  }
  for (const flow of flows.values()) {
    const due = flow.receiver.nextDeadline();
    if (due !== undefined && due <= at / 1000) hear(flow, undefined, at);
  }
  rss = Math.max(rss, process.memoryUsage.rss());
}

let inRings = 0;
let missing = 0;
let unheard = 0;
let unanswered = 0;
let delivered = 0;
let sent = 0;
for (const { index } of plan.hosts) {
  const kernel = engine.kernelOf(index)!;
  const { firstSeq, nextSeq } = kernel.inspect().log;
  const { acks } = tallyOf(kernel);
  const { seqs, first } = flows.get(index) ?? { seqs: new Set<number>(), first: nextSeq };
  sent += nextSeq;
  delivered += seqs.size;
  inRings += nextSeq - firstSeq;
  for (let seq = firstSeq; seq < nextSeq; seq++) {
    if (seqs.has(seq)) continue;
    if (seq < first) unheard++;
    else if (acks === 0) unanswered++;
    else missing++;
  }
}
const { out, messages } = engine.counts;
const { user, system } = process.cpuUsage(started);
const count = (n: number) => n.toLocaleString('en');
console.log(`${count(hosts)} hosts, ${count(seconds)} s and ${QUIET_SECONDS} s more, ${loss * 100} % loss each way`);
console.log(
  `${count(messages)} messages, ${count(out.carried)} frames sent, ${count(out.lost)} of them lost, ${count(responses)} responses`,
);
console.log(
  `${count(sent)} records logged, ${count(delivered)} delivered; of ${count(inRings)} that the rings still have, ${count(missing)} are missing, ${count(unanswered)} of hosts that never heard an ack, and ${count(unheard)} were sent before the first that the collector heard of their host`,
);
const took = ((performance.now() - startedMs) / 1000).toFixed(0);
console.log(
  `${((user + system) / 1e6).toFixed(0)} s of processor time, ${took} s of the clock, ${count(Math.round(rss / 1e6))} MB at most`,
);
engine.close();
process.exitCode = missing > 0 ? 1 : 0;
