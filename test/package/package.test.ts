/**
 * The package as it would be published: packed, unpacked into a project of its own, and used there by every runtime that is here.
 *
 * Runtimes: the one that runs the tests, and those that NODE_PATH holds (`node20`, `node22`, `node24`, `node26`, `@oven/bun-linux-x64`,
 * `@deno/linux-x64-glibc`; `.ci/run` installs them), or that PATH has (`bun`, `deno`).
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { buildSync } from 'esbuild';
import { publint } from 'publint';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entries, makeProject } from './project.js';

const root = new URL('../../', import.meta.url).pathname;
const fixtures = new URL('./', import.meta.url).pathname;
/** Entry points that touch nothing but JavaScript's own globals. */
const BROWSER_SAFE = ['.', './wire', './receiver', './testing', './run', './scenario', './workload'];

let project: string;
let unpacked: string;
let packed: readonly string[];
let tarball: string;

function env(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, VITEST: __, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1', DENO_NO_PROMPT: '1' };
}

beforeAll(() => {
  ({ folder: project, tarball, packed, unpacked } = makeProject());
  for (const name of ['smoke.mjs', 'require.cjs']) cpSync(join(fixtures, name), join(project, name));
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe('the tarball', () => {
  it('holds what it is published for, and nothing that points outside', () => {
    expect(packed).toContain('dist/cli/main.js');
    expect(packed).toContain('examples/boot.kmsg');
    expect(packed.filter((file) => file.endsWith('.map') || /^(test|src).*\.test\.ts$/.test(file))).toEqual([]);
    const others = packed.filter(
      (file) =>
        !/^(dist|examples)\/|^bench\/.*\.svg$|^src\/explore\/explorer\.png$|^(.*\/)?README\.md$|\.schema\.json$|^LICENSE$|^package\.json$/.test(
          file,
        ),
    );
    expect(others).toEqual([]);
    for (const file of packed.filter((file) => file.endsWith('.js')))
      expect(readFileSync(join(unpacked, file), 'utf8')).not.toContain('sourceMappingURL');
  });

  it('has the short way of a record in one chunk, where V8 knows its constants', () => {
    const chunk = readFileSync(join(unpacked, 'dist/chunks/kernel.js'), 'utf8');
    for (const name of ['KernelCore', 'PrintkStore', 'WholeStore', 'PrintkRingbuffer', 'Netpoll', 'Slab'])
      expect(chunk).toMatch(new RegExp(`^(var ${name} = class|class ${name})\\b`, 'm'));
    expect(chunk).toMatch(/^const NO_OPTIONS = /m);
    expect(chunk).not.toMatch(/\bexport \{[^}]*\b(NO_OPTIONS|packInfo|parseMarkers)\b/);
  });

  it('has less than a megabyte', () => expect(statSync(tarball).size).toBeLessThan(1_000_000));

  it('links in its pages only to what it holds', () => {
    const pages = packed.filter((file) => file.endsWith('.md'));
    const dead = pages.flatMap((page) =>
      [...readFileSync(join(unpacked, page), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, link]) => link!)
        .filter((link) => !existsSync(join(unpacked, dirname(page), link)))
        .map((link) => `${page}: ${link}`),
    );
    expect(dead).toEqual([]);
  });

  it('runs no script when it is installed', () => {
    const { scripts } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')) as { scripts: object };
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) expect(scripts).not.toHaveProperty(name);
  });

  it('is as publint wants it', async () => {
    const { messages } = await publint({ pkgDir: unpacked, strict: true });
    expect(messages).toEqual([]);
  });

  it('has types that every way of resolving finds', () => {
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const args = [attw, tarball, '--profile', 'esm-only', '--no-color', '--exclude-entrypoints', './examples/*'];
    expect(() => execFileSync(process.execPath, args, { encoding: 'utf8', env: env() })).not.toThrow();
  });
});

describe('types', () => {
  const complaints = (names: readonly string[], types: readonly string[], ...libs: readonly string[]): string[] => {
    const file = join(project, `types-${names.length}.ts`);
    writeFileSync(
      file,
      names.map((name, i) => `export * as e${i} from 'netconsole-emulator${name.slice(1)}';`).join('\n'),
    );
    const program = ts.createProgram([file], {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts', ...libs],
      types: [...types],
      typeRoots: [join(root, 'node_modules/@types')],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    });
    return ts.getPreEmitDiagnostics(program).map((d) => ts.flattenDiagnosticMessageText(d.messageText, ' '));
  };

  it('need no @types/node where Node is not used, and those of the web only for AbortSignal', () => {
    expect(
      complaints(
        BROWSER_SAFE.filter((name) => name !== './run'),
        [],
      ),
    ).toEqual([]);
    expect(complaints(BROWSER_SAFE, [], 'lib.dom.d.ts')).toEqual([]);
  });
  it('need @types/node and nothing else elsewhere', () =>
    expect(
      complaints(
        entries.filter((name) => name !== './vitest'),
        ['node'],
      ),
    ).toEqual([]));
});

