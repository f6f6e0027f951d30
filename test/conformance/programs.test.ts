/**
 * Real programs write what the reader reads: dmesg in all its options, journalctl in all its forms, rsyslogd with its templates,
 * tcpdump and dumpcap, gzip, zstd and the packers that are only named. What is not installed is skipped with its reason, or fails
 * when NCE_REQUIRED_ARMS names it: `dmesg`, `journalctl`, `rsyslogd`, `tcpdump`, `dumpcap`, `gzip`, `zstd`, `xz`.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { keepRecord, type LogReader, type LogRecord, readLog } from '../../src/replay/index.js';

const folder = mkdtempSync(join(tmpdir(), 'programs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const required = new Set((process.env['NCE_REQUIRED_ARMS'] ?? '').split(','));
const REMOTE = '/lib/systemd/systemd-journal-remote';

/** A record as the tests write it. */
interface Sent {
  readonly priority: number;
  readonly usec: number;
  readonly text: string;
}

const SENT: readonly Sent[] = [
  { priority: 6, usec: 0, text: 'Linux version 6.1.0-test' },
  { priority: 4, usec: 1_250_000, text: 'eth0: link is up, full duplex' },
  { priority: 30, usec: 12_500_000, text: 'systemd[1]: Started "a test" with \\path and 100%' },
  { priority: 3, usec: 13_000_001, text: 'caf\xc3\xa9: [1.25,2] [drm] 6,1,2,-;text' },
  { priority: 7, usec: 123_456_789_012, text: 'a day later' },
];
const stamp = (usec: number) => `${String(Math.floor(usec / 1e6)).padStart(5)}.${String(usec % 1e6).padStart(6, '0')}`;
const plain = ({ usec, text }: Sent) => `[${stamp(usec)}] ${text}\n`;
const extended = ({ priority, usec, text }: Sent, seq: number) =>
  `${priority},${seq},${usec},-;${text.replaceAll(/[^ -[\]-~]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`)}\n`;

async function read(bytes: Uint8Array): Promise<{ log: LogReader; records: LogRecord[] }> {
  async function* chunks() {
    yield bytes;
  }
  const log = readLog(chunks());
  const records: LogRecord[] = [];
  for await (const batch of log) records.push(...batch.map(keepRecord));
  return { log, records };
}

const text = (record: LogRecord) => Buffer.from(record.text).toString('latin1');

/** Tests of a program; `problem`: why there is none. */
function arm(name: string, problem: string | undefined, tests: () => void): void {
  describe.skipIf(problem !== undefined && !required.has(name))(
    `${name}${problem ? ` (skipped: ${problem})` : ''}`,
    () => {
      if (problem === undefined) tests();
      else it('is there', () => expect.unreachable(`NCE_REQUIRED_ARMS names ${name}, but ${problem}`));
    },
  );
}

function missing(program: string, ...args: string[]): string | undefined {
  return spawnSync(program, args, { stdio: 'ignore' }).error === undefined ? undefined : `${program} is not installed`;
}

const UTF8 = { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' };

arm('dmesg', missing('dmesg', '--version'), () => {
  const file = at('raw');
  const version = /(\d+)\.(\d+)/.exec(execFileSync('dmesg', ['--version']).toString())!;
  const newer = (minor: number) => Number(version[1]) > 2 || Number(version[2]) >= minor;
  const dmesg = (options: string, input = ['--file', file]) =>
    execFileSync('dmesg', [...input, '--nopager', ...options.split(' ').filter(Boolean)], { env: UTF8 });
  const raw = SENT.map((sent) => `<${sent.priority}>${plain(sent)}`).join('');
  writeFileSync(file, raw, 'latin1');

  it.each([
    ['', 'dmesg', 'boot', false],
    ['-x', 'dmesg -x', 'boot', true],
    ['-r', 'dmesg -r', 'boot', true],
    ['-d', 'dmesg', 'boot', false],
    ['-x -d', 'dmesg -x', 'boot', true],
    ['--color=always', 'dmesg', 'boot', false],
    ['-x --color=always', 'dmesg -x', 'boot', true],
    ['-T', 'dmesg -T', 'first record', false],
    ['-x -T', 'dmesg -T', 'first record', true],
    ['-T -d', 'dmesg -T', 'first record', false],
    ['-T --color=always', 'dmesg -T', 'first record', false],
    ['--time-format iso', 'dmesg --time-format iso', 'first record', false],
    ['-x --time-format iso', 'dmesg --time-format iso', 'first record', true],
    ['--time-format iso --color=always', 'dmesg --time-format iso', 'first record', false],
    ['-x -t', 'dmesg -x', 'none', true],
  ] as const)('dmesg --file %s', async (options, format, origin, levels) => {
    const { log, records } = await read(dmesg(options));
    expect({ format: log.format, origin: log.origin, problems: log.problems.named }).toEqual({
      format,
      origin,
      problems: [],
    });
    expect(records.map(text)).toEqual(SENT.map((sent) => sent.text));
    // dmesg -T has whole seconds.
    const seconds = options.includes('-T') ? 1e6 : 1;
    const whole = (usec: number) => Math.floor(usec / seconds) * seconds;
    if (origin !== 'none') expect(records.map(({ tsUsec }) => tsUsec)).toEqual(SENT.map(({ usec }) => whole(usec)));
    const priorities = records.map(({ level, facility }) => (levels ? facility * 8 + level : level));
    expect(priorities).toEqual(SENT.map(({ priority }) => (levels ? priority : -1)));
  });

  it.each(['-H', '-e', '-x -e', '-e --color=always', '--time-format delta'])(
    'refuses dmesg --file %s',
    async (options) => {
      await expect(read(dmesg(options))).rejects.toThrow(/differences for stamps/);
    },
  );

  it('refuses dmesg --file -t, unless it is asked for', async () => {
    await expect(read(dmesg('-t'))).rejects.toThrow(/--format text/);
  });

  it.skipIf(!newer(39))('dmesg --json --file, of util-linux 2.39 and later', async () => {
    const { log, records } = await read(dmesg('--json'));
    expect(log).toMatchObject({ format: 'dmesg --json', problems: { total: 0 } });
    expect(records.map(text)).toEqual(SENT.map((sent) => sent.text));
    expect(records.map(({ tsUsec }) => tsUsec)).toEqual(SENT.map(({ usec }) => usec));
  });

  it.skipIf(!newer(41))('dmesg --kmsg-file, of util-linux 2.41 and later', async () => {
    writeFileSync(at('kmsg'), SENT.map((sent, seq) => `${extended(sent, seq)}\0`).join(''), 'latin1');
    const { log, records } = await read(dmesg('-x', ['--kmsg-file', at('kmsg')]));
    expect(log).toMatchObject({ format: 'dmesg -x', problems: { total: 0 } });
    expect(records.map(text)).toEqual(SENT.map((sent) => sent.text));
  });
});

const noJournal =
  missing('journalctl', '--version') ??
  (existsSync(REMOTE) ? undefined : 'systemd-journal-remote, which makes journals of exports, is not installed');

arm('journalctl', noJournal, () => {
  const START = Date.UTC(2024, 0, 2, 3, 4, 5) * 1000;
  const BINARY = 'no text: \xff\xfe';
  const LINES = 'first\nsecond\n\n  third';
  const JOURNAL: readonly Sent[] = [...SENT, { priority: 5, usec: 123_456_800_000, text: LINES }];
  const entry = ({ priority, usec, text: message }: Sent, binary = message.includes('\n')) => {
    const length = String.fromCharCode(message.length & 255, message.length >> 8, 0, 0, 0, 0, 0, 0);
    return (
      `__REALTIME_TIMESTAMP=${START + usec}\n__MONOTONIC_TIMESTAMP=${usec}\n_BOOT_ID=0123456789abcdef0123456789abcdef\n` +
      `_TRANSPORT=kernel\nSYSLOG_IDENTIFIER=kernel\n_HOSTNAME=box\nPRIORITY=${priority & 7}\nSYSLOG_FACILITY=${priority >> 3}\n` +
      `_SOURCE_MONOTONIC_TIMESTAMP=${usec}\n${binary ? `MESSAGE\n${length}${message}` : `MESSAGE=${message}`}\n\n`
    );
  };
  const other = entry(SENT[1]!)
    .replace('_TRANSPORT=kernel', '_TRANSPORT=syslog')
    .replace('IDENTIFIER=kernel', 'IDENTIFIER=cron');
  const journal = at('test.journal');
  const made = at('test.export');
  writeFileSync(
    made,
    JOURNAL.map((sent) => entry(sent)).join('') + entry({ ...SENT[0]!, usec: 2e11, text: BINARY }, true) + other,
    'latin1',
  );
  execFileSync(REMOTE, ['-o', journal, made], { stdio: 'ignore' });
  const journalctl = (form: string, ...options: string[]) =>
    execFileSync('journalctl', ['--file', journal, '--no-pager', '-o', form, ...options], { env: UTF8 });

  it.each([
    ['short', 'none'],
    ['short-full', 'none'],
    ['short-iso', 'none'],
    ['short-iso-precise', 'none'],
    ['short-precise', 'none'],
    ['short-unix', 'none'],
    ['with-unit', 'none'],
    ['short-monotonic', 'boot'],
    ['short-delta', 'boot'],
  ])('journalctl -o %s', async (form, origin) => {
    const { log, records } = await read(journalctl(form));
    expect(records.map(text)).toEqual(JOURNAL.map((sent) => sent.text));
    expect(log.origin).toBe(origin);
    expect(new Set(records.map(({ host }) => host))).toEqual(new Set(['box']));
    // The binary message and the other program's.
    expect(log.problems.named.map(({ reason }) => reason).sort()).toEqual([
      expect.stringMatching(/does not show/),
      expect.stringMatching(/another program/),
    ]);
    if (origin !== 'none') expect(records.map(({ tsUsec }) => tsUsec)).toEqual(JOURNAL.map(({ usec }) => usec));
    else
      expect(records.map(({ timeUsec }) => Math.floor(timeUsec! / 1e6) % 86400)[1]).toBe(((START / 1e6) % 86400) + 1);
  });

  it.each(['json', 'json-pretty', 'json-sse', 'json-seq', 'export', 'verbose'])('journalctl -o %s', async (form) => {
    const { log, records } = await read(journalctl(form, '--all'));
    const shown = form === 'verbose' ? JOURNAL : [...JOURNAL, { priority: 6, usec: 2e11, text: BINARY }];
    const got = records.slice(0, shown.length);
    expect(got.map(text)).toEqual(shown.map((sent) => sent.text));
    expect(got.map(({ tsUsec }) => tsUsec)).toEqual(shown.map(({ usec }) => usec));
    expect(got.map(({ level, facility }) => facility * 8 + level)).toEqual(shown.map(({ priority }) => priority));
    expect(log.problems.named.map(({ reason }) => reason)).toContainEqual(expect.stringMatching(/another program/));
    expect(log).toMatchObject({ origin: 'boot', counts: { boots: 1, hosts: 1 } });
  });

  it('names a binary file of the journal with the command that prints it', async () => {
    await expect(read(readFileSync(journal))).rejects.toThrow(/journalctl --file/);
  });
});

/** Runs `command` while `task` runs. `ready`: what it says when it is. `ends`: it ends by itself behind the task. */
async function during(
  command: readonly string[],
  { ready, ends = false }: { readonly ready: RegExp; readonly ends?: boolean },
  task: () => Promise<void>,
): Promise<void> {
  const [program, ...args] = command as [string, ...string[]];
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const listen = (chunk: Buffer) => {
    said += chunk.toString();
  };
  child.stdout!.on('data', listen);
  child.stderr!.on('data', listen);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    await until(() => ready.test(said) || child.exitCode !== null, `${program}: ${said}`);
    await task();
    if (ends) await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 10_000).unref())]);
  } finally {
    child.kill('SIGINT');
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await gone;
    clearTimeout(timer);
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain: ${what}`);
}

