/**
 * `netconsole-emulator explore [LOG|SCENARIO]`: writes a page that contains the kernel and shows
 * the way of a log line through it.
 */

import { existsSync, writeFileSync } from 'node:fs';
import {
  decodeState,
  EXAMPLES,
  type ExplorerScenario,
  type ExplorerState,
  explorerPage,
  KERNELS_MAX,
  readRecords,
  runOne,
  toBase64,
} from '../explore/index.js';
import { defined } from '../options.js';
import { chooseProfile, DEFAULT_PROFILE } from '../profile/choose.js';
import { UsageError } from './errors.js';
import { isScenario, readScenario, recordedLog } from './run.js';

/** Options of `explore`. */
export interface ExploreOptions {
  /** The file of the page; `-` is standard output. Default `explore.html`. */
  readonly out?: string;
  /** The kernels that the page compares; the first is what the others are compared with. */
  readonly kernel?: readonly string[];
  /** The format of a log. Default: it is recognised. */
  readonly format?: string;
  /** The number of the first record of a log that is shown, from 1. Default 1. */
  readonly from?: number;
}

type Stream = NodeJS.WritableStream;

/** The state that the page begins with, and what to tell the user about it. */
interface Input {
  readonly state: ExplorerState;
  readonly notices: readonly string[];
}

/**
 * Writes the page and says where it is. Returns exit code 0. Throws UsageError for a file that
 * cannot be read.
 */
export async function explore(
  path: string | undefined,
  options: ExploreOptions,
  streams: { readonly out: Stream; readonly err: Stream },
): Promise<number> {
  const { state, notices } = await inputOf(path, options);
  const kernels = options.kernel ?? state.kernels;
  for (const name of kernels) chooseProfile(name);
  if (kernels.length > KERNELS_MAX)
    throw new UsageError(`the page compares ${KERNELS_MAX} kernels at most, and ${kernels.length} are named`);
  // Errors of a scenario are reported here, not in the page.
  if (state.scenario !== undefined) for (const name of kernels) runOne(state.scenario, name).kernel.close();
  const page = explorerPage({ ...state, kernels }, notices);
  const file = options.out ?? 'explore.html';
  if (file === '-') {
    streams.out.write(page);
  } else {
    write(file, page);
    streams.out.write(`${file}: open it in a browser\n`);
  }
  for (const notice of notices) streams.err.write(`netconsole-emulator: ${notice}\n`);
  return 0;
}

function write(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`, 1);
  }
}

async function inputOf(path: string | undefined, options: ExploreOptions): Promise<Input> {
  if (path === undefined) return { state: EXAMPLES[0]!.state, notices: [] };
  const fragment = /#(\d+\.[\w-]+)$/.exec(path)?.[1];
  if (fragment !== undefined && !existsSync(path)) return { state: await stateOf(fragment), notices: [] };
  return isScenario(path) ? scenarioInput(path, options) : await logInput(path, options);
}

/** Decodes the state that stands behind the `#` in the address of a page. */
async function stateOf(fragment: string): Promise<ExplorerState> {
  try {
    return await decodeState(fragment);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function scenarioInput(path: string, { format, from }: ExploreOptions): Input {
  if (format !== undefined || from !== undefined)
    throw new UsageError('a scenario is read whole, in its own form: leave out --format and --from');
  const { scenario, folder, meta } = readScenario(path);
  const recorded = folder ? recordedLog(path) : undefined;
  const { kernel = DEFAULT_PROFILE } = scenario;
  const by = meta.version ?? meta.release;
  const shown: ExplorerScenario = {
    text: JSON.stringify(scenario, null, 1),
    ...(recorded !== undefined && { recorded: toBase64(recorded) }),
    ...defined({ release: meta.release, version: meta.version }),
  };
  const kernels = [by === undefined ? kernel : chooseProfile(by).profile.name];
  return { state: { kernels, records: [], targets: [], scenario: shown }, notices: [] };
}

async function logInput(path: string, { format, from }: ExploreOptions): Promise<Input> {
  const name = path === '-' ? 'the log on standard input' : path;
  const log = await readRecords(path === '-' ? process.stdin : path, { name, format, from });
  if (log.records.length === 0) throw new UsageError(`${name} has no record number ${from ?? 1}: give a lower --from`);
  const { release, caller, records } = log;
  const state: ExplorerState = {
    kernels: [DEFAULT_PROFILE],
    records,
    targets: [{}],
    ...defined({ release }),
    ...(caller && { caller }),
  };
  return { state, notices: log.notes };
}
