/**
 * How fast prepared frames leave through each transport, beside C, tcpreplay, trafgen and a plain loop over npm `cap`.
 *
 * A row is a program that sends on `tx0` for a given time and ends its output with a line of JSON: `frames` and `seconds` of the
 * measured part, `total` with what came before it. Programs whose output is another say how to read it. All rows run in each round, in another
 * order each time, in a namespace whose peer counts every frame and drops it. The rate is `frames / seconds`, times the
 * share of `total` that the peer counted: what was not received was not sent.
 *
 *   npx tsx bench/transport.ts [--rounds 7] [--seconds 0.5] [--sizes 200,1042] [--only PART,PART] [--json]
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { PcapWriter, pcapHeader } from '../src/wire/pcap.js';
import { naiveFrame } from '../test/support/naive.js';
import { EMULATED, makeVeth, NOBODY, SENDER, type Veth } from './veth.js';

export interface RowContext {
  /** Bytes of a frame, Ethernet header to payload. */
  readonly frameBytes: number;
  /** Seconds to measure. */
  readonly seconds: number;
  /** A capture file of prepared frames of that size. */
  readonly file: string;
  /** A configuration of trafgen for such a frame. */
  readonly trafgen: string;
}

export interface Measured {
  readonly frames: number;
  readonly seconds: number;
  readonly total: number;
  /** Processor time of the measured part, where the program tells. */
  readonly cpuSeconds?: number;
}

export interface Row {
  readonly name: string;
  /** The program that sends on `tx0`. */
  argv(context: RowContext): readonly string[];
  /** Default: the last line is JSON. */
  read?(output: string): Measured;
  /** Why it cannot run here, or undefined. */
  readonly problem?: string | undefined;
  /** Runs on both cores; the others are held to one. */
  readonly workers?: boolean;
  /** Sends nothing: no frames are looked for at the peer. */
  readonly pure?: boolean;
}

export interface Result {
  readonly name: string;
  readonly frameBytes: number;
  /** Median over the rounds. */
  readonly framesPerSecond: number;
  readonly best: number;
  /** (greatest - least) / median. */
  readonly spread: number;
  /** Median over the rounds of the ratio to `C sendmmsg prepared` of the same round and size. */
  readonly ratio: number;
  /** Processor time a frame, median; on a busy machine a better measure than the rate. Absent where it is not told. */
  readonly cpuUs?: number;
  readonly rounds: number;
}

export const REFERENCE = 'C sendmmsg prepared';
const here = new URL('.', import.meta.url).pathname;
const BUILD = join(here, 'build');
const FRAMES = 512;

/** Builds a program of bench/c. Undefined and the reason when there is no compiler or no header. */
export function buildC(name: 'send' | 'printk', flags: readonly string[] = []): { path: string } | { problem: string } {
  mkdirSync(BUILD, { recursive: true });
  const path = join(BUILD, flags.length > 0 ? `${name}-pcap` : name);
  const libraries = flags.includes('-DWITH_PCAP') ? ['-lpcap'] : [];
  try {
    execFileSync('cc', ['-O3', ...flags, '-o', path, join(here, 'c', `${name}.c`), ...libraries], { stdio: 'pipe' });
    return { path };
  } catch (error) {
    const text = String((error as { stderr?: unknown }).stderr ?? '').split('\n')[0];
    return { problem: text || 'cc is not installed' };
  }
}

function has(program: string): string | undefined {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `${program} is not installed`;
  }
}

function hasModule(name: string): string | undefined {
  try {
    createRequire(import.meta.url)(name);
    return undefined;
  } catch {
    return `npm ${name} is not installed`;
  }
}

/** Runs TypeScript as `npx tsx` does, without npx in between. */
export function typescript(file: string, ...args: readonly string[]): string[] {
  return [process.execPath, '--import', 'tsx', join(here, file), ...args];
}

function cRow(name: string, mode: string, built: { path: string } | { problem: string }): Row {
  return {
    name,
    argv: ({ file, seconds }) => ['path' in built ? built.path : '', mode, SENDER.name, file, String(seconds)],
    problem: 'problem' in built ? built.problem : undefined,
  };
}

