import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type TrueFacts, trueFacts } from '../../../src/check/facts.js';
import { check, type Printed, type Tally, type Truth } from '../../../src/check/index.js';
import { FactsPacker, FactsReader } from '../../../src/check/packed.js';
import { checkPlan, compilePlan, type Plan, StormEngine, type TrueRecord } from '../../../src/storm/index.js';

const folder = mkdtempSync(join(tmpdir(), 'check-'));
afterAll(() => rmSync(folder, { recursive: true }));

function truthOf(plan: Plan): TrueRecord[] {
  const engine = new StormEngine(compilePlan(checkPlan(plan)), { truth: true });
  const { records } = engine.runUntil(Number.POSITIVE_INFINITY);
  engine.close();
  return records.map(({ record }) => record);
}

async function* batches(records: readonly TrueRecord[], size = 100): Truth {
  for (let i = 0; i < records.length; i += size) yield records.slice(i, i + size);
}

let files = 0;
/** What the checker says of these lines, as `receive --json` prints them. */
async function said(truth: readonly TrueRecord[], printed: readonly Printed[], parts = 1) {
  const outputs = Array.from({ length: parts }, (_, part) => {
    const path = join(folder, `${files++}.jsonl`);
    const mine = printed.filter(({ host }) => Number(host.split('.')[3]) % parts === part);
    writeFileSync(path, mine.map((one) => `${JSON.stringify(one)}\n`).join(''));
    return path;
  });
  return await check(batches(truth), { outputs });
}

const perfect = (truth: readonly TrueRecord[]): Printed[] =>
  truth
    .filter(({ lost }) => lost === undefined)
    .map(({ host, seq, tsUsec, level, text, dict }) => ({
      host,
      text,
      ...(seq !== undefined && { seq, tsUsec: tsUsec!, level: level! }),
      ...(dict !== undefined && { dict }),
    }));

const PLAN: Plan = {
  duration: 30,
  mark: true,
  groups: [
    { name: 'a', hosts: 5, workloads: [{ workload: 'boot' }, { workload: 'chatter', every: 8 }] },
    {
      name: 'b',
      hosts: 3,
      kernels: { '6.1': 1 },
      formats: { plain: 1 },
      workloads: [{ workload: 'chatter', every: 8 }],
    },
    {
      name: 'c',
      hosts: 2,
      workloads: [
        { workload: 'panic', poisson: 10, parameters: { rebootAfter: 1 } },
        { workload: 'usb-reset', every: 4 },
      ],
    },
  ],
};
const TRUTH = truthOf(PLAN);
const CLEAN: Tally = {
  expected: TRUTH.length,
  delivered: TRUTH.length,
  lostByNetwork: 0,
  lostByReceiver: 0,
  late: 0,
  duplicated: 0,
  reordered: 0,
  changed: 0,
  foreign: 0,
};

describe('a perfect output', () => {
  it('has nothing amiss', async () => {
    expect(TRUTH.length).toBeGreaterThan(1000);
    const { total, hosts, hostCount } = await said(TRUTH, perfect(TRUTH));
    expect({ total, hosts, hostCount }).toEqual({ total: CLEAN, hosts: [], hostCount: 10 });
  });

  it('may be of several receivers', async () => {
    expect((await said(TRUTH, perfect(TRUTH), 3)).total).toEqual(CLEAN);
  });

  it('lacks what the network lost, and that is not the receiver', async () => {
    const lossy = truthOf({ ...PLAN, impair: { out: { loss: 0.1 } } });
    const lost = lossy.filter((record) => record.lost !== undefined).length;
    const { total } = await said(lossy, perfect(lossy));
    expect(lost).toBeGreaterThan(100);
    expect(total).toEqual({ ...CLEAN, expected: lossy.length, delivered: lossy.length - lost, lostByNetwork: lost });
  });
});

/** Changes to make to a perfect output, each far enough from the others to be told apart. */
type Change = 'drop' | 'duplicate' | 'swap' | 'change' | 'invent' | 'foreign host';
const CHANGES: readonly Change[] = ['drop', 'duplicate', 'swap', 'change', 'invent', 'foreign host'];

