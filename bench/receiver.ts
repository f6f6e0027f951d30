/**
 * Measures how fast the receiver's state machine is: datagrams in memory go in and records come
 * out, on one core, by processor time.
 *
 *   npm run -s build && npx tsx bench/receiver.ts [--rounds 7] [--json]
 *
 * There are three streams: records in datagrams of 200 bytes, records in datagrams of 1000 bytes,
 * and a mix in which every tenth record comes in two pieces. If NCRX_BIN is set, the program that
 * it names runs on the same datagrams and in the same rounds: `NCRX_BIN FILE ROUNDS` reads
 * datagrams, each behind its length of 4 bytes (little-endian), feeds them to libncrx and ends with
 * a line of JSON with `perSecond`. libncrx itself is not carried here.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createReceiver } from 'netconsole-emulator/receiver';
import { median } from './measure.js';

const DATAGRAMS = 50_000;
/** How many datagrams come in a millisecond of the receiver's clock. */
const PER_MS = 100;
const AIM = 0.35;

const STREAMS: readonly (readonly [name: string, bytes: number, pieces: boolean])[] = [
  ['200 bytes', 200, false],
  ['1000 bytes', 1000, false],
  ['200 bytes, a tenth in pieces', 200, true],
];

function datagrams(bytes: number, pieces: boolean): Buffer[] {
  const all: Buffer[] = [];
  for (let seq = 1000; all.length < DATAGRAMS; seq++) {
    const header = `6,${seq},${1_000_000 + seq * 7},-`;
    if (pieces && seq % 10 === 0) {
      const body = `${'y'.repeat(1800)}\n`;
      all.push(Buffer.from(`${header},ncfrag=0/1801;${body.slice(0, 950)}`));
      all.push(Buffer.from(`${header},ncfrag=950/1801;${body.slice(950)}`));
    } else {
      all.push(Buffer.from(`${header};${'x'.repeat(bytes - header.length - 2)}\n`));
    }
  }
  return all;
}

/** Returns how many datagrams are processed in a second of processor time. */
function once(stream: readonly Uint8Array[], take: 'borrow' | 'next'): number {
  const receiver = createReceiver();
  const before = process.cpuUsage();
  for (let i = 0; i < stream.length; i++) {
    receiver.process(stream[i], i / PER_MS);
    while (receiver[take]() !== undefined);
  }
  const { user, system } = process.cpuUsage(before);
  if (receiver.stats.skipped > 0 || receiver.stats.incomplete > 0) throw new Error('records were lost');
  return (stream.length / (user + system)) * 1e6;
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' }, json: { type: 'boolean' } } });
const rounds = Number(values.rounds);
const program = process.env['NCRX_BIN'];
const folder = mkdtempSync(join(tmpdir(), 'receiver-'));
const results: object[] = [];
try {
  for (const [name, bytes, pieces] of STREAMS) {
    const stream = datagrams(bytes, pieces);
    const file = join(folder, 'datagrams');
    writeFileSync(file, Buffer.concat(stream.flatMap((d) => [Buffer.from(Uint32Array.of(d.length).buffer), d])));
    const [borrow, next, ncrx]: number[][] = [[], [], []];
    once(stream, 'borrow');
    once(stream, 'next');
    for (let round = 0; round < rounds; round++) {
      borrow!.push(once(stream, 'borrow'));
      if (program !== undefined) {
        const lines = execFileSync(program, [file, '1'], { encoding: 'utf8' }).trim().split('\n');
        ncrx!.push((JSON.parse(lines.at(-1)!) as { perSecond: number }).perSecond);
      }
      next!.push(once(stream, 'next'));
    }
    const million = (rates: readonly number[]) => (median(rates) / 1e6).toFixed(2);
    const ratio = program === undefined ? undefined : median(borrow!) / median(ncrx!);
    const beside =
      ratio === undefined
        ? 'libncrx: skipped, NCRX_BIN is not set'
        : `libncrx ${million(ncrx!)} M/s; ratio ${ratio.toFixed(2)} (aim ${AIM}) ${ratio >= AIM ? 'holds' : 'short'}`;
    console.log(`${name}: borrow ${million(borrow!)} M/s, next ${million(next!)} M/s; ${beside}`);
    results.push({ name, borrow: median(borrow!), next: median(next!), ncrx: median(ncrx!), ratio });
  }
} finally {
  rmSync(folder, { recursive: true });
}
if (values.json === true) console.log(JSON.stringify(results));