/** printk to finished frame in C, nothing sent: `C printk-to-frame`. */
export function cPrintkRow(): Row {
  const built = buildC('printk');
  return {
    name: 'C printk-to-frame',
    argv: ({ frameBytes, seconds }) => ['path' in built ? built.path : '', String(frameBytes), String(seconds)],
    problem: 'problem' in built ? built.problem : undefined,
    pure: true,
  };
}

function preparedRow(transport: string, spec: string, problem?: string): Row {
  return {
    name: `prepared ${transport}`,
    argv: ({ file, seconds }) => typescript('senders/prepared.ts', spec, file, String(seconds)),
    problem,
  };
}

/** The rows about prepared frames; builds the C programs. */
export function transportRows(): Row[] {
  const send = buildC('send');
  const tx = SENDER.name;
  return [
    cRow(REFERENCE, 'sendmmsg', send),
    cRow('C AF_XDP prepared', 'af-xdp', send),
    cRow('C send prepared', 'send', send),
    cRow('C pcap_inject prepared', 'pcap', buildC('send', ['-DWITH_PCAP'])),
    preparedRow('af-xdp', `af-xdp:${tx}`),
    preparedRow('af-packet', `af-packet:${tx}`),
    preparedRow('libpcap', `libpcap:${tx}`),
    preparedRow('cap', `cap:${tx}`, hasModule('cap')),
    preparedRow('raw-socket', 'raw-socket', hasModule('raw-socket')),
    preparedRow('udp', 'udp'),
    {
      name: 'cap.send loop',
      argv: ({ file, seconds }) => typescript('senders/cap-loop.ts', tx, file, String(seconds)),
      problem: hasModule('cap'),
    },
    {
      name: 'tcpreplay',
      argv: ({ file, seconds }) => {
        const loops = String(Math.max(1, Math.round((seconds * 500_000) / FRAMES)));
        return ['tcpreplay', '--topspeed', '-K', '--loop', loops, '-i', tx, file];
      },
      read: (output) => {
        const [, packets, seconds] = /Actual: (\d+) packets .* in ([\d.]+) seconds/.exec(output)!;
        return { frames: Number(packets), seconds: Number(seconds), total: Number(packets) };
      },
      problem: has('tcpreplay'),
    },
    {
      name: 'trafgen',
      argv: ({ trafgen, seconds }) => {
        const count = String(Math.round(seconds * 700_000));
        return ['trafgen', '--dev', tx, '--in', trafgen, '--num', count, '--cpus', '1', '--no-sock-mem'];
      },
      read: (output) => {
        const frames = Number(/(\d+) packets outgoing/.exec(output)![1]);
        const [, seconds, micros] = /(\d+) sec, (\d+) usec/.exec(output)!;
        return { frames, seconds: Number(seconds) + Number(micros) / 1e6, total: frames };
      },
      problem: has('trafgen'),
    },
  ];
}

function prepare(folder: string, frameBytes: number, seconds: number): RowContext {
  const frame = (i: number) =>
    naiveFrame({
      srcMac: EMULATED.mac,
      dstMac: NOBODY.mac,
      srcIp: EMULATED.ip,
      dstIp: NOBODY.ip,
      srcPort: 6665,
      dstPort: 6666,
      id: i + 1,
      payload: Buffer.from(
        `6,${1000000 + i},${1000000000 + i},-;`.padEnd(frameBytes - 43, 'abcdefghijklmnopqrstuvwxyz').concat('\n'),
      ),
    });
  const file = join(folder, `${frameBytes}.pcap`);
  const writer = new PcapWriter();
  const records = Array.from({ length: FRAMES }, (_, i) => writer.record(frame(i), i));
  writeFileSync(file, Buffer.concat([pcapHeader(), ...records]));
  const trafgen = join(folder, `${frameBytes}.trafgen`);
  writeFileSync(trafgen, `{ ${[...frame(0)].map((byte) => `0x${byte.toString(16)}`).join(', ')} }\n`);
  return { frameBytes, seconds, file, trafgen };
}

export interface MeasureOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly sizes: readonly number[];
  /** Hears of each run. */
  readonly log?: (text: string) => void;
}