/** Sends datagrams to a port of this machine, from one socket. */
async function send(port: number, payloads: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const payload of payloads) {
    await new Promise<void>((resolve, reject) =>
      socket.send(Buffer.from(payload, 'latin1'), port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
    );
  }
  socket.close();
}

/** A port that was free just now. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  socket.close();
  return port;
}

arm('rsyslogd', missing('rsyslogd', '-v'), () => {
  /** What rsyslogd makes of datagrams. */
  async function written(template: string, payloads: readonly string[]): Promise<Uint8Array> {
    const port = await freePort();
    const file = at(`${template}-${port}`);
    const config = `${file}.conf`;
    writeFileSync(
      config,
      `module(load="imudp")\ninput(type="imudp" address="127.0.0.1" port="${port}" ruleset="net")\n` +
        `ruleset(name="net") { action(type="omfile" file="${file}" template="${template}") }\n`,
    );
    const hex = port.toString(16).toUpperCase().padStart(4, '0');
    await during(['rsyslogd', '-n', '-f', config, '-i', `${file}.pid`], { ready: /^/ }, async () => {
      await until(() => readFileSync('/proc/net/udp', 'latin1').includes(`:${hex} `), 'rsyslogd binds');
      await send(port, payloads);
      const lines = () => (existsSync(file) ? readFileSync(file, 'latin1').split('\n').length - 1 : 0);
      await until(() => lines() >= payloads.length, 'all lines');
    });
    return readFileSync(file);
  }

  it.each([
    ['RSYSLOG_TraditionalFileFormat', 'plain'],
    ['RSYSLOG_FileFormat', 'plain'],
    ['RSYSLOG_SyslogProtocol23Format', 'plain'],
    ['RSYSLOG_TraditionalFileFormat', 'extended'],
    ['RSYSLOG_FileFormat', 'extended'],
  ])('%s, of a target that is %s', async (template, kind) => {
    const payloads = SENT.map((sent, i) => (kind === 'plain' ? plain(sent) : extended(sent, i)));
    const { log, records } = await read(await written(template, payloads));
    expect(log.problems.named).toEqual([]);
    expect(records.map(text)).toEqual(SENT.map((sent) => sent.text));
    expect(records.map(({ tsUsec }) => tsUsec)).toEqual(SENT.map(({ usec }) => usec));
    if (kind === 'extended') expect(records.map(({ seq }) => seq)).toEqual(SENT.map((_, i) => i));
  });

  it('RSYSLOG_SyslogProtocol23Format of an extended target has lost colons: refused', async () => {
    const bytes = await written('RSYSLOG_SyslogProtocol23Format', SENT.map(extended));
    await expect(read(bytes)).rejects.toThrow(/taken for programs' lines/);
  });
});

