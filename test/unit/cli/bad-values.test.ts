/** Values that mean nothing: each command that takes them refuses them in one sentence, of a length to be read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.js';
import { KernelError, shortened } from '../../../src/errno.js';
import { runCli as run, Sink } from '../../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'nce-bad-'));
afterAll(() => rmSync(folder, { recursive: true }));
const log = join(folder, 'kmsg');
writeFileSync(log, '6,1,400000000,-;here\n');
const scenario = new URL('../../../examples/scenario.json', import.meta.url).pathname;

const plan = new URL('../../../examples/storm.yaml', import.meta.url).pathname;

/** Each command that takes `--kernel`. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  replay: ['replay', log, '--via', 'memory', '--quiet'],
  storm: ['storm', '--hosts', '1', '--duration', '0.001', '--via', 'memory', '--quiet'],
  run: ['run', scenario, '--out', join(folder, 'run')],
  diff: ['diff', log, '--kernel', '6.12'],
};

describe.each(Object.keys(COMMANDS))('%s --kernel', (command) => {
  const args = COMMANDS[command]!;

  it.each<[string, RegExp]>([
    ['banana', /no kernel profile "banana"; choose one of: .*\b6\.12\b.*7\.3/],
    ['', /no kernel profile ""; choose one of: .*\b6\.12\b.*7\.3/],
    ['2.6.32', /2\.6\.32 is older than 4\.2; of older ones only 2\.4\.10, 2\.6\.0, 2\.6\.37 are known/],
  ])('"%s" is refused, and what there is is named', async (kernel, sentence) => {
    const { code, err } = await run(...args, '--kernel', kernel);
    expect(err).toMatch(sentence);
    expect(err.trim().split('\n').length).toBe(1);
    expect(code).toBe(2);
  });

  it('8.0 is refused, or the newest is taken with a warning', async () => {
    const { code, out, err } = await run(...args, '--kernel', '8.0');
    // A summary has the warning, where there is one.
    expect(out + err).toMatch(/Linux 8\.0 is newer than 7\.3, the newest that is known/);
    expect(code).toBe(command === 'storm' ? 2 : 0);
  });
});

const LONG = 'x'.repeat(100_000);

it.each<[string, readonly string[], number]>([
  ['a target', ['replay', log, '--via', 'memory', '--target', LONG], 2],
  ['a target of words', ['replay', log, '--via', 'memory', '--target', `+${'1 '.repeat(50_000)}@/eth0`], 2],
  ['an interface', ['replay', log, '--via', LONG], 1],
  ['a log', ['replay', LONG], 2],
  ['a scenario', ['run', LONG, '--out', folder], 2],
  ['a kernel', ['storm', '--kernel', LONG], 2],
  ['a capture', ['decode', LONG], 2],
  ['an address', ['receive', '--host', LONG], 2],
  ['a command', [LONG], 2],
  ['an option', ['doctor', `--${LONG}`], 2],
])('%s of 100 kB is named by its ends', async (_, args, wanted) => {
  const { code, err } = await run(...args);
  expect(code).toBe(wanted);
  expect(err.length).toBeLessThan(10_000);
  expect(err).toMatch(/\.\.\.\(\d+ more characters\)\.\.\.|xxx\.\.\.'/);
});

it.each([
  ['storm', '/nonexistent/plan'],
  ['merge', '/nonexistent/summary'],
  ['check', '/nonexistent/truth', '/nonexistent/output'],
  ['replay', '/nonexistent/log'],
  ['run', '/nonexistent/scenario', '--out', folder],
  ['diff', '/nonexistent/log', '--kernel', '6.1', '--kernel', '6.6'],
  ['decode', '/nonexistent/capture'],
])('%s %s: a file that is not there is wrong use', async (...args) => {
  const { code, err } = await run(...args);
  expect(err).toMatch(/nonexistent/);
  expect(code).toBe(2);
});

/** What stands before the option, and, for each option, a value that it does not take. */
const WRONG: Readonly<Record<string, readonly [right: readonly string[], wrong: Readonly<Record<string, string>>]>> = {
  check: [['check', plan, '/dev/null'], { shard: 'x', worst: 'x', format: 'nope' }],
  decode: [['decode', log], { port: '70000' }],
  diff: [
    ['diff', log, '--kernel', '6.1', '--kernel', '6.6'],
    { kernel: 'x', loglevel: 'x', format: 'nope', target: 'nope' },
  ],
  explore: [['explore', log], { from: 'x', format: 'nope', kernel: 'x' }],
  merge: [['merge', plan], {}],
  receive: [
    ['receive', '--host', '127.0.0.1'],
    {
      ...{ port: '70000', host: 'nonsense', dialect: 'x', as: 'x', server: '192.0.2.1', workers: '0' },
      ...{ 'max-seconds': '0', 'max-records': '-1', metrics: 'x', worst: 'x' },
    },
  ],
  replay: [
    ['replay', log, '--via', 'memory', '--quiet'],
    {
      ...{ target: 'nope', kernel: 'x', via: 'x:', speed: '0', 'max-gap': 'x', format: 'nope', 'log-buf-len': 'x' },
      ...{ loglevel: 'x', hosts: '0', workers: '0', show: 'x', rate: '0', burst: '0', ramp: 'x', loop: '0' },
      ...{ 'loop-as': 'x', loss: '2', impair: 'x', 'max-frames': '0', 'max-seconds': '0', reliable: 'x', as: 'x' },
      ...{ linger: 'x', metrics: 'x', worst: 'x' },
    },
  ],
  run: [['run', scenario, '--out', join(folder, 'run')], { kernel: 'x' }],
  storm: [
    ['storm', '--via', 'memory', '--quiet', '--hosts', '1', '--duration', '0.001'],
    {
      ...{ hosts: '0', duration: 'x', seed: 'x', kernel: 'x', workload: 'x', loss: '2', impair: 'x', collector: 'x' },
      ...{ via: 'x:', speed: '0', rate: '0', burst: '0', ramp: 'x', shard: 'x', workers: '0', linger: 'x' },
      ...{ metrics: 'x', worst: 'x' },
    },
  ],
};

