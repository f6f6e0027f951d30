/**
 * The arms of the lane: every suite that works above printk runs once with each, see `test/vitest.config.ts`. What a suite needs
 * to be run with another arm is an entry here.
 */
import type { LaneArm } from '../../src/lane/lane.js';

export const ARMS: Readonly<Record<LaneArm, { readonly env: Readonly<Record<string, string>> }>> = {
  simd: { env: { NETCONSOLE_EMULATOR_LANE: 'simd' } },
  plain: { env: { NETCONSOLE_EMULATOR_LANE: 'plain' } },
};

/** The suites that drive kernels: what they do goes through the lane. */
export const ABOVE_PRINTK: readonly string[] = [
  'test/unit/{ancestors,console,kernel,modules,netpoll,scenario,testing}/**/*.test.ts',
  'test/unit/printk/{kmsg,printk}.test.ts',
  'test/property/path.test.ts',
  'test/conformance/golden.test.ts',
  'test/reliable/{fuzz,loop,scenario,timeline}.test.ts',
];
