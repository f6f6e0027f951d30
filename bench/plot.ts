/**
 * Draws bars from a result of the benchmark: `npx tsx bench/plot.ts RESULT.json FOLDER`, where
 * RESULT.json is what `npm run bench -- --out` wrote. It makes one SVG for each frame size, with
 * the frames for each second of processor time and our own rows in another colour. The pictures can
 * be read on light and dark pages.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Row {
  readonly name: string;
  readonly frameBytes: number;
  readonly framesPerSecond: number;
  readonly cpuUs?: number;
  readonly ratio: number | null;
}

const BAR = 16;
const GAP = 6;
const LABEL = 250;
const PLOT = 420;
const NUMBER = 110;
const TOP = 44;
/** Rows that send nothing are much faster, so they have a plot of their own. */
const isPure = (row: Row) => row.name.includes('-to-frame');

function entities(text: string): string {
  return text.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

function colour(name: string): string {
  if (name.startsWith('printk-to')) return '#2f7ed8';
  if (name.startsWith('prepared')) return '#7cb5ec';
  return '#999999';
}

function rate(value: number): string {
  return value >= 1e6 ? `${(value / 1e6).toFixed(2)} M/s` : `${Math.round(value / 1e3)} k/s`;
}

function bars(title: string, rows: readonly Row[]): string {
  const sorted = [...rows].sort((a, b) => b.framesPerSecond - a.framesPerSecond);
  const most = Math.max(...sorted.map((row) => row.framesPerSecond));
  const height = TOP + sorted.length * (BAR + GAP) + 10;
  const width = LABEL + PLOT + NUMBER;
  const lines = sorted.flatMap((row, i) => {
    const y = TOP + i * (BAR + GAP);
    const length = Math.max(1, Math.round((row.framesPerSecond / most) * PLOT));
    const text = y + BAR - 4;
    return [
      `<text x="${LABEL - 8}" y="${text}" text-anchor="end">${entities(row.name)}</text>`,
      `<rect x="${LABEL}" y="${y}" width="${length}" height="${BAR}" fill="${colour(row.name)}"/>`,
      `<text x="${LABEL + length + 6}" y="${text}">${rate(row.framesPerSecond)}</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#777777">`,
    `<title>${entities(title)}</title>`,
    `<text x="${LABEL}" y="22" font-size="14">${entities(title)}</text>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

const [input, folder] = process.argv.slice(2);
if (input === undefined || folder === undefined) {
  process.stderr.write('usage: plot.ts RESULT.json FOLDER\n');
  process.exit(2);
}
const result = JSON.parse(readFileSync(input, 'utf8')) as { rows: readonly Row[] };
// On a busy machine, rows that do not tell their processor time cannot be compared.
const rows = result.rows.flatMap((row) =>
  row.cpuUs === undefined ? [] : [{ ...row, framesPerSecond: 1e6 / row.cpuUs }],
);
for (const size of new Set(rows.map((row) => row.frameBytes))) {
  const here = rows.filter((row) => row.frameBytes === size);
  const sent = here.filter((row) => !isPure(row));
  if (sent.length > 0) {
    const title = `Frames of ${size} bytes for each second of processor time, onto a veth whose peer drops them`;
    writeFileSync(join(folder, `wire-${size}.svg`), bars(title, sent));
  }
  const pure = here.filter(isPure);
  if (pure.length > 0) {
    writeFileSync(
      join(folder, `frame-${size}.svg`),
      bars(`Frames of ${size} bytes for each second of processor time, finished and not sent`, pure),
    );
  }
}
