/** The data of a page, in the browser. `renderPage` of `index.ts` put them there. */

/** What the page was rendered with. The caller says its type: page and data are made by one build. */
export function pageData<T>(): T {
  return JSON.parse(document.getElementById('data')!.textContent) as T;
}
