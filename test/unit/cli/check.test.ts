import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'check-'));
afterAll(() => rmSync(folder, { recursive: true }));
const main = new URL('../../../dist/cli/main.js', import.meta.url).pathname;
const at = (name: string) => join(folder, name);

function nce(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd: folder }, (error, out, err) =>
      resolve({ code: (error?.code as number | undefined) ?? 0, out, err }),
    );
  });
}

const PLAN = {
  seed: 9,
  duration: 6,
  groups: [{ name: 'rack', hosts: 6, workloads: [{ workload: 'boot' }, { workload: 'chatter' }] }],
  impair: { out: { loss: 0.02 } },
};

beforeAll(async () => {
  writeFileSync(at('plan.json'), JSON.stringify(PLAN));
  await nce('storm', 'plan.json', '--via', 'pcap:wire.pcap', '--manifest', 'truth.jsonl');
});

describe('check', () => {
  it('a manifest and its plan say the same of a capture, which has all that the network left', async () => {
    const [manifest, plan] = await Promise.all([
      nce('check', 'truth.jsonl', 'wire.pcap', '--json'),
      nce('check', 'plan.json', 'wire.pcap', '--json'),
    ]);
    expect(manifest.code).toBe(0);
    expect(plan).toEqual(manifest);
    const { total, ok, hostCount, outputs } = JSON.parse(manifest.out);
    expect(ok).toBe(true);
    expect(hostCount).toBe(6);
    expect(total).toMatchObject({ lostByReceiver: 0, changed: 0, foreign: 0, duplicated: 0 });
    expect(total.lostByNetwork).toBeGreaterThan(5);
    expect(total.delivered + total.lostByNetwork).toBe(total.expected);
    expect(outputs[0].format).toBe('capture');
  });

  it('reads several outputs, compressed or not, and names the worst host', async () => {
    const records = readFileSync(at('truth.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => JSON.parse(line));
    const lines = records
      .filter(({ lost, host, seq }) => lost === undefined && !(host === '198.18.0.3' && seq > 20 && seq < 40))
      .map(({ host, seq, tsUsec, text }) => `${host} 6,${seq},${tsUsec},-;${text}\n`);
    writeFileSync(at('one.log'), lines.filter((_, i) => i % 2 === 0).join(''));
    writeFileSync(at('two.log.gz'), gzipSync(lines.filter((_, i) => i % 2 === 1).join('')));
    const { code, out } = await nce('check', 'truth.jsonl', 'one.log', 'two.log.gz');
    expect(code).toBe(1);
    expect(out).toMatch(/one\.log \(host-message\): \d+ records/);
    expect(out).toMatch(/1[6-9] lost by the receiver/);
    expect(out).toMatch(/198\.18\.0\.3 \(rack-2\): 1[6-9] lost by the receiver/);
  });

  it('tells lines of another form', async () => {
    writeFileSync(at('odd.log'), '198.18.0.1 6,0,0,-;x\n198.18.0.1 6,1,0,-;y\n\u0007\n198.18.0.1 6,2,0,-;z\n');
    const { out } = await nce('check', 'truth.jsonl', 'odd.log');
    expect(out).toMatch(/odd\.log: 1 line of another form, such as\n {2}3: /);
  });

  it.each([
    [['nothing.jsonl', 'wire.pcap'], 2, /nothing\.jsonl: .*no such file/],
    [['truth.jsonl', 'nothing.log'], 2, /nothing\.log: .*no such file/],
    [['truth.jsonl', '.'], 2, /directory/],
    [['empty', 'wire.pcap'], 2, /empty is empty: give the manifest or the plan of the run/],
    [['cut.jsonl', 'wire.pcap'], 2, /cut\.jsonl:12: not a line of a manifest; was its end cut off\?/],
    [['v2.jsonl', 'wire.pcap'], 2, /v2\.jsonl:1: a manifest of version 2; this reads version 1/],
    [['truth.jsonl', 'utf16.log'], 2, /utf16\.log: it has zero bytes: is it UTF-16\?/],
    [['truth.jsonl', 'cut.pcap'], 2, /cut\.pcap: /],
    [['truth.jsonl', 'one.pdf'], 2, /one\.pdf: its lines are of no form that is known/],
    [['truth.jsonl', 'wire.pcap', '--format', 'rsyslogd'], 2, /there is no format "rsyslogd"/],
    [['truth.jsonl', 'bad.gz'], 2, /bad\.gz: its gzip is cut short or damaged/],
  ])('says what is wrong: %j', async (args, code, message) => {
    writeFileSync(at('empty'), '');
    writeFileSync(
      at('cut.jsonl'),
      `${readFileSync(at('truth.jsonl'), 'utf8').split('\n').slice(0, 11).join('\n')}\n{"host":"198.18.0.1","na`,
    );
    writeFileSync(at('v2.jsonl'), '{"manifest":2}\n');
    writeFileSync(at('utf16.log'), Buffer.from('198.18.0.1 hello\n'.repeat(9), 'utf16le'));
    writeFileSync(at('cut.pcap'), readFileSync(at('wire.pcap')).subarray(0, -5));
    writeFileSync(at('one.pdf'), '%PDF-1.7\n%%%\n%%EOF\n');
    writeFileSync(at('bad.gz'), gzipSync('198.18.0.1 x\n'.repeat(1000)).subarray(0, -20));
    appendFileSync(at('empty'), '');
    const made = await nce('check', ...args);
    expect(made.err).toMatch(message);
    expect(made.code).toBe(code);
  });
});

describe('an output that is none of this run', () => {
  const truth = () => join(folder, 'other.jsonl');
  const plan = {
    seed: 5,
    duration: 3,
    groups: [{ name: 'a', hosts: 3, workloads: [{ workload: 'boot' }, { workload: 'oops' }] }],
  };
  /** Lines as `receive --json` prints them of the run with this seed. */
  async function received(seed: number): Promise<string> {
    const path = join(folder, `plan-${seed}.json`);
    writeFileSync(path, JSON.stringify({ ...plan, seed }));
    const manifest = join(folder, `truth-${seed}.jsonl`);
    await nce('storm', path, '--via', 'memory', '--manifest', manifest, '--quiet');
    if (seed === plan.seed) writeFileSync(truth(), readFileSync(manifest));
    return readFileSync(manifest, 'utf8').split('\n').slice(1).join('\n');
  }

  it('is said with path and line: cut off, in another encoding, of another run', async () => {
    const own = await received(plan.seed);
    const other = await received(plan.seed + 1);
    const file = (name: string, content: string | Uint8Array) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    };
    expect(await nce('check', truth(), file('own', own))).toMatchObject({ code: 0 });
    const cut = own.slice(0, own.indexOf('\n', own.length / 2) + 20);
    const lines = cut.split('\n').length;
    const cases = [
      ['cut', cut, `cut:${lines}: the file ends in the middle of a line`],
      ['latin', Buffer.from(own.replaceAll('eth0', '\u00e9th0'), 'latin1'), /latin:\d+: bytes that are not UTF-8/],
      ['utf16', Buffer.from(own, 'utf16le'), /utf16: it has zero bytes: is it UTF-16/],
      ['other', other, /other:\d+: \d+ of \d+ records were never sent, .* of another run/],
      ['packed.gz', gzipSync(own).subarray(0, 500), /packed\.gz: its gzip is cut short/],
    ] as const;
    for (const [name, content, message] of cases) {
      const { code, err } = await nce('check', truth(), file(name, content));
      expect(err, name).toMatch(typeof message === 'string' ? new RegExp(message) : message);
      expect(code, name).toBe(2);
    }
  });
});

it('a manifest that is large is read in a thread of its own, and says the same', async () => {
  // Of each host the same few records, in later and later boots: 40 MB of text.
  const [head, ...lines] = readFileSync(at('truth.jsonl'), 'utf8').trim().split('\n');
  const times = Math.ceil(40e6 / lines.join('\n').length);
  const boots = (line: string) =>
    Array.from({ length: times }, (_, boot) => line.replace(/"boot":\d+/, `"boot":${boot}`));
  const columns = lines.map(boots);
  const all = Array.from({ length: times }, (_, boot) => columns.map((column) => column[boot]!)).flat();
  const kept = all.filter((line, i) => !line.includes('"lost"') && i % 20_000 !== 7);
  writeFileSync(at('large.jsonl'), `${head}\n${all.join('\n')}\n`);
  writeFileSync(at('large.jsonl.gz'), gzipSync(readFileSync(at('large.jsonl')), { level: 1 }));
  writeFileSync(at('kept.jsonl'), `${kept.join('\n')}\n`);
  const [aside, here] = await Promise.all([
    nce('check', 'large.jsonl', 'kept.jsonl', '--json'),
    nce('check', 'large.jsonl.gz', 'kept.jsonl', '--json'),
  ]);
  expect(aside).toEqual(here);
  expect(JSON.parse(aside.out).total).toMatchObject({ expected: all.length, delivered: kept.length, changed: 0 });

  appendFileSync(at('large.jsonl'), '{"host":"198.18');
  expect(await nce('check', 'large.jsonl', 'kept.jsonl')).toMatchObject({
    code: 2,
    err: expect.stringMatching(`large.jsonl:${all.length + 2}: not a line of a manifest; was its end cut off`),
  });
});
