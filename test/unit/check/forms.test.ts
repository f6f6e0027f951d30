/**
 * A storm's truth in every form that a receiver prints, checked: the forms by what their programs' sources say, and journals as
 * systemd-journal-remote and journalctl make them, where they are installed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { check, type Truth } from '../../../src/check/index.js';
import { checkPlan, compilePlan, StormEngine, type TrueRecord } from '../../../src/storm/index.js';

const folder = mkdtempSync(join(tmpdir(), 'forms-'));
afterAll(() => rmSync(folder, { recursive: true }));
const REMOTE = '/lib/systemd/systemd-journal-remote';

const PLAN = {
  seed: 3,
  duration: 20,
  groups: [
    {
      name: 'ext',
      hosts: 4,
      release: true,
      userdata: { host: '{name}' },
      workloads: [{ workload: 'boot' }, { workload: 'oops' }],
    },
    {
      name: 'plain',
      hosts: 3,
      formats: { plain: 1 },
      workloads: [{ workload: 'boot' }, { workload: 'usb-reset', every: 5 }],
    },
    { name: 'old', hosts: 2, kernels: { '4.2': 1 }, formats: { plain: 1 }, workloads: [{ workload: 'chatter' }] },
  ],
};
const engine = new StormEngine(compilePlan(checkPlan(PLAN)), { truth: true, arrivals: false });
const TRUTH = engine.runUntil(Number.POSITIVE_INFINITY).records.map(({ record }) => record);
engine.close();

async function* truth(): Truth {
  yield TRUTH;
}

const isExtended = ({ seq }: TrueRecord) => seq !== undefined;
const padded = (value: number, width: number) => String(value).padStart(width, '0');
/** What came in the datagram. */
function payload({ seq, tsUsec, level = 0, facility = 0, text, dict = {} }: TrueRecord): string {
  if (seq === undefined) return text;
  const escaped = text.replaceAll('\\', '\\x5c').replaceAll(/[^ -~]/g, (c) => `\\x${padded(c.charCodeAt(0), 2)}`);
  const lines = Object.entries(dict).map(([key, value]) => `\n ${key}=${value}`);
  return `6.12.0,${facility * 8 + level},${seq},${tsUsec},-;${escaped}${lines.join('')}`;
}
const fields = (record: TrueRecord) =>
  `6.12.0 ${'S'}${padded(record.seq!, 6)} T${padded(record.tsUsec!, 14)} F${record.facility}/L${record.level} ${record.text}`;
const entry = (record: TrueRecord, i: number) => {
  const message = payload(record);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(message)));
  const value = message.includes('\n') ? `\n${length.toString('latin1')}${message}` : `=${message}`;
  return (
    `__REALTIME_TIMESTAMP=${1_700_000_000_000_000 + i}\n__MONOTONIC_TIMESTAMP=${i}\n` +
    `_BOOT_ID=0123456789abcdef0123456789abcdef\n_HOSTNAME=${record.host}\nMESSAGE${value}\n\n`
  );
};

interface Form {
  readonly format: string;
  readonly option?: string;
  /** The records that it can hold; default: all. */
  readonly of?: (record: TrueRecord) => boolean;
  readonly line: (record: TrueRecord, i: number) => string;
  /** A file for each host, named for it. */
  readonly perHost?: boolean;
}

const FORMS: readonly Form[] = [
  {
    format: 'netconsd-printer',
    line: (record) => `${`::ffff:${record.host}`.padStart(40)}: ${isExtended(record) ? fields(record) : record.text}\n`,
  },
  {
    format: 'netconsd-logger',
    of: isExtended,
    perHost: true,
    line: ({ seq, tsUsec, facility, level, text }) =>
      `6.12.0 ${padded(seq!, 6)} ${padded(tsUsec!, 14)} ${facility} ${level} ${text}\n`,
  },
  { format: 'host-message', line: (record) => `${record.host} ${payload(record).replaceAll('\n', '#012')}\n` },
  {
    format: 'syslog',
    line: (record) => `Nov  3 10:00:00 ${record.host} ${payload(record).replaceAll('\n', '#012')}\n`,
  },
  {
    format: 'syslog',
    line: (record) => `Nov  3 10:00:00 ${record.host} kernel: ${payload(record).replaceAll('\n', '#012')}\n`,
  },
  {
    format: 'journal-json',
    line: (record) => `${JSON.stringify({ __CURSOR: 's=1', _HOSTNAME: record.host, MESSAGE: payload(record) })}\n`,
  },
  { format: 'journal-export', line: entry },
  {
    format: 'pattern',
    option: String.raw`^<(?<host>\S+)> (?<payload>.*)$`,
    line: (record) => `<${record.host}> ${payload(record).replaceAll('\n', '#012')}\n`,
  },
  {
    format: 'pattern',
    option: String.raw`^(?<seq>\d+) (?<tsUsec>\d+) (?<level>\d) (?<text>.*)$`,
    of: isExtended,
    perHost: true,
    line: ({ seq, tsUsec, level, text }) => `${seq} ${tsUsec} ${level} ${text}\n`,
  },
];

