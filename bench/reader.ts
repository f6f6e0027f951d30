/**
 * How fast logs of each format are read, and replayed into memory: `npx tsx bench/reader.ts
 * [--rounds 5] [--records 60000] [--only FORMAT]`.
 *
 * The reference reads the same bytes as few programs do less: it looks for each newline, makes a
 * string of the line, and takes the kernel's stamp out of it with a regular expression. Rates are
 * megabytes of the log a second of processor time, medians of interleaved rounds; the ratio is the
 * median of those within a round.
 */
import { parseArgs } from 'node:util';
import { createMemoryDevice } from '../src/net/memory.js';
import { readLog, replay } from '../src/replay/index.js';
import type { Rec } from '../test/support/logs/render.js';
import { WRITERS } from '../test/support/logs/writers.js';

/** Megabytes a second of processor time. */
const AIM = 60;
const CHUNK_BYTES = 65_536;
/** So many texts, which come again and again. */
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
  },
});
const count = Number(values.records);

/** Texts of a boot log's lengths, 20 to 130 bytes. */
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

interface Row {
  readonly name: string;
  readonly log: Buffer;
  run(log: Buffer): Promise<number>;
  readonly rates: number[];
  readonly ratios: number[];
}

/** Megabytes a second of processor time. A row that finds other than it was given measures something else. */
async function rate({ name, log, run }: Pick<Row, 'name' | 'log' | 'run'>, expected?: number): Promise<number> {
  const before = process.cpuUsage();
  const found = await run(log);
  const { user, system } = process.cpuUsage(before);
  if (expected !== undefined && found !== expected) throw new Error(`${name}: ${found} records of ${expected}`);
  return log.length / (user + system);
}

const recs = records();
const row = (name: string, log: Buffer, run: Row['run']): Row => ({ name, log, run, rates: [], ratios: [] });
const rows = WRITERS.filter(({ format }) => values.only === undefined || format.includes(values.only)).flatMap(
  ({ format, write }) => {
    const log = Buffer.from(write(recs), 'latin1');
    const one = row(format, log, (bytes) => read(bytes, format));
    return format === '/dev/kmsg' ? [one, row(`${format}, replayed`, log, (bytes) => replayed(bytes, format))] : [one];
  },
);
const rounds = Number(values.rounds);
for (let round = -1; round < rounds; round++) {
  for (const each of rows) {
    const naive = await rate({ name: 'reference', log: each.log, run: reference });
    const ours = await rate(each, count);
    // The first round warms up.
    if (round < 0) continue;
    each.rates.push(ours);
    each.ratios.push(ours / naive);
  }
}
const median = (all: readonly number[]) => [...all].sort((a, b) => a - b)[all.length >> 1]!;
for (const { name, rates, ratios } of rows) {
  const holds = median(rates) >= AIM ? 'holds' : 'short';
  process.stdout.write(
    `${holds}  ${median(rates).toFixed(0).padStart(4)} MB/s (aim ${AIM})  ${median(ratios).toFixed(2)} of the reference  ${name}\n`,
  );
}