/** All runnable rows, `rounds` times, interleaved. The reference should be among them. */
export async function measure(rows: readonly Row[], options: MeasureOptions): Promise<Result[]> {
  const { rounds, seconds, sizes, log = () => undefined } = options;
  const runnable = rows.filter((row) => row.problem === undefined);
  for (const row of rows) if (row.problem !== undefined) log(`skipped: ${row.name}: ${row.problem}`);
  const folder = mkdtempSync(join(tmpdir(), 'nce-bench-'));
  const veth = await makeVeth('nceb', { queues: 2, ipv6: false });
  const rates = new Map<string, Sample[]>();
  try {
    for (let round = 0; round < rounds; round++) {
      for (const size of sizes) {
        const context = prepare(folder, size, seconds);
        // Another order each time, the same in each run.
        const shift = (round * 5) % runnable.length;
        const order = [...runnable.slice(shift), ...runnable.slice(0, shift)];
        for (const row of round % 2 ? order.reverse() : order) {
          const sample = await runRow(veth, row, context);
          const key = `${row.name} ${size}`;
          rates.set(key, [...(rates.get(key) ?? []), sample]);
          log(`round ${round + 1}/${rounds} ${size} ${row.name}: ${Math.round(sample.rate)}`);
        }
      }
    }
  } finally {
    await veth.remove();
    rmSync(folder, { recursive: true, force: true });
  }
  return sizes.flatMap((frameBytes) =>
    runnable.map(({ name }) =>
      summarize(name, frameBytes, rates.get(`${name} ${frameBytes}`)!, rates.get(`${REFERENCE} ${frameBytes}`)),
    ),
  );
}

interface Sample {
  readonly rate: number;
  readonly cpuUs: number | undefined;
}

async function runRow(veth: Veth, row: Row, context: RowContext): Promise<Sample> {
  const pin = row.workers || has('taskset') !== undefined ? [] : ['taskset', '-c', '0'];
  const before = await veth.received();
  const output = await veth.run('a', [...pin, ...row.argv(context)]).catch((error: unknown) => {
    throw new Error(`${row.name}: ${(error as { stderr?: string }).stderr ?? error}`);
  });
  const measured = row.read ? row.read(output) : (JSON.parse(output.trim().split('\n').at(-1)!) as Measured);
  const rate = measured.frames / measured.seconds;
  const cpuUs = measured.cpuSeconds === undefined ? undefined : (measured.cpuSeconds / measured.frames) * 1e6;
  if (row.pure) return { rate, cpuUs };
  const arrived = (await veth.received()).packets - before.packets;
  return { rate: (rate * Math.min(arrived, measured.total)) / measured.total, cpuUs };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function summarize(
  name: string,
  frameBytes: number,
  samples: readonly Sample[],
  reference: readonly Sample[] | undefined,
): Result {
  const rates = samples.map(({ rate }) => rate);
  const cpu = samples.flatMap(({ cpuUs }) => (cpuUs === undefined ? [] : [cpuUs]));
  const middle = median(rates);
  return {
    name,
    frameBytes,
    framesPerSecond: Math.round(middle),
    best: Math.round(Math.max(...rates)),
    spread: round3((Math.max(...rates) - Math.min(...rates)) / middle),
    ratio: reference ? round3(median(rates.map((rate, i) => rate / reference[i]!.rate))) : Number.NaN,
    ...(cpu.length > 0 && { cpuUs: round3(median(cpu)) }),
    rounds: rates.length,
  };
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}

export function machine(): Record<string, string | number> {
  return { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, kernel: release(), node: process.version };
}

export function table(results: readonly Result[]): string {
  const head = ['row', 'bytes', 'frames/s', 'best', 'spread', 'x C sendmmsg', 'CPU us'];
  const body = results.map((r) =>
    [r.name, r.frameBytes, r.framesPerSecond, r.best, r.spread, r.ratio, r.cpuUs ?? ''].map(String),
  );
  const widths = head.map((cell, i) => Math.max(cell.length, ...body.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return [head, ...body].map(line).join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '0.5' },
      sizes: { type: 'string', default: '200,1042' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const only = values.only?.split(',');
  const rows = [...transportRows(), cPrintkRow()].filter(
    (row) => only === undefined || only.some((part) => row.name.includes(part)),
  );
  const results = await measure(rows, {
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    sizes: values.sizes.split(',').map(Number),
    log: (text) => process.stderr.write(`${text}\n`),
  });
  if (values.json) process.stdout.write(`${JSON.stringify({ machine: machine(), rows: results })}\n`);
  else process.stdout.write(`${table(results)}\n`);
}
