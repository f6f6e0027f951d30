/**
 * Self-contained HTML pages, as commands write them: one file, which no request leaves.
 *
 *   src/ROOM/page/main.ts, page.html, page.css        a page's own code, for browsers
 *   build.ts, run by `npm run build`              ->  dist/ROOM/page.html, script and style in it, data not yet
 *   renderPage(ROOM, data)                        ->  the page that a command writes
 *   page/data.ts, in the browser                  ->  the data again
 *
 * A page's policy (Content-Security-Policy, in the page itself) lets its own script and style run,
 * and nothing be fetched. `src/page/README.md` tells how to make another page.
 */
import { readFileSync } from 'node:fs';

/** What stands in a built page where its data belong. */
export const DATA_MARK = '<!-- data -->';

/**
 * The page of a room with `data` in it, which its script reads with `pageData`. `data` is anything
 * that JSON can hold. Error if the package was not built.
 */
export function renderPage(room: string, data: unknown): string {
  // `<` cannot then begin a tag, whatever a log line says.
  const json = JSON.stringify(data).replaceAll('<', '\\u003c');
  const script = `<script type="application/json" id="data">${json}</script>`;
  const [before, after, ...more] = template(room).split(DATA_MARK);
  if (after === undefined || more.length > 0) throw new Error(`src/${room}/page/page.html needs one ${DATA_MARK}`);
  return before + script + after;
}

/** The same place seen from `src/page` and from `dist/page`. */
function template(room: string): string {
  const file = new URL(`../../dist/${room}/page.html`, import.meta.url);
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`the page of ${room} was not built: run "npm run build"`, { cause });
  }
}
