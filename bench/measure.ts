/**
 * Measures rows: programs that send on `tx0` for a given time, in a namespace whose peer counts
 * every frame and drops it.
 *
 * A program ends its output with a line of JSON: `frames` and `seconds` of the measured part, and
 * `total`, which includes what came before it. Programs with other output say how to read it. All
 * rows run in each round, in another order each time. The rate is `frames / seconds`, times the
 * share of `total` that the peer counted: what was not received was not sent. Rows that send
 * nothing are rated by their processor time, which leaves out what others took on a busy machine.
 */
import { type ChildProcess, execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PcapWriter, pcapHeader } from '../src/wire/pcap.js';
import { naiveFrame } from '../test/support/naive.js';
import { EMULATED, makeVeth, NOBODY, PEER, type Veth } from './veth.js';

/** What a row is run for. */
export interface RowContext {
  /** The size of a frame in bytes, from the Ethernet header to the payload. */
  readonly frameBytes: number;
  /** How many seconds to measure. */
  readonly seconds: number;
  /** A capture file with prepared frames of that size. */
  readonly file: string;
  /** A configuration of trafgen that makes such a frame. */
  readonly trafgen: string;
}

/** What a program tells of its run. */
export interface Measured {
  readonly frames: number;
  readonly seconds: number;
  /** All frames that were sent, those before the measured part included. */
  readonly total: number;
  /** The processor time of the measured part, if the program tells it. */
  readonly cpuSeconds?: number;
}

/** A program to measure. */
export interface Row {
  readonly name: string;
  /** Returns the command line of the program, which sends on `tx0`. */
  argv(context: RowContext): readonly string[];
  /** Reads what the program prints. Default: the last line is JSON. */
  read?(output: string): Measured;
  /** Why the program cannot run here; undefined if it can. */
  readonly problem?: string | undefined;
  /** Set if the program runs on both cores; others are held to one. */
  readonly workers?: boolean;
  /** Set if the program sends nothing, so that no frames are looked for at the peer. */
  readonly pure?: boolean;
  /** The sizes of frames to measure, in bytes. Default: those of the run. */
  readonly sizes?: readonly number[];
}

/** What came of a row, over all rounds. */
export interface Result {
  readonly name: string;
  readonly frameBytes: number;
  /** The median over the rounds. */
  readonly framesPerSecond: number;
  /** The highest rate of all rounds. */
  readonly best: number;
  /** How far the rates are apart: (greatest - least) / median. */
  readonly spread: number;
  /** The median of the ratios to `C sendmmsg prepared` in the same round, at the same size. */
  readonly ratio: number;
  /** The same ratio to `C AF_XDP prepared`; absent if that was not measured. */
  readonly afXdpRatio?: number;
  /** The median processor time of a frame, in microseconds; absent if it is not told. */
  readonly cpuUs?: number;
  /** The ratio by processor time, which on a busy machine tells more than that of the rates. */
  readonly cpuRatio?: number;
  /** The ratio to `C AF_XDP prepared` by processor time. */
  readonly afXdpCpuRatio?: number;
  /** The frames a second of each round. */
  readonly rates: readonly number[];
  /** The processor time of a frame in each round, in microseconds, where it is told. */
  readonly cpus: readonly number[];
}

/** What must hold of two rows, and what was measured. */
export interface Aim {
  readonly over: string;
  readonly under: string;
  readonly frameBytes: number;
  /** The least ratio that the rate of `over` must have to that of `under`. */
  readonly aim: number;
  readonly ratio: number;
  /** The measured ratio by processor time. */
  readonly cpuRatio?: number;
}

/** The row that ratios are taken to. */
export const REFERENCE = 'C sendmmsg prepared';
/** The row that further ratios are taken to. */
export const XDP_REFERENCE = 'C AF_XDP prepared';
/** How many frames the capture file has, which are sent again and again. */
export const FRAMES = 512;
/** The frame of a short line, in bytes. */
export const SHORT = 90;
/** Every row is measured with frames of these bytes: a middling line, and the longest datagram. */
export const SIZES: readonly number[] = [200, 1042];
/** The sizes that the most telling rows are measured with. */
export const ALL_SIZES: readonly number[] = [SHORT, ...SIZES];

/** Returns why a program cannot be run; undefined if it is installed. */
export function has(program: string): string | undefined {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `${program} is not installed`;
  }
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

/** How long to measure, and over which wire. */
export interface MeasureOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly sizes: readonly number[];
  /** Seconds after which no round may end; one that would is not begun. */
  readonly budget?: number;
  /** Whether the peer's stack drops what arrives (the default), or an XDP program does. */
  readonly drop?: 'stack' | 'xdp' | undefined;
  /** Why there can be no namespaces; if set, only rows that send nothing run. */
  readonly problem?: string | undefined;
  /** Is told of each run. */
  readonly log?: (text: string) => void;
}

