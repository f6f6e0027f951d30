/**
 * Draws charts with uPlot: of the libraries that draw 3,600 points on a canvas at once, it is the
 * smallest (50 kB), and it has no dependencies. The values are also in a table below each chart.
 */
import uPlot from 'uplot';
import type { Chart } from '../sections.js';
import { duration, number } from '../words.js';
import { element } from './elements.js';
import { plainTable } from './tables.js';

const HEIGHT = 260;
const COLORS = ['--line-1', '--line-2', '--line-3'];
/** The colours of the theme when a page is printed. */
const INK: Readonly<Record<string, string>> = {
  '--soft': '#444444',
  '--line': '#bbbbbb',
  '--line-1': '#0b5cad',
  '--line-2': '#b45309',
  '--line-3': '#7a3e9d',
  '--card': '#ffffff',
};

/** The distances that two marks of the time axis may have, in seconds. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30].flatMap((s) => [s, s * 60, s * 3600]).sort((a, b) => a - b);

let onPaper = false;
const redraws: (() => void)[] = [];

/** Returns a colour of the theme that is in force. */
function color(name: string): string {
  return onPaper ? INK[name]! : getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Redraws all charts when the theme changes and for print, since a canvas keeps its colours. */
export function followTheme(): void {
  const redraw = (paper: boolean) => {
    onPaper = paper;
    for (const one of redraws) one();
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => redraw(onPaper));
  addEventListener('beforeprint', () => redraw(true));
  addEventListener('afterprint', () => redraw(false));
}

/** Returns a chart, with its values as a table behind a button. */
export function chartElement(chart: Chart, title: string): HTMLElement {
  const picture = element('div', { class: 'chart', role: 'img', 'aria-label': `${title}: ${inWords(chart)}` });
  let plot: uPlot | undefined;
  const draw = () => {
    plot?.destroy();
    plot = new uPlot(options(chart, Math.max(280, picture.clientWidth)), data(chart), picture);
  };
  // The chart is drawn once the element has a width, and again when that changes.
  new ResizeObserver(() => {
    if (picture.clientWidth > 0 && plot?.width !== picture.clientWidth) draw();
  }).observe(picture);
  redraws.push(() => plot !== undefined && draw());
  const details = element('details', {}, element('summary', {}, 'The same as a table'));
  details.addEventListener('toggle', () => {
    if (details.open && details.childElementCount === 1) details.append(asTable(chart));
  });
  return element('div', {}, picture, details);
}

/** Describes a chart for readers who do not see it. */
function inWords({ lines, unit, names }: Chart): string {
  if (names !== undefined) return `${names.length} bars, in the table below`;
  return lines
    .map(({ label, values }) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return `${label} ${number(Math.round(mean))} ${unit} on average, ${number(Math.round(Math.max(...values)))} at most`;
    })
    .join('; ');
}

function asTable({ x, lines, names, unit }: Chart): HTMLElement {
  const columns = [names === undefined ? 'from' : 'late by', ...lines.map(({ label }) => `${label} (${unit})`)];
  const rows = x.map((at, i) => [
    names?.[i] ?? duration(at),
    ...lines.map(({ values }) => Math.round(values[i]! * 1000) / 1000),
  ]);
  return plainTable({ columns, rows });
}

function data({ x, lines }: Chart): uPlot.AlignedData {
  return [[...x], ...lines.map(({ values }) => [...values])];
}

function options({ unit, lines, names, x }: Chart, width: number): uPlot.Options {
  const axis = {
    stroke: color('--soft'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { stroke: color('--line') },
  };
  const bars = names !== undefined;
  const label = (at: number | null | undefined) => (at == null ? '' : (names?.[at] ?? (bars ? '' : duration(at))));
  return {
    width,
    height: HEIGHT,
    scales: {
      x: { time: false, ...(bars && { range: () => [-0.6, x.length - 0.4] as [number, number] }) },
      y: { range: (_, __, max) => [0, Math.max(max * 1.05, 1)] },
    },
    axes: [
      {
        ...axis,
        values: (_, splits) => splits.map((at) => (bars && !Number.isInteger(at) ? '' : label(at))),
        ...(bars ? { space: 70, incrs: [1, 2, 4, 8] } : { space: 60, incrs: TIME_STEPS }),
      },
      { ...axis, size: 80, values: (_, splits) => splits.map((value) => number(value)) },
    ],
    series: [
      { label: bars ? 'late by' : 'time', value: (_, at) => label(at) },
      ...lines.map((line, i) => ({
        label: `${line.label} (${unit})`,
        stroke: color(COLORS[i % COLORS.length]!),
        width: i === 0 && lines.length > 1 ? 3 : 1.5,
        points: { show: x.length < 2 },
        value: (_: uPlot, value: number | null) => (value == null ? '' : number(value)),
        ...(bars && {
          fill: color(COLORS[0]!),
          paths: uPlot.paths.bars!({ size: [0.8, 60] }),
          points: { show: false },
        }),
      })),
    ],
    legend: { live: true },
    cursor: { drag: { x: !bars, y: false } },
  };
}