/** Writes records in a form. The paths. */
function written({ line, perHost }: Form, records: readonly TrueRecord[], name: string): string[] {
  const by = new Map<string, string[]>();
  for (const [i, record] of records.entries()) {
    const file = perHost ? record.host : 'all';
    if (!by.has(file)) by.set(file, []);
    by.get(file)!.push(line(record, i));
  }
  mkdirSync(join(folder, name));
  return Array.from(by, ([file, lines]) => {
    const path = join(folder, name, file);
    writeFileSync(path, lines.join(''), 'latin1');
    return path;
  });
}

describe('a storm as a receiver prints it', () => {
  it.each(FORMS.map((form, i) => [form.format, i, form] as const))('%s (%i)', async (format, i, form) => {
    const records = TRUTH.filter(form.of ?? (() => true));
    expect(records.length).toBeGreaterThan(200);
    expect(records.some(({ text }) => text.startsWith('netconsole: '))).toBe(true);
    const option = form.option === undefined ? {} : { format: form.option };
    const whole = await check(truth(), { outputs: written(form, records, `whole${i}`), ...option });
    expect(new Set(whole.outputs.map((output) => output.format))).toEqual(new Set([format]));
    const rest = TRUTH.length - records.length;
    const none = { late: 0, duplicated: 0, reordered: 0, changed: 0, foreign: 0, lostByNetwork: 0 };
    expect(whole.total).toEqual({ expected: TRUTH.length, delivered: records.length, lostByReceiver: rest, ...none });
    const some = records.filter((_, k) => k % 50 !== 7);
    const lacking = await check(truth(), { outputs: written(form, some, `some${i}`), ...option });
    expect(lacking.total.delivered).toBe(some.length);
  });

  const problem = existsSync(REMOTE) ? undefined : 'systemd-journal-remote is not installed';
  it.skipIf(problem)(`a journal of systemd-journal-remote ${problem ?? ''}`, async () => {
    const made = join(folder, 'made.export');
    writeFileSync(made, TRUTH.map(entry).join(''), 'latin1');
    const journal = join(folder, 'made.journal');
    execFileSync(REMOTE, ['-o', journal, made], { stdio: 'ignore' });
    for (const form of ['export', 'json']) {
      const path = join(folder, `journal.${form}`);
      const argv = ['--file', journal, '--no-pager', '--all', '-o', form];
      writeFileSync(path, execFileSync('journalctl', argv, { maxBuffer: 1 << 28 }));
      const { total, outputs } = await check(truth(), { outputs: [path] });
      expect(outputs[0]!.format).toBe(`journal-${form}`);
      expect(total).toMatchObject({
        delivered: TRUTH.length,
        lostByReceiver: 0,
        changed: 0,
        foreign: 0,
        duplicated: 0,
      });
    }
    expect(readFileSync(join(folder, 'journal.export')).includes('\nMESSAGE\n')).toBe(true);
  });
});

describe('the last line of a file', () => {
  const form = FORMS[0]!;
  it('may lack its newline', async () => {
    const [path] = written(form, TRUTH, 'bare');
    writeFileSync(path!, readFileSync(path!).subarray(0, -1));
    const { total, outputs } = await check(truth(), { outputs: [path!] });
    expect(total).toMatchObject({ delivered: TRUTH.length, lostByReceiver: 0 });
    expect(outputs[0]!.cutAt).toBeUndefined();
  });

  it('is no changed record where its end is missing', async () => {
    const [path] = written(form, TRUTH, 'cut');
    writeFileSync(path!, readFileSync(path!).subarray(0, -5));
    const { total, outputs } = await check(truth(), { outputs: [path!] });
    expect(total).toMatchObject({ delivered: TRUTH.length - 1, lostByReceiver: 1, changed: 0, foreign: 0 });
    expect(outputs[0]!.cutAt).toBe(TRUTH.length);
  });
});
