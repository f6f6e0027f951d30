/**
 * Makes the rows about prepared frames: how fast they leave through each transport, beside C,
 * tcpreplay, trafgen and a plain loop over npm `cap`. npm `cap` and `raw-socket` are not
 * dependencies: install them anywhere, and name the folder in NODE_PATH.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ALL_SIZES, FRAMES, has, type Measured, REFERENCE, type Row, XDP_REFERENCE } from './measure.js';
import { SENDER } from './veth.js';

const here = new URL('.', import.meta.url).pathname;
const BUILD = join(here, 'build');

/** Builds a program of bench/c. Returns the reason instead if there is no compiler or no header. */
export function buildC(
  name: 'send' | 'xdp-live' | 'printk' | 'receive-send',
  flags: readonly string[] = [],
): { path: string } | { problem: string } {
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

/** Returns why an npm package cannot be used; undefined if it can. */
export function hasModule(name: string): string | undefined {
  try {
    createRequire(import.meta.url)(name);
    return undefined;
  } catch {
    return `npm ${name} is not installed`;
  }
}

/** Returns a command line that runs TypeScript as `npx tsx` does, without npx in between. */
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

function preparedRow(transport: string, spec: string, problem?: string): Row {
  return {
    name: `prepared ${transport}`,
    argv: ({ file, seconds }) => typescript('senders/prepared.ts', spec, file, String(seconds)),
    problem,
  };
}

/** Adds up the results of programs that measured at once, each in its own time. */
function together(results: readonly Measured[]): Measured {
  const seconds = Math.max(...results.map((r) => r.seconds));
  const rate = results.reduce((sum, r) => sum + r.frames / r.seconds, 0);
  return { frames: rate * seconds, seconds, total: results.reduce((sum, r) => sum + r.total, 0) };
}

/** Returns the rows about prepared frames. Builds the C programs. */
export function transportRows(): Row[] {
  const send = buildC('send');
  const live = buildC('xdp-live');
  const tx = SENDER.name;
  return [
    { ...cRow(REFERENCE, 'sendmmsg', send), sizes: ALL_SIZES },
    { ...cRow(XDP_REFERENCE, 'af-xdp', send), sizes: ALL_SIZES },
    {
      name: 'C xdp-live prepared',
      argv: ({ file, seconds }) => ['path' in live ? live.path : '', tx, file, String(seconds)],
      problem: 'problem' in live ? live.problem : undefined,
      sizes: ALL_SIZES,
    },
    {
      // This shows what this machine's second core is worth.
      name: 'C AF_XDP prepared 2 processes',
      argv: ({ file, seconds }) => {
        const one = (queue: number) => `${'path' in send ? send.path : ''} af-xdp ${tx}:${queue} ${file} ${seconds}`;
        return ['sh', '-c', `${one(0)} & ${one(1)}; wait`];
      },
      read: (output) =>
        together(
          output
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as Measured),
        ),
      workers: true,
      problem: 'problem' in send ? send.problem : undefined,
    },
    cRow('C send prepared', 'send', send),
    cRow('C pcap_inject prepared', 'pcap', buildC('send', ['-DWITH_PCAP'])),
    preparedRow('xdp', `xdp:${tx}`),
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
