import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type DiffOptions, diff } from '../../../src/cli/diff.js';
import { recordsSent } from '../../../src/cli/diff-records.js';
import { compareRuns, type Difference } from '../../../src/cli/diff-runs.js';
import { explain } from '../../../src/cli/errors.js';
import { naiveExtended, naiveFragments, naiveFrame } from '../../support/naive.js';

const folder = mkdtempSync(join(tmpdir(), 'diff-'));
afterAll(() => rmSync(folder, { recursive: true }));
const BOOT = new URL('../../../examples/boot.kmsg', import.meta.url).pathname;

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const SCENARIO = file(
  'scenario.json',
  JSON.stringify({
    ops: [
      { op: 'ip', args: 'addr add 10.0.2.15/24 dev eth0' },
      { op: 'insmod' },
      { op: 'mkdir', path: 't' },
      { op: 'write', path: 't/dev_name', data: 'eth0' },
      { op: 'write', path: 't/remote_ip', data: '10.0.2.4' },
      { op: 'write', path: 't/extended', data: '1' },
      { op: 'write', path: 't/release', data: '1' },
      { op: 'mkdir', path: 't/userdata/rack' },
      { op: 'write', path: 't/userdata/rack/value', data: 'r4' },
      { op: 'write', path: 't/enabled', data: '1' },
      { op: 'kmsg', data: '<6>hello\n' },
      { op: 'kmsg', data: '<4>world\n' },
    ],
  }),
);

async function run(path: string, kernel: readonly string[], options: DiffOptions = {}) {
  let out = '';
  let err = '';
  const sink = (add: (text: string) => void) => ({ write: (text: string) => add(text) });
  const add = sink((text) => {
    out += text;
  });
  const code = await diff(
    path,
    { ...options, kernel },
    add,
    sink((text) => {
      err += text;
    }),
  );
  return { code, out, err };
}

async function found(path: string, kernel: readonly string[], options: DiffOptions = {}) {
  const { code, out } = await run(path, kernel, { ...options, json: true });
  return {
    code,
    ...(JSON.parse(out) as { differences: Difference[]; features: { feature: string }[]; summary: object }),
  };
}

describe('diff', () => {
  it.each([SCENARIO, BOOT])('finds nothing between a kernel and itself: %s', async (path) => {
    const { code, out } = await run(path, ['6.12', '6.12']);
    expect(code).toBe(0);
    expect(out).toMatch(/\n\d+ records sent by both: nothing differs\nNo feature of the profiles differs\.\n$/);
    expect(out).not.toContain('\n0 records');
  });

  it('6.1 and 6.12: outcomes, release and userdata, once each with a count', async () => {
    const { code, differences } = await found(SCENARIO, ['6.1', '6.12']);
    expect(code).toBe(1);
    const outcomes = differences.filter(({ kind }) => kind === 'outcome');
    expect(outcomes.map(({ where, a, b }) => [where, a, b])).toEqual([
      ['operation 6', 'EACCES', 'ok'],
      ['operation 7', 'ENOENT', 'ok'],
      ['operation 8', 'ENOENT', 'ok'],
    ]);
    expect(differences).toContainEqual(
      expect.objectContaining({ kind: 'dictionary', what: 'rack', a: 'not sent', b: 'r4' }),
    );
    expect(differences).toContainEqual(
      expect.objectContaining({ kind: 'field', what: 'release', a: 'none', b: expect.stringMatching(/^6\.12/) }),
    );
    const rack = differences.filter(({ what }) => what === 'rack');
    expect(rack).toHaveLength(1);
    expect(rack[0]!.records).toBeGreaterThan(1);
  });

  it('says it in words', async () => {
    const { out } = await run(SCENARIO, ['6.1', '6.12']);
    expect(out).toContain('operation 7, mkdir t/userdata/rack: ENOENT in A, ok in B\n');
    expect(out).toMatch(/10\.0\.2\.4:6666 extended: "hello": rack: not sent in A, r4 in B/);
    expect(out).toContain('\n  userdataItems ');
    expect(out).toMatch(/records? sent by both: 3 operations with another outcome; /);
  });

  it('4.2 and 7.3 send an ordinary boot alike, to plain targets too; their features are told', async () => {
    const { code, out } = await run(BOOT, ['4.2', '7.3'], {
      target: ['+6665@192.0.2.1/eth0,6666@192.0.2.2/', '6665@192.0.2.1/eth0,6666@192.0.2.3/'],
    });
    expect(out).toContain('762 records sent by both: nothing differs\n');
    expect(out).toMatch(/\n {2}recordMax +992 in A, 1024 in B\n/);
    expect(code).toBe(0);
  });

  it('4.2 and 7.3 on callers, and records longer than the older kernel has', async () => {
    const log = file('long.kmsg', `6,1,1000,-,caller=T7;short\n6,2,2000,-,caller=T7;${'x'.repeat(1010)}\n`);
    // vscnprintf() ends the text with a NUL inside of the 992 bytes of 4.2.
    const { code, differences } = await found(log, ['4.2', '7.3']);
    expect(code).toBe(1);
    const caller = differences.find(({ what }) => what === 'caller');
    expect(caller).toMatchObject({ kind: 'field', text: 'short', a: 'none', b: 'T7', records: 2 });
    expect(differences.find(({ kind }) => kind === 'cut')).toMatchObject({ a: '991 bytes', b: '1010 bytes' });
    expect(differences.filter(({ kind }) => kind.startsWith('only'))).toEqual([]);
  });

  it.each([
    [[], 'two kernels, and 0 were named'],
    [['6.1'], 'two kernels, and 1 were named'],
    [['6.1', '6.6', '6.12'], 'two kernels, and 3 were named'],
    [['6.1', 'nine'], 'there is no kernel profile "nine"'],
  ])('refuses the kernels %j', async (kernel, message) => {
    const error = await run(SCENARIO, kernel).catch((e: unknown) => e);
    expect(explain(error)?.message).toContain(message);
    expect(explain(error)?.exitCode).toBe(2);
  });

  it.each([
    [join(folder, 'nowhere'), 'there is no '],
    [`${folder}/..`, 'folder without scenario.json'],
    [file('bad.json', '{"ops": [{"op": "dance"}]}'), 'there is no "dance"'],
    [file('noise', '\u0000\u0001\u0002'.repeat(400)), 'nor is it a scenario'],
  ])('refuses %s', async (path, message) => {
    const error = await run(path, ['6.1', '6.12']).catch((e: unknown) => e);
    expect(explain(error)?.message).toContain(message);
    expect(explain(error)?.exitCode).toBe(2);
  });

  it('refuses to send a log as a kernel from before netconsole', async () => {
    const error = await run(BOOT, ['2.6.0', '7.3']).catch((e: unknown) => e);
    expect(explain(error)?.message).toContain('Linux 2.6.0');
    expect(explain(error)?.exitCode).toBe(2);
  });

  it('refuses targets beside a scenario', async () => {
    const error = await run(SCENARIO, ['6.1', '6.12'], { loglevel: 8 }).catch((e: unknown) => e);
    expect(explain(error)?.exitCode).toBe(2);
  });
});

