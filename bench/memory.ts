/**
 * What emulated hosts cost in memory: `npx tsx bench/memory.ts [--hosts 10000] [--json]`, after `npm run build`.
 *
 * Each host is a kernel with its own hardware address, source address, seq and ring of 4 KiB, and one extended target; all share
 * one device, which frees the slot and does nothing else. One host and many are measured in processes of their own.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';

interface Cost {
  readonly hosts: number;
  readonly rss: number;
  readonly nsPerFrame: number;
}

function run(hosts: number): Cost {
  const file = new URL('senders/hosts.mjs', import.meta.url).pathname;
  return JSON.parse(execFileSync(process.execPath, [file, String(hosts)], { encoding: 'utf8' })) as Cost;
}

const { values } = parseArgs({
  options: { hosts: { type: 'string', default: '10000' }, json: { type: 'boolean', default: false } },
});
const one = run(1);
const many = run(Number(values.hosts));
const result = {
  hosts: many.hosts,
  peakRssBytes: many.rss,
  bytesPerHost: Math.round((many.rss - one.rss) / (many.hosts - 1)),
  nsPerFrame: { one: Math.round(one.nsPerFrame), many: Math.round(many.nsPerFrame) },
};
const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${result.hosts} hosts: peak RSS ${mb(many.rss)} (one: ${mb(one.rss)}), ${result.bytesPerHost} bytes a host; a frame costs ${result.nsPerFrame.many} ns of processor time (one host: ${result.nsPerFrame.one} ns)\n`,
);
