/**
 * Writes the figures of the pages out of results, so that nobody copies a number by hand:
 *
 *   npx tsx bench/tables.ts [--wire FILE] [--drop FILE] [--receive FILE]
 *
 * `--wire`: what `npm run bench -- --out FILE` wrote; `--drop`: the same with `--drop xdp`; `--receive`:
 * what `bench/receive-rate.ts --out FILE` wrote. Each fills the sections of bench/README.md and
 * README.md that are between `<!-- bench-NAME -->` and `<!-- /bench-NAME -->`. The pages are the only
 * place where figures are kept; a section without its file stays as it is.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Aim, Result } from './measure.js';
import type { machine } from './report.js';

interface Wire {
  readonly machine: ReturnType<typeof machine>;
  readonly rounds: number;
  readonly seconds: number;
  readonly rows: readonly Result[];
  readonly aims: readonly Aim[];
}

interface Receiving {
  readonly machine: ReturnType<typeof machine>;
  readonly rounds: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly rows: readonly {
    readonly name: string;
    readonly asked: number;
    readonly rate: number;
    readonly share: number;
    readonly dropped: number;
    readonly cpuUs: number;
  }[];
}

/** The rows of the page: what they are called there, and what the benchmark calls them. */
const ROWS: readonly (readonly [label: string, name: string])[] = [
  ['C `sendmmsg`, prepared', 'C sendmmsg prepared'],
  ['C AF_XDP in copy mode, prepared', 'C AF_XDP prepared'],
  ['C xdp-live, prepared', 'C xdp-live prepared'],
  ['prepared, xdp', 'prepared xdp'],
  ['prepared, af-xdp', 'prepared af-xdp'],
  ['prepared, af-packet', 'prepared af-packet'],
  ['**printk to wire, xdp, 256 records a flush**', 'printk-to-wire xdp'],
  ['printk to wire, xdp, 64 a flush', 'printk-to-wire xdp, 64 a flush'],
  ['printk to wire, xdp overlap, 256 a flush', 'printk-to-wire xdp overlap'],
  ['printk to wire, af-xdp', 'printk-to-wire af-xdp'],
  ['printk to wire, af-packet', 'printk-to-wire af-packet'],
  ['tcpreplay -K', 'tcpreplay'],
  ['trafgen', 'trafgen'],
  ['printk to finished frame, nothing sent', 'printk-to-frame'],
  ['the same in C', 'C printk-to-frame'],
];
/** The transports that the table of README.md has. */
const TRANSPORTS = ['xdp', 'af-xdp', 'af-packet', 'libpcap', 'cap', 'raw-socket', 'udp'];
const SIZES = [200, 1042] as const;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

function rate(perSecond: number): string {
  return perSecond >= 1e6 ? `${(perSecond / 1e6).toFixed(2)} M` : `${Math.round(perSecond / 1e3)} k`;
}

/** Returns a figure for each size of frames, as `A / B`; empty if there is none. */
function both(results: readonly Result[], name: string, of: (row: Result) => number | undefined | null, digits = 2) {
  const cells = SIZES.map((size) => {
    const row = results.find((result) => result.name === name && result.frameBytes === size);
    const value = row === undefined ? undefined : of(row);
    if (value === undefined || value === null || Number.isNaN(value)) return '';
    return value > 1000 ? rate(value) : value.toFixed(digits);
  });
  return cells.every((cell) => cell === '') ? '' : cells.join(' / ');
}

function wireTable({ rows }: Wire): string {
  const known = ROWS.filter(([, name]) => rows.some((row) => row.name === name));
  const head = ['frames of 200 / 1042 bytes', 'frames/s', 'CPU us a frame', 'to C `sendmmsg`', 'by CPU'];
  return table(
    [...head, 'to C AF_XDP', 'by CPU'],
    known.map(([label, name]) => {
      // This row sends nothing, so it has no rate to compare.
      const sends = !name.includes('-to-frame');
      return [
        label,
        both(rows, name, (row) => row.framesPerSecond),
        both(rows, name, (row) => row.cpuUs),
        both(rows, name, (row) => (sends ? row.ratio : undefined)),
        both(rows, name, (row) => (sends ? row.cpuRatio : undefined)),
        both(rows, name, (row) => (sends ? row.afXdpRatio : undefined)),
        both(rows, name, (row) => (sends ? row.afXdpCpuRatio : undefined)),
      ];
    }),
  );
}

