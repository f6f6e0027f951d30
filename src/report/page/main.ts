/** Draws a report in the browser: what `sections.ts` makes of the page's data. */
import { pageData } from '../../page/data.js';
import type { ReportData } from '../index.js';
import { type Report, reportOf, type Section } from '../sections.js';
import { number } from '../words.js';
import { chartElement, followTheme } from './charts.js';
import { element } from './elements.js';
import { plainTable, searchableTable } from './tables.js';

const { command, summary, environment } = pageData<ReportData>();
const report = reportOf(command, summary);
document.title = `${report.title}, ${environment.time.slice(0, 16).replace('T', ' ')}`;
document
  .getElementById('report')!
  .replaceChildren(...headOf(report), ...report.sections.map(sectionOf), environmentSection());
followTheme();

function headOf({ title, stopped, figures, notes }: Report): HTMLElement[] {
  const { commandLine, time } = environment;
  const list = element('dl', { class: 'figures' });
  for (const { label, value, bad } of figures) {
    list.append(
      element('div', {}, element('dt', {}, label), element('dd', bad === true ? { class: 'bad' } : {}, value)),
    );
  }
  return [
    element(
      'header',
      {},
      element('h1', {}, title),
      element(
        'p',
        { class: 'when' },
        element('code', {}, commandLine),
        ` at ${time.slice(0, 19).replace('T', ' ')} UTC`,
      ),
    ),
    ...(stopped === undefined ? [] : [element('p', { class: 'stopped' }, `Ended early: ${stopped}`)]),
    list,
    ...(notes.length === 0 ? [] : [element('ul', {}, ...notes.map((note) => element('li', {}, note)))]),
  ];
}

function sectionOf({ id, title, about, chart, table }: Section): HTMLElement {
  const made = framedSection(id, title, about);
  if (chart !== undefined) made.append(chartElement(chart, title));
  if (table !== undefined)
    made.append(table.searchable === true ? searchableTable(table, title) : plainTable(table, title));
  return made;
}

function framedSection(id: string, title: string, about: string): HTMLElement {
  const heading = element('h2', { id: `${id}-title` }, title);
  return element('section', { id, 'aria-labelledby': heading.id }, heading, element('p', { class: 'about' }, about));
}

function environmentSection(): HTMLElement {
  const { version, system, cpu, cpus, memoryBytes, runtime, commandLine, time } = environment;
  const rows: [string, string][] = [
    ['command line', commandLine],
    ['written at', time],
    ['netconsole-emulator', version],
    ['system', system],
    ['processors', `${cpus} of ${cpu}`],
    ['memory', `${number(Math.round(memoryBytes / 2 ** 20))} MiB`],
    ['runtime', runtime],
  ];
  const made = framedSection('environment', 'Environment', 'Where this was run.');
  made.append(plainTable({ columns: ['what', 'value'], rows }, 'Environment'));
  return made;
}
