/** Writes what came of a run for whoever reads it: the machine, and the table. */
import { cpus, loadavg, platform, release } from 'node:os';
import { type Result, round3 } from './measure.js';

/** Describes the machine, for whoever compares results. */
export function machine(): Record<string, string | number> {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    kernel: `${platform()} ${release()}`,
    node: process.version,
    load: round3(loadavg()[0]!),
  };
}

/** Returns the results as text, one line for each row. */
export function table(results: readonly Result[]): string {
  const head = ['row', 'bytes', 'frames/s', 'best', 'spread', 'x C sendmmsg', 'x C AF_XDP', 'CPU us', 'by CPU'];
  const body = results.map((r) =>
    [
      r.name,
      r.frameBytes,
      r.framesPerSecond,
      r.best,
      r.spread,
      Number.isNaN(r.ratio) ? '' : r.ratio,
      r.afXdpRatio ?? '',
      r.cpuUs ?? '',
      r.cpuRatio ?? '',
    ].map(String),
  );
  const widths = head.map((cell, i) => Math.max(cell.length, ...body.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return [head, ...body].map(line).join('\n');
}
