/**
 * The tests of `npm run check`: quick enough to be run before every commit, without root. They are
 * those of the full run (`npm test`) with one arm of the lane, except what starts programs or
 * browsers, sends through a real network, or tries very many inputs.
 *
 * All files of a worker share its modules, which saves half of the time: a test may not depend on
 * what a module remembers from the file before (`vi.resetModules()` gives it fresh ones).
 */
import { configDefaults, defineConfig } from 'vitest/config';
import { LIMITS, root } from './vitest.config.js';

export default defineConfig({
  root,
  test: {
    ...LIMITS,
    pool: 'threads',
    isolate: false,
    include: ['test/**/*.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      'test/{browser,package,property,reliable}/**',
      'test/conformance/{record,transport}/**',
      'test/conformance/{capture,dissector,programs,selftests,terminal,tshark}.test.ts',
      'test/unit/{cli,explore,lane,report,transport}/**',
      'test/unit/{printk/positions,receiver/fuzz,replay/formats,replay/reader,wire/golden}.test.ts',
      'test/examples.test.ts',
      'test/unit/allocation.test.ts',
    ],
  },
});
