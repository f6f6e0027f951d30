import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../support/cli.js';

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

/** `check` in this process, which is much faster, with files of the folder. */
async function checked(...args: string[]) {
  const isOption = (arg: string, i: number) => arg.startsWith('--') || args[i - 1]?.startsWith('--') === true;
  const { code, out, err } = await runCli('check', ...args.map((arg, i) => (isOption(arg, i) ? arg : at(arg))));
  return { code, out: out.replaceAll(`${folder}/`, ''), err: err.replaceAll(`${folder}/`, '') };
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
    writeFileSync(at('empty'), '');
    const { out } = await checked('truth.jsonl', 'odd.log');
    expect(out).toMatch(/odd\.log: 1 line of another form, left out \(correct or delete it\):\n {2}odd\.log:3: /);
  });

  describe('lines of JSON with a field of another type', () => {
    const record = { host: '198.18.0.1', port: 6665, level: 6, seq: 0, tsUsec: 0, text: 'Linux', dict: {} };
    const line = (other: object) => JSON.stringify({ ...record, ...other });
    const whole = (max: string) => `not a whole number from 0 to ${max}`;
    const SAFE = '9007199254740991';
    const FAULTS: readonly (readonly [string, string])[] = [
      [line({ seq: '7' }), `seq is '7', ${whole(SAFE)}`],
      [line({ seq: null }), `seq is null, ${whole(SAFE)}`],
      [line({ seq: -1 }), `seq is -1, ${whole(SAFE)}`],
      [line({ seq: 1.5 }), `seq is 1.5, ${whole(SAFE)}`],
      [line({ seq: 2 ** 53 }), `seq is 9007199254740992, ${whole(SAFE)}`],
      [line({ tsUsec: [1] }), `tsUsec is an array, ${whole(SAFE)}`],
      [line({ level: 8 }), `level is 8, ${whole('7')}`],
      [line({ level: true }), `level is true, ${whole('7')}`],
      [line({ text: 5 }), 'text is 5, not a string'],
      [line({ host: null }), 'host is null, not a string'],
      [line({ dict: [] }), 'dict is an array, not an object'],
      [line({ dict: { SUBSYSTEM: 7 } }), 'dict.SUBSYSTEM is 7, not a string'],
      [
        line({}).replace('}', ',"SUBSYSTEM":"a","SUBSYSTEM":"b"}').replace('{,', '{'),
        'it has the key "SUBSYSTEM" twice',
      ],
      [line({}).replace('{', '{"seq":9,'), 'it has the key "seq" twice'],
      [line({}).replace('"seq":0', '"seq":NaN'), 'it is not one whole object of JSON'],
      ['{"port":1,"text":"x"}', 'it has no "host": a string is needed'],
      ['{"summary":5}', 'it has no "host": a string is needed'],
    ];

    it('are told with file, line and fault, and are no records', async () => {
      const good = line({ seq: 0 });
      writeFileSync(
        at('some.jsonl'),
        `${[...FAULTS.map(([odd]) => odd), ...FAULTS.map(() => good), good].join('\n')}\n`,
      );
      const { code, out, err } = await checked('truth.jsonl', 'some.jsonl', '--json');
      const [output] = JSON.parse(out).outputs;
      expect(output).toMatchObject({ format: 'receive-json', records: FAULTS.length + 1, strange: FAULTS.length });
      expect(output.lines).toBe(2 * FAULTS.length + 1);
      expect(code).toBe(2);
      expect(err).toMatch(/some\.jsonl:1: 17 of 35 lines are not of the form receive-json: give the output as it was/);
    });

    it.each(FAULTS)('%s', async (odd, fault) => {
      const good = `${line({})}\n`;
      writeFileSync(at('first.jsonl'), `${odd}\n${odd}\n${good}`);
      const none = await checked('truth.jsonl', 'first.jsonl');
      expect(none.code).toBe(2);
      expect(none.err).toContain(
        `first.jsonl:1: ${fault}; this is not what \`netconsole-emulator receive --json\` writes`,
      );
      writeFileSync(at('later.jsonl'), `${good}${good}${odd}\n`);
      const { out } = await checked('truth.jsonl', 'later.jsonl');
      expect(out).toContain(
        `later.jsonl: 1 line of another form, left out (correct or delete it):\n  later.jsonl:3: ${fault}: `,
      );
    });

    it.each(FAULTS.slice(0, -3))('in a manifest: %s', async (odd, fault) => {
      const [head] = readFileSync(at('truth.jsonl'), 'utf8').split('\n');
      writeFileSync(at('typed.jsonl'), `${head}\n${odd.replace('{', '{"name":"a","boot":0,')}\n`);
      const { code, err } = await checked('typed.jsonl', 'wire.pcap');
      expect(err).toContain(
        `typed.jsonl:2: not a line of a manifest: ${fault}; give the manifest as storm wrote it, or the plan`,
      );
      expect(code).toBe(2);
    });
  });

  it('an output that is not of the form which was named', async () => {
    const made = await checked('truth.jsonl', 'odd.log', '--format', 'netconsd-logger');
    expect(made.code).toBe(2);
    expect(made.err).toMatch(/odd\.log:1: 4 of 4 lines are not of the form netconsd-logger: give the output as it/);
    const none = await checked('truth.jsonl', 'odd.log', '--format', '^nothing (?<text>.*)$');
    expect(none.code).toBe(2);
    expect(none.err).toMatch(/odd\.log: the pattern matches none of its 4 lines: correct the pattern/);
    const group = await nce(
      'check',
      'truth.jsonl',
      'odd.log',
      '--format',
      '^(?<host>\\S+) (?<seq>\\S+),-;(?<text>.*)$',
    );
    expect(group.out).toMatch(/odd\.log:1: its group seq is '6,0,0', not a whole number from 0 to \d+: 198/);
  });

  it('a manifest that ends too early, at the end of a line', async () => {
    const lines = readFileSync(at('truth.jsonl'), 'utf8').trim().split('\n');
    const printed = lines.slice(1).filter((line) => !line.includes('"lost"'));
    writeFileSync(at('all.jsonl'), `${printed.join('\n')}\n`);
    writeFileSync(at('early.jsonl'), `${lines.slice(0, -20).join('\n')}\n`);
    const { code, err } = await checked('early.jsonl', 'all.jsonl');
    expect(err).toMatch(
      /all\.jsonl:\d+: the last \d+ records were never sent: was early\.jsonl cut off, or the run longer\?/,
    );
    expect(code).toBe(2);
    writeFileSync(at('head.jsonl'), `${lines[0]}\n`);
    const none = await checked('head.jsonl', 'empty');
    expect(none.err).toMatch(/head\.jsonl: it has no record: was it cut off, or does nothing happen\?/);
    expect(none.code).toBe(2);
  });

  it('lines of nobody do not say that a manifest ends too early, wherever they stand', async () => {
    const printed = readFileSync(at('truth.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .filter((line) => !line.includes('"lost"'));
    const [host] = /"host":"[^"]*"/.exec(printed[0]!)!;
    const foreign = (whose: string) => Array.from({ length: 12 }, (_, i) => `{${whose},"text":"of nobody ${i}"}`);
    const outputs = {
      front: [...foreign(host), ...printed],
      middle: [...printed.slice(0, 40), ...foreign(host), ...printed.slice(40)],
      unknown: [...printed, ...foreign('"host":"192.0.2.77"')],
    };
    for (const [name, lines] of Object.entries(outputs)) {
      writeFileSync(at(`${name}.jsonl`), `${lines.join('\n')}\n`);
      const { err } = await checked('truth.jsonl', `${name}.jsonl`);
      expect(err, name).not.toMatch(/cut off/);
    }
  });

  it('a manifest in place of an output', async () => {
    writeFileSync(at('copy.jsonl'), readFileSync(at('truth.jsonl')));
    const { code, err } = await checked('truth.jsonl', 'copy.jsonl');
    expect(code).toBe(2);
    expect(err).toMatch(/copy\.jsonl: it is a manifest, which says what had to be printed; give the output of the rec/);
  });

  it.each([
    [['nothing.jsonl', 'wire.pcap'], 2, /nothing\.jsonl: .*no such file/],
    [['truth.jsonl', 'nothing.log'], 2, /nothing\.log: .*no such file/],
    [['truth.jsonl', '.'], 2, /directory/],
    [['empty', 'wire.pcap'], 2, /empty is empty: give the manifest or the plan of the run/],
    [['cut.jsonl', 'wire.pcap'], 2, /cut\.jsonl:12: not a line of a manifest; was its end cut off\?/],
    [['two.jsonl', 'wire.pcap'], 2, /two\.jsonl:\d+: a second manifest begins here; give that of one run, or for/],
    [['seed.jsonl', 'wire.pcap'], 2, /seed\.jsonl:1: not a line of a manifest: seed is '1', not a whole number from 0/],
    [['lost.jsonl', 'wire.pcap'], 2, /lost\.jsonl:2: not a line of a manifest: lost is 'x', not one of network/],
    [['truth.jsonl', 'odd.log', 'odd.log'], 2, /odd\.log is given twice, so all of it would count as printed twice/],
    [['truth.jsonl', 'odd.log', 'link.log'], 2, /link\.log is given twice, so all of it would count as printed twice/],
    [['odd.log', 'odd.log'], 2, /odd\.log: it is given as the truth and as an output of a receiver/],
    [['wire.pcap', 'odd.log'], 2, /wire\.pcap: it is a capture: give first the manifest or the plan, and then what/],
    [
      ['records.jsonl', 'odd.log'],
      2,
      /records\.jsonl: it has records, without the first line of a manifest: give first/,
    ],
    [
      ['truth.jsonl', 'odd.log', '--shard', '1/2'],
      2,
      /:1: shard 1\/2 is asked for, but this manifest is of part 1\/1: leave/,
    ],
    [
      ['truth.jsonl', 'wire.pcap', '--format', 'syslog'],
      2,
      /wire\.pcap: it is a capture, not of the form syslog: leave/,
    ],
    [
      ['truth.jsonl', 'odd.log', '--format', '(?<text'],
      2,
      /the pattern \(\?<text is no regular expression: Invalid capture/,
    ],
    [['truth.jsonl', 'people.log'], 2, /people\.log: it is what `receive` prints for people: let it print JSON, with/],
    [
      ['truth.jsonl', 'rfc5424.log'],
      2,
      /rfc5424\.log: it is syslog of RFC 5424, whose messages lack a colon: write it/,
    ],
    [
      ['truth.jsonl', 'list.json'],
      2,
      /list\.json: it is a list of JSON: write one object a line, as `jq -c \.\[\]` does/,
    ],
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
    const line = '{"host":"198.18.0.1","text":"x"}';
    rmSync(at('link.log'), { force: true });
    symlinkSync(at('odd.log'), at('link.log'));
    writeFileSync(at('records.jsonl'), `${line}\n`);
    writeFileSync(at('list.json'), `[${line},\n${line},\n${line}]\n`);
    writeFileSync(at('people.log'), '198.18.0.1:6665 <6>[    0.000100] hello\n198.18.0.1:6665  SUBSYSTEM=net\n');
    writeFileSync(at('rfc5424.log'), '<6>1 2026-11-25T19:00:01Z 198.18.0.1 kernel - - - hello\n');
    writeFileSync(at('two.jsonl'), readFileSync(at('truth.jsonl'), 'utf8').repeat(2));
    const head = '{"manifest":1,"seed":1,"hosts":1,"seconds":1,"shard":"1/1"}';
    writeFileSync(at('seed.jsonl'), `${head.replace(':1,"hosts', ':"1","hosts')}\n`);
    writeFileSync(at('lost.jsonl'), `${head}\n{"host":"a","name":"a","boot":0,"text":"t","lost":"x"}\n`);
    writeFileSync(at('utf16.log'), Buffer.from('198.18.0.1 hello\n'.repeat(9), 'utf16le'));
    writeFileSync(at('cut.pcap'), readFileSync(at('wire.pcap')).subarray(0, -5));
    writeFileSync(at('one.pdf'), '%PDF-1.7\n%%%\n%%EOF\n');
    writeFileSync(at('bad.gz'), gzipSync('198.18.0.1 x\n'.repeat(1000)).subarray(0, -20));
    appendFileSync(at('empty'), '');
    const made = await checked(...args);
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
