import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReceiver, type Receiver, unescapeText } from '../../../src/receiver/index.js';
import {
  type Arrival,
  checkPlan,
  compilePlan,
  type PlacedRecord,
  type Plan,
  StormEngine,
} from '../../../src/storm/index.js';
import { hostsOfShard } from '../../../src/storm/source.js';
import { decodeFrame } from '../../../src/wire/decode.js';
import { emitUdpReply } from '../../../src/wire/udp-frame.js';
import { readMark, WORKLOADS } from '../../../src/workload/index.js';

interface Outcome {
  readonly arrivals: Arrival[];
  readonly records: PlacedRecord[];
  readonly engine: StormEngine;
}

function played(value: Plan, steps: readonly number[] = [], hosts?: { index: number; count: number }): Outcome {
  const plan = compilePlan(checkPlan(value));
  const engine = new StormEngine(plan, { truth: true, ...(hosts && { hosts: hostsOfShard(plan, hosts) }) });
  const arrivals: Arrival[] = [];
  const records: PlacedRecord[] = [];
  for (const until of [...steps, Number.POSITIVE_INFINITY]) {
    const stretch = engine.runUntil(until);
    arrivals.push(...stretch.arrivals);
    records.push(...stretch.records);
  }
  return { arrivals, records, engine };
}

const flat = ({ arrivals, records }: Outcome) => ({
  frames: arrivals.map(({ frame, atUsec, host }) => `${atUsec} ${host} ${Buffer.from(frame).toString('base64')}`),
  records: records.map(({ record }) => JSON.stringify(record)),
});

const BUSY: Plan = {
  seed: 5,
  duration: 20,
  mark: true,
  groups: [
    {
      name: 'old',
      hosts: 4,
      kernels: { '4.2': 1, '6.1': 1 },
      formats: { extended: 1, plain: 1 },
      boot: { within: 3 },
      driftPpm: 100,
      workloads: [
        { workload: 'boot' },
        { workload: 'chatter', every: 5 },
        { workload: 'panic', poisson: 20, parameters: { rebootAfter: 2 } },
      ],
    },
    {
      name: 'new',
      hosts: 4,
      userdata: { host: '{name}', at: '{ip}' },
      release: true,
      workloads: [{ workload: 'oops', poisson: 5 }],
    },
  ],
  events: [{ at: 10, within: 1, share: 0.5, workload: 'oom-kill' }],
  impair: { out: { loss: 0.05, duplicate: 0.05, delayUsec: 300, jitterUsec: 2000, reorder: 0.02 } },
};

describe('a fleet in virtual time', () => {
  it('is the same whatever the steps in which time passes', () => {
    const whole = flat(played(BUSY));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000_000 }), { maxLength: 40 }), (steps) => {
        expect(
          flat(
            played(
              BUSY,
              [...steps].sort((a, b) => a - b),
            ),
          ),
        ).toEqual(whole);
      }),
      { numRuns: 8 },
    );
  });

  it('is the sum of its shards', () => {
    const whole = flat(played(BUSY));
    const parts = Array.from({ length: 4 }, (_, index) => flat(played(BUSY, [], { index, count: 4 })));
    expect(parts.flatMap(({ frames }) => frames).sort()).toEqual([...whole.frames].sort());
    expect(parts.flatMap(({ records }) => records).sort()).toEqual([...whole.records].sort());
  });

  it('hands frames out in order of time', () => {
    const times = played(BUSY).arrivals.map(({ atUsec }) => atUsec);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('sends frames that decode, from the hosts of the plan', () => {
    const { arrivals, engine } = played(BUSY);
    expect(arrivals.length).toBeGreaterThan(500);
    const sources = new Set<string>();
    for (const { frame } of arrivals) {
      const { ip, udp, odd } = decodeFrame(frame);
      expect([odd, ip?.checksum, udp?.checksum]).toEqual([[], 'good', 'good']);
      sources.add(ip!.src);
    }
    expect(sources.size).toBe(8);
    expect(engine.counts.up).toBeGreaterThan(0);
  });
});

