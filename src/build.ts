/**
 * Makes the JavaScript of `dist`: a file for each entry point of package.json, for the command line
 * and for each worker, and what they share in `dist/chunks`. `npm run build` runs this first, then
 * the compiler for the types, then `page/build.ts`.
 *
 * Modules are joined, and not translated one by one, for speed. V8 loads what another module
 * exports anew at each use, and checks that it is there; what a module keeps to itself it knows
 * when it compiles. So all that a record passes through, from printk to a device, is one chunk.
 * What is known of datagrams is another, so that whoever bundles only a receiver gets no kernel.
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

/** The rooms of each chunk. It gets what they import, too, unless that is in the one before. */
const CHUNKS = [
  { name: 'wire', test: /\/src\/(wire|errno|options|show)[./]/, priority: 1 },
  { name: 'kernel', test: /\/src\/(configfs|console|kernel|lane|memory|modules|net|netpoll|printk)\// },
];

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
  codeSplitting: { groups: CHUNKS },
  comments: false,
});
