/** The data of a page, in the browser. `renderPage` of `index.ts` put them there. */

/** What the page was rendered with. One build makes page and data; the caller states the type. */
export function pageData<T>(): T {
  return JSON.parse(document.getElementById('data')!.textContent) as T;
}
