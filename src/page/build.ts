/**
 * Bundles the pages: makes `dist/ROOM/page.html` of every `src/ROOM/page/main.ts` with its
 * `page.html` and `page.css`. Script and style are in it. `npm run build` runs this after the
 * compiler.
 *
 * Code that is written for Node gets the npm package buffer in place of Node's Buffer. A module of
 * Node's is an empty object in the page, so page code may import it but not call it.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const root = new URL('../../', import.meta.url).pathname;
/** The browsers that pages are built for: those of the last three years. */
const TARGET = ['es2023', 'chrome112', 'firefox115', 'safari16.4'];

/** Gives the bundle what it needs in place of Node's modules, which a browser does not have. */
const node: Plugin = {
  name: 'node',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'node', sideEffects: false }));
    onLoad({ filter: /.*/, namespace: 'node' }, () => ({ contents: 'module.exports = {};' }));
    onResolve({ filter: /^buffer-for-pages$/ }, () => ({ path: 'buffer', namespace: 'buffer', sideEffects: false }));
    onLoad({ filter: /.*/, namespace: 'buffer' }, () => ({
      contents: `export { Buffer } from 'buffer/';`,
      resolveDir: root,
    }));
  },
};

/** Bundles and minifies a file, and returns the text. Throws an error for a warning, too. */
async function bundle(file: string, options: BuildOptions): Promise<string> {
  const { outputFiles, warnings } = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    target: TARGET,
    legalComments: 'inline',
    logLevel: 'error',
    ...options,
  });
  if (warnings.length > 0) throw new Error(`${file}: ${warnings.map(({ text }) => text).join('; ')}`);
  return outputFiles![0]!.text.trim();
}

/** Returns the name that a Content-Security-Policy has for a script or style in the page itself. */
function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Returns the page of a folder, with policy, style and script in it. */
async function page(folder: string): Promise<string> {
  const script = await bundle(join(folder, 'main.ts'), {
    format: 'iife',
    plugins: [node],
    inject: ['buffer-for-pages'],
  });
  const style = await bundle(join(folder, 'page.css'), {});
  const wasm = script.includes('WebAssembly') ? ` 'wasm-unsafe-eval'` : '';
  const policy = `default-src 'none'; script-src ${hash(script)}${wasm}; style-src ${hash(style)}; img-src data: blob:; base-uri 'none'; form-action 'none'`;
  const parts: Readonly<Record<string, string>> = {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    style: `<style>${style}</style>`,
    script: `<script>${script}</script>`,
  };
  const file = join(folder, 'page.html');
  const html = readFileSync(file, 'utf8');
  for (const name of Object.keys(parts))
    if (html.split(`<!-- ${name} -->`).length !== 2) throw new Error(`${file} needs one <!-- ${name} -->`);
  return html.replace(/<!-- (policy|style|script) -->/g, (_, name: string) => parts[name]!);
}

for (const room of readdirSync(join(root, 'src')).sort()) {
  const folder = join(root, 'src', room, 'page');
  if (!existsSync(join(folder, 'main.ts'))) continue;
  mkdirSync(join(root, 'dist', room), { recursive: true });
  writeFileSync(join(root, 'dist', room, 'page.html'), await page(folder));
}
