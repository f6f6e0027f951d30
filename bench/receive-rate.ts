/**
 * Measures whether `receive` keeps up with a socket, beside `socat` and `rsyslogd`. A C sender on
 * loopback keeps a steady rate, and one receiver runs at a time, all of them in each round.
 *
 *   npm run -s build && npx tsx bench/receive-rate.ts [--rounds 3] [--seconds 10] [--rates 200000,500000]
 *     [--bytes 200] [--only PART,PART] [--fifo] [--json] [--out FILE]
 *
 * For each run it counts the datagrams that were sent, printed (lines in the receiver's output) and
 * dropped by the kernel at the receiver's socket (/proc/net/udp), and the processor time that the
 * receiver took for each line. What is sent must be printed or dropped; if it is not, that is said
 * and the exit code is 1. `receive` tells the drops itself, and must give the kernel's figure.
 *
 * If the sender cannot reach a rate beside the receiver, `rate` says what it reached. Rates mean
 * something only where two processors are free; processor times do everywhere. The output goes to
 * memory (/dev/shm), so that no disk is measured. `receive` and `rsyslogd` force the size of their
 * socket's buffer, as root; `socat` gets what net.core.rmem_max allows. `--fifo` gives the sender
 * and the receivers real-time priority (chrt), so that other work takes no processor from them.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { has, median, round3 } from './measure.js';
import { machine } from './report.js';
import { buildC } from './transport.js';

const ADDRESS = '127.0.0.1';
const PORT = 20_514;
const BUFFER_BYTES = 64 * 1024 * 1024;
/** How many ports the sender sends from to a receiver with several sockets. */
const SOURCES = 8;
const WARM_UP = { rate: 50_000, seconds: 1 };
/** If a receiver has not taken all by then, it never will. */
const SETTLE_MS = 20_000;
const main = new URL('../dist/cli/main.js', import.meta.url).pathname;

interface Contestant {
  readonly name: string;
  /**
   * Returns the command line of the program, whose standard output goes to `file` unless it writes
   * that itself.
   */
  argv(file: string, folder: string): string[];
  readonly problem?: string | undefined;
  /** How many ports are sent from. Default 1. */
  readonly sources?: number;
  /** How many sockets the receiver has. Default 1. */
  readonly sockets?: number;
}

const receive = (...options: string[]) => [
  ...[process.execPath, main, 'receive', '--host', ADDRESS, '--port', String(PORT), '--quiet'],
  ...options,
];

const CONTESTANTS: readonly Contestant[] = [
  { name: 'receive', argv: () => receive() },
  { name: 'receive --json', argv: () => receive('--json') },
  { name: 'receive --workers 2', argv: () => receive('--workers', '2'), sources: SOURCES, sockets: 2 },
  {
    name: 'socat',
    argv: () => ['socat', '-u', `UDP-RECV:${PORT},bind=${ADDRESS},rcvbuf=${BUFFER_BYTES}`, 'STDOUT'],
    problem: has('socat'),
  },
  {
    name: 'rsyslogd',
    argv(file, folder) {
      const config = join(folder, 'rsyslog.conf');
      writeFileSync(
        config,
        `global(workDirectory="${folder}")
module(load="imudp" batchSize="128")
template(name="raw" type="string" string="%rawmsg%\\n")
input(type="imudp" address="${ADDRESS}" port="${PORT}" rcvbufSize="${BUFFER_BYTES}")
main_queue(queue.size="1000000" queue.dequeueBatchSize="1024")
action(type="omfile" file="${file}" template="raw" asyncWriting="on" ioBufferSize="256k")
`,
      );
      return ['rsyslogd', '-n', '-f', config, '-i', join(folder, 'rsyslog.pid')];
    },
    problem: has('rsyslogd'),
  },
];

/**
 * Sums up the sockets that are bound to the port: their count, their drops, and the bytes that
 * wait.
 */