describe('the truth', () => {
  const quiet: Plan = { ...BUSY, impair: {} };

  it('is what a receiver makes of the frames when nothing is lost', () => {
    const { arrivals, records } = played(quiet);
    const texts = new Map<string, string[]>();
    const receivers = new Map<string, ReturnType<typeof createReceiver>>();
    for (const { frame, atUsec } of arrivals) {
      const { ip, payload } = decodeFrame(frame);
      if (records.find(({ record }) => record.host === ip!.src)?.record.seq === undefined) continue;
      const receiver = receivers.get(ip!.src) ?? createReceiver();
      receivers.set(ip!.src, receiver);
      const list = texts.get(ip!.src) ?? [];
      texts.set(ip!.src, list);
      receiver.process(payload, atUsec / 1000);
      for (let r = receiver.next(); r !== undefined; r = receiver.next()) {
        list.push(`${r.seq} ${r.tsUsec} ${new TextDecoder().decode(unescapeText(r.text))}`);
      }
    }
    expect(texts.size).toBeGreaterThan(4);
    for (const [host, list] of texts) {
      const expected = records.flatMap(({ record }) =>
        record.host === host ? [`${record.seq} ${record.tsUsec} ${record.text}`] : [],
      );
      expect(list.filter((line) => !expected.includes(line))).toEqual([]);
      // A receiver holds the first records after a reboot back until it is sure that the stream began anew.
      if (!records.some(({ record }) => record.host === host && record.boot > 0)) expect(list).toEqual(expected);
    }
  });

  it('carries marks that fit, numbered without a gap where nothing is held back', () => {
    const marks = played(quiet).records.flatMap(({ record, host }) => {
      const mark = record.seq === undefined ? undefined : readMark(record.text);
      expect(mark).not.toBe('changed');
      return mark === undefined ? [] : [{ host, ...(mark as { run: number; number: number }) }];
    });
    expect(marks.length).toBeGreaterThan(300);
    expect(marks.every(({ run }) => run === 5)).toBe(true);
    for (const of of new Set(marks.map(({ host }) => host))) {
      const numbers = marks.filter(({ host }) => host === of).map(({ number }) => number);
      expect(numbers).toEqual(numbers.map((_, i) => i + numbers[0]!));
    }
  });

  it('knows which records the network lost', () => {
    const { records, engine } = played({ ...BUSY, impair: { out: { loss: 0.2 } } });
    const lost = records.filter(({ record }) => record.lost === 'network').length;
    expect(engine.counts.lostRecords).toBe(lost);
    expect(lost).toBeGreaterThan(records.length * 0.15);
    // A frame is a record here, but for those that come in pieces.
    expect(Math.abs(lost - engine.counts.out.lost)).toBeLessThan(records.length * 0.02);
  });

  it('is the same where nobody takes the frames', () => {
    const impair = { out: { loss: 0.1, duplicate: 0.1, truncate: 0.1, corrupt: 0.1, jitterUsec: 50 } };
    const engine = new StormEngine(compilePlan(checkPlan({ ...BUSY, impair })), { truth: true, arrivals: false });
    const stretches = [1e6, 7e6, Number.POSITIVE_INFINITY].map((until) => engine.runUntil(until));
    const { records } = flat(played({ ...BUSY, impair }));
    expect(stretches.flatMap((one) => one.records).map(({ record }) => JSON.stringify(record))).toEqual(records);
    expect(stretches.flatMap(({ arrivals }) => arrivals)).toEqual([]);
  });

  it('has dictionaries of userdata and devices', () => {
    const { records } = played(quiet);
    expect(records.find(({ record }) => record.name === 'new-2')!.record.dict).toMatchObject({ host: 'new-2' });
  });

  it('tells how many records never left', () => {
    const plan: Plan = {
      duration: 2,
      groups: [
        {
          name: 'a',
          hosts: 1,
          loglevel: 5,
          workloads: [{ workload: 'chatter', parameters: { messages: 50, meanMs: 1 } }],
        },
      ],
    };
    const { records, engine } = played(plan);
    const { messages, missing } = engine.counts;
    expect(missing).toBeGreaterThan(10);
    expect(records.length).toBeLessThan(messages);
    expect(records.every(({ record }) => record.level! < 5)).toBe(true);
  });
});

