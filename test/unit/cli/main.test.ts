import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { profileTable } from '../../../src/cli/profiles.js';
import { createProgram } from '../../../src/cli/program.js';
import { PROFILES } from '../../../src/profile/index.js';
import { Sink } from '../../support/cli.js';

async function run(...args: string[]) {
  const out = new Sink();
  const err = new Sink();
  let code: number | undefined;
  const program = createProgram({ out, err }, (c) => {
    code = c;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    code = error.exitCode === 0 ? 0 : 2;
  }
  return { code, out: out.text, err: err.text };
}

const COMMANDS = ['replay', 'receive', 'decode', 'run', 'doctor', 'profiles'];

describe('the command line', () => {
  it('lists its commands', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
  });

  it('makes the folders of --out, and ends where none can be made', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nce out ä '));
    const scenario = new URL('../../../examples/scenario.json', import.meta.url).pathname;
    expect((await run('run', scenario, '-o', join(folder, 'a/b/c'))).err).toBe('');
    expect(existsSync(join(folder, 'a/b/c/wire.pcap'))).toBe(true);
    rmSync(folder, { recursive: true });
    await expect(run('run', scenario, '-o', '/proc/none/a')).rejects.toThrow(/cannot write to \/proc\/none\/a: /);
  });

  it('says its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect(await run('--version')).toMatchObject({ code: 0, out: `${version}\n` });
  });

  it('marks the options that must be given', async () => {
    expect((await run('run', '--help')).out).toMatch(/-o, --out <dir> .*\(required\)/);
  });

  it.each(COMMANDS)('explains %s, every option', async (command) => {
    const { code, out } = await run(command, '--help');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Usage: netconsole-emulator ${command}`));
    for (const [, rest] of out.matchAll(/^ {2}-\S.*?(?: {2,}(.*))?$/gm)) expect(rest).toBeDefined();
  });

  it.each([
    [['frobnicate'], /unknown command 'frobnicate'/],
    [['replay'], /missing required argument 'file'/],
    [['replay', 'x', '--pigeon'], /unknown option '--pigeon'/],
    [['replay', 'x', '--hosts', 'many'], /Give a whole number/],
    [['replay', 'x', '--rate', '-1'], /Give a number above 0/],
    [['run', 'x'], /required option '-o, --out <dir>' not specified/],
    [['receive', '--dialect', 'klingon'], /Allowed choices are/],
  ])('refuses %j', async (args, message) => {
    const { code, out, err } = await run(...args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(message);
  });

  it('shows a row for every kernel there is', async () => {
    const { out } = await run('profiles');
    expect(profileTable().length).toBe(PROFILES.length + 1);
    for (const { name, release } of PROFILES)
      expect(out).toMatch(new RegExp(`^${name.replaceAll('.', '\\.')} .*${release.replaceAll(/[.+]/g, '\\$&')}`, 'm'));
    expect(out).toMatch(/^6\.12s = 6\.12 /m);
  });

  it('gives every kernel as data', async () => {
    const { out } = await run('profiles', '--json');
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).name),
    ).toEqual(PROFILES.map((p) => p.name));
  });
});