/** Runs all rows that can run, `rounds` times, interleaved. The reference should be among them. */
export async function measure(rows: readonly Row[], options: MeasureOptions): Promise<Result[]> {
  const { rounds, seconds, log = () => undefined } = options;
  const can = rows.filter((row) => row.problem === undefined && (row.pure || options.problem === undefined));
  for (const row of rows) if (row.problem !== undefined) log(`left out: ${row.name}: ${row.problem}`);
  const sizes = [...new Set(can.flatMap((row) => row.sizes ?? options.sizes))];
  const folder = mkdtempSync(join(tmpdir(), 'nce-bench-'));
  const veth = options.problem === undefined ? await makeVeth('nceb', { queues: 2, ipv6: false }) : undefined;
  const dropper = veth !== undefined && options.drop === 'xdp' ? await startDropper(veth) : undefined;
  const rates = new Map<string, Sample[]>();
  try {
    const begin = performance.now();
    for (let round = 0; round < rounds; round++) {
      const spent = (performance.now() - begin) / 1000;
      if (round > 0 && spent + spent / round > (options.budget ?? Number.POSITIVE_INFINITY)) break;
      for (const size of sizes) {
        const context = prepare(folder, size, seconds);
        const runnable = can.filter((row) => (row.sizes ?? options.sizes).includes(size));
        // The order differs from round to round, but is the same in every run.
        const shift = (round * 5) % runnable.length;
        const order = [...runnable.slice(shift), ...runnable.slice(0, shift)];
        for (const row of round % 2 ? order.reverse() : order) {
          const sample = await runRow(veth, row, context);
          const key = `${row.name} ${size}`;
          rates.set(key, [...(rates.get(key) ?? []), sample]);
          log(`${round + 1}/${rounds} ${row.name}, ${size} bytes: ${Math.round(sample.rate)}`);
        }
      }
    }
  } finally {
    dropper?.kill();
    await veth?.remove();
    rmSync(folder, { recursive: true, force: true });
  }
  return sizes.flatMap((frameBytes) =>
    can.flatMap(({ name }) => {
      const samples = rates.get(`${name} ${frameBytes}`);
      const references = [REFERENCE, XDP_REFERENCE].map((reference) => rates.get(`${reference} ${frameBytes}`));
      return samples ? [summarize(name, frameBytes, samples, references)] : [];
    }),
  );
}

/** Makes the peer's interface drop everything for as long as the returned process lives. */
async function startDropper(veth: Veth): Promise<ChildProcess> {
  const script = new URL('senders/xdp-drop.ts', import.meta.url).pathname;
  const argv = [process.execPath, '--import', 'tsx', script, PEER.name];
  const child = veth.spawn('b', argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  await Promise.race([
    once(child.stdout!, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('the peer cannot drop by an XDP program'))),
  ]);
  return child;
}

interface Sample {
  readonly rate: number;
  readonly cpuUs: number | undefined;
}

async function runRow(veth: Veth | undefined, row: Row, context: RowContext): Promise<Sample> {
  const argv = [...(row.workers || has('taskset') !== undefined ? [] : ['taskset', '-c', '0']), ...row.argv(context)];
  const failed = (error: unknown): never => {
    throw new Error(`${row.name}: ${(error as { stderr?: string }).stderr || error}`);
  };
  if (row.pure || veth === undefined) {
    const { stdout } = await promisify(execFile)(argv[0]!, argv.slice(1)).catch(failed);
    const { frames, seconds, cpuSeconds = seconds } = JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
    return { rate: frames / cpuSeconds, cpuUs: (cpuSeconds / frames) * 1e6 };
  }
  const before = await veth.received();
  const output = await veth.run('a', argv).catch(failed);
  const measured = row.read ? row.read(output) : (JSON.parse(output.trim().split('\n').at(-1)!) as Measured);
  const rate = measured.frames / measured.seconds;
  const cpuUs = measured.cpuSeconds === undefined ? undefined : (measured.cpuSeconds / measured.frames) * 1e6;
  const arrived = (await veth.received()).packets - before.packets;
  return { rate: (rate * Math.min(arrived, measured.total)) / measured.total, cpuUs };
}

/** Returns the median; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function summarize(
  name: string,
  frameBytes: number,
  samples: readonly Sample[],
  [reference, afXdp]: readonly (readonly Sample[] | undefined)[],
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
    ...(afXdp && { afXdpRatio: round3(median(rates.map((rate, i) => rate / afXdp[i]!.rate))) }),
    ...(cpu.length > 0 && { cpuUs: round3(median(cpu)) }),
    ...(cpu.length > 0 && reference && { cpuRatio: round3(median(cpu.map((us, i) => reference[i]!.cpuUs! / us))) }),
    ...(cpu.length > 0 && afXdp && { afXdpCpuRatio: round3(median(cpu.map((us, i) => afXdp[i]!.cpuUs! / us))) }),
    rates,
    cpus: cpu,
  };
}

/** Rounds to three decimals. */
export function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/**
 * Returns the median ratios of `over` to `under` in the same round, by rate and by processor time;
 * undefined if one of the rows is missing.
 */
export function ratiosOf(
  results: readonly Result[],
  over: string,
  under: string,
  frameBytes: number,
): { readonly ratio: number; readonly cpuRatio?: number } | undefined {
  const find = (name: string) => results.find((r) => r.name === name && r.frameBytes === frameBytes);
  const above = find(over);
  const below = find(under);
  if (above === undefined || below === undefined) return undefined;
  const ratio = round3(median(above.rates.map((rate, i) => rate / below.rates[i]!)));
  const told = [above, below].every(({ rates, cpus }) => cpus.length === rates.length);
  return { ratio, ...(told && { cpuRatio: round3(median(above.cpus.map((us, i) => below.cpus[i]! / us))) }) };
}
