import { configDefaults, defineConfig } from 'vitest/config';
import { ABOVE_PRINTK, ARMS } from './support/arms.js';

/** The suites above printk, with one arm of the lane. */
const arms = Object.entries(ARMS).map(([name, { env }]) => ({
  extends: true as const,
  test: { name, env, include: [...ABOVE_PRINTK], setupFiles: ['test/support/arm-setup.ts'] },
}));

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A poll ends when it holds: the bound is for what never will, on a machine however loaded.
    expect: { poll: { timeout: 20_000 } },
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
