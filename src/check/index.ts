/**
 * Checks: they compare what a receiver printed with what it must have printed.
 *
 *   truth (manifest, or the plan that gives the same)  --\
 *                                                        checker -> report: lost, late, doubled,
 *   outputs (lines of any form, captures)              --/          reordered, changed, foreign
 *
 *   const report = await check(readTruth('truth.jsonl.gz'), { outputs: ['received.jsonl'] });
 *   report.total.lostByReceiver
 *
 * @module
 */
export { Checker, type CheckReport, type HostReport, type Tally, trouble } from './checker.js';
export type { Facts, TrueFacts } from './facts.js';
export type { LineReader, OutputFormat } from './format.js';
export type { OutputInfo } from './output.js';
export type { TruthListener } from './packed.js';
export type { Printed } from './payload.js';
export { OUTPUT_FORMATS, outputFormat } from './printed.js';
export { type CheckOptions, type CheckSummary, check } from './run.js';
export { readTruth, type Truth } from './truth-source.js';
