/**
 * Measures what emulated hosts cost in memory and time: `npx tsx bench/memory.ts [--hosts 10000]
 * [--json]`, after `npm run build`.
 *
 * Each host is a kernel with its own hardware address, source address, seq and ring of 4 KiB, and
 * with one extended target; all share one device. One host and many hosts take turns, in processes
 * of their own. The device frees the slot and does nothing else; as root, the frames also go
 * through af-xdp on a veth whose peer drops them.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { makeVeth, SENDER, vethProblem } from './veth.js';

interface Cost {
  readonly hosts: number;
  readonly rss: number;
  readonly nsPerFrame: number;
}

const ROUNDS = 5;
const SCRIPT = new URL('senders/hosts.mjs', import.meta.url).pathname;

/**
 * Runs one host and `hosts` in turns, held to one core; returns of each the run with the median
 * cost.
 */
async function compare(
  hosts: number,
  run: (argv: string[]) => string | Promise<string>,
  spec?: string,
): Promise<Cost[]> {
  const costs: Cost[][] = [[], []];
  for (let i = 0; i < ROUNDS; i++) {
    for (const [k, n] of [1, hosts].entries()) {
      const argv = ['taskset', '-c', '0', process.execPath, SCRIPT, String(n), ...(spec === undefined ? [] : [spec])];
      costs[k]!.push(JSON.parse(await run(argv)) as Cost);
    }
  }
  return costs.map((all) => all.sort((a, b) => a.nsPerFrame - b.nsPerFrame)[ROUNDS >> 1]!);
}

const { values } = parseArgs({
  options: { hosts: { type: 'string', default: '10000' }, json: { type: 'boolean', default: false } },
});
const [one, many] = (await compare(Number(values.hosts), ([file, ...args]) =>
  execFileSync(file!, args, { encoding: 'utf8' }),
)) as [Cost, Cost];
let wire: Cost[] | undefined;
const problem = await vethProblem();
if (problem === undefined) {
  const veth = await makeVeth('ncem', { ipv6: false });
  try {
    wire = await compare(Number(values.hosts), (argv) => veth.run('a', argv), `af-xdp:${SENDER.name}`);
  } finally {
    await veth.remove();
  }
} else {
  process.stderr.write(`nothing is sent on a wire: ${problem}\n`);
}
const nsPerFrame = (costs: readonly Cost[]) => ({
  one: Math.round(costs[0]!.nsPerFrame),
  many: Math.round(costs[1]!.nsPerFrame),
});
const result = {
  hosts: many.hosts,
  peakRssBytes: many.rss,
  bytesPerHost: Math.round((many.rss - one.rss) / (many.hosts - 1)),
  nsPerFrame: nsPerFrame([one, many]),
  ...(wire && { nsPerFrameOnWire: nsPerFrame(wire) }),
};
const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
const cost = ({ one, many }: { one: number; many: number }) =>
  `${many} ns of processor time (one host: ${one} ns, ${(many / one).toFixed(2)} times)`;
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${result.hosts} hosts: peak RSS ${mb(many.rss)} (one: ${mb(one.rss)}), ${result.bytesPerHost} bytes a host
a frame that is only built costs ${cost(result.nsPerFrame)}
${wire ? `a frame that is sent costs ${cost(nsPerFrame(wire))}\n` : ''}`,
);
