import { configDefaults, defineConfig } from 'vitest/config';
import { ABOVE_PRINTK, ARMS } from './support/arms.js';

/** The suites above printk, with one arm of the lane. */
const arms = Object.entries(ARMS).map(([name, { env }]) => ({
  extends: true as const,
  test: { name, env, include: [...ABOVE_PRINTK], setupFiles: ['test/support/arm-setup.ts'] },
}));

export const root: string = new URL('..', import.meta.url).pathname;

/** How long tests may take, on a machine however loaded: a poll ends as soon as it holds. */
export const LIMITS = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } };

export default defineConfig({
  root,
  test: {
    ...LIMITS,
    projects: [
      ...arms,
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts', 'examples/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ABOVE_PRINTK],
        },
      },
    ],
  },
});
