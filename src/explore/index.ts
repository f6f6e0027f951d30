/**
 * The explorer: one page that contains the kernel itself and shows what becomes of a log line.
 *
 *   state.ts        what is shown, as data; in the address
 *   boot.ts         boots a machine from a state     wire.ts          virtual time, loss, receivers
 *   run.ts          runs a state on one kernel       scenario.ts      runs a scenario on one kernel
 *   rows.ts         what became of each record       differences.ts   what two kernels do differently
 *   fields.ts       explains every byte of a frame   payload-fields.ts  and of a message
 *   read.ts         reads logs into records          examples.ts      states to begin with
 *   page/           draws all this in a browser, with preact
 *
 * All but `page/` runs in Node, too, and gives the same bytes there.
 */
import { renderPage } from '../page/index.js';
import type { PageData } from './data.js';
import { EXAMPLES } from './examples.js';
import type { ExplorerState } from './state.js';

export { EXAMPLES } from './examples.js';
export { readRecords } from './read.js';
export { runOne } from './scenario.js';
export {
  decodeState,
  type ExplorerScenario,
  type ExplorerState,
  encodeState,
  KERNELS_MAX,
  toBase64,
} from './state.js';

/** Returns the page, which shows `state` (default: an example) and has `notices` at its top. */
export function explorerPage(state: ExplorerState = EXAMPLES[0]!.state, notices: readonly string[] = []): string {
  return renderPage('explore', { state, notices } satisfies PageData);
}
