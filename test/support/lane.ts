/**
 * Makes what the compiled loops need and what is made of them: `npm run lane`, after a change of `layout.ts` or `lane.as.ts`.
 *
 *   src/lane/layout.ts    -> layout.as.ts    the constants, for the AssemblyScript
 *   src/lane/lane.as.ts   -> binary.ts       the WebAssembly module, embedded, so that the package needs no file beside its code
 *                         -> lane.wat        the same as text, so that a change of the binary can be reviewed
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as layout from '../../src/lane/layout.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const lane = join(root, 'src/lane');
/**
 * The compiled code allocates nothing and has no static data, only the memory that is handed in.
 */
const ASC_OPTIONS =
  '-O3 --noAssert --runtime stub --importMemory --noExportMemory --memoryBase 4096 --use abort= --enable simd'.split(
    ' ',
  );

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/**
 * Returns `layout.as.ts`: every constant of `layout.ts`. Members of an object are offsets, so they
 * have a pointer's size.
 */
export function layoutSource(): string {
  const lines: string[] = [];
  const constant = (name: string, type: string, value: number) =>
    lines.push(`@inline export const ${name}: ${type} = ${value};`);
  for (const [name, value] of Object.entries(layout).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (typeof value === 'number') constant(name, 'u32', value >>> 0);
    else for (const [key, n] of Object.entries(value)) constant(`${name}_${snake(key)}`, typeOf(name), n);
  }
  return `// Made from layout.ts by \`npm run lane\`.\n${lines.join('\n')}\n`;
}

function typeOf(name: string): string {
  return name === 'STATE' || name === 'INFO' ? 'u32' : 'usize';
}

/** Compiles `lane.as.ts`; returns the module, and the same as text. */
export function compileLane(): { binary: Uint8Array; text: string } {
  const folder = mkdtempSync(join(tmpdir(), 'lane-'));
  try {
    const wasm = join(folder, 'lane.wasm');
    const wat = join(folder, 'lane.wat');
    const asc = join(root, 'node_modules/assemblyscript/bin/asc.js');
    const argv = [asc, 'src/lane/lane.as.ts', '-o', wasm, '-t', wat, ...ASC_OPTIONS];
    execFileSync(process.execPath, argv, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    return { binary: readFileSync(wasm), text: readFileSync(wat, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(lane, 'layout.as.ts'), layoutSource());
  const { binary, text } = compileLane();
  writeFileSync(join(lane, 'lane.wat'), text);
  const lines = Buffer.from(binary)
    .toString('base64')
    .match(/.{1,116}/g)!;
  writeFileSync(
    join(lane, 'binary.ts'),
    `/** The compiled loops: made from lane.as.ts by \`npm run lane\`. */\nexport const LANE_BASE64: string =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`,
  );
}