describe.each(Object.keys(WRONG))('%s: a wrong option is wrong use', (command) => {
  const [right, wrong] = WRONG[command]!;
  it.each(Object.entries(wrong))('--%s %s', async (name, value) => {
    const { code, err } = await run(...right, `--${name}`, value);
    expect(err).not.toBe('');
    expect(code, err).toBe(2);
  });

  it('--nosuchoption', async () => {
    expect((await run(...right, '--nosuchoption')).code).toBe(2);
  });
});

it('every command that takes an option with a value is among them', () => {
  const { commands } = createProgram({ out: new Sink(), err: new Sink() }, () => {});
  const valued = commands.filter(({ options }) => options.some((option) => option.required || option.optional));
  expect(valued.map((command) => command.name()).sort()).toEqual(Object.keys(WRONG));
});

it.each([
  ['receive', '--plain', '--extended'],
  ['receive', '--ack', '--dialect', 'mainline'],
  ['receive', '--as', 'netoops', '--ack'],
  ['receive', 'extra'],
  ['merge'],
  ['run'],
  ['decode'],
  ['nosuchcommand'],
])('%s %s %s: what does not go together is wrong use', async (...args) => {
  expect((await run(...args)).code).toBe(2);
});

describe('shortened', () => {
  it('returns what can be read as it is', () => {
    const message = `${'word '.repeat(200)}${'p'.repeat(1000)}`;
    expect(shortened(message)).toBe(message);
  });

  it('takes the middle out of a long word, and of a long message', () => {
    expect(shortened(`a ${'b'.repeat(2000)} c`)).toBe(
      `a ${'b'.repeat(256)}...(1488 more characters)...${'b'.repeat(256)} c`,
    );
    const many = 'word '.repeat(4000);
    expect(shortened(many)).toMatch(/^word .*\.\.\.\(15904 more characters\)\.\.\..*word $/);
  });

  it('is what a KernelError does', () => {
    expect(new KernelError('EINVAL', 'x', LONG).message).toBe(shortened(LONG));
  });
});
