/**
 * Every command and every piece of code in the pages, as they are published, in a project that has
 * nothing but the package: commands run, code has the types that it uses, and runs where it stands
 * by itself.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entries, makeProject, type Project } from './project.js';

const root = new URL('../../', import.meta.url).pathname;
const pages = [
  'README.md',
  ...readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('README.md'))
    .map((name) => `src/${name}`),
];

interface Block {
  readonly page: string;
  readonly code: string;
}

function blocks(language: string): Block[] {
  return pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)]
      .filter(([, name]) => name === language)
      .map(([, , code]) => ({ page, code: code! })),
  );
}

let project: Project;
const env = () => {
  const { NODE_OPTIONS: _, VITEST: __, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1', HOME: project.folder, PATH: `${project.folder}/bin:${rest['PATH']}` };
};

beforeAll(() => {
  project = makeProject();
  const { folder, unpacked } = project;
  const examples = join(unpacked, 'examples');
  mkdirSync(join(folder, 'bin'));
  const program = join(folder, 'bin/netconsole-emulator');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${unpacked}/dist/cli/main.js' "$@"\n`, {
    mode: 0o755,
  });
  symlinkSync(examples, join(folder, 'examples'));
  mkdirSync(join(folder, '.local/lib/wireshark/plugins'), { recursive: true });
  for (const name of ['boot.kmsg', 'boot.log', 'kern.log', 'crash.log'])
    copyFileSync(join(examples, 'boot.kmsg'), join(folder, name));
  writeFileSync(join(folder, 'kern.log.gz'), gzipSync(readFileSync(join(examples, 'boot.kmsg'))));
  copyFileSync(join(examples, 'scenario.json'), join(folder, 'scenario.json'));
  writeFileSync(join(folder, 'relay.log'), 'relay web-7 6| hello\n');
  writeFileSync(join(folder, 'plan.yaml'), 'duration: 0.1\ngroups: [{ name: a, hosts: 4 }]\n');
  // What `check` is shown with: a truth, and what a receiver printed of it.
  const storm = (...args: string[]) =>
    execFileSync(program, ['storm', 'plan.yaml', '--quiet', ...args], { cwd: folder, env: env() });
  for (const name of ['truth.jsonl', 'truth.jsonl.gz']) storm('--via', 'memory', '--manifest', name);
  for (const part of [1, 2, 3, 4])
    writeFileSync(join(folder, `part${part}.json`), storm('--via', 'memory', '--shard', `${part}/4`, '--json'));
  const [, line] = readFileSync(join(folder, 'truth.jsonl'), 'utf8').split('\n');
  const { host, seq, level, text } = JSON.parse(line!) as Record<string, unknown>;
  const received = {
    host,
    port: 6665,
    level,
    facility: 0,
    seq,
    tsUsec: 1,
    flag: '-',
    text,
    dictionary: {},
    complete: true,
  };
  writeFileSync(join(folder, 'received.jsonl'), `${JSON.stringify(received)}\n`);
}, 120_000);

afterAll(() => rmSync(project.folder, { recursive: true, force: true }));

/** What is not run here, and why not. */
const ELSEWHERE: readonly (readonly [what: RegExp, why: string])[] = [
  [/^npm ci/, 'the tests themselves are run so'],
  [/^sudo setcap/, 'it would give the node of this machine privileges'],
  [/^parallel/, 'there is one machine; what runs on each is run for the next command'],
  [/\.\.\.(?=['\s]|$)/, 'it is shortened in the page'],
  [/^tshark/, 'test/conformance/dissector.test.ts has tshark'],
];

const commands = blocks('sh').flatMap(({ page, code }) =>
  code
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ page, line })),
);

describe('commands', () => {
  it('there are some in many pages', () => {
    expect(commands.length).toBeGreaterThan(25);
    expect(new Set(commands.map(({ page }) => page)).size).toBeGreaterThan(8);
  });

  it('the few that are not run here are those that say why not', () => {
    const named = ELSEWHERE.map(([what]) => commands.filter(({ line }) => what.test(line)).length);
    expect(named).toEqual([2, 1, 1, 2, 1]);
  });

  const here = commands.filter(({ line }) => !ELSEWHERE.some(([what]) => what.test(line)));
  it.each(here.map(({ page, line }) => [`${page}: ${line}`, line] as const))('%s', (_, line) => {
    // As it stands, but nowhere where it needs a network, on ports that nobody else uses, and soon
    // done.
    const command = line
      .replace(/^ssh box dmesg -r/, 'cat boot.log')
      .replace(/--via veth0/, '--via memory')
      .replace(/netconsole-emulator receive/, '$& --port 0 --max-seconds 1 --quiet')
      .replace(/(?:,\d+|,)@127\.0\.0\.1/, ',9@127.0.0.1')
      .replace(/--speed 1 /, '--speed 1000 ')
      .replace(/--duration 10/, '--duration 0.1');
    const options = { cwd: project.folder, env: env(), encoding: 'utf8', timeout: 60_000 } as const;
    const { status, stderr } = spawnSync('sh', ['-c', command], options);
    // `diff` may find a difference, and `check` what is missing.
    expect(/emulator (diff|check)/.test(line) ? [0, 1] : [0], stderr).toContain(status);
    expect(stderr).not.toMatch(/error|\bat .*:\d+:\d+/i);
  });
});

