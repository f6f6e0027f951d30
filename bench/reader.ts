/**
 * Measures how fast logs of each format are read, and replayed into memory: `npx tsx
 * bench/reader.ts [--rounds 5] [--records 60000] [--only FORMAT] [--base FOLDER]`.
 *
 * The reference is a naive reader that does as little as a program can: it looks for each newline,
 * makes a string of the line, and takes the kernel's stamp out of it with a regular expression.
 * Rates are megabytes of the log for each second of processor time, as medians of interleaved
 * rounds; the ratio is the median of the ratios within a round.
 *
 * The aim for reading is in megabytes. The aim for replaying is a ratio: `--base` names a built
 * checkout of an earlier commit, which replays the same log into its own memory device in the same
 * rounds. Run `npm run build` first, because what `tsx` makes of functions costs time. With
 * `--base`, nothing else is measured.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createMemoryDevice } from 'netconsole-emulator';
import { readLog, replay } from 'netconsole-emulator/replay';
import type { Rec } from '../test/support/logs/render.js';
import { WRITERS } from '../test/support/logs/writers.js';

/** The aim for reading, in megabytes for each second of processor time. */
const AIM = 60;
/** The aim for replaying: the share of the earlier commit's rate. */
const BASE_AIM = 0.95;
const CHUNK_BYTES = 65_536;
/** How many different texts there are; they come again and again. */
const TEXTS = 4096;
const WORDS =
  'usb 1-1: new high-speed device number using xhci_hcd pci 0000:00:1f.2 eth0 link is up at Mbps full duplex BIOS-e820 [mem] reserved ACPI: IRQ9 used by override node'.split(
    ' ',
  );

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    records: { type: 'string', default: '60000' },
    only: { type: 'string' },
    base: { type: 'string' },
  },
});
const count = Number(values.records);

/** Makes texts as long as those of a boot log, 20 to 130 bytes. */
function records(): Rec[] {
  let state = 1;
  const draw = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  const texts = Array.from({ length: TEXTS }, () =>
    Buffer.from(Array.from({ length: 4 + draw(16) }, () => WORDS[draw(WORDS.length)]).join(' ')),
  );
  return Array.from({ length: count }, (_, i) => ({
    priority: 6,
    seq: i,
    usec: 1_000_000 + i * 137,
    text: texts[i % TEXTS]!,
    cont: false,
    caller: undefined,
    subsystem: undefined,
    device: undefined,
  }));
}

async function* chunked(log: Buffer) {
  for (let at = 0; at < log.length; at += CHUNK_BYTES) yield log.subarray(at, at + CHUNK_BYTES);
}

const STAMP = /\[ *(\d+)\.(\d{6})\] /;

async function reference(log: Buffer): Promise<number> {
  let found = 0;
  for await (const chunk of chunked(log)) {
    for (let at = 0, end = 0; end >= 0; at = end + 1) {
      end = chunk.indexOf(0x0a, at);
      const line = chunk.toString('latin1', at, end < 0 ? chunk.length : end);
      if (STAMP.exec(line) !== null || line.length > 0) found++;
    }
  }
  return found;
}

async function read(log: Buffer, format: string): Promise<number> {
  let found = 0;
  for await (const batch of readLog(chunked(log), { format })) found += batch.length;
  return found;
}

async function replayed(log: Buffer, format: string): Promise<number> {
  const device = createMemoryDevice('eth0', { keep: false, slots: 1024 });
  const { records } = await replay(readLog(chunked(log), { format }), device, { loglevel: 8 });
  return records;
}

/** Returns a function that replays a log with the build of a checkout. */
async function replayedBy(folder: string): Promise<(log: Buffer) => Promise<number>> {
  const from = (file: string) => import(pathToFileURL(resolve(folder, 'dist', file)).href);
  const [own, net] = [await from('replay/index.js'), await from('net/memory.js')];
  return async (log) => {
    const device = net.createMemoryDevice('eth0', { keep: false, slots: 1024 });
    return (await own.replay(own.readLog(chunked(log)), device, { loglevel: 8 })).records;
  };
}

interface Row {
  readonly name: string;
  readonly log: Buffer;
  run(log: Buffer): Promise<number>;
  /** What the row is compared with. Default: the naive reader. */
  readonly beside?: ((log: Buffer) => Promise<number>) | undefined;
  readonly aim: 'megabytes' | 'base' | 'none';
  readonly rates: number[];
  readonly ratios: number[];
}

/**
 * Returns megabytes for each second of processor time. Throws if the row finds other than
 * `expected` records, as it then measures something else.
 */
async function rate({ name, log, run }: Pick<Row, 'name' | 'log' | 'run'>, expected?: number): Promise<number> {
  const before = process.cpuUsage();
  const found = await run(log);
  const { user, system } = process.cpuUsage(before);
  if (expected !== undefined && found !== expected) throw new Error(`${name}: ${found} records of ${expected}`);
  return log.length / (user + system);
}

/** Returns the harmonic mean of rates, because their times are what adds up. */
const mean = (all: readonly number[]) => all.length / all.reduce((sum, one) => sum + 1 / one, 0);

const recs = records();
const base = values.base === undefined ? undefined : await replayedBy(values.base);
const row = (name: string, log: Buffer, run: Row['run']): Row => ({
  ...{ name, log, run, aim: 'megabytes', rates: [], ratios: [] },
});
const own = base === undefined ? undefined : await replayedBy('.');
const replayRow = (log: Buffer): Row => ({
  ...row('/dev/kmsg, replayed', log, own ?? ((bytes) => replayed(bytes, '/dev/kmsg'))),
  ...{ beside: base, aim: base === undefined ? 'none' : 'base' },
});
const wanted = (format: string) =>
  base !== undefined ? format === '/dev/kmsg' : values.only === undefined || format.includes(values.only);
const rows = WRITERS.filter(({ format }) => wanted(format)).flatMap(({ format, write }) => {
  const log = Buffer.from(write(recs), 'latin1');
  const one = row(format, log, (bytes) => read(bytes, format));
  return format === '/dev/kmsg' ? [...(base === undefined ? [one] : []), replayRow(log)] : [one];
});
const rounds = Number(values.rounds);
for (let round = -1; round < rounds; round++) {
  for (const each of rows) {
    const reading = { name: 'reference', log: each.log, run: each.beside ?? reference };
    // Each comes first once, as whoever comes second of two is some tenth faster.
    const naive = [await rate(reading)];
    const ours = [await rate(each, count), await rate(each, count)];
    naive.push(await rate(reading));
    // The first round only warms up.
    if (round < 0) continue;
    each.rates.push(mean(ours));
    each.ratios.push(mean(ours) / mean(naive));
  }
}
const median = (all: readonly number[]) => [...all].sort((a, b) => a - b)[all.length >> 1]!;
for (const { name, rates, ratios, aim } of rows) {
  const [speed, ratio] = [median(rates), median(ratios)];
  const short = aim === 'megabytes' ? speed < AIM : aim === 'base' && ratio < BASE_AIM;
  const aims = { megabytes: `aim ${AIM} MB/s`, base: `aim ${BASE_AIM} of it`, none: 'no aim without --base' };
  const beside = aim === 'base' ? 'the earlier commit' : 'the reference';
  process.stdout.write(
    `${short ? 'short' : 'holds'}  ${speed.toFixed(0).padStart(4)} MB/s  ${ratio.toFixed(2)} of ${beside} (${aims[aim]})  ${name}\n`,
  );
}
