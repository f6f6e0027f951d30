/**
 * Makes self-contained HTML pages, as commands write them: one file, which makes no request.
 *
 *   src/ROOM/page/main.ts, page.html, page.css        a page's own code, for browsers
 *   build.ts, run by `npm run build`              ->  dist/ROOM/page.html: all but the data
 *   renderPage(ROOM, data)                        ->  the page that a command writes
 *   page/data.ts, in the browser                  ->  the data again
 *
 * A page's policy (Content-Security-Policy, in the page itself) lets its own script and style run,
 * and lets nothing be fetched. `src/page/README.md` says how to add a page.
 */
import { readFileSync } from 'node:fs';

/** The mark in a built page that its data replace. */
const DATA_MARK = '<!-- data -->';

/**
 * Returns the page of a room with `data` in it, which the page's script reads with `pageData`.
 * `data` is anything that JSON can hold. Throws an error if the package was not built.
 */
export function renderPage(room: string, data: unknown): string {
  // Without `<` nothing in the data can begin a tag, whatever a log line says.
  const json = JSON.stringify(data).replaceAll('<', '\\u003c');
  const script = `<script type="application/json" id="data">${json}</script>`;
  const [before, after, ...more] = template(room).split(DATA_MARK);
  if (after === undefined || more.length > 0) throw new Error(`src/${room}/page/page.html needs one ${DATA_MARK}`);
  return before + script + after;
}

/** Reads the built page of a room. Its path is the same from `src/page` and from `dist/page`. */
function template(room: string): string {
  const file = new URL(`../../dist/${room}/page.html`, import.meta.url);
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`the page of ${room} was not built: run "npm run build"`, { cause });
  }
}
