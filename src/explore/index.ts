/**
 * The explorer: one page with the kernel itself in it, which shows what becomes of a log line.
 *
 *   state.ts        what is shown, as data; in the address
 *   boot.ts         a machine from a state           wire.ts          virtual time, losses, receivers
 *   run.ts          one kernel's way with a state    scenario.ts      the same with a scenario
 *   rows.ts         what became of each record       differences.ts   what two kernels do differently
 *   fields.ts       every byte's name and meaning    payload-fields.ts  those of a message
 *   read.ts         logs into states                 examples.ts      states to begin with
 *   page/           what draws it in a browser, with preact
 *
 * All but `page/` runs in Node, too, and gives the same bytes there.
 */
import { renderPage } from '../page/index.js';
import type { PageData } from './data.js';
import { EXAMPLES } from './examples.js';
import type { ExplorerState } from './state.js';

export { EXAMPLES } from './examples.js';
export { type ReadLog, readRecords } from './read.js';
export { runOne } from './scenario.js';
export {
  decodeState,
  type ExplorerRecord,
  type ExplorerScenario,
  type ExplorerState,
  encodeState,
  KERNELS_MAX,
  toBase64,
} from './state.js';

/** The page. `state`: what it shows; default: an example. `notices`: what it says above all. */
export function explorerPage(state: ExplorerState = EXAMPLES[0]!.state, notices: readonly string[] = []): string {
  return renderPage('explore', { state, notices } satisfies PageData);
}
