import { readFileSync } from 'node:fs';
import { Job } from 'kubernetes-models/batch/v1';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMemoryDevice } from '../../../src/net/memory.js';
import {
  checkPlan,
  compilePlan,
  mergeSummaries,
  type Plan,
  type PrintedSummary,
  runStorm,
} from '../../../src/storm/index.js';

const PLAN: Plan = {
  duration: 3,
  seed: 4,
  groups: [{ name: 'a', hosts: 7, workloads: [{ workload: 'boot' }] }],
  impair: { out: { loss: 0.1 } },
};

async function ran(index: number, count: number): Promise<PrintedSummary> {
  const device = createMemoryDevice('eth0', { keep: false });
  return { via: 'memory', ...(await runStorm(compilePlan(checkPlan(PLAN)), device, { shard: { index, count } })) };
}

describe('parts of a run', () => {
  it('add up to the whole', async () => {
    const whole = await ran(0, 1);
    const parts = await Promise.all([0, 1, 2].map((index) => ran(index, 3)));
    const merged = mergeSummaries(parts);
    for (const key of [
      'seed',
      'hosts',
      'frames',
      'bytes',
      'messages',
      'boots',
      'delivered',
      'out',
      'intervals',
      'shard',
      'planSeconds',
    ] as const) {
      expect([key, merged[key]]).toEqual([key, whole[key]]);
    }
    expect(merged.missingShards).toEqual([]);
    expect(mergeSummaries(parts.slice(1)).missingShards).toEqual([1]);
  });

  it('of different runs are refused', async () => {
    const [a, b] = await Promise.all([ran(0, 2), ran(1, 2)]);
    expect(() => mergeSummaries([])).toThrow(/no summaries/);
    expect(() => mergeSummaries([a!, a!])).toThrow(/part 1 of 2 is there twice/);
    expect(() => mergeSummaries([a!, { ...b!, seed: 5 }])).toThrow(/seeds 4 and 5/);
    expect(() => mergeSummaries([a!, { ...b!, shard: { index: 1, count: 3 } }])).toThrow(/parts of 2 and of 3/);
    expect(() => mergeSummaries([a!, { ...b!, shard: { index: 2, count: 2 } }])).toThrow(/there is no part 3 of 2/);
    // Of seven hosts the first part has four and the second three.
    expect([a!.hosts, b!.hosts]).toEqual([4, 3]);
    expect(() => mergeSummaries([a!, { ...b!, hosts: 5 }])).toThrow(/the numbers of hosts do not fit/);
    expect(() => mergeSummaries([a!, { ...b!, hosts: 2 }])).toThrow(/the numbers of hosts do not fit/);
    expect(() => mergeSummaries([a!, { ...b!, planSeconds: 4 }])).toThrow(/plans of 3 and of 4 seconds/);
    const stopped = { code: 'EINTR', message: 'stopped' };
    expect(mergeSummaries([a!, { ...b!, planSeconds: 1, stopped }]).planSeconds).toBe(3);
  });
});

describe('the Kubernetes example', () => {
  const text = readFileSync(new URL('../../../examples/kubernetes/storm-job.yaml', import.meta.url), 'utf8');

  it('is a Job by the schema of the API', () => {
    const job = new Job(parse(text));
    expect(() => job.validate()).not.toThrow();
    expect(() => new Job({ ...parse(text), spec: { completions: 'four' } }).validate()).toThrow();
  });

  it('has as many pods as parts, and takes the part from the completion index', () => {
    const { spec } = parse(text);
    const [{ args }] = spec.template.spec.containers;
    expect(spec.completionMode).toBe('Indexed');
    expect(args[0]).toContain(`--shard $((JOB_COMPLETION_INDEX + 1))/${spec.completions}`);
  });
});
