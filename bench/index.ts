/**
 * Measures how fast the emulator is, beside everything that a user could pick instead: `npm run
 * bench`.
 *
 *   npm run -s bench -- [--quick] [--json] [--rounds 7] [--seconds 0.5] [--budget SECONDS] [--only PART,PART]
 *     [--drop xdp] [--out FILE]
 *
 * It builds its C references with `cc`, makes its own network namespaces and a veth pair, and runs
 * all rows in interleaved rounds. Then it prints a table, what the table shows, and with `--json`
 * one line of JSON. The namespaces need root; without it only printk to a finished frame is
 * measured. npm `cap` and `raw-socket` are looked for in NODE_PATH.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { type Aim, measure, type Result, ratiosOf, SIZES } from './measure.js';
import { pureRows, wireRows } from './printk.js';
import { machine, table } from './report.js';
import { transportRows } from './transport.js';
import { vethProblem } from './veth.js';

/**
 * What must hold: the least ratio of the first row to the second, for frames of 200 bytes and of
 * 1042 bytes.
 */
const AIMS: readonly (readonly [string, string, number, number])[] = [
  ['prepared af-packet', 'C sendmmsg prepared', 0.95, 0.95],
  ['prepared xdp', 'C xdp-live prepared', 0.9, 0.9],
  ['prepared af-xdp', 'C AF_XDP prepared', 0.9, 0.9],
  ['printk-to-wire xdp', 'C sendmmsg prepared', 1.8, 1.5],
  ['printk-to-wire xdp', 'C AF_XDP prepared', 1.1, 1.1],
  ['printk-to-wire af-xdp', 'C sendmmsg prepared', 1, 0.9],
  ['printk-to-wire af-packet', 'C sendmmsg prepared', 0.8, 0.7],
  ['printk-to-wire cap', 'cap.send loop', 0.85, 0.85],
  ['printk-to-wire af-xdp 2 workers', 'printk-to-wire af-xdp', 1.8, 1.8],
  ['printk-to-wire af-xdp', 'tcpreplay', 1.6, 1.6],
  ['printk-to-wire af-xdp', 'trafgen', 1.2, 1.2],
  ['printk-to-frame', 'C printk-to-frame', 0.5, 0.5],
];

function aimsOf(results: readonly Result[]): Aim[] {
  return AIMS.flatMap(([over, under, ...aims]) =>
    SIZES.flatMap((frameBytes, i) => {
      const ratios = ratiosOf(results, over, under, frameBytes);
      return ratios === undefined ? [] : [{ over, under, frameBytes, aim: aims[i]!, ...ratios }];
    }),
  );
}

function shown(aims: readonly Aim[]): string {
  const lines = aims.map(({ over, under, frameBytes, aim, ratio, cpuRatio }) => {
    const byCpu = cpuRatio === undefined ? '' : `, by CPU ${cpuRatio.toFixed(2)}`;
    const verdict = ratio >= aim ? 'holds' : 'short';
    return `${verdict}  ${ratio.toFixed(2)}${byCpu} (aim ${aim})  ${over} : ${under}, ${frameBytes}`;
  });
  return lines.join('\n');
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    budget: { type: 'string' },
    only: { type: 'string' },
    drop: { type: 'string' },
    out: { type: 'string' },
  },
});
const problem = await vethProblem();
if (problem !== undefined) process.stderr.write(`only printk to frame is measured: ${problem}\n`);
const only = values.only?.split(',');
const rows = [...transportRows(), ...wireRows(), ...pureRows()].filter(
  (row) => only === undefined || only.some((part) => row.name.includes(part)),
);
const seconds = Number(values.seconds ?? (values.quick ? 0.25 : 0.5));
const budget = values.budget ?? (values.quick ? 190 : undefined);
const results = await measure(rows, {
  rounds: Number(values.rounds ?? (values.quick ? 3 : 7)),
  seconds,
  sizes: SIZES,
  problem,
  drop: values.drop === 'xdp' ? 'xdp' : 'stack',
  ...(budget !== undefined && { budget: Number(budget) }),
  log: (text) => process.stderr.write(`${text}\n`),
});
const aims = aimsOf(results);
const rounds = Math.max(0, ...results.map(({ rates }) => rates.length));
const json = JSON.stringify({
  ...{ machine: machine(), rounds, seconds, aims },
  rows: results.map(({ rates: _, cpus: __, ...row }) => row),
});
if (values.out !== undefined) {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${json}\n`);
}
process.stdout.write(`${table(results)}\n\n${shown(aims)}\n`);
if (values.json) process.stdout.write(`${json}\n`);
