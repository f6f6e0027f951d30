#!/usr/bin/env node
/**
 * The command line. `program.ts` names the commands and their options, each command has a file that
 * does it, and this file turns errors into exit codes.
 *
 *   0   done
 *   1   done in part: broken input, a disk that filled up
 *   2   wrong use: a bad option, no such file, a file that is not a log
 */
import { CommanderError } from 'commander';
import { explain } from './errors.js';
import { createProgram } from './program.js';

// The reader of the output may stop reading, as `| head` does; that is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

// All is done and written now. The memory of many hosts is freed sooner if the process ends at once
// than if Node frees it.
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
