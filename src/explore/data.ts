/** The data that a page is written with. */
import type { ExplorerState } from './state.js';

/** What is rendered into a page, and read there again. */
export interface PageData {
  /** The state that the page shows, unless the page's address holds another. */
  readonly state: ExplorerState;
  /** What the page says at its top, such as what was left out of a log. */
  readonly notices: readonly string[];
}
