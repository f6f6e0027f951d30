/**
 * Scenarios: a list of operations run on the emulator, and what came out: frames, log, outcomes.
 *
 *   const result = runScenario(scenario, { kernel: '6.12', recorded });
 *   result.pcap; result.kmsg; result.outcomes;
 *
 * The machine is the one that goldens are recorded on: one interface, eth0, 52:54:00:12:34:56, up
 * with carrier and without addresses; IPv6 off until the operation `ipv6`; netconsole not loaded.
 * With a recorded log that guides time (`guide.ts`) every record takes its recorded stamp; without,
 * stamps are virtual time, which only `settle`, `advance` and the kernel's own sleeping move.
 *
 * @module
 */

import type { Kernel } from '../kernel/index.js';
import { anyBytes, checkOptions, type OptionRules, text } from '../options.js';
import type { ProfileChoice } from '../profile/index.js';
import { concat } from './bytes.js';
import { Machine, type ScenarioRun } from './machine.js';
import { scenarioFault } from './operations.js';
import { type Outcome, type Scenario, ScenarioError } from './scenario.js';

export type { ScenarioRun } from './machine.js';
export { OPERATIONS, type Operation, SCENARIO_SCHEMA } from './operations.js';
export { recordsOfFrames } from './recorded.js';
export { type Outcome, parseScenario, type Scenario, ScenarioError, type ScenarioOp } from './scenario.js';

/** What a scenario came to. The caller owns it, and closes the kernel. */
export interface ScenarioResult {
  readonly kernel: Kernel;
  /** Which profile it is, and how sure that is. */
  readonly choice: ProfileChoice;
  /** The frames that left, as a capture file. */
  readonly pcap: Uint8Array;
  /** /dev/kmsg, read from its start. */
  readonly kmsg: Uint8Array;
  readonly outcomes: readonly Outcome[];
}

const RULES: OptionRules<ScenarioRun> = {
  kernel: text,
  release: text,
  version: text,
  recorded: anyBytes,
};

/** Runs it. ScenarioError, with the operation's number from 0, for what makes no sense. */
export function runScenario(scenario: Scenario, options: ScenarioRun = {}): ScenarioResult {
  checkOptions('runScenario', options, RULES);
  const fault = scenarioFault(scenario);
  if (fault !== undefined) throw new ScenarioError(`this is no scenario: ${fault}`);
  const machine = new Machine(scenario, options);
  const outcomes = scenario.ops.map((op, i) => machine.run(op, i));
  machine.guide?.finish();
  const kmsg = concat(machine.kernel.kmsg.records());
  return { kernel: machine.kernel, choice: machine.choice, pcap: machine.pcap(), kmsg, outcomes };
}
