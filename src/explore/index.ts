/**
 * The explorer: one page with the kernel itself in it.
 *
 *   index.ts       the page as a command writes it
 *   page/          what runs in the browser
 */
import { renderPage } from '../page/index.js';

/** The page, with a text to begin with. */
export function explorerPage(text: string): string {
  return renderPage('explore', { text });
}
