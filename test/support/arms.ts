/**
 * Lists the arms of the lane. Every suite that works above printk runs once with each: see
 * `test/vitest.config.ts`.
 */
import type { LaneArm } from '../../src/lane/lane.js';

/** The arms, each with the environment that a suite needs to run with it. */
export const ARMS: Readonly<Record<LaneArm, { readonly env: Readonly<Record<string, string>> }>> = {
  simd: { env: { NETCONSOLE_EMULATOR_LANE: 'simd' } },
  plain: { env: { NETCONSOLE_EMULATOR_LANE: 'plain' } },
};

/** The suites that drive kernels, whose work goes through the lane. */
export const ABOVE_PRINTK: readonly string[] = [
  'test/unit/{ancestors,console,kernel,modules,netpoll,scenario,testing}/**/*.test.ts',
  'test/unit/printk/{kmsg,printk}.test.ts',
  'test/property/path.test.ts',
  'test/conformance/golden.test.ts',
  'test/reliable/{fuzz,loop,scenario,timeline}.test.ts',
];
