/**
 * Scenarios: lists of operations that are run on the emulator, and what came out of it: frames,
 * log, outcomes.
 *
 *   const result = runScenario(scenario, { kernel: '6.12', recorded });
 *   result.pcap; result.kmsg; result.outcomes;
 *
 * The machine is like the one that goldens are recorded on. Its network card is eth0, with the
 * address 52:54:00:12:34:56, which is up and has carrier but no IP address. There are also lo and
 * dummy0. IPv6 is off until the operation `ipv6`, and netconsole is not loaded.
 *
 * If a recorded log guides the time (`guide.ts`), every record takes its recorded timestamp.
 * Otherwise timestamps are virtual time, which passes only in `settle` and `advance`, and when the
 * kernel itself sleeps.
 *
 * @module
 */

import type { Kernel } from '../kernel/index.js';
import { anyBytes, checkOptions, type OptionRules, text } from '../options.js';
import type { ProfileChoice } from '../profile/index.js';
import { concatBytes } from '../wire/text.js';
import { Machine, type ScenarioRun } from './machine.js';
import { scenarioFault } from './operations.js';
import { type Outcome, type Scenario, ScenarioError } from './scenario.js';

export type { Schema } from '../schema.js';
export type { ScenarioRun } from './machine.js';
export { OPERATIONS, type Operation, type OperationField, SCENARIO_SCHEMA } from './operations.js';
export { recordsOfFrames } from './recorded.js';
export { type Outcome, parseScenario, type Scenario, ScenarioError, type ScenarioOp } from './scenario.js';

/** What came out of a scenario. The caller must close `kernel`. */
export interface ScenarioResult {
  /** The kernel as the last operation left it. */
  readonly kernel: Kernel;
  /** The profile that was chosen, and how sure that choice is. */
  readonly choice: ProfileChoice;
  /** The frames that left eth0, as a capture file. */
  readonly pcap: Uint8Array;
  /** The records of /dev/kmsg from its start. */
  readonly kmsg: Uint8Array;
  /** One outcome for each operation, in order. */
  readonly outcomes: readonly Outcome[];
}

const RULES: OptionRules<ScenarioRun> = {
  kernel: text,
  release: text,
  version: text,
  recorded: anyBytes,
};

/**
 * Runs a scenario. Throws ScenarioError, with the operation's number (from 0), if an operation
 * makes no sense. An operation that the kernel refuses has the error's name as its outcome.
 */
export function runScenario(scenario: Scenario, options: ScenarioRun = {}): ScenarioResult {
  checkOptions('runScenario', options, RULES);
  const fault = scenarioFault(scenario);
  if (fault !== undefined) throw new ScenarioError(`this is no scenario: ${fault}`);
  const machine = new Machine(scenario, options);
  const outcomes = scenario.ops.map((op, i) => machine.run(op, i));
  machine.guide?.finish();
  const kmsg = concatBytes(machine.kernel.kmsg.records());
  return { kernel: machine.kernel, choice: machine.choice, pcap: machine.pcap(), kmsg, outcomes };
}