describe('what differs between frames', () => {
  const flow = {
    srcMac: '52:54:00:00:00:01',
    dstMac: '12:34:56:78:9a:bc',
    srcIp: '10.0.0.1',
    srcPort: 6665,
    dstPort: 6666,
  };
  const to = (dstIp: string) => (payload: Uint8Array) => naiveFrame({ ...flow, dstIp, payload });
  const [one, two] = [to('10.0.0.2'), to('10.0.0.3')];
  const record = (text: string, seq = 7) => naiveExtended({ level: 6, seq, tsUsec: 5, text });
  const kinds = (a: Uint8Array[], b: Uint8Array[]) =>
    compareRuns({ sent: recordsSent(a) }, { sent: recordsSent(b) }).differences;

  it('another order of targets', () => {
    const [x, y] = [one(record('a')), two(record('a'))];
    expect(kinds([x, y], [x, y])).toEqual([]);
    expect(kinds([x, y], [y, x])).toMatchObject([{ kind: 'order' }]);
  });

  it('another fragmentation', () => {
    const long = record('x'.repeat(1500));
    const pieces = naiveFragments(long).map(one);
    const [difference, ...others] = kinds(pieces, [one(long)]);
    expect(difference).toMatchObject({ kind: 'fragments', b: '1 datagram' });
    expect(difference!.a).toMatch(/^2 datagrams, from bytes 0 and \d+$/);
    expect(others).toEqual([]);
  });

  it('a message more, whose followers have other seqs', () => {
    const a = [one(record('first', 1)), one(record('last', 2)), one(record('end', 3))];
    const b = [one(record('first', 1)), one(record('something new', 2)), one(record('last', 3)), one(record('end', 4))];
    expect(kinds(a, b)).toMatchObject([
      { kind: 'only-b', text: 'something new', frames: [null, 2] },
      { kind: 'field', what: 'seq', text: 'last', a: '2', b: '3', records: 2 },
    ]);
  });

  it('a target that one does not send to', () => {
    expect(kinds([one(record('a')), two(record('a'))], [one(record('a'))])).toMatchObject([
      { kind: 'target', where: '10.0.0.3:6666 extended', a: '1', b: '0' },
    ]);
  });
});