function aimTable({ aims }: Wire): string {
  const names = [...new Set(aims.map(({ over, under }) => `${over} to ${under}`))];
  const cell = (name: string, size: number) => {
    const aim = aims.find(({ over, under, frameBytes }) => `${over} to ${under}` === name && frameBytes === size);
    if (aim === undefined) return '';
    const byCpu = aim.cpuRatio === undefined ? '' : `, by CPU ${aim.cpuRatio.toFixed(2)}`;
    return `${aim.ratio.toFixed(2)}${byCpu} (${aim.aim})`;
  };
  return table(
    ['rates (and what they aim at)', '200 bytes', '1042 bytes'],
    names.map((name) => [name, cell(name, 200), cell(name, 1042)]),
  );
}

function transportTable({ rows }: Wire): string {
  return table(
    ['printk to wire, frames of 200 / 1042 bytes', 'frames/s', 'CPU us a frame', 'to C `sendmmsg` of prepared frames'],
    TRANSPORTS.filter((name) => rows.some((row) => row.name === `printk-to-wire ${name}`)).map((name) => [
      `\`${name}\``,
      both(rows, `printk-to-wire ${name}`, (row) => row.framesPerSecond),
      both(rows, `printk-to-wire ${name}`, (row) => row.cpuUs),
      both(rows, `printk-to-wire ${name}`, (row) => row.ratio),
    ]),
  );
}

function receiveTable({ rows }: Receiving): string {
  return table(
    ['receiver', 'asked, a second', 'sent, a second', 'printed', 'dropped by the kernel', 'CPU us a datagram'],
    rows.map(({ name, asked, rate: sent, share, dropped, cpuUs }) => [
      `\`${name}\``,
      String(asked),
      String(Math.round(sent)),
      `${(share * 100).toFixed(2)} %`,
      String(dropped),
      cpuUs.toFixed(2),
    ]),
  );
}

/** Returns the sentence that says on what machine, and for how long. */
function where({ machine: on, rounds, seconds }: Omit<Wire, 'rows' | 'aims'>): string {
  const { kernel, node, cores, cpu, load } = on;
  return `${kernel}, Node ${node}, ${cores} processors (${cpu}), a load of ${load} at the end; ${rounds} interleaved rounds of ${seconds} s.`;
}

const { values } = parseArgs({
  options: { wire: { type: 'string' }, drop: { type: 'string' }, receive: { type: 'string' } },
});
const read = <T>(file: string | undefined) =>
  file === undefined ? undefined : (JSON.parse(readFileSync(file, 'utf8')) as T);
const wire = read<Wire>(values.wire);
const drop = read<Wire>(values.drop);
const receive = read<Receiving>(values.receive);
const sections: Record<string, string | undefined> = {
  'bench-wire': wire && `${where(wire)}\n\n${wireTable(wire)}`,
  'bench-aims': wire && aimTable(wire),
  'bench-transports': wire && transportTable(wire),
  'bench-drop': drop && `${where(drop)}\n\n${wireTable(drop)}`,
  'bench-receive': receive && `${where(receive)}\n\n${receiveTable(receive)}`,
};
for (const name of ['README.md', 'bench/README.md']) {
  const file = new URL(`../${name}`, import.meta.url).pathname;
  const old = readFileSync(file, 'utf8');
  const text = Object.entries(sections).reduce((all, [section, made]) => {
    if (made === undefined) return all;
    const marks = new RegExp(`(<!-- ${section} -->\\n)[\\s\\S]*?(<!-- /${section} -->)`);
    return all.replace(marks, (_, before: string, after: string) => `${before}\n${made}\n\n${after}`);
  }, old);
  if (text !== old) writeFileSync(file, text);
}
