import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { stormReport } from '../../../src/cli/storm.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { checkPlan, compilePlan, PLAN_SCHEMA, runStorm } from '../../../src/storm/index.js';
import { PcapReader } from '../../../src/wire/pcap.js';
import { runCli } from '../../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'storm-'));
afterAll(() => rmSync(folder, { recursive: true }));
const main = new URL('../../../dist/cli/main.js', import.meta.url).pathname;
const examples = new URL('../../../examples/', import.meta.url).pathname;

/** The command line as it was built: worker threads are of its files. */
function storm(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'storm', ...args], { cwd: folder }, (error, out, err) =>
      resolve({ code: (error?.code as number | undefined) ?? 0, out, err }),
    );
  });
}

const at = (name: string) => join(folder, name);
function file(name: string, text: string | Uint8Array): string {
  writeFileSync(at(name), text);
  return at(name);
}

const PLAN = `
seed: 3
duration: 5
groups:
  - name: rack4
    hosts: 12
    addresses: 10.4.0.0/24
    kernels: { "6.1": 1, "6.12": 1 }
    formats: { extended: 2, plain: 1 }
    workloads:
      - workload: boot
      - { workload: chatter, poisson: 2 }
events:
  - { at: 3, within: 1, share: 0.5, workload: oom-kill, parameters: { victim: postgres } }
impair: { out: { loss: 0.02 } }
`;

/** On a slow machine a run tells how far it is. */
const ONLY_PROGRESS: string = expect.stringMatching(/^(netconsole-emulator: \d+%.*\n)*$/);

describe('storm', () => {
  it('writes the same capture and manifest whatever the number of workers', async () => {
    const plan = file('plan.yaml', PLAN);
    const files = await Promise.all(
      [1, 2, 3].map(async (n) => {
        const made = await storm(plan, '--via', `pcap:w${n}.pcap`, '--manifest', `w${n}.jsonl`, '--workers', String(n));
        expect(made).toMatchObject({ code: 0, err: ONLY_PROGRESS });
        return [readFileSync(at(`w${n}.pcap`)), readFileSync(at(`w${n}.jsonl`))] as const;
      }),
    );
    expect(files[0]![0].length).toBeGreaterThan(100_000);
    for (const [pcap, manifest] of files) {
      expect(pcap.equals(files[0]![0])).toBe(true);
      expect(manifest.equals(files[0]![1])).toBe(true);
    }
  });

  it('has shards that make the whole', async () => {
    const plan = file(
      'shards.json',
      JSON.stringify({ duration: 2, groups: [{ name: 'a', hosts: 9, workloads: [{ workload: 'boot' }] }] }),
    );
    const lines = async (name: string, ...more: string[]) => {
      await storm(plan, '--via', 'memory', '--manifest', `${name}.jsonl.gz`, ...more);
      return gunzipSync(readFileSync(at(`${name}.jsonl.gz`)))
        .toString()
        .trim()
        .split('\n')
        .slice(1);
    };
    const whole = await lines('whole');
    const parts = await Promise.all([1, 2, 3, 4].map((i) => lines(`part${i}`, '--shard', `${i}/4`)));
    expect(whole.length).toBeGreaterThan(500);
    expect(parts.flat().sort()).toEqual([...whole].sort());
  });

  it('runs without a plan, and paces frames on an absolute schedule', async () => {
    const made = await storm(
      '--hosts',
      '20',
      '--duration',
      '2',
      '--workload',
      'boot',
      '--rate',
      '2000',
      '--via',
      'pcap:rate.pcap',
      '--json',
    );
    expect(made.code).toBe(0);
    const summary = JSON.parse(made.out);
    const stamps: number[] = [];
    const reader = new PcapReader();
    for (const { tsUsec } of reader.push(readFileSync(at('rate.pcap')))) stamps.push(tsUsec);
    expect(stamps.length).toBe(summary.frames);
    for (const [i, { asked, achieved }] of summary.intervals.entries()) {
      expect(achieved).toBe(asked);
      if (i > 0 && i < summary.intervals.length - 1) expect(asked).toBe(2000);
    }
    expect(summary).toMatchObject({ hosts: 20, unsent: 0, deviceLost: 0, seed: 1 });
  });

  it('runs the example', async () => {
    const made = await storm(`${examples}storm.yaml`, '--via', 'memory');
    expect(made).toMatchObject({ code: 0, err: ONLY_PROGRESS });
    expect(made.out).toMatch(/^40 hosts for 60\.0 s of the plan/);
  });

  it.each([
    [['nothing.yaml'], 2, /nothing\.yaml: ENOENT/],
    [[file('tab.yaml', 'seed: 1\nduration: [5\n')], 2, /tab\.yaml:\d+:\d+: /],
    [
      [file('key.yaml', 'duration: 5\ngroup: []\ngroups: [{ name: a, hosts: 1 }]\n')],
      2,
      /key\.yaml: plan: it has a key "group"; did you mean "groups"\?/,
    ],
    [[file('binary.yaml', '\u0000\u0001')], 2, /binary\.yaml/],
    [[file('utf16.yaml', Buffer.from('duration: 5', 'utf16le'))], 2, /utf16\.yaml: it has zero bytes: is it UTF-16\?/],
    [
      [file('late.yaml', 'duration: 5\ngroups: [{ name: a, hosts: 1, boot: { at: 9 } }]\n')],
      2,
      /late\.yaml: plan: group a: it boots at 9 s, but the run ends at 5 s/,
    ],
    [
      [file('window.yaml', 'duration: 5\ngroups: [{ name: a, hosts: 1, boot: { at: 3, within: 9 } }]\n')],
      2,
      /window\.yaml: plan: group a: it boots between 3 and 12 s, but the run ends at 5 s/,
    ],
    [['--shard', '3'], 2, /--shard "3": write I\/N/],
    [['--shard', '5/4'], 2, /shard 5\/4: write I\/N/],
    [['--hosts', '2', '--shard', '4/4'], 2, /shard 4\/4 has none of the 2 hosts/],
    [['--rate', '1e12'], 2, /rate is 1000000000000, not frames a second/],
    [['--loss', '2'], 2, /loss is 2/],
    [['--workload', 'nothing'], 2, /workload is 'nothing', not one of boot/],
    [['--via', 'udp'], 2, /its hosts could not be told apart/],
    [['--collector', 'nowhere:1:2'], 2, /--collector "nowhere:1:2": write IP/],
    [['--speed', '0'], 2, /--speed 0: say "max"/],
    [['--workers', '99', '--hosts', '3'], 2, /99 workers: give a whole number from 1 to 3/],
    [['--manifest', '/nowhere/x.jsonl', '--via', 'memory'], 1, /\/nowhere\/x\.jsonl/],
  ])('says what is wrong: %j', async (args, code, message) => {
    const made = await storm(...args);
    expect(made.err).toMatch(message);
    expect(made.code).toBe(code);
  });
});