/** What the pages take for granted, by its type. */
const GIVEN: Readonly<Record<string, string>> = {
  kernel: "import('netconsole-emulator').Kernel",
  eth0: "import('netconsole-emulator').MemoryDevice",
  device: "import('netconsole-emulator').NetDevice",
  stats: "import('netconsole-emulator').DeviceStats",
  frames: 'readonly Uint8Array[]',
  lines: 'readonly string[]',
  registers: 'Uint8Array',
  text: 'string',
  end: 'number',
  port: '{ write(bytes: Uint8Array): void }',
  send: '(bytes: Uint8Array) => void',
  socket: "import('node:dgram').Socket",
  MyReceiver:
    'new () => { handle(payload: Uint8Array, from: string, reply: (payload: Uint8Array) => void): void; datagram(payload: Uint8Array): void; gaps: number; texts: string[] }',
  expect: "typeof import('vitest').expect",
  test: "typeof import('vitest').test",
};

function exportsOf(): Map<string, string> {
  const names = new Map<string, string>();
  for (const entry of [...entries].reverse()) {
    const types = readFileSync(
      join(project.unpacked, 'dist', entry.slice(1) || '', entry === '.' ? 'index.d.ts' : 'index.d.ts').replace(
        /transport\/[\w-]+\/index/,
        'transport/index',
      ),
      'utf8',
    );
    for (const [, list] of types.matchAll(/export (?:type )?\{([^}]*)\}/g))
      for (const name of list!.split(','))
        names.set(
          name
            .replace(/^\s*type /, '')
            .trim()
            .split(' as ')
            .at(-1)!,
          entry,
        );
    for (const [, name] of types.matchAll(/export declare (?:function|const|class) (\w+)/g)) names.set(name!, entry);
  }
  return names;
}

/** A module that has what the block takes for granted. */
function moduleOf(code: string): { source: string; given: readonly string[] } {
  const has = (name: string) => new RegExp(`(?<![.\\w'"])${name}\\b(?!['":])`).test(code);
  const declared = (name: string) =>
    new RegExp(
      `(?:const|let|class|function) (?:\\{[^}]*\\b)?${name}\\b|import [^;]*\\b${name}\\b|[(,] ?${name}\\b[^()]*\\) =>`,
    ).test(code);
  const given = Object.keys(GIVEN).filter((name) => has(name) && !declared(name));
  const imports = [...exportsOf()].filter(
    ([name]) => /^\w+$/.test(name) && has(name) && !declared(name) && !(name in GIVEN),
  );
  const source = [
    ...imports.map(([name, entry]) => `import { ${name} } from 'netconsole-emulator${entry.slice(1)}';`),
    ...given.map((name) => `declare const ${name}: ${GIVEN[name]};`),
    code.replace(/import .*my-receiver.*\n/, `declare const MyReceiver: ${GIVEN['MyReceiver']};\n`),
    'export {};',
  ].join('\n');
  return { source, given };
}

/** Of the pages about the inside, whose code is the repository's. */
const INSIDE = /src\/(page|explore)\//;
const pieces = blocks('ts').filter(({ page }) => !INSIDE.test(page));

describe('code', () => {
  it.each(pieces)('$page: $code', ({ page, code }) => {
    const { source, given } = moduleOf(code);
    const file = join(
      project.folder,
      `piece-${pieces.findIndex((piece) => piece.page === page && piece.code === code)}.ts`,
    );
    writeFileSync(file, source);
    const modules = join(project.folder, 'node_modules');
    for (const name of ['vitest', '@types']) {
      if (!existsSync(join(modules, name))) symlinkSync(join(root, 'node_modules', name), join(modules, name));
    }
    const program = ts.createProgram([file], {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
      types: ['node'],
      strict: true,
      skipLibCheck: true,
      noEmit: true,
    });
    const wrong = ts.getPreEmitDiagnostics(program).map((d) => ts.flattenDiagnosticMessageText(d.messageText, ' '));
    expect(wrong, source).toEqual([]);
    if (!/^import .*'netconsole-emulator/m.test(code) || given.length > 0 || /vitest|openDevice\('(udp|xdp)/.test(code))
      return;
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    });
    writeFileSync(`${file}.mjs`, outputText);
    const printed = execFileSync(process.execPath, [`${file}.mjs`], {
      cwd: project.folder,
      env: env(),
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (/console\.log/.test(code)) expect(printed).toMatch(/\S/);
  });

  it('the first piece prints what the page says', () => {
    const text = readFileSync(join(root, 'README.md'), 'utf8');
    const [, said] = /```text\n(IP [\s\S]*?)```/.exec(text)!;
    const printed = execFileSync(process.execPath, ['piece-0.ts.mjs'], {
      cwd: project.folder,
      env: env(),
      encoding: 'utf8',
    });
    expect(printed.endsWith(said!)).toBe(true);
  });
});
