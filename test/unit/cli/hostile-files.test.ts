/** Files that cannot be read or written: each command says so in a sentence that names the path, and leaves nothing. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'nce-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const log = at('ok.kmsg');
const scenario = new URL('../../../examples/scenario.json', import.meta.url).pathname;
writeFileSync(log, '6,1,400000000,-;here\n');
mkdirSync(at('folder'));
symlinkSync(at('loop b'), at('loop a'));
symlinkSync(at('loop a'), at('loop b'));
symlinkSync(at('gone'), at('dangling'));
execFileSync('mkfifo', [at('fifo')]);

const UNREADABLE: Readonly<Record<string, string>> = {
  'a folder': at('folder'),
  'links in a circle': at('loop a'),
  'a link to nothing': at('dangling'),
  'a file for a folder': join(log, 'x'),
  'a name that is too long': at('n'.repeat(300)),
  'a zero byte in it': at('a\0b'),
  'no name': '',
};

const READERS: Readonly<Record<string, (path: string) => readonly string[]>> = {
  replay: (path) => ['replay', path, '--via', 'memory', '--quiet'],
  'replay --impair': (path) => ['replay', log, '--via', 'memory', '--quiet', '--impair', path],
  storm: (path) => ['storm', path, '--via', 'memory', '--quiet'],
  merge: (path) => ['merge', path],
  'check, truth': (path) => ['check', path, log],
  'check, output': (path) => ['check', manifest, path],
  decode: (path) => ['decode', path],
  run: (path) => ['run', path, '--out', at('out')],
  diff: (path) => ['diff', path, '-k', '6.1', '-k', '6.12'],
  explore: (path) => ['explore', path, '--out', at('page.html')],
};
const manifest = at('manifest');
await runCli('storm', '--hosts', '1', '--duration', '0.01', '--via', 'memory', '--quiet', '--manifest', manifest);
const before = readdirSync(folder).sort();

describe.each(Object.keys(READERS))('%s reads', (reader) => {
  it.each(Object.keys(UNREADABLE))('%s', async (what) => {
    const path = UNREADABLE[what]!;
    const { code, err } = await runCli(...READERS[reader]!(path));
    expect(err.trim()).toMatch(path === '' ? /\S/ : /folder|loop a|dangling|ok\.kmsg|nnn|a(\\0|\\x00|\\u0000|.)b/);
    expect([err.trim().split('\n').length, code, err.includes('\0')]).toEqual([1, 2, false]);
    expect(readdirSync(folder).sort()).toEqual(before);
  });
});

const UNWRITABLE: Readonly<Record<string, string>> = {
  'a folder': at('folder'),
  'links in a circle': at('loop a'),
  'a file for a folder': join(log, 'x'),
  'a folder that is not there': at('gone/x'),
  'a folder where nothing can be made': '/proc/x',
  'a name that is too long': at('n'.repeat(300)),
  'a full disk': '/dev/full',
  'a zero byte in it': at('a\0b'),
  'no name': '',
};

const STORM = ['storm', '--hosts', '1', '--duration', '0.01', '--quiet'];
const WRITERS: Readonly<Record<string, (path: string) => readonly string[]>> = {
  'replay --via pcap:': (path) => ['replay', log, '--quiet', '--via', `pcap:${path}`],
  'replay --report': (path) => ['replay', log, '--quiet', '--via', 'memory', '--report', path],
  'storm --via pcap:': (path) => [...STORM, '--via', `pcap:${path}`],
  'storm --manifest': (path) => [...STORM, '--via', 'memory', '--manifest', path],
  'storm --report': (path) => [...STORM, '--via', 'memory', '--report', path],
  'check --report': (path) => ['check', manifest, log, '--report', path, '--format', 'syslog'],
  'run --report': (path) => ['run', scenario, '--out', at('out'), '--report', path],
  explore: (path) => ['explore', log, '--out', path],
};

describe.each(Object.keys(WRITERS))('%s writes', (writer) => {
  it.each(Object.keys(UNWRITABLE))('%s', async (what) => {
    const path = UNWRITABLE[what]!;
    const { code, err } = await runCli(...WRITERS[writer]!(path));
    expect(err.trim()).toMatch(
      path === '' ? /\S/ : /folder|loop a|ok\.kmsg|gone|\/proc\/x|nnn|\/dev\/full|a(\\0|\\x00|\\u0000|.)b/,
    );
    expect([err.trim().split('\n').length, err.includes('\0')]).toEqual([1, false]);
    expect([1, 2]).toContain(code);
    rmSync(at('out'), { recursive: true, force: true });
    expect(readdirSync(folder).sort()).toEqual(before);
  });
});

it.each(['folder', 'ok.kmsg', 'dangling/x', 'a\0b'])('run --out into %s', async (name) => {
  const { code, err } = await runCli('run', scenario, '--out', at(name === 'folder' ? 'ok.kmsg/y' : name));
  expect([1, 2]).toContain(code);
  expect(err.trim().split('\n').length).toBe(1);
  expect(readdirSync(folder).sort()).toEqual(before);
});

it('a pipe with a name is read as it is written', async () => {
  const writer = spawn('sh', ['-c', `cat '${log}' > '${at('fifo')}'`]);
  const { code, out } = await runCli('replay', at('fifo'), '--via', 'memory', '--quiet');
  writer.kill();
  expect([code, out]).toEqual([0, expect.stringMatching(/1 record, 1 frame/)]);
});

it('a log that is cut while it is read ends where it ends then', async () => {
  const path = at('cut.kmsg');
  writeFileSync(path, '6,1,400000000,-;here\n'.repeat(200_000));
  const running = runCli('replay', path, '--via', 'memory', '--quiet');
  setTimeout(() => writeFileSync(path, ''), 20);
  const { code, err } = await running;
  rmSync(path);
  expect(err.trim().split('\n').length).toBe(1);
  expect([0, 1]).toContain(code);
  expect(existsSync(path)).toBe(false);
});
