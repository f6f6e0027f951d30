/**
 * Frames that come back from the network, in one thread and in several: what is counted does not depend on the number of threads.
 * Worker threads are started from the package as it was built.
 */
import { describe, expect, it } from 'vitest';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { createReceiver, type Receiver } from '../../../src/receiver/index.js';
import type * as Storm from '../../../src/storm/index.js';
import { parseIp, parseMac } from '../../../src/wire/address.js';
import { ARP_REPLY, ARP_REQUEST, emitArp, parseArp } from '../../../src/wire/arp.js';
import { decodeFrame } from '../../../src/wire/decode.js';
import { ETHERTYPE, emitEthernet } from '../../../src/wire/ethernet.js';
import { emitUdpReply } from '../../../src/wire/udp-frame.js';

const built = new URL('../../../dist/storm/index.js', import.meta.url).href;
const { checkPlan, compilePlan, runStorm } = (await import(built)) as typeof Storm;

const BROADCAST = Uint8Array.of(255, 255, 255, 255, 255, 255);
const COLLECTOR = { ip: '192.0.2.2', mac: '02:00:00:00:00:02' };
const plan = compilePlan(
  checkPlan({
    seed: 4,
    duration: 20,
    groups: [
      { name: 'a', hosts: 5, reliable: 'netconsd', workloads: [{ workload: 'chatter', every: 4 }] },
      { name: 'b', hosts: 2, formats: { plain: 1 }, workloads: [{ workload: 'boot' }] },
    ],
    impair: { out: { loss: 0.1 }, in: { loss: 0.1 } },
  }),
);

/** Asks, as the collector does before its first reply, for the hardware address of `ip`. */
function whoHas(ip: string): Uint8Array {
  const frame = new Uint8Array(60);
  const own = { senderMac: parseMac(COLLECTOR.mac)!, senderIp: parseIp(COLLECTOR.ip)! };
  const at = emitEthernet({ dst: BROADCAST, src: own.senderMac, etherType: ETHERTYPE.arp }, frame);
  emitArp({ operation: ARP_REQUEST, ...own, targetMac: new Uint8Array(6), targetIp: parseIp(ip)! }, frame, at);
  return frame;
}

/** A copy of a frame for another hardware address. */
function readdressed(frame: Uint8Array, mac: Uint8Array): Uint8Array {
  const copy = frame.slice();
  copy.set(mac);
  return copy;
}

/** Runs the plan against a collector that asks for every address, acks, and sends frames to nobody. */
async function ran(options: Storm.StormOptions) {
  const stamp = { usec: 0 };
  const receivers = new Map<string, Receiver>();
  const sent = { acks: 0, nobody: 0 };
  const answers: string[] = [];
  const device = createMemoryDevice('eth0', {
    keep: false,
    onFrame: (frame) => {
      const { ip, message, payload } = decodeFrame(frame);
      if (ip === undefined) {
        const arp = parseArp(frame, 14)!;
        answers.push(`${arp.operation} ${arp.senderIp.join('.')}`);
        return;
      }
      if (message?.kind !== 'extended') return;
      const receiver = receivers.get(ip.src) ?? createReceiver({ dialect: 'netconsd', ackIntvMs: 1000 });
      if (!receivers.has(ip.src)) {
        device.inject(whoHas(ip.src));
        device.inject(whoHas('203.0.113.9'));
        device.inject(readdressed(whoHas(ip.src), Uint8Array.of(2, 9, 9, 9, 9, 9)));
        device.inject(Uint8Array.of(1, 2, 3));
        sent.nobody += 3;
      }
      receivers.set(ip.src, receiver);
      receiver.process(payload, stamp.usec / 1000);
      while (receiver.next() !== undefined);
      const response = receiver.response();
      if (response === undefined) return;
      device.inject(emitUdpReply(frame, response)!);
      sent.acks++;
    },
  });
  const { seconds, lateness, ...summary } = await runStorm(plan, device, { ...options, stamp });
  return { summary, sent, answers };
}

describe('frames from the collector', () => {
  it('are counted once, whatever the number of threads', async () => {
    const one = await ran({});
    expect(one.sent.acks).toBeGreaterThan(10);
    expect(one.summary.acks).toBeGreaterThan(10);
    expect(one.summary.foreign).toBe(one.sent.nobody);
    for (const workers of [2, 3]) expect(await ran({ workers }), `${workers} workers`).toEqual(one);
  });

  it('reach the host whose address an ARP request asks for, though all hosts are sent it', async () => {
    const { summary, answers } = await ran({});
    const reliable = plan.hosts.filter(({ extended }) => extended).map(({ ip }) => `${ARP_REPLY} ${ip}`);
    expect(answers.length).toBeGreaterThan(2);
    expect(reliable).toEqual(expect.arrayContaining(answers));
    expect(new Set(answers).size).toBe(answers.length);
    expect(summary.in.carried).toBeGreaterThanOrEqual(summary.acks + answers.length);
  });

  it('are no strangers where they are for a host of another part of the plan', async () => {
    const parts = await Promise.all([0, 1].map((index) => ran({ shard: { index, count: 2 }, workers: 2 })));
    const there = plan.hosts.find(({ index, extended }) => index % 2 === 1 && extended)!;
    expect(parts.map(({ summary }) => summary.foreign)).toEqual(parts.map(({ sent }) => sent.nobody));
    let asked = false;
    const device = createMemoryDevice('eth0', {
      keep: false,
      onFrame: () => {
        if (!asked) device.inject(whoHas(there.ip));
        if (!asked) device.inject(readdressed(whoHas(there.ip), parseMac(there.mac)!));
        asked = true;
      },
    });
    expect(await runStorm(plan, device, { shard: { index: 0, count: 2 } })).toMatchObject({ foreign: 0 });
    expect(asked).toBe(true);
  });
});

it('intervals of a run in virtual time do not depend on how fast the machine is', async () => {
  const clock = (usec: number) => {
    let now = 0;
    // Each time that somebody looks at it, so much has passed.
    return { now: () => (now += usec), at: () => () => {} };
  };
  const [slow, fast] = await Promise.all([ran({ clock: clock(7000) }), ran({ clock: clock(1) })]);
  expect(slow).toEqual(fast);
  expect(fast.summary.intervals.map(({ from }) => from)).toEqual(Array.from({ length: 20 }, (_, i) => i));
});
