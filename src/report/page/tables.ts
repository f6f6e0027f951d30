/** Draws tables: plain ones, and large ones that can be searched, sorted and paged through. */
import type { Table } from '../sections.js';
import { number } from '../words.js';
import { element } from './elements.js';

type Cell = string | number;
type Row = readonly Cell[];

const ROWS_OF_PAGE = 50;

/** Returns a table with all of its rows. */
export function plainTable({ columns, rows }: Table, caption?: string): HTMLElement {
  const head = element('tr', {}, ...columns.map((name, i) => heading(rows, i, name)));
  const body = element('tbody', {}, ...rows.map((row) => rowElement(row)));
  return framed(table(caption, head, body));
}

/** Puts a table into a frame that scrolls and takes the focus, so that keys can scroll it. */
function framed(inner: HTMLElement): HTMLElement {
  return element('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'table' }, inner);
}

function table(caption: string | undefined, head: HTMLElement, body: HTMLElement): HTMLTableElement {
  const made = element('table', { class: 'rows', ...(caption !== undefined && { 'aria-label': caption }) });
  made.append(element('thead', {}, head), body);
  return made;
}

function heading(rows: readonly Row[], column: number, content: string | Node): HTMLTableCellElement {
  return element('th', { scope: 'col', ...(isNumeric(rows, column) && { class: 'number' }) }, content);
}

function rowElement(row: Row): HTMLElement {
  return element(
    'tr',
    {},
    ...row.map((cell) =>
      typeof cell === 'number' ? element('td', { class: 'number' }, number(cell)) : element('td', {}, cell),
    ),
  );
}

function isNumeric(rows: readonly Row[], column: number): boolean {
  return typeof rows[0]?.[column] === 'number';
}

/** Returns a table that shows 50 rows at a time, with a search field and headings that sort. */
export function searchableTable({ columns, rows }: Table, caption: string): HTMLElement {
  const texts = rows.map((row) =>
    row
      .filter((cell) => typeof cell === 'string')
      .join(' ')
      .toLowerCase(),
  );
  let found = rows.map((_, i) => i);
  let sorted: { readonly column: number; readonly down: boolean } | undefined;
  let page = 0;

  const search = element('input', { type: 'search', spellcheck: 'false', autocomplete: 'off' });
  const count = element('output', { 'aria-live': 'polite' });
  const before = element('button', { type: 'button' }, 'Previous');
  const after = element('button', { type: 'button' }, 'Next');
  const body = element('tbody');
  const headings = columns.map((name, i) => {
    const button = element('button', { type: 'button' }, name);
    button.addEventListener('click', () => {
      sorted = { column: i, down: sorted?.column === i ? !sorted.down : typeof rows[0]![i] === 'number' };
      for (const [j, other] of headings.entries()) {
        if (j === i) other.setAttribute('aria-sort', sorted.down ? 'descending' : 'ascending');
        else other.removeAttribute('aria-sort');
      }
      page = 0;
      show();
    });
    return heading(rows, i, button);
  });

  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = rows.flatMap((_, i) => (words.every((word) => texts[i]!.includes(word)) ? [i] : []));
    if (sorted !== undefined) {
      const { column, down } = sorted;
      found.sort((a, b) => (down ? -1 : 1) * compared(rows[a]![column]!, rows[b]![column]!));
    }
    const pages = Math.max(1, Math.ceil(found.length / ROWS_OF_PAGE));
    page = Math.min(page, pages - 1);
    const shown = found.slice(page * ROWS_OF_PAGE, (page + 1) * ROWS_OF_PAGE);
    body.replaceChildren(...shown.map((i) => rowElement(rows[i]!)));
    before.disabled = page === 0;
    after.disabled = page === pages - 1;
    const from = found.length === 0 ? 0 : page * ROWS_OF_PAGE + 1;
    count.value = `${number(from)} to ${number(from + shown.length - (found.length === 0 ? 0 : 1))} of ${number(found.length)}`;
  };
  search.addEventListener('input', () => {
    page = 0;
    show();
  });
  before.addEventListener('click', () => {
    page--;
    show();
  });
  after.addEventListener('click', () => {
    page++;
    show();
  });
  show();
  const label = element('label', {}, 'Search ', search);
  const tools = element('div', { class: 'tools' }, label, count, before, after);
  return element('div', {}, tools, framed(table(caption, element('tr', {}, ...headings), body)));
}

function compared(a: Cell, b: Cell): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}
