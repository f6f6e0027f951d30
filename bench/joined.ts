/**
 * Runs a benchmark that looks inside of the package: `npx tsx bench/joined.ts FILE`, for example
 * `stages.ts`. The sources that it imports are joined with it as `src/build.ts` joins them, since
 * what is measured must be what users run: one by one, as `tsx` translates them, they are slower.
 */
import { join } from 'node:path';
import { build } from 'rolldown';

const [name = ''] = process.argv.slice(2);
const here = new URL('.', import.meta.url).pathname;
const file = join(here, 'build', name.replace(/\.ts$/, '.mjs'));
await build({
  input: join(here, name),
  platform: 'node',
  external: (id) => /^[\w@]/.test(id),
  output: { file, codeSplitting: false },
  logLevel: 'warn',
});
await import(file);