function sockets(): { count: number; drops: number; waiting: number } {
  const hex = PORT.toString(16).toUpperCase().padStart(4, '0');
  const rows = ['udp', 'udp6'].flatMap((table) => readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n'));
  const mine = rows.map((row) => row.trim().split(/\s+/)).filter(([, local]) => local?.endsWith(`:${hex}`));
  const sum = (of: (row: string[]) => number) => mine.reduce((total, row) => total + of(row), 0);
  return {
    count: mine.length,
    drops: sum((row) => Number(row.at(-1))),
    waiting: sum((row) => Number.parseInt(row[4]!.split(':')[1]!, 16)),
  };
}

/** Returns the processor time of all threads of a process, in seconds. */
function cpuSeconds(pid: number): number {
  const nanos = readdirSync(`/proc/${pid}/task`).map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanos.reduce((sum, ns) => sum + ns, 0) / 1e9;
}

/** Waits until `done` says so. Throws after `SETTLE_MS`. */
async function until(what: string, done: () => boolean): Promise<void> {
  const end = performance.now() + SETTLE_MS;
  while (!done()) {
    if (performance.now() > end) throw new Error(`${what}: not after ${SETTLE_MS / 1000} s`);
    await delay(50);
  }
}

/** Waits until nothing waits in the sockets and the output has not grown for half a second. */
async function settled(file: string): Promise<void> {
  let [bytes, since] = [-1, performance.now()];
  await until('all datagrams are printed', () => {
    const now = existsSync(file) ? statSync(file).size : 0;
    if (now !== bytes || sockets().waiting > 0) [bytes, since] = [now, performance.now()];
    return performance.now() - since > 500;
  });
}

interface Sent {
  readonly sent: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

interface Run {
  readonly sent: number;
  readonly printed: number;
  /** How many datagrams were dropped, by the kernel's figure. */
  readonly dropped: number;
  /** How many were dropped, by the receiver's figure. */
  readonly told: number | undefined;
  /** Datagrams a second that the sender reached. */
  readonly rate: number;
  readonly cpuUs: number;
}

async function runOnce(who: Contestant, sender: string, rate: number): Promise<Run> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'nce-receive-'));
  const file = join(folder, 'out');
  const out = openSync(file, 'w');
  const [program, ...args] = [...priority, ...who.argv(file, folder)];
  const child: ChildProcess = spawn(program!, args, { stdio: ['ignore', out, 'pipe'] });
  closeSync(out);
  const exit = once(child, 'exit');
  let told = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  const send = async (pace: number, seconds: number): Promise<Sent> => {
    const options = [ADDRESS, PORT, pace, seconds, values.bytes, who.sources ?? 1].map(String);
    const [program, ...args] = [...priority, sender, ...options];
    return JSON.parse((await promisify(execFile)(program!, args)).stdout) as Sent;
  };
  try {
    await until(`${who.name} listens`, () => sockets().count >= (who.sockets ?? 1));
    const warmUp = await send(WARM_UP.rate, WARM_UP.seconds);
    await settled(file);
    const before = { cpu: cpuSeconds(child.pid!), drops: sockets().drops };
    const measured = await send(rate, Number(values.seconds));
    await settled(file);
    const cpu = cpuSeconds(child.pid!) - before.cpu;
    const { drops } = sockets();
    child.kill('SIGINT');
    // All receivers end at SIGINT, except rsyslogd.
    if (who.name === 'rsyslogd') child.kill('SIGTERM');
    await exit;
    const lines = await promisify(execFile)('grep', ['-c', 'xxxxxxxx', file]).catch(() => ({ stdout: '0' }));
    if (who.name.endsWith('--json')) told += (await promisify(execFile)('tail', ['-n', '1', file])).stdout;
    const said = /droppedBySystem"?:? ?(\d+)/.exec(told)?.[1];
    return {
      sent: warmUp.sent + measured.sent,
      printed: Number(lines.stdout),
      dropped: drops,
      told: who.name.startsWith('receive') ? Number(said ?? 0) : undefined,
      rate: Math.round(measured.sent / measured.seconds),
      cpuUs: round3((cpu / (measured.sent - (drops - before.drops))) * 1e6),
    };
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    rates: { type: 'string', default: '200000,500000' },
    bytes: { type: 'string', default: '200' },
    only: { type: 'string' },
    fifo: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const priority = values.fifo ? ['chrt', '-f', '10'] : [];
const built = buildC('receive-send');
if ('problem' in built) throw new Error(built.problem);
const only = values.only?.split(',');
const running = CONTESTANTS.filter(({ name }) => only === undefined || only.some((part) => name.includes(part)));
for (const { name, problem } of running) if (problem !== undefined) console.error(`left out: ${name}: ${problem}`);
const able = running.filter(({ problem }) => problem === undefined);
const runs = new Map<string, Run[]>();
let wrong = false;
for (let round = 0; round < Number(values.rounds); round++) {
  for (const rate of values.rates.split(',').map(Number)) {
    for (const who of round % 2 === 0 ? able : [...able].reverse()) {
      const run = await runOnce(who, built.path, rate);
      const key = `${who.name} ${rate}`;
      runs.set(key, [...(runs.get(key) ?? []), run]);
      const unaccounted = run.sent - run.printed - run.dropped;
      const untold = run.told !== undefined && run.told !== run.dropped;
      wrong ||= who.name.startsWith('receive') && (unaccounted !== 0 || untold);
      const { sent, printed, dropped, told, cpuUs } = run;
      console.error(
        `${round + 1}/${values.rounds} ${who.name}, ${run.rate} a second: sent ${sent}, printed ${printed}, ` +
          `dropped by the kernel ${dropped}${told === undefined ? '' : ` (told: ${told})`}, ` +
          `not accounted for ${unaccounted}, ${cpuUs} us of processor time each`,
      );
    }
  }
}
console.log('| receiver | asked, a second | sent, a second | printed | dropped by the kernel | CPU us a datagram |');
console.log('| --- | ---: | ---: | ---: | ---: | ---: |');
const results = [...runs].map(([key, all]) => {
  const middle = (of: (run: Run) => number) => median(all.map(of));
  const share = middle(({ printed, sent }) => printed / sent);
  const dropped = middle((run) => run.dropped);
  const [name, asked] = [key.slice(0, key.lastIndexOf(' ')), Number(key.slice(key.lastIndexOf(' ') + 1))];
  const row = { name, asked, rate: middle((run) => run.rate), share, dropped, cpuUs: middle((run) => run.cpuUs) };
  console.log(
    `| ${name} | ${asked} | ${Math.round(row.rate)} | ${(share * 100).toFixed(2)} % | ${dropped} | ${row.cpuUs.toFixed(2)} |`,
  );
  return row;
});
const [rounds, seconds, bytes] = [values.rounds, values.seconds, values.bytes].map(Number);
const json = JSON.stringify({ machine: machine(), rounds, seconds, bytes, rows: results });
if (values.json) console.log(json);
if (values.out !== undefined) writeFileSync(values.out, `${json}\n`);
if (wrong) {
  console.error('receive: what was sent is not what was printed and dropped, or the drops were not told');
  process.exitCode = 1;
}
