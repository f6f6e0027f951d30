// all.mjs [OUT]: records again whatever the kernels that can be had were recorded with, compares each recording with the emulator, and
// says which kernels cannot be had.
//
//   npm run build && npm run golden:record -- --all                       into a temporary folder
//   npm run golden:record -- --all OUT --kernels 6.1,7.3 --only bond,vlan
//
//   --kernels K,…   of the kernels that Debian has, these; default: all
//   --only NAME,…   of the scenarios that a kernel was recorded with, these; default: all
//   --jobs N        so many guests at once; default: 1
//
// What is kept in the project does not change: a recording that is worth having is copied from OUT by hand. Exit code 1 if one was not
// made or differs.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { chooseProfile } from '../../../src/profile/index.ts';
import { KERNELS } from '../../../src/profile/kernels.ts';
import { compare, readGolden, runGolden } from '../../support/compare.ts';
import { NOT_COMPARED, RECORDINGS } from '../../support/recordings.ts';
import { withoutMarkers } from './guest.mjs';
import { DEBIAN_KERNELS, kernelFolder } from './lab.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kernels: { type: 'string' }, only: { type: 'string' }, jobs: { type: 'string', default: '1' } },
});
const out = positionals[0] ?? mkdtempSync(join(tmpdir(), 'recordings-'));
const only = values.only?.split(',');
const here = (name) => new URL(name, import.meta.url).pathname;
const run = promisify(execFile);

/** Whether a version is one of `6.12`'s: 6.12.95, but not 6.1. */
const isOf = (version, key) => version === key || version.startsWith(`${key}.`);

/** Undefined if the kernel is there now; else why it is not. */
function prepare(key) {
  if (existsSync(join(kernelFolder(key), 'vmlinuz'))) return undefined;
  try {
    execFileSync(here('./prepare.sh'), [key], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    return undefined;
  } catch (error) {
    return error.stderr?.trim().split('\n').at(-1) || error.message;
  }
}

/** Records one scenario; what differs between it and the emulator. */
async function differencesOf({ key, scenario, folder }) {
  const to = join(out, key, scenario);
  try {
    const source = JSON.parse(readFileSync(join(folder, 'scenario.json'), 'utf8'));
    const file = join(out, key, `${scenario}.json`);
    writeFileSync(file, JSON.stringify({ ...source, ops: withoutMarkers(source.ops) }));
    await run('node', [here('./record.mjs'), key, file, to]);
    if (scenario in NOT_COMPARED) return [];
    const golden = readGolden(to);
    reached.add(chooseProfile(golden.version ?? golden.release).profile.name);
    return compare(golden, runGolden(golden)).map(({ kind, text }) => `${kind}: ${text}`);
  } catch (error) {
    return [`not recorded: ${error.message.slice(-600)}`];
  }
}

const todo = [];
/** The profiles whose kernels were run. */
const reached = new Set();
for (const key of values.kernels?.split(',') ?? DEBIAN_KERNELS) {
  const why = prepare(key);
  if (why !== undefined) {
    console.log(`${key}: cannot be had: ${why}`);
    continue;
  }
  mkdirSync(join(out, key), { recursive: true });
  const known = RECORDINGS.filter(({ name }) => isOf(name.replace('recorded/', '').split('/')[0], key));
  const byName = new Map(known.map((recording) => [recording.scenario, recording]));
  for (const { scenario, folder } of byName.values())
    if (only?.includes(scenario) ?? true) todo.push({ key, scenario, folder });
}

let wrong = 0;
const total = todo.length;
async function worker() {
  for (let job = todo.shift(); job !== undefined; job = todo.shift()) {
    const differences = await differencesOf(job);
    if (differences.length > 0) wrong++;
    console.log(`${job.key}/${job.scenario}: ${differences.length === 0 ? 'equal' : `differs\n${differences[0]}`}`);
  }
}
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));

if (values.kernels === undefined) {
  for (const { name, recorded } of KERNELS.filter(({ name }) => !reached.has(name))) {
    const { folder } = RECORDINGS.find(({ profile }) => profile === name) ?? {};
    const tree = folder && JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')).tree;
    const how = recorded === undefined ? 'only its sources were read' : `the recordings there are: ${tree ?? recorded}`;
    console.log(`${name}: no package gives this kernel; ${how}`);
  }
}
console.log(`${total - wrong} of ${total} recordings made again and equal to the emulator; they are in ${out}`);
process.exitCode = wrong > 0 ? 1 : 0;
