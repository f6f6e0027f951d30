#!/usr/bin/env node
/**
 * The command line: `program.ts` names the commands and their options, one file each does them, and
 * this turns errors into exit codes.
 *
 *   0 done    1 done in part: broken input, a disk that filled up    2 wrong use: bad option, no such file, no log
 */
import { CommanderError } from 'commander';
import { explain } from './errors.js';
import { createProgram } from './program.js';

// The reader of the output may stop reading, as `| head` does; that is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

// All is done and written. The system takes the memory of many hosts back sooner than Node would.
process.on('beforeExit', () => process.exit());

try {
  await createProgram({ out: process.stdout, err: process.stderr }, (code) => {
    process.exitCode = code;
  }).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const known = explain(error);
    if (known === undefined) throw error;
    process.stderr.write(`netconsole-emulator: ${known.message}\n`);
    process.exitCode = known.exitCode;
  }
}
