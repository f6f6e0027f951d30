// score.mjs KERNEL FIRST LAST: records random scenarios with the seeds FIRST to LAST on a real kernel, runs each on the emulator, and
// says how many gave the same outcomes, log and frames. Differences are printed.
//
//   npm run build && npx tsx test/conformance/record/score.mjs 6.12 1000 1009 --jobs 3
//
//   --kinds KIND,…   seed N is of the kind N modulo their number; default: all kinds of random.mjs but nuls
//   --out FOLDER     where recordings are kept, and taken from if they are there already; default: a temporary folder
//   --jobs N         so many guests at once; a guest mostly waits. Default: 1
//
// See README.md for what must be prepared.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { compare, readGolden, runGolden } from '../../support/compare.ts';
import { MACHINE_MIX } from './random-machine.mjs';

const KINDS = ['device', 'configfs', 'userdata', 'kmsg', 'mixed', ...Object.keys(MACHINE_MIX)].filter(
  (kind) => kind !== 'nuls',
);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kinds: { type: 'string' }, out: { type: 'string' }, jobs: { type: 'string', default: '1' } },
});
const [kernel, first, last] = positionals;
if (!/^\d+$/.test(first ?? '') || !/^\d+$/.test(last ?? '')) {
  console.error('usage: score.mjs KERNEL FIRST LAST [--kinds KIND,…] [--out FOLDER] [--jobs N]');
  process.exit(2);
}
const kinds = values.kinds?.split(',') ?? KINDS;
const out = values.out ?? mkdtempSync(join(tmpdir(), 'random-'));
const here = (name) => new URL(name, import.meta.url).pathname;
const run = promisify(execFile);

/** The differences of one seed's recording and the emulator's run; a guest that did not become ready is one. */
async function differencesOf(seed) {
  const kind = kinds[seed % kinds.length];
  const folder = join(out, `${kernel}-${kind}-${seed}`);
  try {
    if (!existsSync(join(folder, 'meta.json'))) {
      const scenario = join(out, `${kernel}-${seed}.json`);
      writeFileSync(scenario, (await run('node', [here('./random.mjs'), String(seed), kind, '30'])).stdout);
      await run('node', [here('./record.mjs'), kernel, scenario, folder]);
    }
    const golden = readGolden(folder);
    // One wrong id makes all that follow wrong.
    const all = compare(golden, runGolden(golden));
    const first = all.findIndex(({ kind: what }) => what === 'id');
    return all
      .filter(({ kind: what }, i) => what !== 'id' || i === first)
      .map(({ kind: what, text }) => `${folder}: ${what}: ${text}`);
  } catch (error) {
    return [`${folder}: ${error.message.slice(-600)}`];
  }
}

let equal = 0;
const seeds = Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i);
const total = seeds.length;
async function worker() {
  for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
    const differences = await differencesOf(seed);
    if (differences.length === 0) equal++;
    for (const difference of differences) console.log(difference);
  }
}
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
console.log(`${kernel}: ${equal} of ${total} random scenarios equal; recordings in ${out}`);