describe('storm in this process', () => {
  const one = 'duration: 0.01\ngroups: [{ name: a, hosts: 1 }]\n';
  const own = () => file('own.yaml', one);
  const odd = (name: string, text: string) => () => [file(name, text), '--via', 'memory'];
  const WRONG: readonly (readonly [string, () => string[], RegExp])[] = [
    [
      'a manifest over its plan',
      () => [own(), '--via', 'memory', '--manifest', own()],
      /--manifest \S+: would overwrite that of plan/,
    ],
    [
      'a capture over its plan',
      () => [own(), '--via', `pcap:${own()}`],
      /--via \S+own\.yaml: would overwrite that of plan: name/,
    ],
    [
      'two outputs in one file',
      () => [own(), '--via', `pcap:${at('x')}`, '--manifest', at('x')],
      /--via \S+x: would overwrite that of --manifest: name another file/,
    ],
    [
      'a manifest on standard output',
      () => [own(), '--via', 'memory', '--manifest', '-'],
      /--manifest -: name a file: standard/,
    ],
    [
      'a linger in vain',
      () => [own(), '--via', 'memory', '--linger', '5'],
      /--linger 5: nothing comes back through memory: leave/,
    ],
    [
      'a burst of no rate',
      () => [own(), '--via', 'memory', '--burst', '5'],
      /--burst 5: without a rate there is no burst: give --rate/,
    ],
    [
      'more workers than hosts',
      () => [own(), '--via', 'memory', '--workers', '2'],
      /2 workers: give a whole number from 1 to 1, as each/,
    ],
    ['a key twice', odd('twice.yaml', `duration: 4\n${one}`), /twice\.yaml:2:1: Map keys must be unique\n/],
    [
      'two documents',
      odd('docs.yaml', `${one}---\n${one}`),
      /docs\.yaml:3:1: a second document begins here: a plan is one document/,
    ],
    ['a tag', odd('tag.yaml', one.replace('[', '!x [')), /tag\.yaml:2:9: Unresolved tag: !x\n/],
    ['nothing', odd('nothing.yaml', '# nothing\n'), /nothing\.yaml: it is empty: give a plan/],
    [
      'a kernel that YAML reads as a number',
      odd('number.yaml', one.replace('1 }', '1, kernels: { 5.10: 1 } }')),
      /number\.yaml:2:42: the key 5\.10 is read as the number 5\.1: put it in quotes/,
    ],
    [
      'a loss of another form',
      odd('loss.yaml', `${one}impair: { out: { loss: 5 } }\n`),
      /or an object with toBad, toGood\n/,
    ],
  ];
  it.each(WRONG)('refuses %s', async (_, args, message) => {
    const { code, err } = await runCli('storm', ...args(), '--quiet');
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(readFileSync(at('own.yaml'), 'utf8')).toBe(one);
  });

  it('reads what is right', async () => {
    const plan = file('right.yaml', one.replace('1 }', '1, kernels: { 6.1: 1, "5.10": 1 } }'));
    const made = await runCli('storm', plan, '--via', 'pcap:/dev/null', '--manifest', '/dev/null', '--quiet');
    expect(made).toMatchObject({ code: 0, err: '' });
  });

  it('merge refuses a member of another type', async () => {
    const part = JSON.parse((await runCli('storm', own(), '--via', 'memory', '--json', '--quiet')).out) as object;
    const merge = (other: object) => runCli('merge', file('odd.json', JSON.stringify({ ...part, ...other })));
    expect(await merge({})).toMatchObject({ code: 0, err: '' });
    const odd: readonly (readonly [object, string])[] = [
      [{ acks: '5' }, "acks is '5', not a number from 0"],
      [{ out: { lost: null } }, 'out.lost is null, not a number from 0'],
      [{ shard: { index: 0.5, count: 1 } }, 'shard.index is 0.5, not a whole number from 0'],
      [{ intervals: [5] }, 'intervals[0] is 5, not an object'],
      [{ worst: [5] }, 'worst[0] is 5, not an object with name'],
      [{ lateness: { buckets: 5 } }, 'lateness.buckets is 5, not a list'],
    ];
    for (const [other, fault] of odd) {
      const { code, err } = await merge(other);
      expect(err).toContain(
        `odd.json: not a summary; give what \`storm --json\` printed, one summary a file (${fault})`,
      );
      expect(code).toBe(2);
    }
    expect((await runCli('merge', file('odd.json', `${JSON.stringify(part)}\n`.repeat(2)))).err).toContain(
      'odd.json: not JSON; give',
    );
  });

  it('makes plain targets of a plan whose extended ones have userdata', async () => {
    const plan = file('userdata.yaml', one.replace('1 }', '1, userdata: { a: b } }'));
    expect(await runCli('storm', plan, '--via', 'memory', '--plain', '--quiet')).toMatchObject({ code: 0, err: '' });
  });
});