const noCapture = process.getuid?.() === 0 ? undefined : 'capturing needs root';
for (const [name, command] of [
  [
    'tcpdump',
    (file: string, port: number) => [
      'tcpdump',
      '-i',
      'any',
      '-n',
      '-c',
      String(SENT.length),
      '-w',
      file,
      `udp port ${port}`,
    ],
  ],
  [
    'dumpcap',
    (file: string, port: number) => [
      'dumpcap',
      '-i',
      'lo',
      '-c',
      String(SENT.length),
      '-w',
      file,
      '-f',
      `udp port ${port}`,
    ],
  ],
] as const) {
  arm(name, missing(name, '--version') ?? noCapture, () => {
    it.each([
      ['plain', plain],
      ['extended', extended],
    ] as const)('captures a target that is %s', async (kind, form) => {
      const file = at(`${name}-${kind}`);
      const port = await freePort();
      await during(command(file, port), { ready: /listening on|Capturing on|File:/, ends: true }, async () => {
        // dumpcap names its file a moment before it listens.
        await new Promise((resolve) => setTimeout(resolve, 200));
        await send(
          port,
          SENT.map((sent, i) => form(sent, i)),
        );
      });
      const { log, records } = await read(readFileSync(file));
      expect(log.format).toBe('capture');
      expect(records.map(text)).toEqual(SENT.map((sent) => sent.text));
      expect(records.map(({ tsUsec }) => tsUsec)).toEqual(SENT.map(({ usec }) => usec));
    });
  });
}

const packed = at('log');
writeFileSync(packed, SENT.map(plain).join('').repeat(500), 'latin1');
for (const name of ['gzip', 'zstd', 'xz'] as const) {
  arm(name, missing(name, '--version'), () => {
    const reads = name === 'gzip' || (name === 'zstd' && 'createZstdDecompress' in zlib);
    it(reads ? 'is read' : 'is named, with what unpacks it', async () => {
      const bytes = execFileSync(name, ['-c', packed]);
      if (!reads) {
        await expect(read(bytes)).rejects.toThrow(new RegExp(`compressed with ${name}.*${name} -dc`));
        return;
      }
      const { records } = await read(bytes);
      expect(records).toHaveLength(SENT.length * 500);
    });
  });
}
