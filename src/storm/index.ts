/**
 * Storms: a fleet of hosts, what they log, what happens to them, and the network between them and a
 * collector.
 *
 *   plan (file or object) -> compile: every host, its kernel, its schedule
 *     -> engine: hosts in virtual time, impaired links    -> truth: what a receiver must print
 *     -> shaper: a rate over the whole fleet              -> manifest
 *     -> a device
 *
 *   const groups = [{ name: 'rack4', hosts: 50, workloads: [...] }];
 *   const plan = compilePlan(checkPlan({ duration: 10, groups }));
 *   const summary = await runStorm(plan, await openDevice('pcap:storm.pcap'));
 *
 * Everything is drawn from the plan's seed and the host's number. The same plan gives the same
 * frames at the same times, however many threads and shards run it.
 *
 * @module
 */

export type { Lateness } from '../net/meter.js';
export { parseRamp, Shaper, type ShaperOptions } from '../net/shaper.js';
export type { RunInterval } from '../run/observer.js';
export type { Losses, LossPlace, RunProgress } from '../run/progress.js';
export type { Schema } from '../schema.js';
export { type CompiledPlan, compilePlan, type HostSpec, type Start } from './compile.js';
export { type EngineCounts, type EngineOptions, StormEngine } from './engine.js';
export type { StormHostReport } from './host-report.js';
export { type ManifestHead, ManifestWriter, manifestHead } from './manifest.js';
export { mergeSummaries, type PrintedSummary } from './merge.js';
export type { StormOptions, StormSummary } from './options.js';
export {
  type Collector,
  checkPlan,
  type Group,
  PLAN_SCHEMA,
  type Plan,
  type PlannedEvent,
  type Recurring,
  type Within,
} from './plan.js';
export { readPlan } from './plan-file.js';
export type { StormProgress } from './progress.js';
export { runStorm } from './run.js';
export type { Shard } from './source.js';
export type { Arrival, PlacedRecord, Stretch } from './stretch.js';
export type { TrueRecord } from './truth.js';
