/** What a page shows of a summary, against the summary. */
import { describe, expect, it } from 'vitest';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { readLog, replay } from '../../../src/replay/index.js';
import { reportOf, type Section, type Summary } from '../../../src/report/sections.js';
import { duration, number } from '../../../src/report/words.js';
import { checkPlan, compilePlan, runStorm } from '../../../src/storm/index.js';

const INTERVAL = {
  seconds: 2,
  fragments: 0,
  acks: 0,
  retransmits: 0,
  emergencies: 0,
  lost: 0,
  skipped: 0,
  emergencyMs: 0,
};
const byId = (summary: Summary): Map<string, Section> =>
  new Map(reportOf('storm', summary).sections.map((section) => [section.id, section]));

describe('a report', () => {
  it('of a storm has its own numbers', async () => {
    const plan = compilePlan(
      checkPlan({
        duration: 5,
        groups: [{ name: 'a', hosts: 20, workloads: [{ workload: 'boot' }] }],
        impair: { out: { loss: 0.2 } },
      }),
    );
    const summary = await runStorm(plan, createMemoryDevice('eth0', { keep: false }));
    const sections = byId(summary as unknown as Summary);
    const { x, lines } = sections.get('rate')!.chart!;
    expect(lines.map(({ label }) => label)).toEqual(['asked for', 'achieved']);
    expect(lines[1]!.values.reduce((sum, rate) => sum + rate, 0)).toBe(summary.frames);
    expect(x).toEqual(summary.intervals.map(({ from }) => from));
    const places = sections.get('drops')!.table!.rows;
    expect(places.find(([place]) => place === 'wire')![2]).toBe(summary.out.lost);
    const counts = new Map(sections.get('counts')!.table!.rows as [string, number][]);
    expect(counts.get('out.carried')).toBe(summary.out.carried);
    const figures = new Map(reportOf('storm', summary as unknown as Summary).figures.map((f) => [f.label, f.value]));
    expect(figures.get('lost')).toBe(number(summary.out.lost + summary.out.partitioned));
  });

  it('of a replay has a row for each host', async () => {
    const text = Array.from({ length: 50 }, (_, i) => `6,${i},${i},-;line ${i}\n`).join('');
    const device = createMemoryDevice('eth0', { keep: false });
    const impair = { out: { loss: 0.2 } };
    const summary = await replay(readLog({ text }), device, { hosts: 4, impair, reliable: 'netconsd' });
    const { columns, rows } = byId(summary as unknown as Summary).get('hosts')!.table!;
    expect(columns).toEqual(['host', 'records', 'frames', 'lost', 'unacked']);
    expect(rows).toEqual(summary.worst.map(({ host, frames, lost, unacked }) => [host, 50, frames, lost, unacked]));
    expect(rows).toHaveLength(4);
  });

  it('divides counts by the length of their interval, and leaves levels as they are', () => {
    const sections = byId({
      intervals: [
        { ...INTERVAL, from: 0, asked: 10, achieved: 8, acks: 4, emergencyMs: 100 },
        { ...INTERVAL, from: 2, asked: 10, achieved: 12, acks: 0, emergencyMs: 0 },
      ],
    });
    expect(sections.get('rate')!.chart!.lines.map(({ values }) => values)).toEqual([
      [5, 5],
      [4, 6],
    ]);
    expect(sections.get('reliable')!.chart!.lines).toEqual([{ label: 'acks', values: [2, 0] }]);
    expect(sections.get('emergency-interval')!.chart!.lines[0]!.values).toEqual([100, 0]);
    expect(sections.has('losses')).toBe(false);
    expect(sections.has('fragments')).toBe(false);
  });

  it('names the bars of lateness, and says the quantiles', () => {
    const buckets = [
      { belowMs: 0.0625, frames: 3 },
      { belowMs: 0.125, frames: 1 },
    ];
    const late = byId({ lateness: { p50: 0.0625, p99: 0.1, max: 0.1, buckets } }).get('lateness')!;
    expect(late.about).toMatch(/half of the frames by at most 0\.063 ms/);
    expect(late.chart).toMatchObject({ names: ['< 0.063 ms', '< 0.125 ms'], lines: [{ values: [3, 1] }] });
  });

  it('has a row for each host, and columns for what is anywhere', () => {
    const hosts = [
      { host: '192.0.2.1', name: 'a1', delivered: 9, lostByReceiver: 2, late: 0 },
      { host: '192.0.2.2', name: 'a2', delivered: 8, lostByReceiver: 0, late: 0 },
    ];
    const total = { expected: 20, delivered: 17, lostByReceiver: 2, lostByNetwork: 1 };
    const sections = byId({ total, hosts });
    expect(sections.get('hosts')!.table).toMatchObject({
      columns: ['host', 'name', 'delivered', 'lost by receiver'],
      rows: [
        ['192.0.2.1', 'a1', 9, 2],
        ['192.0.2.2', 'a2', 8, 0],
      ],
    });
    expect(sections.get('drops')!.table!.rows.map(([place, , count]) => [place, count])).toEqual([
      ['wire', 1],
      ['receiver', 2],
    ]);
  });

  it('says why a run ended early, and what has to be known of its log', () => {
    const report = reportOf('replay', { stopped: { code: 'EINTR', message: 'stopped' }, warning: 'w', notes: ['n'] });
    expect(report).toMatchObject({ title: 'Replay of a log', stopped: 'stopped', notes: ['w', 'n'] });
  });

  it('tells times as people do', () => {
    expect([0.4, 59, 60, 3599, 3661].map(duration)).toEqual(['0 s', '59 s', '1:00', '59:59', '1:01:01']);
  });
});
