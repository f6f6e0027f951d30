/** Reads the data of a page in the browser. `renderPage` of `index.ts` put the data there. */

/**
 * Returns what the page was rendered with. Page and data come from one build, so nothing is
 * checked: the caller states the type.
 */
export function pageData<T>(): T {
  return JSON.parse(document.getElementById('data')!.textContent) as T;
}