describe('in a browser', () => {
  /** What pages and workers have, and no more of Node's. */
  const WEB = {
    atob,
    TextEncoder,
    TextDecoder,
    URL,
    performance,
    setTimeout,
    clearTimeout,
    AbortController,
    AbortSignal,
    WebAssembly,
  };

  it.each(BROWSER_SAFE)('%s bundles, loads and needs nothing of Node', (name) => {
    const specifier = `netconsole-emulator${name.slice(1)}`;
    const { outputFiles, warnings } = buildSync({
      stdin: { contents: `import * as all from '${specifier}'; globalThis.all = all;`, resolveDir: project },
      bundle: true,
      platform: 'browser',
      format: 'iife',
      write: false,
    });
    expect(warnings).toEqual([]);
    const code = outputFiles[0]!.text;
    // `process.env` is asked for only where there is a `process`.
    expect(code.match(/(?<!\.)\b(Buffer|process(?!\.env)|__dirname)\.\w+/g) ?? []).toEqual([]);
    const context = createContext({ ...WEB });
    runInContext(code, context);
    expect(Object.keys(context['all'] as object).length).toBeGreaterThan(0);
    if (name !== './testing') return;
    const texts = runInContext(
      `const h = all.createHarness({ profile: '6.12' }); h.kernel.printk('in a page\\n'); h.texts().join()`,
      context,
    );
    expect(texts).toBe('in a page');
  });
});

describe('whoever bundles', () => {
  it.each([
    ['wire', 'decodeFrame', 40_000],
    ['receiver', 'createReceiver', 50_000],
  ] as const)('one function of ./%s gets no kernel with it', (entry, name, most) => {
    const { outputFiles } = buildSync({
      stdin: { contents: `export { ${name} } from 'netconsole-emulator/${entry}'`, resolveDir: project },
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
    });
    expect(outputFiles[0]!.contents.length).toBeLessThan(most);
  });
});

interface Runtime {
  readonly name: string;
  readonly path: string | undefined;
  readonly args: readonly string[];
}

const roots = (process.env['NODE_PATH'] ?? '').split(delimiter).filter(Boolean);
const inRoots = (path: string) => roots.map((folder) => join(folder, path)).find((file) => existsSync(file));
const inPath = (name: string) =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
const RUNTIMES: readonly Runtime[] = [
  { name: `this Node (${process.versions.node})`, path: process.execPath, args: [] },
  ...['20', '22', '24', '26'].map((major) => ({
    name: `node-${major}`,
    path: inRoots(`node${major}/bin/node`),
    args: [],
  })),
  { name: 'bun', path: inRoots('@oven/bun-linux-x64/bin/bun') ?? inPath('bun'), args: [] },
  { name: 'deno', path: inRoots('@deno/linux-x64-glibc/deno') ?? inPath('deno'), args: ['run', '-A', '--no-lock'] },
];
const required = (process.env['NCE_REQUIRED_ARMS'] ?? '').split(',');

describe.each(RUNTIMES)('$name', ({ name, path, args }) => {
  const here = path !== undefined || required.includes(name);
  const why = here ? '' : ` (skipped: ${name} is neither in NODE_PATH nor in PATH)`;
  const run = (...file: string[]) => {
    expect(path, `${name} is required and not here`).toBeDefined();
    return execFileSync(path!, [...args, ...file], { cwd: project, encoding: 'utf8', env: env(), timeout: 60_000 });
  };
  const cli = () => join(unpacked, 'dist/cli/main.js');

  it.skipIf(!here)(`sends the same bytes as every other${why}`, () => {
    const reference = execFileSync(process.execPath, ['smoke.mjs'], { cwd: project, encoding: 'utf8', env: env() });
    const report = JSON.parse(run('smoke.mjs')) as Record<string, unknown>;
    expect(report).toEqual(JSON.parse(reference));
    expect(report).toMatchObject({ texts: ['hello'], outcomes: ['ok'], records: 394 });
  });

  it.skipIf(!here)(`loads every entry point with require${why}`, () => {
    expect(run('require.cjs').trim()).toBe('all');
  });

  it.skipIf(!here)(`runs the command line${why}`, () => {
    const log = join(unpacked, 'examples/boot.kmsg');
    expect(run(cli(), 'replay', log, '--via', 'memory')).toMatch(/394 records .*, 381 frames/);
    expect(run(cli(), 'replay', log, '--via', 'memory', '--hosts', '4', '--workers', '2')).toMatch(/1524 frames/);
  });
});

it('every entry point is a file of the package', () => {
  const require = createRequire(join(project, 'index.js'));
  for (const name of entries) expect(existsSync(require.resolve(`netconsole-emulator${name.slice(1)}`))).toBe(true);
  expect(readdirSync(join(unpacked, 'examples')).length).toBeGreaterThan(8);
});