it('says what was dropped, what acks came and what was for nobody', async () => {
  const plan = compilePlan(checkPlan({ duration: 1, groups: [{ name: 'a', hosts: 1, reliable: 'netconsd' }] }));
  const summary = await runStorm(plan, createMemoryDevice());
  expect(stormReport('memory', summary)).not.toMatch(/dropped|ack|came in/);
  const some = { ...summary, noRoom: 1, acks: 30, retransmits: 4, emergencies: 2, foreign: 5 };
  const lines = stormReport('memory', some).split('\n');
  expect(lines).toContain('1 message dropped: no room in the ring');
  expect(lines).toContain('30 acks heard: 4 records sent again as asked, 2 unasked');
  expect(lines).toContain('5 frames came in for no host of the plan');
});

it('prints the schema of plans', async () => {
  const { out } = await storm('--schema');
  expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(PLAN_SCHEMA)));
});

it('the schema names every key that a plan has', () => {
  expect(Object.keys(PLAN_SCHEMA.properties!)).toEqual([
    '$schema',
    'seed',
    'duration',
    'collector',
    'groups',
    'events',
    'impair',
    'mark',
  ]);
});

it('merge adds parts up, as a page too, and refuses what is no summary', async () => {
  const merge = (...args: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      execFile(process.execPath, [main, 'merge', ...args], { cwd: folder }, (error, out, err) =>
        resolve({ code: (error?.code as number | undefined) ?? 0, out, err }),
      );
    });
  for (const part of [1, 2]) {
    const argv = ['--hosts', '4', '--duration', '1', '--via', 'memory', '--shard', `${part}/2`, '--json'];
    file(`part${part}.json`, (await storm(...argv)).out);
  }
  expect(await merge('part1.json', 'part2.json', '--report', 'sum.html')).toMatchObject({ code: 0, err: '' });
  expect(readFileSync(at('sum.html'), 'utf8')).toMatch(/<!doctype html>/i);
  const whole = JSON.parse(readFileSync(at('part1.json'), 'utf8'));
  for (const [name, bad] of [
    ['text.json', { ...whole, frames: 'x' }],
    ['shard.json', { ...whole, shard: { index: 9, count: 2 } }],
    ['less.json', { shard: whole.shard, lateness: {} }],
  ] as const) {
    const { code, err } = await merge(file(name, JSON.stringify(bad)), 'part2.json');
    expect([code, err]).toEqual([2, expect.stringMatching(`${name}: not a summary; give what`)]);
  }
});
