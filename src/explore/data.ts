/** What a page is written with. */
import type { ExplorerState } from './state.js';

export interface PageData {
  /** Shown unless the address has another. */
  readonly state: ExplorerState;
  /** To be said in the page: what of the log was left out. */
  readonly notices: readonly string[];
}
