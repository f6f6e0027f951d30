/** `run PATH --out DIR`: runs a scenario, or a golden's folder, on the emulator. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { openReport } from '../report/index.js';
import { parseScenario, recordsOfFrames, runScenario, type Scenario } from '../scenario/index.js';
import { UsageError } from './errors.js';
import { type RunSummary, runSummary } from './run-summary.js';

/** Options of `run`. */
export interface RunOptions {
  /** The folder that the results are written into; it is made if it is not there. */
  readonly out: string;
  /** The kernel to be. Default: the one that the scenario names. */
  readonly kernel?: string;
  /** Print the summary as JSON. */
  readonly json?: boolean;
  /** Write the summary as a page, too. */
  readonly report?: string;
}

/** The part of a recording's meta.json that is used: it describes the machine that recorded. */
interface RecordingMeta {
  readonly cmdline?: string;
  readonly release?: string;
  readonly version?: string;
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

/**
 * Returns the log of a golden, undefined if it has none. Records that the kernel overwrote, or that
 * died with it, are taken from the golden's frames, the only place that has them.
 */
export function recordedLog(folder: string): Uint8Array | undefined {
  const has = (name: string) => existsSync(join(folder, name));
  if (!has('kmsg') && !has('wire.pcap')) return undefined;
  const kmsg = has('kmsg') ? read(join(folder, 'kmsg')) : new Uint8Array(0);
  return has('wire.pcap') ? recordsOfFrames(read(join(folder, 'wire.pcap')), kmsg) : kmsg;
}

/**
 * Says whether `path` is a scenario: a recording's folder, or a .json file whose object has `ops`.
 * Throws UsageError if there is no such file, or the folder has no scenario.
 */
export function isScenario(path: string): boolean {
  if (path === '-') return false;
  if (!existsSync(path)) throw new UsageError(`there is no ${path}: name a scenario or a log`);
  if (statSync(path).isDirectory()) {
    if (existsSync(`${path}/scenario.json`)) return true;
    throw new UsageError(`${path} is a folder without scenario.json: name a scenario, a recording or a log`);
  }
  if (!/\.json$/i.test(path)) return false;
  try {
    return 'ops' in JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return false;
  }
}

/** Reads the scenario of a file or of a recording's folder, and the meta.json of the folder. */
export function readScenario(path: string): { scenario: Scenario; folder: boolean; meta: RecordingMeta } {
  const folder = existsSync(path) && statSync(path).isDirectory();
  const file = folder ? join(path, 'scenario.json') : path;
  const scenario = parseScenario(read(file).toString('utf8'), file);
  const meta: RecordingMeta =
    folder && existsSync(join(path, 'meta.json')) ? JSON.parse(read(join(path, 'meta.json')).toString()) : {};
  return { scenario: { ...scenario, cmdline: scenario.cmdline ?? meta.cmdline ?? '' }, folder, meta };
}

/**
 * Makes a folder and those above it. It does not use `recursive`, which never ends where the system
 * says that a folder is not there although the one above it is, as in /proc.
 */
function makeFolder(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  const above = dirname(resolve(path));
  if (above !== resolve(path) && !existsSync(above)) makeFolder(above);
  mkdirSync(path);
}

/** What `run` writes into its folder. */
const WRITTEN = ['wire.pcap', 'kmsg', 'outcomes.json'];

/**
 * Writes wire.pcap, kmsg and outcomes.json into the folder `options.out`, and prints to `out` what
 * it did. Returns exit code 0. Throws for a scenario that cannot be run or a file that cannot be
 * written.
 */
export function run(path: string, options: RunOptions, out: NodeJS.WritableStream): number {
  const { scenario, folder, meta } = readScenario(path);
  const read = folder ? ['scenario.json', 'kmsg', 'meta.json', 'wire.pcap'].map((name) => join(path, name)) : [path];
  const files = [...read, ...WRITTEN.map((name) => join(options.out, name))];
  using page = options.report === undefined ? undefined : openReport(options.report, { files });
  const recorded = folder ? recordedLog(path) : undefined;
  const result = runScenario(scenario, {
    ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
    ...(meta.release === undefined ? {} : { release: meta.release }),
    ...(meta.version === undefined ? {} : { version: meta.version }),
    ...(recorded === undefined ? {} : { recorded }),
  });
  try {
    makeFolder(options.out);
    writeFileSync(join(options.out, 'wire.pcap'), result.pcap);
    writeFileSync(join(options.out, 'kmsg'), result.kmsg);
    writeFileSync(join(options.out, 'outcomes.json'), `${JSON.stringify(result.outcomes)}\n`);
  } catch (error) {
    throw new UsageError(`cannot write to ${options.out}: ${(error as Error).message}`);
  }
  const summary = runSummary(scenario, result);
  if (options.json) out.write(`${JSON.stringify(summary)}\n`);
  else out.write(`${inWords(summary, options.out)}\n`);
  page?.write('run', { ...summary });
  return 0;
}

function inWords({ operations, kernel, warning }: RunSummary, folder: string): string {
  return `${operations} operations on ${kernel}: ${folder}${warning === undefined ? '' : `\nWarning: ${warning}`}`;
}
