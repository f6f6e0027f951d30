#!/usr/bin/env node
/** The command line: one file a command; this one names them and turns errors into exit codes. */
import { Command, CommanderError } from 'commander';
import { KernelError } from '../errno.js';
import { ScenarioError } from '../scenario/index.js';
import { UsageError } from './errors.js';
import { run } from './run.js';

const program = new Command('netconsole-emulator');
program.description('The kernel side of Linux netconsole, outside the kernel').exitOverride();

program
  .command('run')
  .argument('<path>', 'a scenario file, or a golden folder')
  .requiredOption('--out <dir>', 'where wire.pcap, kmsg and outcomes.json go')
  .option('--kernel <profile>', 'the kernel to be, instead of the one named')
  .action((path, options) => {
    process.stdout.write(`${run(path, options)}\n`);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof UsageError) {
    process.stderr.write(`netconsole-emulator: ${error.message}\n`);
    process.exitCode = error.exitCode;
  } else if (error instanceof ScenarioError || error instanceof KernelError) {
    process.stderr.write(`netconsole-emulator: ${error.message}\n`);
    process.exitCode = 2;
  } else {
    throw error;
  }
}