describe('what happens to hosts', () => {
  const with_ = (workload: string, parameters = {}, more: Partial<Plan> = {}): Plan => ({
    duration: 60,
    groups: [{ name: 'a', hosts: 1, kernels: { '6.12': 1 } }],
    events: [
      { at: 5, workload, parameters },
      { at: 20, workload: 'usb-reset' },
    ],
    ...more,
  });

  it('a machine that panicked is silent', () => {
    const { engine, records } = played(with_('panic'));
    expect(engine.counts).toMatchObject({ begun: 1, skipped: 1, boots: 1 });
    expect(records.every(({ record }) => record.atUsec < 6e6)).toBe(true);
  });

  it('and after a reboot begins anew with seq 0', () => {
    const { engine, records } = played(with_('panic', { rebootAfter: 3 }));
    expect(engine.counts).toMatchObject({ begun: 2, skipped: 0, boots: 2 });
    const second = records.filter(({ record }) => record.boot === 1);
    expect(second[0]!.record.seq).toBe(0);
    expect(second[0]!.record.atUsec).toBeGreaterThanOrEqual(8e6);
    expect(second.some(({ record }) => record.text.startsWith('usb '))).toBe(true);
  });

  it('a cable that is out takes what is sent with it', () => {
    const { engine } = played(with_('link-flap', { downMs: 20_000 }));
    expect(engine.counts.out.partitioned).toBeGreaterThan(0);
    expect(engine.counts.lostRecords).toBe(engine.counts.out.partitioned);
  });

  it('a flood pushes the oldest out of a small ring', () => {
    const { engine } = played(
      with_('flood', { messages: 1000 }, { groups: [{ name: 'a', hosts: 1, kernels: { '6.1': 1 }, logBufShift: 12 }] }),
    );
    expect(engine.counts.missing).toBeGreaterThan(800);
  });

  it('every workload can be part of a plan', () => {
    for (const workload of WORKLOADS.keys()) {
      const { engine } = played({ duration: 2, groups: [{ name: 'a', hosts: 1 }], events: [{ at: 1, workload }] });
      expect(engine.counts.begun, workload).toBe(1);
    }
  });
});

it('a collector that acks gets all that a ring still has, through a network that loses a third, both ways', () => {
  const plan = compilePlan(
    checkPlan({
      seed: 3,
      duration: 60,
      groups: [{ name: 'a', hosts: 5, reliable: 'netconsd', driftPpm: 50, workloads: [{ workload: 'chatter' }] }],
      events: [{ at: 20, within: 1, workload: 'oom-kill' }],
      impair: { out: { loss: 0.33 }, in: { loss: 0.33, delayUsec: 200 } },
    }),
  );
  const engine = new StormEngine(plan);
  const flows = new Map<number, { receiver: Receiver; seqs: Set<number>; first: number; last: Uint8Array }>();
  const hear = (host: number, payload: Uint8Array | undefined, usec: number) => {
    const { receiver, seqs, last } = flows.get(host)!;
    receiver.process(payload, usec / 1000);
    for (let record = receiver.next(); record !== undefined; record = receiver.next()) seqs.add(record.seq);
    const response = receiver.response();
    if (response !== undefined) engine.receive(emitUdpReply(last, response)!, usec);
  };
  // After the end of the plan kernels go on answering.
  for (let at = 1e6; at <= 400e6; at += 1e6) {
    for (const { frame, host } of engine.runUntil(at).arrivals) {
      const { message, payload } = decodeFrame(frame);
      if (message?.kind !== 'extended') continue;
      const receiver = flows.get(host)?.receiver ?? createReceiver({ dialect: 'netconsd', ackIntvMs: 3000 });
      flows.set(host, { receiver, seqs: new Set(), first: message.seq, ...flows.get(host), last: frame });
      hear(host, payload, at);
    }
    for (const host of flows.keys()) hear(host, undefined, at);
  }
  expect(engine.counts.out.lost).toBeGreaterThan(100);
  for (const { index } of plan.hosts) {
    const { firstSeq, nextSeq } = engine.kernelOf(index)!.inspect().log;
    const { seqs, first } = flows.get(index)!;
    const missing = Array.from({ length: nextSeq - firstSeq }, (_, i) => firstSeq + i).filter(
      // Of what was sent before the first that it heard a receiver knows nothing.
      (seq) => seq >= first && !seqs.has(seq),
    );
    expect(missing, `host ${index}`).toEqual([]);
  }
  engine.close();
});
