// score.mjs KERNEL FIRST LAST [OUT]: records random scenarios with the seeds FIRST to LAST on a real kernel, runs each on the emulator,
// and says how many gave the same outcomes, log and frames. Differences are printed; recordings stay in OUT (default: a temporary folder).
//
//   npm run build && npx tsx test/conformance/record/score.mjs 6.12 1000 1009
//
// Each seed is of one kind, in turn: device, configfs, userdata, kmsg, mixed. See README.md for what must be prepared.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, readGolden, runGolden } from '../../support/compare.ts';

const [kernel, first, last, out = mkdtempSync(join(tmpdir(), 'random-'))] = process.argv.slice(2);
if (!/^\d+$/.test(last ?? '')) {
  console.error('usage: score.mjs KERNEL FIRST LAST [OUT]');
  process.exit(2);
}
const KINDS = ['device', 'configfs', 'userdata', 'kmsg', 'mixed'];
const here = (name) => new URL(name, import.meta.url).pathname;

let equal = 0;
let runs = 0;
for (let seed = Number(first); seed <= Number(last); seed++) {
  const kind = KINDS[seed % KINDS.length];
  const folder = join(out, `${kernel}-${kind}-${seed}`);
  if (!existsSync(join(folder, 'meta.json'))) {
    const scenario = join(out, 'scenario.json');
    writeFileSync(scenario, execFileSync('node', [here('./random.mjs'), String(seed), kind, '30']));
    execFileSync('node', [here('./record.mjs'), kernel, scenario, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const golden = readGolden(folder);
  const differences = compare(golden, runGolden(golden));
  runs++;
  if (differences.length === 0) equal++;
  for (const { kind: what, text } of differences) console.log(`${folder}: ${what}: ${text}`);
}
console.log(`${kernel}: ${equal} of ${runs} random scenarios equal; recordings in ${out}`);
