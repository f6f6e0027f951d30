/**
 * Measures whether frames leave when they are asked to, at the other end of a veth pair in network
 * namespaces of its own:
 *
 *   npx tsx bench/pacing.ts [--seconds 60] [--rates 50000,200000] [--fifo]
 *
 * - A log at a rate: the frames that arrive in each second, against what was asked for.
 * - A boot log at `--speed 1`: when each frame arrives, by the kernel's own stamp in a capture, against
 *   the stamp in the frame, counted from the first frame.
 *
 * It ends by itself. It needs root, and dumpcap for the second part. `--fifo` gives the sender
 * real-time priority (chrt); without it, on a machine with other work, every figure is the
 * machine's load as much as the sender's.
 */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CaptureReader } from '../src/wire/capture.js';
import { decodeFrame } from '../src/wire/decode.js';
import { EMULATED, makeVeth, NOBODY, PEER, SENDER, type Veth, vethProblem } from './veth.js';

const main = new URL('../dist/cli/main.js', import.meta.url).pathname;
const boot = new URL('../examples/boot.kmsg', import.meta.url).pathname;
const TARGET = `+6665@${EMULATED.ip}/eth0,6666@${NOBODY.ip}/${NOBODY.mac}`;
/** How many records the log has, which is sent again and again. */
const RECORDS = 50_000;

/** A program that prints `milliseconds count` of the peer's interface each second. */
const SAMPLER = `
const { readFileSync } = require('node:fs');
const count = () => Number(readFileSync('/sys/class/net/${PEER.name}/statistics/rx_packets', 'utf8'));
let due = performance.now();
(function sample() {
  console.log(performance.now(), count());
  due += 1000;
  setTimeout(sample, due - performance.now());
})();`;

function argv(options: readonly string[], fifo: boolean): string[] {
  const sender = [
    process.execPath,
    main,
    'replay',
    ...options,
    '--quiet',
    '--json',
    '--via',
    `af-packet:${SENDER.name}`,
  ];
  return fifo ? ['chrt', '-f', '10', ...sender, '-t', TARGET] : [...sender, '-t', TARGET];
}

async function output(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr!.on('data', (chunk: Buffer) => process.stderr.write(chunk));
  await once(child, 'close');
  return text;
}

interface Rate {
  readonly rate: number;
  /** How far the worst second is off, in percent. The first and the last second do not count. */
  readonly worst: number;
  /** How far a second is off, in percent: the median. */
  readonly median: number;
  /** How many seconds count. */
  readonly seconds: number;
  /** How many of them are off by 1 % or less. */
  readonly within: number;
  /** How late 99 of a hundred frames were at most, in milliseconds, as the sender says. */
  readonly p99Ms: number;
  readonly stalledSeconds: number;
  /** Frames that the sender gave to its end of the pair and that did not come out of the other. */
  readonly lost: number;
}

async function measureRate(veth: Veth, file: string, rate: number, options: Options): Promise<Rate> {
  const loops = Math.ceil((rate * options.seconds) / RECORDS);
  const sampler = veth.spawn('b', [process.execPath, '-e', SAMPLER]);
  let samples = '';
  sampler.stdout!.on('data', (chunk: Buffer) => {
    samples += chunk.toString();
  });
  const sender = veth.spawn('a', argv([file, '--rate', String(rate), '--loop', String(loops)], options.fifo));
  const before = (await veth.received()).packets;
  const summary = JSON.parse(await output(sender));
  const arrived = (await veth.received()).packets - before;
  sampler.kill();
  const points = samples
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number) as [number, number]);
  const rates = points.slice(1).map(([ms, count], i) => ((count - points[i]![1]) / (ms - points[i]![0])) * 1000);
  const begun = rates.findIndex((one) => one > rate / 100);
  const ended = rates.findLastIndex((one) => one > rate / 100);
  // The run cuts its first and its last second.
  const off = rates.slice(begun + 1, ended).map((one) => Math.abs(one / rate - 1) * 100);
  off.sort((a, b) => a - b);
  return {
    rate,
    worst: off.at(-1)!,
    median: off[off.length >> 1]!,
    seconds: off.length,
    within: off.filter((one) => one <= 1).length,
    p99Ms: summary.lateness.p99,
    stalledSeconds: summary.stalledSeconds,
    lost: summary.frames - arrived,
  };
}

/**
 * Returns the milliseconds between the stamp of each frame and its arrival, less those of the
 * first.
 */
async function measureSpeed(veth: Veth, folder: string, options: Options): Promise<number[]> {
  const capture = join(folder, 'speed.pcap');
  const dumpcap = veth.spawn('b', ['dumpcap', '-q', '-P', '-i', PEER.name, '-w', capture]);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await output(veth.spawn('a', argv([boot, '--speed', '1', '--max-seconds', String(options.seconds)], options.fifo)));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  dumpcap.kill('SIGINT');
  await once(dumpcap, 'close');
  const arrivals: (readonly [stamp: number, arrival: number])[] = [];
  for (const { frame, tsUsec } of new CaptureReader().push(readFileSync(capture))) {
    const { message } = decodeFrame(frame);
    if (message?.kind === 'extended') arrivals.push([message.tsUsec, tsUsec]);
  }
  const [first] = arrivals;
  if (first === undefined) throw new Error('no frame arrived');
  return arrivals
    .map(([stamp, arrival]) => Math.abs(arrival - first[1] - (stamp - first[0])) / 1000)
    .sort((a, b) => a - b);
}

interface Options {
  readonly seconds: number;
  readonly fifo: boolean;
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rates: { type: 'string', default: '50000,200000' },
    fifo: { type: 'boolean', default: false },
  },
});
const problem = await vethProblem();
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}
const options = { seconds: Number(values.seconds), fifo: values.fifo };
const folder = mkdtempSync(join(tmpdir(), 'nce-pacing-'));
const veth = await makeVeth('pacing', { ipv6: false, gro: false });
try {
  const log = join(folder, 'log');
  writeFileSync(
    log,
    Array.from({ length: RECORDS }, (_, i) => `6,${i},${i},-;record ${i} of a log that is sent again\n`).join(''),
  );
  console.log(
    `load ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0]}, ${execFileSync('nproc').toString().trim()} processors`,
  );
  for (const rate of values.rates.split(',').filter(Boolean).map(Number)) {
    const { worst, median, seconds, within, p99Ms, stalledSeconds, lost } = await measureRate(veth, log, rate, options);
    console.log(
      `--rate ${rate}: ${within} of ${seconds} seconds within 1 %, median ${median.toFixed(3)} %, worst ${worst.toFixed(3)} %; 99 of 100 frames late by at most ${p99Ms} ms; stood still for ${stalledSeconds.toFixed(3)} s; ${lost} frames lost on the pair`,
    );
  }
  const late = await measureSpeed(veth, folder, options);
  const at = (share: number) => late[Math.min(late.length - 1, Math.floor(late.length * share))]!.toFixed(2);
  console.log(
    `--speed 1: ${late.length} frames, ${at(0.5)} ms off their stamps at the median, ${at(0.99)} ms at the 99th percentile`,
  );
} finally {
  await veth.remove();
  rmSync(folder, { recursive: true, force: true });
}
