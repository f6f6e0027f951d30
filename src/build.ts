/**
 * Makes the JavaScript of `dist`: a file for each entry point of package.json, for the command line
 * and for each worker, and what they share in `dist/chunks`. `npm run build` runs this first, then
 * the compiler for the types, then `page/build.ts`.
 *
 * Modules are joined, and not translated one by one, for speed. V8 reads what another module
 * exports anew at each use, and checks that it is there; what the same module keeps to itself it
 * knows when it compiles. bench/README.md says what that is worth. So the modules that a record
 * passes through must be in one chunk, `kernel`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { rolldown } from 'rolldown';

const root = new URL('../', import.meta.url).pathname;

interface Manifest {
  readonly engines: { readonly node: string };
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Manifest;

/** The rooms of the emulated kernel, and the files beside them. */
const KERNEL =
  /\/src\/(configfs|console|errno|index|kernel|lane|memory|modules|net|netpoll|options|printk|profile|show|time|wire)[./]/;

/** Returns the names of the files that `dist` must have, such as `wire/index`. */
function names(): string[] {
  const targets = Object.values(manifest.exports).map((one) => (typeof one === 'string' ? one : one.default));
  const files = [...targets, ...Object.values(manifest.bin)].filter((file) => file.endsWith('.js'));
  const workers = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' });
  return [
    ...files.map((file) => file.replace(/^(\.\/)?dist\/|\.js$/g, '')),
    ...workers.filter((file) => file.endsWith('worker.ts')).map((file) => file.replace(/\.ts$/, '')),
  ];
}

const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(names().map((name) => [name, `src/${name}.ts`])),
  platform: 'neutral',
  external: [
    /^node:/,
    ...Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies }),
  ],
  transform: { target: manifest.engines.node.replace(/^\D*/, 'node') },
});
await bundle.write({
  dir: `${root}dist`,
  cleanDir: true,
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name].js',
  codeSplitting: { groups: [{ name: 'kernel', test: KERNEL }] },
  comments: false,
});