function mutated(output: readonly Printed[], changes: ReadonlyMap<number, Change>) {
  const expected = { ...CLEAN };
  let unknown = 0;
  const out: Printed[] = [];
  for (let i = 0; i < output.length; i++) {
    const one = output[i]!;
    const change = changes.get(i);
    if (change === 'drop') {
      expected.delivered--;
      expected.lostByReceiver++;
      continue;
    }
    if (change === 'swap') {
      // With the next one of the same host, if it is not the same text.
      const j = output.findIndex((other, k) => k > i && other.host === one.host);
      if (j === i + 1 && !changes.has(j) && (output[j]!.text !== one.text || one.seq !== undefined)) {
        out.push(output[j]!, one);
        expected.reordered++;
        i++;
        continue;
      }
    }
    if (change === 'change') {
      // Of a plain line the stamp tells what it was.
      out.push({ ...one, text: `${one.text}!` });
      expected.changed++;
      continue;
    }
    out.push(one);
    if (change === 'duplicate') {
      out.push(one);
      expected.duplicated++;
    }
    if (change === 'invent') {
      out.push({
        host: one.host,
        text: `never sent ${i}`,
        ...(one.seq !== undefined && { seq: 5e6 + i, tsUsec: 1, level: 6 }),
      });
      expected.foreign++;
    }
    if (change === 'foreign host') {
      out.push({ ...one, host: '203.0.113.9' });
      unknown++;
    }
  }
  return { out, expected, unknown };
}

describe('changes to a perfect output', () => {
  it('each is found, and nothing else', async () => {
    const output = perfect(TRUTH);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(output.length - 1), fc.constantFrom(...CHANGES)), { maxLength: 60 }),
        fc.constantFrom(1, 3),
        async (list, parts) => {
          const changes = new Map(list);
          const { out, expected, unknown } = mutated(output, changes);
          const { total, unknownHosts } = await said(TRUTH, out, parts);
          expect(total).toEqual(expected);
          expect(unknownHosts).toBe(unknown);
        },
      ),
      { numRuns: 120 },
    );
  });

  it('a receiver that was deaf for a while is followed', async () => {
    const output = perfect(TRUTH);
    const cut = output.filter((_, i) => i < 300 || i > 900);
    const { total } = await said(TRUTH, cut);
    expect(total).toEqual({ ...CLEAN, delivered: TRUTH.length - 601, lostByReceiver: 601 });
  });

  it('a receiver that began late, one that ended early, and one that printed nothing', async () => {
    const output = perfect(TRUTH);
    for (const part of [output.slice(700), output.slice(0, 700), []]) {
      const { total } = await said(TRUTH, part);
      expect(total).toEqual({ ...CLEAN, delivered: part.length, lostByReceiver: TRUTH.length - part.length });
    }
  });

  it('a host that says much more than the others is not pushed out of its window', async () => {
    const busy = Array.from({ length: 60_000 }, (_, i) => ({
      host: i % 100 === 0 ? `198.18.1.${(i / 100) % 50}` : '198.18.0.1',
      name: i % 100 === 0 ? `quiet-${(i / 100) % 50}` : 'busy',
      boot: 0,
      seq: i,
      tsUsec: i,
      level: 6,
      text: `message ${i}`,
      atUsec: i,
    }));
    const output = perfect(busy);
    const twice = output.flatMap((one, i) => (i % 1000 === 7 ? [one, one] : [one]));
    const { total } = await said(busy, twice);
    expect(total).toEqual({ ...CLEAN, expected: 60_000, delivered: 60_000, duplicated: 60 });
  });

  it('a dictionary that is left out is a change', async () => {
    const index = TRUTH.findIndex(({ dict }) => dict !== undefined);
    const output = perfect(TRUTH).map((one, i) => (i === index ? { ...one, dict: {} } : one));
    expect((await said(TRUTH, output)).total).toEqual({ ...CLEAN, changed: 1 });
  });

  it('thousands in a row of a host that is not in the run do not move the truth', async () => {
    const noise = Array.from({ length: 5000 }, (_, i) => ({
      host: '203.0.113.7',
      text: `x${i}`,
      seq: i,
      tsUsec: i,
      level: 6,
    }));
    const output = perfect(TRUTH);
    const { total, unknownHosts } = await said(TRUTH, [...output.slice(0, 500), ...noise, ...output.slice(500)]);
    expect(unknownHosts).toBe(5000);
    expect(total).toEqual(CLEAN);
  });
});

it('records come out of packed memory as they went in, with hosts that are met later, too', () => {
  const lossy = truthOf({ ...PLAN, impair: { out: { loss: 0.1 } } });
  const packer = new FactsPacker(300);
  const reader = new FactsReader(128);
  const told: unknown[] = [];
  const sizes: number[] = [];
  const take = () => {
    reader.take(packer.take());
    while (reader.some) {
      const size = reader.tell({
        expect: () => expect.unreachable(),
        expectFacts: ({ host, name }, { seq, tsUsec, level, text, dict, boot, network }: TrueFacts) =>
          told.push({ host, name, seq, tsUsec, level, text, dict, boot, network }),
      });
      sizes.push(size);
    }
  };
  for (const record of lossy) {
    packer.expect(record);
    if (packer.left === 0) take();
  }
  take();
  expect(told).toEqual(lossy.map((record) => ({ host: record.host, name: record.name, ...trueFacts(record) })));
  expect(lossy.some(({ level }) => level === undefined)).toBe(true);
  expect(sizes.slice(0, 3)).toEqual([128, 128, 44]);
});
